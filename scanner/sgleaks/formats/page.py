"""A rule as a person reads it: a line in a list, or a page with what, why, fix, references and examples."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from sgleaks.formats import cwe
from sgleaks.guide import Guide
from sgleaks.model import Example, Rule, severity_of

WIDTH = 88


def line(rule: Rule) -> str:
    """One line of a list: severity, id, title, and whether it is off by default."""
    off = "" if rule.default else "  (off by default; on with --profile L3)"
    return f"{severity_of(rule.severity):8}  {rule.id:30}  {rule.title}{off}"


def page(rule: Rule, guide: Guide) -> str:
    """The whole rule, ending with a newline."""
    return "\n".join(_lines(rule, guide)) + "\n"


def _lines(rule: Rule, guide: Guide) -> Iterator[str]:
    yield f"{rule.id}: {rule.title}"
    yield ""
    yield f"  severity    {severity_of(rule.severity)} ({rule.severity}), {rule.level}"
    yield f"  confidence  {rule.confidence}"
    yield f"  weakness    {cwe.name_of(rule.cwe)}, {cwe.title_of(rule.cwe)}"
    yield from (f"  control     {control}" for control in _controls(rule, guide))
    yield f"  default     {'on' if rule.default else 'off; on with --profile L3'}"
    yield f"  since       {rule.since}"
    for title, text in (("What it finds", rule.message), ("Why it matters", rule.why), ("What to do", rule.fix)):
        yield from ("", title)
        yield from textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield from ("", "References")
    yield from (f"  {reference}" for reference in rule.references)
    for title, examples in (("Found", rule.examples), ("Not found", rule.counter_examples)):
        yield from ("", f"{title} (in braces: what made-up secrets replace)" if _has_secrets(examples) else title)
        for example in examples:
            yield from _example(example)


def _has_secrets(examples: Iterable[Example]) -> bool:
    return any("{key" in example.text or "{password" in example.text for example in examples)


def _controls(rule: Rule, guide: Guide) -> Iterator[str]:
    """Of the guide with their titles; others, which a user's rule may name, as they are."""
    known = {control.id: f"{control.id} {control.title} ({control.level})" for control in guide.controls}
    yield from (known.get(name, name) for name in rule.controls)


def _example(example: Example) -> Iterator[str]:
    yield f"  {example.path}" + (f"  ({example.why})" if example.why else "")
    for number, text in enumerate(example.text.rstrip("\n").split("\n"), 1):
        yield f"  {'>' if number in example.lines else ' '} {text}"
