"""The guide's controls and what serves each, as a document: `sgleaks guide --format markdown`, and docs/guide.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sgleaks.formats.markup import code, prose, table
from sgleaks.guide import Control, Guide, Row
from sgleaks.model import Rule

HEAD = """\
What each control of the guide asks for is in the guide. Here is what sgleaks looks at: the rules that serve a control,
and what no repository can show of it. A scan that finds nothing has not shown that a control is met.
"""
COLUMNS = ("control", "level", "CIS v8", "NIST 800-53 r5", "SOC 2", "a repository shows it", "rules", "account checks")


def page(guide: Guide, rows: Iterable[Row], pages: str | None = None, note: str = "") -> str:
    """The document, ending with a newline. ``pages`` is the folder of the rules' pages, where they are to be linked."""
    rows = list(rows)
    head = f"# {prose(guide.title)} {prose(guide.version)}\n\n{note}{HEAD}"
    levels = "\n".join(f"- {name}: {prose(about)}" for name, about in guide.levels.items())
    sections = ("\n\n".join(_section(row, pages)) for row in rows)
    return "\n\n".join((head.rstrip(), levels, table(COLUMNS, map(_cells, rows)), *sections)) + "\n"


def heading(control: Control) -> str:
    """Of its section."""
    return f"{control.id} {prose(control.title)}"


def anchor(control: Control) -> str:
    """What forges make of the heading of its section: ``22-implement-api-key-best-practices``."""
    kept = (char for char in f"{control.id} {control.title}".lower() if char.isalnum() or char in " -_")
    return "".join(kept).replace(" ", "-")


def link(rule: Rule, pages: str | None) -> str:
    """Its id, linked to its section where the page of its chapter is."""
    return (
        f"[{code(rule.id)}]({pages}{rule.chapter}.md#{rule.id})"
        if rule.chapter and pages is not None
        else code(rule.id)
    )


def _cells(row: Row) -> Iterator[str]:
    control = row.control
    yield f"[{heading(control)}](#{anchor(control)})"
    yield control.level
    for names in (control.cis, control.nist, control.soc2):
        yield ", ".join(map(prose, names)) or "–"
    yield control.coverage
    yield f"{len(row.rules)}" + (f" and {len(row.further)} at L3" if row.further else "")
    yield f"{len(row.checks)}"


def _section(row: Row, pages: str | None) -> Iterator[str]:
    control = row.control
    yield f"## {heading(control)}"
    facts = [
        ("a repository can show", f"{control.coverage}. {prose(control.visible)}"),
        ("it cannot show", prose(control.hidden)),
        ("rules", ", ".join(link(rule, pages) for rule in row.rules) or "none yet"),
        ("rules at L3 only", ", ".join(link(rule, pages) for rule in row.further)),
        ("account checks", ", ".join(code(check.id) for check in row.checks) or "none yet"),
        ("SendGrid plans that have it", ", ".join(map(prose, control.plans))),
    ]
    yield "\n".join(f"- {label}: {told}" for label, told in facts if told)
