"""Which findings are told. Kept in one place, so that the frames and the summary agree on what is hidden."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.formats import Style
from sgleaks.model import CONFIDENCES, Confidence, Finding, Report, Severity


def is_told(finding: Finding, style: Style) -> bool:
    """Whether people are shown the finding: all with ``-v``, else those neither ignored nor too doubtful."""
    return style.verbosity > 0 or (finding.ignored is None and is_sure(finding.confidence, style.min_confidence))


def is_sure(confidence: Confidence, least: Confidence) -> bool:
    """Whether ``confidence`` is at or over ``least``."""
    return CONFIDENCES.index(confidence) <= CONFIDENCES.index(least)


def open_findings(report: Report, style: Style) -> Iterator[Finding]:
    """What a CI system is told, whatever the verbosity: findings neither ignored nor too doubtful."""
    for finding in report.findings:
        if finding.ignored is None and is_sure(finding.confidence, style.min_confidence):
            yield finding


def told_severity(finding: Finding) -> Severity:
    """The severity where a format has no room for confidence: what fails no run is a note."""
    return "note" if finding.confidence == "low" else finding.severity
