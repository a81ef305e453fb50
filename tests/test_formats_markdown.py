"""The report in Markdown, as GitHub's own parser reads it: nothing a stranger wrote becomes markup."""

from __future__ import annotations

import html
import os
import re
from dataclasses import replace
from pathlib import Path

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import example, given
from hypothesis import strategies as st

from reports import KEY_RULE, WEBHOOK_RULE, full_report, key_finding, normalised
from sgleaks.formats import Style, render
from sgleaks.formats.markup import code, prose, table
from sgleaks.formats.plain import visible
from sgleaks.model import Commit, Drop, Ignored, Origin, Region, Report, Skip

GOLDEN = Path(__file__).parent / "golden"
ANY_TEXT = st.text(st.characters(exclude_categories=()))
TOKENS = (
    "www.",
    "http://",
    "a.example",
    "a@b.example",
    "<b>",
    "<!--",
    "-->",
    "&amp;",
    "x",
    *" |\\`<>[]()!*_~#@:/.&;$-\n\t",
)
MARKUP = st.lists(st.sampled_from(TOKENS)).map("".join) | ANY_TEXT
HOSTILE = (
    "a|b\\|c`d``e <img src=x> [x](https://evil.example) ![](//e) @ada #1 www.e.example https://e.example\n# h\x1b["
)


def rendered(report: Report, style: Style = Style()) -> str:  # noqa: B008  # frozen
    return "".join(render("markdown", report, style))


def read(text: str) -> str:
    """What GitHub makes of it before it looks for bad HTML."""
    return str(cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))


def cells(text: str) -> list[str]:
    return re.findall(r"<td>(.*?)</td>", read(text), re.DOTALL)


@pytest.mark.parametrize(
    ("name", "style"),
    [pytest.param("report", Style(), id="default"), pytest.param("report-verbose", Style(verbosity=1), id="-v")],
)
def test_report_is_as_reviewed(name: str, style: Style) -> None:
    report = replace(full_report(), asked=(KEY_RULE, WEBHOOK_RULE))
    told = normalised(rendered(report, style))
    golden = GOLDEN / f"{name}.md"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(told, "utf-8")
    assert told == golden.read_text("utf-8")


@example("#_")
@example("_|_")
@example("a@b.example|")
@example("www.a.example|")
@example("\\|")
@given(MARKUP)
def test_code_is_one_cell_of_code_and_nothing_else(text: str) -> None:
    first, second = cells(table(("a", "b"), [(code(text), "z")]))
    assert second == "z"
    if not text.strip():
        return
    inner = re.fullmatch(r"<code>([^<]*)</code>|", first.replace("<!-- -->", ""))
    assert inner, first
    assert " ".join(html.unescape(inner[1] or "").split()) == " ".join(visible(text).split())


@example("#_")
@example("_|_")
@example("a@b.example|")
@example("www.a.example|")
@example("\\|")
@given(MARKUP)
def test_prose_is_one_cell_of_words_and_nothing_else(text: str) -> None:
    first, second = cells(table(("a", "b"), [(prose(text), "z")]))
    assert second == "z"
    words = first.replace("<!-- -->", "")
    assert "<" not in words
    assert not re.search(r"[@#]\w", html.unescape(first))
    assert html.unescape(words) == visible(" ".join(text.split())).strip()


def test_no_part_of_a_report_lets_markup_through() -> None:
    commit = Commit("0" * 40, HOSTILE, "2026-01-31T10:00:00Z", HOSTILE)
    finding = key_finding(
        origin=Origin(HOSTILE, (HOSTILE,), repo=HOSTILE, commit=commit),
        also=((Origin(HOSTILE), Region(1, 1, 1, 2)),),
        note=HOSTILE,
        excerpt=HOSTILE,
        via=(HOSTILE,),
        ignored=Ignored("path", HOSTILE),
        rule=replace(KEY_RULE, title=HOSTILE, message=HOSTILE, why=HOSTILE, fix=HOSTILE),
    )
    skips = (Skip(HOSTILE, "damaged", HOSTILE), Skip(HOSTILE, "submodule", HOSTILE))
    report = Report((finding, key_finding(2)), skips, (Drop(HOSTILE, 1, 1, "api-key", HOSTILE),), asked=(KEY_RULE,))
    page = read(rendered(report, Style(verbosity=1)))
    assert set(re.findall(r"<(\w+)", page)) == {
        "h1", "h2", "h3", "p", "strong", "ul", "li", "a", "table", "thead", "tbody", "tr", "th", "td", "code", "br"
    }  # fmt: skip
    assert set(re.findall(r'href="([^"]*)"', page)) == set(KEY_RULE.references)
    for row in re.findall(r"<tr>(.*?)</tr>", page.split("<h2>Findings")[1].split("<h2>")[0], re.DOTALL)[1:]:
        assert row.count("<td>") == 4
    assert "\x1b" not in page


def test_what_is_hidden_is_counted_and_shown_with_v() -> None:
    report = full_report()
    assert "Not shown: 3 ignored or too doubtful." in rendered(report)
    told = rendered(report, Style(verbosity=1))
    assert "Not shown" not in told
    assert told.count("| `api-key` |") == 5


def test_a_clean_scan_has_no_empty_sections() -> None:
    assert rendered(Report()) == "# sgleaks report\n\n**no findings** in 0 files, 0 bytes.\n"


def test_an_incomplete_scan_says_so_first() -> None:
    told = rendered(Report(skips=(Skip("a", "too-large"),)))
    assert told.split("\n")[2] == "**no findings** in 0 files, 0 bytes. **The scan is incomplete.**"
    assert "| `a` | too-large |" in told
