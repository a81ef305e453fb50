"""The rules as Markdown: a page a chapter with a section a rule, an index, and a table for README.md.

`docs/generate.py` writes them. The heading of a section is the id of its rule, so that
``docs/rules/credentials.md#api-key`` leads to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sgleaks.formats import cwe, guide_markdown
from sgleaks.formats.markup import table
from sgleaks.guide import Guide
from sgleaks.model import Example, Rule, severity_of

SHOWN = 3  # examples of each sort; `sgleaks rules show` has them all
NAMED = 6  # rules of a chapter that README.md names
NOTE = "Written from the files in `rules/` by `make docs`; change those, not this page."
INDEX = f"""\
# Rules

{NOTE} `sgleaks rules` prints the list,
`sgleaks rules show ID` a rule with every example. The controls are those of the [hardening guide](guide.md). A rule
that is off by default runs with `--profile L3`. Beside this are [all documents](README.md).
"""
HEAD = f"""\
{NOTE} Beside it are [all rules](../rules.md),
the [controls](../guide.md) they serve, and [all documents](../README.md). In the examples `{{key}}`, `{{password}}` and
their likes stand for secrets: no file of this project holds one. A line marked with `>` is where the finding stands.
"""


def chapters(rules: Iterable[Rule], guide: Guide) -> dict[str, tuple[str, list[Rule]]]:
    """The title and the rules of each chapter that has any, by its name: credentials, then as the guide has them."""
    rules = list(rules)
    titles = {"credentials": "Credentials"} | {chapter.name: chapter.title for chapter in guide.chapters}
    titles |= {rule.chapter: rule.chapter for rule in rules if rule.chapter not in titles}
    found = {name: (title, [rule for rule in rules if rule.chapter == name]) for name, title in titles.items()}
    return {name: chapter for name, chapter in found.items() if chapter[1]}


def summary(rules: Iterable[Rule], guide: Guide) -> str:
    """A row for each chapter with its worst rules; no newline at the end."""
    return table(("rules", "how many", "what they find, the worst first"), _summary(rules, guide))


def _summary(rules: Iterable[Rule], guide: Guide) -> Iterator[tuple[str, str, str]]:
    for name, (title, own) in chapters(rules, guide).items():
        worst = sorted(own, key=lambda rule: (not rule.default, -rule.severity, rule.id))
        more = [f"and {len(own) - NAMED} more"] if len(own) > NAMED else []
        named = "; ".join([*(rule.title for rule in worst[:NAMED]), *more])
        yield f"[{title}](docs/rules/{name}.md)", f"{len(own)}", named


def index(rules: Iterable[Rule], guide: Guide) -> str:
    """The document with a table a chapter, ending with a newline."""
    head = ("rule", "what it finds", "severity", "controls", "default")
    tables = (
        f"## {title}\n\n{table(head, (_row(rule, guide) for rule in own))}"
        for title, own in chapters(rules, guide).values()
    )
    return "\n\n".join((INDEX.rstrip(), *tables)) + "\n"


def _row(rule: Rule, guide: Guide) -> tuple[str, ...]:
    controls = ", ".join(f"[{control.id}](guide.md#{guide_markdown.anchor(control)})" for control in guide.of(rule))
    severity = f"{severity_of(rule.severity)} ({rule.severity:.1f})"
    return guide_markdown.link(rule, "rules/"), rule.title, severity, controls, "on" if rule.default else "off"


def page(title: str, rules: Iterable[Rule], guide: Guide) -> str:
    """The document of a chapter, ending with a newline."""
    sections = ("\n\n".join(_section(rule, guide)) for rule in rules)
    return "\n\n".join((f"# {title}", HEAD.rstrip(), *sections)) + "\n"


def _section(rule: Rule, guide: Guide) -> Iterator[str]:
    """Paragraphs and blocks, to be parted by empty lines."""
    yield f"## {rule.id}"
    yield f"**{rule.title}.** {_flowing(rule.message)}"
    yield "\n".join(f"- {label}: {value}" for label, value in _facts(rule, guide))
    yield f"**Why it matters.** {_flowing(rule.why)}"
    yield f"**What to do.** {_flowing(rule.fix)}"
    for title, examples in (("Found", rule.examples), ("Not found", rule.counter_examples)):
        yield f"### {title}: {rule.id}"
        for example in examples[:SHOWN]:
            yield from _example(example)
        if len(examples) > SHOWN:
            yield f"And {len(examples) - SHOWN} more."
    yield "\n".join(("References:", "", *(f"- <{reference}>" for reference in rule.references)))


def _facts(rule: Rule, guide: Guide) -> Iterator[tuple[str, str]]:
    yield "severity", f"{severity_of(rule.severity)} ({rule.severity:.1f}), level {rule.level}"
    yield "confidence", rule.confidence
    yield "weakness", f"[{cwe.name_of(rule.cwe)}]({cwe.page_of(rule.cwe)}), {cwe.title_of(rule.cwe)}"
    for control in guide.of(rule):
        where = f"../guide.md#{guide_markdown.anchor(control)}"
        yield "control", f"[{guide_markdown.heading(control)}]({where}) ({control.level})"
    yield "default", "on" if rule.default else "off; on with `--profile L3`"
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
