"""Annotations: the runner reads one command a line, none that a stranger wrote, and never more than ten."""

from __future__ import annotations

import re

import pytest

from reports import assert_reviewed, full_report, hostile_report, key_finding, webhook_finding
from sgleaks.formats import Style, render
from sgleaks.model import Region, Report, Skip

COMMAND = re.compile(r"::(error|warning|notice)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)\n")


def shown(report: Report, style: Style = Style()) -> list[tuple[str, dict[str, str], str]]:  # noqa: B008  # frozen
    """Kind, properties and text of every line, as the runner reads it."""
    told = list(render("github", report, style))
    found = [COMMAND.fullmatch(line) for line in told]
    assert all(found), told
    return [(m[1], dict(part.split("=", 1) for part in (m[2] or "").split(",")), m[3]) for m in found if m is not None]


def test_report_is_as_reviewed() -> None:
    assert_reviewed("report.github.txt", "".join(render("github", full_report(), Style())))


def test_a_clean_report_says_nothing() -> None:
    assert shown(Report()) == []


@pytest.mark.parametrize(("count", "least"), [(9, 9), (10, 10), (11, 10), (500, 10)])
def test_there_are_ten_at_most_and_the_last_counts_the_rest(count: int, least: int) -> None:
    mild = webhook_finding()
    told = shown(Report((mild, *(key_finding(seed, seed + 1) for seed in range(count - 1)))))
    assert len(told) == least
    if count > 10:
        assert told[-1][2].startswith(f"and {count - 9:,} more findings;")
    else:
        assert told[-1][0] == "warning", "the worst come first"


def test_an_incomplete_scan_says_so_and_there_are_still_ten() -> None:
    told = shown(Report(tuple(key_finding(seed) for seed in range(20)), (Skip("a", "too-large"),)))
    assert len(told) == 10
    assert told[0][2] == "The scan is incomplete: 1 not scanned."
    assert told[-1][2].startswith("and 12 more findings;")


def test_hostile_names_begin_no_command_and_set_no_property() -> None:
    first, *told = shown(hostile_report())
    assert first == ("error", {"title": "sgleaks"}, "The scan is incomplete: 7 not scanned.")
    assert len(told) == 5
    for kind, properties, text in told:
        assert kind == "error"
        assert set(properties) <= {"file", "line", "endLine", "col", "endColumn", "title"}
        assert text.replace("\ufffe", "").replace("\uffff", "").isprintable()
        assert not re.search(r"%(?!25|0A|0D)", text)
        assert not re.search("[:,\r\n]", properties["file"])


def test_columns_are_told_within_a_line_only() -> None:
    ((_, properties, _),) = shown(Report((key_finding(region=Region(3, 5, 6, 2)),)))
    assert (properties["line"], properties["endLine"], "col" in properties) == ("3", "6", False)


def test_doubtful_findings_are_notices_where_asked_for() -> None:
    report = Report((webhook_finding("low"),))
    assert shown(report) == []
    assert [kind for kind, *_ in shown(report, Style(min_confidence="low"))] == ["notice"]
