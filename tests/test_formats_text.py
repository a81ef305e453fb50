"""What people read. A change of a golden file is a change of the product: ``UPDATE_GOLDEN=1 pytest`` writes them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from reports import KEY_RULE, full_report, key_finding, make_key, normalised, webhook_finding
from sgleaks.formats import Style, render
from sgleaks.formats.summary import summary
from sgleaks.model import Drop, Finding, Origin, Region, Report, Skip, Stats

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "x\n\x1b[31m\u202e\u200b\x9b\u2028\r\t\udce9.env"


def rendered(*findings: Finding, style: Style = Style()) -> str:  # noqa: B008  # frozen
    return "".join(render("text", Report(findings=findings), style))


def excerpt_and_carets(finding: Finding) -> tuple[str, str]:
    lines = rendered(finding).splitlines()
    return lines[3].partition("| ")[2], lines[4].partition("| ")[2]


@pytest.mark.parametrize(
    ("name", "style"),
    [
        pytest.param("frames", Style(), id="default"),
        pytest.param("frames-verbose", Style(verbosity=1), id="-v"),
        pytest.param("frames-color", Style(color=True), id="color"),
        pytest.param("frames-quiet", Style(verbosity=-1), id="-q still prints findings"),
        pytest.param("frames-low", Style(min_confidence="low"), id="--min-confidence low"),
        pytest.param("frames-high", Style(min_confidence="high"), id="--min-confidence high"),
    ],
)
def test_frames_and_summary_are_as_reviewed(name: str, style: Style) -> None:
    report = full_report()
    told = normalised(f"{''.join(render('text', report, style))}--- standard error ---\n{summary(report, style)}\n")
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(told, "utf-8")
    assert told == golden.read_text("utf-8")


def test_why_and_what_to_do_are_told_once_a_rule() -> None:
    told = " ".join(rendered(key_finding(1), key_finding(2), webhook_finding()).split())
    assert told.count(KEY_RULE.why) == told.count(KEY_RULE.fix) == 1
    assert told.count("= why:") == 2


def test_a_hidden_finding_does_not_use_up_the_advice() -> None:
    assert rendered(key_finding(1, confidence="low"), key_finding(2)).count(KEY_RULE.why) == 1


@pytest.mark.parametrize(
    ("before", "shown_before"),
    [
        pytest.param("", "", id="at the start of the line"),
        pytest.param("\t\tkey = ", "        key = ", id="tabs"),
        pytest.param("鍵 = ", "鍵 = ", id="wide characters"),
        pytest.param("cle\u0301 = ", "cle\u0301 = ", id="combining accent"),
        pytest.param("a\u202e\x1b = ", "a<U+202E>␛ = ", id="invisible characters"),
    ],
)
def test_carets_are_under_the_key(before: str, shown_before: str) -> None:
    line, carets = excerpt_and_carets(key_finding(before=before))
    assert line.startswith(shown_before + "SG.")
    columns = {"鍵 = ": 5, "cle\u0301 = ": 6}.get(before, len(shown_before))
    assert carets == " " * columns + "^" * 69


def test_a_line_clipped_on_both_sides_says_so_and_keeps_its_carets() -> None:
    finding = key_finding()
    finding = replace(finding, excerpt=finding.excerpt[10:50], excerpt_column=11)
    line, carets = excerpt_and_carets(finding)
    assert line.startswith("…PI_KEY=SG.")
    assert line.endswith("…")
    assert len(carets) == len(line) - 1
    assert carets.index("^") == line.index("SG.")


@pytest.mark.parametrize(
    ("region", "carets"),
    [
        pytest.param(Region(1, 2, 4, 1), " ^^^", id="goes on in later lines"),
        pytest.param(Region(1, 3, 1, 3), "  ^", id="empty"),
        pytest.param(Region(1, 9, 1, 12), "   ^", id="after the excerpt"),
        pytest.param(Region(1, 1, 1, 99), "^^^^", id="ends after the excerpt"),
    ],
)
def test_carets_stay_within_the_excerpt(region: Region, carets: str) -> None:
    finding = webhook_finding(region=region, excerpt="abcd")
    assert excerpt_and_carets(finding)[1] == carets


@pytest.mark.parametrize("excerpt", ["", "  \t"])
def test_no_line_is_drawn_where_there_is_nothing_to_see(excerpt: str) -> None:
    assert rendered(key_finding(excerpt=excerpt)).splitlines()[2].startswith("  = key:")


@pytest.mark.parametrize("verbosity", [0, 1])
def test_hostile_names_and_lines_cannot_steer_the_terminal(verbosity: int) -> None:
    style = Style(verbosity=verbosity)
    report = Report(
        findings=(
            key_finding(origin=Origin(HOSTILE, (HOSTILE,)), note=HOSTILE, excerpt=HOSTILE + "SG."),
            key_finding(2, also=((Origin(HOSTILE), Region(1, 1, 1, 2)),)),
        ),
        skips=(Skip(HOSTILE, "damaged", HOSTILE), Skip(HOSTILE, "submodule", HOSTILE)),
        drops=(Drop(HOSTILE, 1, 1, "api-key", HOSTILE),),
    )
    for text in ("".join(render("text", report, style)), summary(report, style)):
        lines = text.split("\n")
        assert not any(char in text for char in "\x1b\u202e\u200b\x9b\u2028\r\t\udce9")
        assert not any(line.startswith(("x", "[31m")) for line in lines)
        assert "␛[31m<U+202E>" in text


@pytest.mark.parametrize(
    ("report", "style", "line"),
    [
        pytest.param(
            Report(stats=Stats(files=1, bytes=1)),
            Style(),
            "sgleaks: no findings in 1 file, 1 byte",
            id="clean",
        ),
        pytest.param(
            Report(stats=Stats(blobs=12_000, commits=1, bytes=999)),
            Style(),
            "sgleaks: no findings in 12,000 blobs, 1 commit, 999 bytes",
            id="history",
        ),
        pytest.param(
            Report(),
            Style(),
            "sgleaks: no findings in 0 files, 0 bytes; there was nothing to scan",
            id="nothing to scan",
        ),
        pytest.param(
            Report(findings=(key_finding(),), stats=Stats(files=2, bytes=2_500_000_000)),
            Style(),
            "sgleaks: 1 finding (1 critical) in 2 files, 2.5 GB",
            id="one finding",
        ),
        pytest.param(
            Report(findings=(webhook_finding("low"),), stats=Stats(files=1, bytes=1000)),
            Style(),
            "sgleaks: no findings in 1 file, 1.0 kB; 1 low-confidence (see -v)",
            id="only a doubtful one",
        ),
        pytest.param(
            Report(findings=(webhook_finding(),), stats=Stats(files=1)),
            Style(min_confidence="high"),
            "sgleaks: 1 finding (1 medium) in 1 file, 0 bytes; 1 medium-confidence (see -v)",
            id="fails the run though it is not shown",
        ),
        pytest.param(
            Report(skips=(Skip("a", "submodule"), Skip("b", "submodule"), Skip("c", "broken-link"))),
            Style(),
            "sgleaks: no findings in 0 files, 0 bytes; 3 noted (2 submodule, 1 broken-link)",
            id="what is only noted is not incomplete",
        ),
    ],
)
def test_summary_says_what_was_found_and_covered(report: Report, style: Style, line: str) -> None:
    assert summary(report, style) == line


def test_summary_names_the_first_paths_that_were_not_scanned() -> None:
    report = Report(skips=tuple(Skip(f"{number}.bin", "too-large") for number in range(5)))
    assert summary(report, Style()) == (
        "not scanned: too-large: 0.bin, 1.bin, 2.bin and 2 more\n"
        "sgleaks: no findings in 0 files, 0 bytes; incomplete: 5 not scanned (5 too-large)"
    )


def test_quiet_has_no_summary() -> None:
    assert summary(full_report(), Style(verbosity=-1)) == ""


def test_a_key_in_a_file_name_is_masked() -> None:
    key = make_key()
    assert key[26:] not in rendered(key_finding(origin=Origin(f"{key}.env")))
