"""The report for programs that read it line by line: findings, then what was not scanned, then the counts.

A finding's line has the members it has in JSON. Every other line says in ``type`` what it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks import __version__
from sgleaks.formats import Style
from sgleaks.formats.json import VERSION, finding_json, notice_json, skip_json, summary_json, written
from sgleaks.model import Report


def render(report: Report, style: Style) -> Iterator[str]:  # noqa: ARG001  # programs are told everything
    """One object a line and piece. The last one is the summary: without it, the file was cut off."""
    yield from (written(finding_json(finding)) for finding in report.findings)
    yield from (written({"type": "skip", **skip_json(skip)}) for skip in report.skips)
    yield from (written({"type": "notice", **notice_json(notice)}) for notice in report.notices)
    tool = {"name": "sgleaks", "version": __version__}
    yield written({"type": "summary", "version": VERSION, "tool": tool, **summary_json(report)})
