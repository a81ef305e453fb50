"""Findings as a table for spreadsheets: a row each, accepted and doubtful ones too, for a filter to sort out.

Strangers wrote what is in it, and a spreadsheet runs what looks like a formula.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from sgleaks.formats import Style
from sgleaks.formats.plain import visible
from sgleaks.formats.validity import state
from sgleaks.model import Finding, Report

HEAD = (
    "rule",
    "severity",
    "confidence",
    "path",
    "line",
    "column",
    "message",
    "key_id",
    "verified",
    "commit",
    "author",
    "date",
    "ignored",
    "reason",
    "places",
    "fingerprint",
)
# OWASP, "CSV Injection"; the wide forms are what Excel takes for the same in Japanese and Chinese.
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def render(report: Report, style: Style) -> Iterator[str]:  # noqa: ARG001  # a spreadsheet filters for itself
    """The head, then a row a piece."""
    yield _line(HEAD)
    yield from (_line(_cells(finding)) for finding in report.findings)


def _cells(finding: Finding) -> tuple[str, ...]:
    commit, ignored = finding.origin.commit, finding.ignored
    return (
        finding.rule.id,
        finding.severity,
        finding.confidence,
        finding.origin.place,
        str(finding.region.line),
        str(finding.region.column),
        finding.message,
        (finding.secret.key_id or "") if finding.secret else "",
        state(finding.validity) if finding.validity else "",
        commit.id if commit else "",
        commit.author if commit else "",
        commit.date if commit else "",
        ignored.kind if ignored else "",
        ignored.reason if ignored else "",
        str(1 + len(finding.also)),
        finding.fingerprint,
    )


def _line(cells: tuple[str, ...]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow(map(_cell, cells))
    return text.getvalue()


def _cell(text: str) -> str:
    """The text on one line, with an apostrophe before what would be a formula."""
    text = visible(text)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
