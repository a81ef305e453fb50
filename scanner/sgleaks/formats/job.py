"""The summary of a CI job, in Markdown: the report, what it is about, and never more than GitHub takes."""

from __future__ import annotations

from collections.abc import Iterable

from sgleaks.formats import Style
from sgleaks.formats.markdown import counts, sections
from sgleaks.formats.markup import code, prose
from sgleaks.formats.selection import open_findings
from sgleaks.model import SKIP_REASONS, Notice, Report

MAX_BYTES = 1_000_000  # GitHub drops a summary of more than 1 MiB, whole
STEPS = (500, 100, 20, 0)  # rows to try: names may be long, and every one of them is escaped


def job_summary(report: Report, what: str, span: str) -> str:
    """What was scanned, the notes on it, and as many of the worst findings as there is room for."""
    told = (_summary(report, what, span, rows) for rows in STEPS)
    return next(text for text in told if len(text.encode()) <= MAX_BYTES)


def _summary(report: Report, what: str, span: str, rows: int) -> str:
    found = sorted(open_findings(report, Style()), key=lambda each: (not each.counts, -each.security_severity))
    missed = [skip for skip in report.skips if SKIP_REASONS[skip.reason]]
    pieces = [f"# sgleaks: {prose(what)}\n\n{counts(report, len(report.findings) - len(found))}\n"]
    pieces += [f"\nCommits: {code(span)}\n"] if span else []
    pieces += [f"\n{_notices(report.notices[:rows])}\n"] if report.notices[:rows] else []
    pieces += sections(found[:rows], missed[:rows], Style())
    more = [(len(found) - rows, "more findings"), (len(missed) - rows, "more that could not be scanned")]
    pieces += [f"\nAnd {count:,} {noun}: the report has them.\n" for count, noun in more if count > 0]
    return "".join(pieces)


def _notices(notices: Iterable[Notice]) -> str:
    return "\n".join(f"- {_where(notice)}{prose(notice.text)}" for notice in notices)


def _where(notice: Notice) -> str:
    if notice.path == "ci":
        return ""
    return f"{code(notice.path + (f':{notice.line}' if notice.line else ''))}: "
