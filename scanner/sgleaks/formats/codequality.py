"""Findings as a Code Quality report, the part of Code Climate's format that GitLab reads on every tier.

docs.gitlab.com, "Code Quality report format".
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping

from sgleaks.formats import Style
from sgleaks.formats.json import written
from sgleaks.formats.plain import visible, writable
from sgleaks.formats.sarif_text import sentence
from sgleaks.formats.selection import open_findings, told_severity
from sgleaks.model import Finding, Report, Severity

LEVELS: Mapping[Severity, str] = {
    "critical": "blocker",
    "high": "critical",
    "medium": "major",
    "low": "minor",
    "note": "info",
}


def render(report: Report, style: Style) -> Iterator[str]:
    """One list. Of two entries with the same fingerprint GitLab shows one, so a second one in a file has its own."""
    seen: Counter[tuple[str, str]] = Counter()
    entries = []
    for finding in open_findings(report, style):
        seen[same := (finding.fingerprint, finding.origin.place)] += 1
        entries.append(
            {
                "description": " ".join(_sentences(finding)),
                "check_name": finding.rule.id,
                "fingerprint": _fingerprint(*same, seen[same]),
                "severity": LEVELS[told_severity(finding)],
                "location": {
                    "path": writable(finding.origin.path),
                    # Lines of a member mean nothing in the archive around it.
                    "lines": {"begin": 1 if finding.origin.members else finding.region.line},
                },
            }
        )
    yield written(entries, indent=2)


def _sentences(finding: Finding) -> Iterator[str]:
    yield sentence(visible(finding.message))
    if finding.origin.members:
        yield f"It is inside {visible(finding.origin.place)}, line {finding.region.line}."
    if finding.secret and finding.secret.is_key:
        yield f"The id of the key is {finding.secret.key_id}."
    if finding.rule.fix:
        yield sentence(visible(finding.rule.fix))


def _fingerprint(fingerprint: str, place: str, occurrence: int) -> str:
    text = f"{fingerprint}\0{place}\0{occurrence}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:32]
