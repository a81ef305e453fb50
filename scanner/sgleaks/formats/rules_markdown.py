"""The rules as Markdown: a table, and a page with a section a rule. `docs/generate.py` writes both into the documents.

The heading of a section is the id of its rule, so that ``docs/rules.md#api-key`` leads to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sgleaks.formats import cwe
from sgleaks.model import Example, Rule, severity_of

SHOWN = 3  # examples of each sort; `sgleaks rules show` has them all
HEAD = """\
# Rules

Written from the files in `rules/` by `make docs`; change those, not this page. `sgleaks rules show ID` prints the same
with every example. In the examples `{key}`, `{password}` and their likes stand for secrets: no file of this project
holds one. A line marked with `>` is where the finding stands.
"""


def page(rules: Iterable[Rule]) -> str:
    """The whole document, ending with a newline."""
    rules = list(rules)
    sections = ("\n\n".join(_section(rule)) for rule in rules)
    return "\n".join((HEAD, table(rules), "", "\n\n".join(sections), ""))


def table(rules: Iterable[Rule], document: str = "") -> str:
    """A row for each rule, its id a link to the section in ``document``; no newline at the end."""
    head = ("| rule | severity | confidence | what it finds |", "| --- | --- | --- | --- |")
    return "\n".join((*head, *(_row(rule, document) for rule in rules)))


def _row(rule: Rule, document: str) -> str:
    off = "" if rule.default else " (off by default, on with `--profile L3`)"
    link = f"[`{rule.id}`]({document}#{rule.id})"
    return f"| {link} | {severity_of(rule.severity)} | {rule.confidence} | {rule.title}{off} |"


def _section(rule: Rule) -> Iterator[str]:
    """Paragraphs and blocks, to be parted by empty lines."""
    yield f"## {rule.id}"
    yield f"**{rule.title}.** {_flowing(rule.message)}"
    yield "\n".join(f"- {label}: {value}" for label, value in _facts(rule))
    yield f"**Why it matters.** {_flowing(rule.why)}"
    yield f"**What to do.** {_flowing(rule.fix)}"
    for title, examples in (("Found", rule.examples), ("Not found", rule.counter_examples)):
        yield f"### {title}: {rule.id}"
        for example in examples[:SHOWN]:
            yield from _example(example)
        if len(examples) > SHOWN:
            yield f"And {len(examples) - SHOWN} more."
    yield "\n".join(("References:", "", *(f"- <{reference}>" for reference in rule.references)))


def _facts(rule: Rule) -> Iterator[tuple[str, str]]:
    yield "severity", f"{severity_of(rule.severity)} ({rule.severity:.1f}), level {rule.level}"
    yield "confidence", rule.confidence
    yield "weakness", f"[{cwe.name_of(rule.cwe)}]({cwe.page_of(rule.cwe)}), {cwe.title_of(rule.cwe)}"
    yield "controls of the SendGrid hardening guide", ", ".join(rule.controls)
    yield "since", rule.since


def _example(example: Example) -> Iterator[str]:
    low = " (low confidence)" if example.lines and example.confidence == "low" else ""
    yield f"`{example.path}`" + (f": {example.why}" if example.why else "") + low
    lines = example.text.rstrip("\n").split("\n")
    marked = [f"{'>' if number in example.lines else ' '} {line}".rstrip() for number, line in enumerate(lines, 1)]
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`{3,}", example.text))])
    yield "\n".join((f"{fence}text", *marked, fence))


def _flowing(text: str) -> str:
    return " ".join(text.split())
