"""SonarQube's generic issues, held against what its documents ask for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reports import KEY_RULE, assert_reviewed, full_report, hostile_report, key_finding
from sgleaks.formats import Style, render
from sgleaks.model import Origin, Report

TEXT = {"type": "string", "minLength": 1}
LINE = {"type": "integer", "minimum": 1}
# From docs.sonarsource.com, "Generic formatted issue reports".
ISSUES = {
    "type": "object",
    "required": ["rules", "issues"],
    "additionalProperties": False,
    "properties": {
        "rules": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "name", "description", "engineId", "cleanCodeAttribute", "impacts"],
                "properties": {
                    "id": TEXT,
                    "name": TEXT,
                    "description": TEXT,
                    "engineId": TEXT,
                    "cleanCodeAttribute": {"const": "TRUSTWORTHY"},
                    "impacts": {
                        "minItems": 1,
                        "items": {
                            "properties": {
                                "softwareQuality": {"const": "SECURITY"},
                                "severity": {"enum": ["HIGH", "MEDIUM", "LOW"]},
                            },
                        },
                    },
                },
            },
        },
        "issues": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["ruleId", "primaryLocation"],
                "properties": {
                    "ruleId": TEXT,
                    "primaryLocation": {
                        "required": ["message", "filePath", "textRange"],
                        "properties": {
                            "message": TEXT,
                            "filePath": TEXT,
                            "textRange": {"required": ["startLine"], "properties": {"startLine": LINE}},
                        },
                    },
                },
            },
        },
    },
}


def told(report: Report, style: Style = Style()) -> dict[str, Any]:  # noqa: B008  # frozen
    found: dict[str, Any] = json.loads("".join(render("sonarqube", report, style)))
    return found


def test_report_is_as_reviewed() -> None:
    assert_reviewed("report.sonarqube.json", "".join(render("sonarqube", full_report(), Style())))


@pytest.mark.parametrize("report", [full_report(), hostile_report(), Report()], ids=["full", "hostile", "clean"])
def test_report_is_what_sonarqube_asks_for(report: Report) -> None:
    found = told(report)
    Draft202012Validator(ISSUES).validate(found)
    names = [rule["id"] for rule in found["rules"]]
    assert len(names) == len(set(names))  # an import ends at a rule that is told twice
    assert {issue["ruleId"] for issue in found["issues"]} == set(names)


def test_a_rule_is_told_once_with_its_own_severity() -> None:
    mild = replace(key_finding(2), security_severity=3.0)
    found = told(Report((key_finding(1), mild)))
    (rule,) = found["rules"]
    assert (rule["name"], rule["impacts"][0]["severity"]) == (KEY_RULE.title, "HIGH")
    assert len(found["issues"]) == 2


def test_a_member_is_told_at_the_first_line_of_its_archive() -> None:
    (issue,) = told(Report((key_finding(1, origin=Origin("a.zip", ("b.env",))),)))["issues"]
    assert issue["primaryLocation"]["filePath"] == "a.zip"
    assert issue["primaryLocation"]["textRange"] == {"startLine": 1}
    assert "a.zip!b.env, line 3" in issue["primaryLocation"]["message"]
