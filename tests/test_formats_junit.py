"""JUnit: XML that any parser reads, whatever files are called; its counts are true."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports import assert_reviewed, full_report, hostile_report, key_finding
from sgleaks.formats import Style, render
from sgleaks.model import Origin, Report, Skip


def suite(report: Report) -> Xml.Element:
    told = "".join(render("junit", report, Style()))
    (found,) = Xml.fromstring(told.encode())  # noqa: S314  # it is ours
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, kind in kinds.items():
        assert int(found.attrib[name]) == len(found.findall(f"testcase/{kind}"))
    assert int(found.attrib["tests"]) == len(found.findall("testcase"))
    return found


def test_report_is_as_reviewed() -> None:
    assert_reviewed("report.junit.xml", "".join(render("junit", full_report(), Style())))


def test_a_clean_scan_is_one_test_that_passed() -> None:
    (case,) = suite(Report())
    assert case.findtext("system-out") == "no findings in 0 files, 0 bytes"


def test_accepted_findings_are_skipped_tests_and_what_was_not_scanned_an_error() -> None:
    found = suite(full_report())
    assert (found.attrib["failures"], found.attrib["skipped"], found.attrib["errors"]) == ("5", "2", "2")


@pytest.mark.parametrize("report", [full_report(), hostile_report()], ids=["full", "hostile"])
def test_nothing_hostile_makes_an_element(report: Report) -> None:
    assert {each.tag for each in suite(report).iter()} == {
        "testsuite", "testcase", "failure", "skipped", "error", "system-out"
    }  # fmt: skip


@example("\ufffe\uffff\x00\x1b\ud800]]>&<'\"")
@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_read_back(text: str) -> None:
    finding, *_ = suite(Report((key_finding(origin=Origin(text), note=text),), (Skip(text, "damaged", text),)))
    assert finding.attrib["name"].endswith(":3:18 api-key")
