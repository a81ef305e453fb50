"""CSV: one row a finding, whatever it is called, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
from io import StringIO

from hypothesis import example, given
from hypothesis import strategies as st

from reports import assert_reviewed, full_report, hostile_report, key_finding
from sgleaks.formats import Style, render
from sgleaks.formats.csv import FORMULA, HEAD
from sgleaks.model import Origin, Report


def rows(report: Report) -> list[list[str]]:
    told = "".join(render("csv", report, Style()))
    assert told.count("\n") == len(report.findings) + 1
    return list(csv.reader(StringIO(told), strict=True))


def test_report_is_as_reviewed() -> None:
    assert_reviewed("report.csv", "".join(render("csv", full_report(), Style())))


def test_an_empty_report_has_its_head() -> None:
    assert rows(Report()) == [list(HEAD)]


def test_hostile_names_make_no_row_cell_or_formula() -> None:
    head, *told = rows(hostile_report())
    assert {len(row) for row in told} == {len(head)}
    assert not [cell for row in told for cell in row if cell.lstrip().startswith(FORMULA)]


@example("=1+1")
@example("  +1")
@example("\uff1d1")
@example("\t=1")
@given(st.text(st.characters(exclude_categories=())))
def test_no_cell_is_a_formula(text: str) -> None:
    _, row = rows(Report((key_finding(origin=Origin(text), note=text),)))
    assert len(row) == len(HEAD)
    assert not [cell for cell in row if cell.lstrip().startswith(FORMULA)]
