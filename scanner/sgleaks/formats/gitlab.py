"""Leaked credentials as GitLab's secret detection report (``artifacts:reports:secret_detection``).

docs.gitlab.com, "Security scanner integration"; GitLab holds a report against the schema of the version it declares.
Misconfiguration is no leaked secret: a message of the scan counts what is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from sgleaks import __version__
from sgleaks.formats import Style, cwe
from sgleaks.formats.json import Json, written
from sgleaks.formats.plain import clip, visible, writable
from sgleaks.formats.sarif_text import skip_message
from sgleaks.formats.selection import open_findings, told_severity
from sgleaks.formats.sentences import advice, told
from sgleaks.model import SKIP_REASONS, Commit, Finding, Report, Rule, Severity

VERSION = "15.0.7"  # GitLab 16.0 and later take it
SCHEMA = (
    "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/"
    f"v{VERSION}/dist/secret-detection-report-format.json"
)
EPOCH = "1970-01-01T00:00:00"  # the schema wants times, and a report has no clock
NO_COMMIT = "0000000"  # GitLab's own analyzer says so of files that are in no commit
MAX_NAME = 255  # characters
MAX_MESSAGES = 20
LEVELS: Mapping[Severity, str] = {
    "critical": "Critical",
    "high": "High",
    "medium": "Medium",
    "low": "Low",
    "note": "Info",
}


def render(report: Report, style: Style) -> Iterator[str]:
    """One document."""
    findings = list(open_findings(report, style))
    leaked = [finding for finding in findings if finding.rule.kind == "credentials"]
    yield written(
        {
            "version": VERSION,
            "schema": SCHEMA,
            "scan": {
                "analyzer": _tool(),
                "scanner": _tool(),
                "type": "secret_detection",
                "start_time": EPOCH,
                "end_time": EPOCH,
                "status": "failure" if report.incomplete else "success",
                "messages": list(_messages(report, len(findings) - len(leaked))),
            },
            "vulnerabilities": list(_vulnerabilities(leaked)),
        },
        indent=2,
    )


def _tool() -> Json:
    return {"id": "sgleaks", "name": "sgleaks", "version": __version__, "vendor": {"name": "sgleaks"}}


def _messages(report: Report, others: int) -> Iterator[Json]:
    missed = [skip for skip in report.skips if SKIP_REASONS[skip.reason]]
    for skip in missed[:MAX_MESSAGES]:
        yield {"level": "warn", "value": skip_message(skip)}
    if more := len(missed[MAX_MESSAGES:]):
        yield {"level": "warn", "value": f"{more} more were not scanned."}
    if others:
        yield {"level": "info", "value": f"{others} findings of misconfiguration are in the other reports only."}


def _vulnerabilities(findings: Iterable[Finding]) -> Iterator[Json]:
    for finding in findings:
        yield {
            "id": _id(finding),
            "category": "secret_detection",
            "name": clip(visible(finding.rule.title), MAX_NAME),
            "description": f"{told(finding)} {visible(finding.rule.why)}".rstrip(),
            "severity": LEVELS[told_severity(finding)],
            "solution": advice(finding),
            "location": _location(finding),
            "identifiers": list(_identifiers(finding.rule)),
        }


def _id(finding: Finding) -> str:
    """The same for the same secret at the same place, and for no two findings."""
    place = f"{finding.fingerprint}\0{finding.origin.place}\0{finding.region.line}\0{finding.region.column}"
    commit = finding.origin.commit.id if finding.origin.commit else ""
    digest = hashlib.sha256(f"{place}\0{finding.rule.id}\0{commit}".encode("utf-8", "surrogatepass"))
    return str(UUID(bytes=digest.digest()[:16], version=5))


def _location(finding: Finding) -> Json:
    region = finding.region
    return {
        "file": writable(finding.origin.place),
        "start_line": region.line,
        "end_line": region.end_line,
        "commit": _commit(finding.origin.commit),
    }


def _commit(commit: Commit | None) -> Json:
    if commit is None:
        return {"sha": NO_COMMIT}
    return {"sha": commit.id, "author": visible(commit.author), "date": commit.date, "message": visible(commit.subject)}


def _identifiers(rule: Rule) -> Iterator[Json]:
    """The first one is what GitLab tracks a finding by."""
    yield {"type": "sgleaks_rule_id", "name": f"sgleaks rule {rule.id}", "value": rule.id}
    if rule.cwe:
        name = cwe.name_of(rule.cwe)
        url = f"https://cwe.mitre.org/data/definitions/{rule.cwe}.html"
        yield {"type": "cwe", "name": name, "value": str(rule.cwe), "url": url}
