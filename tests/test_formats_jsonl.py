"""JSON lines: a finding as JSON has it, everything else by its type, the summary at the end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reports import assert_reviewed, full_report, hostile_report
from sgleaks.formats import Style, render
from sgleaks.model import Notice, Report


def lines(report: Report) -> list[Any]:
    told = "".join(render("jsonl", report, Style()))
    assert told.isascii()
    assert told.replace("\n", "").isprintable()
    return [json.loads(line) for line in told.splitlines()]


def document(report: Report) -> Any:
    return json.loads("".join(render("json", report, Style())))


def test_report_is_as_reviewed() -> None:
    assert_reviewed("report.jsonl", "".join(render("jsonl", full_report(), Style())))


@pytest.mark.parametrize("report", [Report(), full_report(), hostile_report()], ids=["empty", "full", "hostile"])
def test_lines_are_what_the_document_holds(report: Report) -> None:
    told, whole = lines(report), document(report)
    assert [line for line in told if "type" not in line] == whole["findings"]
    assert [line for line in told if line.get("type") == "skip"] == [
        {"type": "skip", **skip} for skip in whole["skips"]
    ]
    assert told[-1] == {
        "type": "summary", "version": whole["version"], "tool": whole["tool"], **whole["summary"]
    }  # fmt: skip


def test_notices_have_their_type() -> None:
    assert lines(Report(notices=(Notice("a.py", 3, "unused"),)))[0] == {
        "type": "notice", "path": "a.py", "line": 3, "text": "unused"
    }  # fmt: skip
