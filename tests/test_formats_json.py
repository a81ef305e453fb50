"""The JSON report keeps its promise to programs: the contract's members, valid UTF-8, the same bytes again."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reports import full_report, key_finding, make_key, password_finding, webhook_finding
from sgleaks.formats import Style, render
from sgleaks.model import CONFIDENCES, SEVERITIES, SKIP_REASONS, Commit, Ignored, Origin, Region, Report, Skip
from sgleaks.validity import ACCESSES, RISKS, STATES

SCHEMA = json.loads(files("sgleaks").joinpath("schemas/report.schema.json").read_text("utf-8"))


def text_of(report: Report, style: Style = Style()) -> str:  # noqa: B008  # frozen
    return "".join(render("json", report, style))


def document(report: Report) -> Any:
    return json.loads(text_of(report))


def problems(value: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMA).iter_errors(value)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("report", [Report(), full_report()], ids=["empty", "full"])
def test_the_report_obeys_its_schema(report: Report) -> None:
    assert problems(document(report)) == []


def test_the_schema_knows_every_word_of_the_model() -> None:
    finding = SCHEMA["$defs"]["finding"]["properties"]
    assert SCHEMA["$defs"]["skip"]["properties"]["reason"]["enum"] == list(SKIP_REASONS)
    assert finding["severity"]["enum"] == list(SEVERITIES)
    assert finding["confidence"]["enum"] == list(CONFIDENCES)
    validity = SCHEMA["$defs"]["validity"]["properties"]
    assert validity["state"]["enum"] == list(STATES)
    assert validity["access"]["enum"] == [*ACCESSES, None]
    assert validity["powers"]["items"]["properties"]["risk"]["enum"] == list(RISKS)


@pytest.mark.parametrize(
    "where", [(), ("tool",), ("findings", 0), ("findings", 0, "secret"), ("skips", 0), ("summary",)]
)
def test_the_schema_wants_every_member_and_no_other(where: tuple[str | int, ...]) -> None:
    def changed(name: str | None) -> object:
        value = target = document(full_report())
        for step in where:
            target = target[step]
        if name is None:
            target["extra"] = 1
        else:
            del target[name]
        return value

    target = document(full_report())
    for step in where:
        target = target[step]
    assert all(problems(changed(name)) for name in (None, *target))


def test_a_finding_has_the_members_of_the_contract_in_its_order() -> None:
    key = make_key(1)
    finding = key_finding(1, via=("base64",), also=((Origin("b.env"), Region(9, 1, 9, 70)),))
    (told,) = document(Report(findings=(finding,)))["findings"]
    assert told == {
        "rule": "api-key",
        "severity": "critical",
        "security_severity": 9.8,
        "level": "error",
        "confidence": "high",
        "message": finding.rule.message,
        "controls": ["2.2"],
        "path": "deploy/mail.env",
        "line": 3,
        "column": 18,
        "end_line": 3,
        "end_column": 87,
        "commit": None,
        "via": ["base64"],
        "secret": {
            "kind": "api-key",
            "key_id": key[3:25],
            "sha256": finding.secret.sha256 if finding.secret else "",
            "redacted": f"{key[:26]}…",
        },
        "fingerprint": finding.fingerprint,
        "ignored": None,
        "also": [{"path": "b.env", "line": 9, "commit": None}],
        "exposure": None,
        "validity": None,
    }
    assert list(told) == SCHEMA["$defs"]["finding"]["required"]


def test_members_without_a_value_are_null() -> None:
    (told,) = document(Report(findings=(webhook_finding(),)))["findings"]
    assert [name for name, value in told.items() if value is None] == [
        "commit",
        "secret",
        "ignored",
        "exposure",
        "validity",
    ]


def test_a_password_has_neither_id_nor_hash() -> None:
    (told,) = document(Report(findings=(password_finding(),)))["findings"]
    assert told["secret"] == {"kind": "account-password", "key_id": None, "sha256": None, "redacted": "[redacted]"}


def test_a_finding_of_a_commit_and_an_archive_names_both() -> None:
    commit = Commit("0" * 40, "Ada", "2026-01-31T10:00:00Z", "Add mail")
    finding = key_finding(origin=Origin("a.zip", ("b.tar", "c.env"), commit=commit), ignored=Ignored("path", "docs"))
    (told,) = document(Report(findings=(finding,)))["findings"]
    assert told["path"] == "a.zip!b.tar!c.env"
    assert told["commit"] == {"id": "0" * 40, "author": "Ada", "date": "2026-01-31T10:00:00Z", "subject": "Add mail"}
    assert told["ignored"] == {"kind": "path", "reason": "docs"}


def test_the_counts_add_up() -> None:
    told = document(full_report())
    summary = told["summary"]
    assert (summary["findings"], summary["ignored"], summary["low_confidence"]) == (5, 2, 1)
    assert len(told["findings"]) == 8
    assert (summary["files"], summary["bytes"]) == (1204, 18_243_511)


def test_an_ignored_doubtful_finding_is_counted_once() -> None:
    summary = document(Report(findings=(webhook_finding("low", ignored=Ignored("inline", "")),)))["summary"]
    assert (summary["findings"], summary["ignored"], summary["low_confidence"]) == (0, 1, 0)


def test_two_runs_give_the_same_bytes_whatever_the_style() -> None:
    told = {text_of(full_report(), Style(color, verbosity)) for color in (False, True) for verbosity in (-1, 0, 1)}
    assert len(told) == 1


def test_any_terminal_survives_it() -> None:
    name = "x\n\x1b[31m\x7f\x9b\u202e漢\udce9\ud83d.env"
    report = Report(findings=(key_finding(origin=Origin(name)),), skips=(Skip(name, "damaged", name),))
    text = text_of(report)
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert text.endswith("}\n")
    told = json.loads(text)
    assert told["findings"][0]["path"] == told["skips"][0]["path"] == "x\n\x1b[31m\x7f\x9b\u202e漢\\xe9<U+D83D>.env"
    assert problems(told) == []
