"""Findings as annotations: commands that the runner of GitHub Actions reads from the log of a job.

docs.github.com, "Workflow commands for GitHub Actions". Of each kind a step may bring ten; more are dropped without a
word. So there are ten in all, and the last one says how many are missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sgleaks.formats import Style
from sgleaks.formats.plain import visible
from sgleaks.formats.selection import open_findings, told_severity
from sgleaks.formats.sentences import advice, told
from sgleaks.model import SEVERITIES, SKIP_REASONS, Finding, Report, Severity

MAX_ANNOTATIONS = 10
COMMANDS: Mapping[Severity, str] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "notice",
    "note": "notice",
}


def render(report: Report, style: Style) -> Iterator[str]:
    """A command a line and piece: that the scan is incomplete, if it is, then the worst findings."""
    found, room = sorted(open_findings(report, style), key=_rank), MAX_ANNOTATIONS
    if report.incomplete:
        room -= 1
        missed = sum(SKIP_REASONS[skip.reason] for skip in report.skips)
        yield command("error", f"The scan is incomplete: {missed:,} not scanned.", title="sgleaks")
    shown = found if len(found) <= room else found[: room - 1]
    yield from map(_annotation, shown)
    if more := len(found) - len(shown):
        text = f"and {more:,} more {'finding' if more == 1 else 'findings'}; the whole report has them"
        yield command(COMMANDS[told_severity(found[len(shown)])], text, title="sgleaks")


def command(kind: str, text: str, **properties: object) -> str:
    """``::kind name=value,…::text``, with nothing in it that begins another command."""
    named = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{kind}{' ' if named else ''}{named}::{_data(text)}\n"


def _rank(finding: Finding) -> tuple[int, float]:
    return SEVERITIES.index(told_severity(finding)), -finding.security_severity


def _annotation(finding: Finding) -> str:
    return command(
        COMMANDS[told_severity(finding)],
        f"{told(finding)} {advice(finding)}".rstrip(),
        file=finding.origin.path,
        **_place(finding),
        title=f"sgleaks {finding.rule.id}",
    )


def _place(finding: Finding) -> dict[str, object]:
    region = finding.region
    if finding.origin.members:
        return {"line": 1}  # lines of a member mean nothing in the archive around it
    if region.line != region.end_line:
        return {"line": region.line, "endLine": region.end_line}
    columns = {"col": region.column, "endColumn": max(region.end_column - 1, region.column)}  # theirs is inclusive
    return {"line": region.line, "endLine": region.line, **columns}


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
