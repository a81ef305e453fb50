"""Findings as SonarQube's generic issues, for `sonar.externalIssuesReportPaths`; the form since version 10.3.

docs.sonarsource.com, "Generic formatted issue reports".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sgleaks.formats import Style
from sgleaks.formats.json import written
from sgleaks.formats.plain import visible, writable
from sgleaks.formats.sarif_text import sentence
from sgleaks.formats.selection import open_findings
from sgleaks.formats.sentences import advice, told
from sgleaks.model import Finding, Report, Rule, Severity, severity_of

LEVELS: Mapping[Severity, str] = {"critical": "HIGH", "high": "HIGH", "medium": "MEDIUM", "low": "LOW", "note": "LOW"}


def render(report: Report, style: Style) -> Iterator[str]:
    """One document: the rules that found something, and what they found. An issue is as severe as its rule."""
    findings = list(open_findings(report, style))
    rules = {finding.rule.id: finding.rule for finding in findings}
    issues = [_issue(finding) for finding in findings]
    yield written({"rules": [_rule(rules[name]) for name in sorted(rules)], "issues": issues}, indent=2)


def _rule(rule: Rule) -> Mapping[str, Any]:
    severity = LEVELS[severity_of(rule.severity)]
    return {
        "id": visible(rule.id),
        "name": visible(rule.title),
        "description": f"{sentence(visible(rule.message))} {visible(rule.why)}".rstrip(),
        "engineId": "sgleaks",
        "cleanCodeAttribute": "TRUSTWORTHY",
        "impacts": [{"softwareQuality": "SECURITY", "severity": severity}],
    }


def _issue(finding: Finding) -> Mapping[str, Any]:
    # No columns: an import ends at one that SonarQube counts otherwise. Lines of a member mean nothing in its archive.
    line = 1 if finding.origin.members else finding.region.line
    return {
        "ruleId": visible(finding.rule.id),
        "primaryLocation": {
            "message": f"{told(finding)} {advice(finding)}".rstrip(),
            "filePath": writable(finding.origin.path),
            "textRange": {"startLine": line},
        },
    }
