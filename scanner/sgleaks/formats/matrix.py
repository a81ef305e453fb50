"""The guide's controls and what serves each, for a terminal and for programs. `guide_markdown` has it as a document."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from sgleaks.formats.plain import TextStyle, styled, visible
from sgleaks.guide import Coverage, Guide, Row
from sgleaks.model import Rule

VERSION = 1  # of the JSON
WIDTH = 100  # columns
NONE = "none yet"
COLUMNS = ("id", "control", "level", "CIS", "NIST", "SOC 2", "can be seen")
WIDTHS = (4, 38, 5, 10, 11, 6, 0)  # the last is as wide as it is
INDENT = 8  # columns before a label, so that ids stand out
LABEL = 10  # columns of a label and its gap
MARKS: dict[Coverage, TextStyle] = {"fully": "good", "partly": "warning", "weakly": "error"}


def text(guide: Guide, rows: Iterable[Row], *, color: bool) -> Iterator[str]:
    """Lines: a head, then a paragraph a control."""
    yield styled(_columns(COLUMNS), "strong", color=color)
    for row in rows:
        yield ""
        yield from _paragraph(row, color=color)
    levels = "; ".join(f"{name} {about}" for name, about in guide.levels.items())
    yield ""
    yield from textwrap.wrap(f"{guide.title} {guide.version}. Levels: {levels}.", WIDTH, break_on_hyphens=False)
    yield "A scan that finds nothing has not shown that a control is met."


def _paragraph(row: Row, *, color: bool) -> Iterator[str]:
    control = row.control
    places = (", ".join(names) or "-" for names in (control.cis, control.nist, control.soc2))
    line = _columns((control.id, control.title, control.level, *places, ""))
    yield visible(line) + styled(control.coverage, MARKS[control.coverage], color=color)
    for label, told in _facts(row):
        lead = " " * INDENT + f"{label:{LABEL}}"
        lines = textwrap.wrap(visible(told), WIDTH - INDENT - LABEL, break_on_hyphens=False)
        yield styled(lead, "faint", color=color) + lines[0]
        yield from (" " * (INDENT + LABEL) + each for each in lines[1:])


def _facts(row: Row) -> Iterator[tuple[str, str]]:
    yield "rules", ", ".join(rule.id for rule in row.rules) or NONE
    if row.further:
        yield "L3 only", ", ".join(rule.id for rule in row.further)
    yield "account", ", ".join(check.id for check in row.checks) or NONE
    yield "can show", row.control.visible
    yield "cannot", row.control.hidden
    if row.control.plans:
        yield "plans", ", ".join(row.control.plans)


def _columns(cells: Sequence[str]) -> str:
    return "  ".join(f"{cell:{width}}" for cell, width in zip(cells, WIDTHS, strict=True))


def as_json(guide: Guide, rows: Iterable[Row], profile: str | None) -> str:
    """One document, version 1; no member is ever absent."""
    told = {
        "version": VERSION,
        "guide": {"title": guide.title, "version": guide.version, "levels": dict(guide.levels)},
        "profile": profile,
        "controls": [_control(row) for row in rows],
    }
    return json.dumps(told, indent=2) + "\n"


def _control(row: Row) -> dict[str, object]:
    control = row.control
    return {
        "id": control.id,
        "title": control.title,
        "level": control.level,
        "cis": control.cis,
        "nist": control.nist,
        "soc2": control.soc2,
        "plans": control.plans,
        "coverage": control.coverage,
        "visible": control.visible,
        "hidden": control.hidden,
        "rules": [_rule(rule) for rule in (*row.rules, *row.further)],
        "checks": [{"id": check.id, "title": check.title} for check in row.checks],
    }


def _rule(rule: Rule) -> dict[str, object]:
    return {"id": rule.id, "title": rule.title, "security_severity": rule.severity, "default": rule.default}
