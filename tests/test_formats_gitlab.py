"""GitLab's secret detection report and its Code Quality report, held against what its documents ask for."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator

from reports import assert_reviewed, full_report, hostile_report, key_finding, webhook_finding
from sgleaks.formats import Style, render
from sgleaks.model import Commit, Origin, Report, Skip

TEXT = {"type": "string", "minLength": 1}
TIME = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"}
TOOL = {
    "type": "object",
    "required": ["id", "name", "version", "vendor"],
    "properties": {"id": TEXT, "name": TEXT, "version": TEXT, "vendor": {"type": "object", "required": ["name"]}},
}
# From docs.gitlab.com, "Security scanner integration", and the schemas of version 15 that reports are held against.
SECRETS = {
    "type": "object",
    "required": ["version", "scan", "vulnerabilities"],
    "properties": {
        "version": {"pattern": r"^15\.\d+\.\d+$"},
        "scan": {
            "type": "object",
            "required": ["analyzer", "scanner", "type", "start_time", "end_time", "status"],
            "properties": {
                "analyzer": TOOL,
                "scanner": TOOL,
                "type": {"const": "secret_detection"},
                "start_time": TIME,
                "end_time": TIME,
                "status": {"enum": ["success", "failure"]},
                "messages": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["level", "value"],
                        "properties": {"level": {"enum": ["info", "warn", "fatal"]}, "value": TEXT},
                    },
                },
            },
        },
        "vulnerabilities": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "identifiers", "location"],
                "properties": {
                    "id": TEXT,
                    "name": {"type": "string", "maxLength": 255},
                    "description": {"type": "string", "maxLength": 1048576},
                    "severity": {"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
                    "solution": {"type": "string", "maxLength": 7000},
                    "identifiers": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 20,
                        "items": {
                            "type": "object",
                            "required": ["type", "name", "value"],
                            "properties": {"type": TEXT, "name": TEXT, "value": TEXT},
                        },
                    },
                    "location": {
                        "type": "object",
                        "required": ["commit"],
                        "properties": {
                            "file": TEXT,
                            "start_line": {"type": "integer", "minimum": 1},
                            "end_line": {"type": "integer", "minimum": 1},
                            "commit": {"type": "object", "required": ["sha"], "properties": {"sha": TEXT}},
                        },
                    },
                },
            },
        },
    },
}
# docs.gitlab.com, "Code Quality report format"
QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": TEXT,
            "check_name": TEXT,
            "fingerprint": TEXT,
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./)"},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer"}}},
                },
            },
        },
    },
}


def document(name: str, report: Report) -> Any:
    told = "".join(render(name, report, Style()))
    assert told.isascii()
    return json.loads(told)


@pytest.mark.parametrize("name", ["gitlab", "codequality"])
def test_report_is_as_reviewed(name: str) -> None:
    assert_reviewed(f"report.{name}.json", "".join(render(name, full_report(), Style())))


@pytest.mark.parametrize("report", [Report(), full_report(), hostile_report()], ids=["empty", "full", "hostile"])
@pytest.mark.parametrize(("name", "schema"), [("gitlab", SECRETS), ("codequality", QUALITY)], ids=["gitlab", "quality"])
def test_report_is_what_gitlab_asks_for(name: str, schema: dict[str, Any], report: Report) -> None:
    told = document(name, report)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(told)] == []


def test_only_credentials_are_secrets_and_what_is_left_out_is_counted() -> None:
    told = document("gitlab", Report((key_finding(), webhook_finding())))
    assert [each["identifiers"][0]["value"] for each in told["vulnerabilities"]] == ["api-key"]
    assert told["scan"]["messages"] == [
        {"level": "info", "value": "1 findings of misconfiguration are in the other reports only."}
    ]
    quality = document("codequality", Report((key_finding(), webhook_finding())))
    assert [each["severity"] for each in quality] == ["blocker", "major"]


def test_a_commit_is_told_as_gitlab_wants_it() -> None:
    commit = Commit("a" * 40, "Ada", "2026-01-31T10:00:00Z", "Add mail")
    (found,) = document("gitlab", Report((key_finding(origin=Origin("a.env", commit=commit)),)))["vulnerabilities"]
    assert found["location"]["commit"] == {
        "sha": "a" * 40, "author": "Ada", "date": "2026-01-31T10:00:00Z", "message": "Add mail"
    }  # fmt: skip


def test_an_incomplete_scan_is_no_success() -> None:
    scan = document("gitlab", Report(skips=(Skip("a", "too-large"),)))["scan"]
    assert scan["status"] == "failure"
    assert scan["messages"][0]["level"] == "warn"


def test_ids_differ_by_place_and_stay() -> None:
    report = Report((key_finding(), key_finding(line=9), key_finding(origin=Origin("b"))))
    ids = [UUID(each["id"]) for each in document("gitlab", report)["vulnerabilities"]]
    assert len(set(ids)) == 3
    assert ids == [UUID(each["id"]) for each in document("gitlab", report)["vulnerabilities"]]


def test_fingerprints_stay_when_lines_move_and_differ_within_a_file() -> None:
    def fingerprints(*lines: int) -> list[str]:
        report = Report(tuple(key_finding(line=line) for line in lines))
        return [each["fingerprint"] for each in document("codequality", report)]

    assert fingerprints(3, 9) == fingerprints(13, 19)
    assert len(set(fingerprints(3, 9))) == 2
