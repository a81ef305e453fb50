"""Findings as a Code Quality report, the part of Code Climate's format that GitLab reads on every tier.

docs.gitlab.com, "Code Quality report format".
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping

from sgleaks.formats import Style
from sgleaks.formats.json import written
from sgleaks.formats.plain import writable
from sgleaks.formats.selection import open_findings, told_severity
from sgleaks.formats.sentences import advice, told
from sgleaks.model import Report, Severity

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
                "description": f"{told(finding)} {advice(finding)}".rstrip(),
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


def _fingerprint(fingerprint: str, place: str, occurrence: int) -> str:
    text = f"{fingerprint}\0{place}\0{occurrence}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:32]
