"""Untrusted text never reaches a terminal as it is; colours follow what the user asked for."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import make_key
from sgleaks.formats.color import Mode, wants_color
from sgleaks.formats.plain import clip, masked, styled, visible, width, writable

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # surrogates and controls too


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("deploy/mail.env", "deploy/mail.env", id="plain text stays"),
        pytest.param("é漢字 🙂", "é漢字 🙂", id="so do letters and pictures"),
        pytest.param("a\tb", "a    b", id="a tab is four spaces wherever it stands"),
        pytest.param("\x1b[2J", "␛[2J", id="ANSI escape"),
        pytest.param("a\r\nb\0", "a␍␊b␀", id="C0 controls"),
        pytest.param("\x7f", "␡", id="DEL"),
        pytest.param("\x9b31m", "<U+009B>31m", id="C1 escape introducer"),
        pytest.param("a\u202eb", "a<U+202E>b", id="right-to-left override"),
        pytest.param("a\u2066b\u2069", "a<U+2066>b<U+2069>", id="isolates"),
        pytest.param("a\u200bb\ufeff", "a<U+200B>b<U+FEFF>", id="zero width"),
        pytest.param("a\u2028b\u2029", "a<U+2028>b<U+2029>", id="line and paragraph separators"),
        pytest.param("a\u3164\ufe0f", "a<U+3164><U+FE0F>", id="filler and variation selector"),
        pytest.param("a\U000e0041", "a<U+E0041>", id="tag character"),
        pytest.param("caf\udce9", "caf\\xe9", id="byte of an undecodable name"),
        pytest.param("a\ud83d", "a<U+D83D>", id="half a pair"),
    ],
)
def test_what_has_no_shape_is_spelt_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(ANY_TEXT)
def test_visible_text_cannot_steer_a_terminal(text: str) -> None:
    shown = visible(text)
    assert not {category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert visible(shown) == shown
    shown.encode()


@given(ANY_TEXT, ANY_TEXT)
def test_visible_works_character_by_character(left: str, right: str) -> None:
    assert visible(left) + visible(right) == visible(left + right)


@given(ANY_TEXT)
def test_writable_text_is_utf_8_and_otherwise_unchanged(text: str) -> None:
    written = writable(text)
    written.encode()
    assert written == text or any(category(char) == "Cs" for char in text)


def test_the_secret_half_of_a_key_is_masked_wherever_it_stands() -> None:
    key = make_key()
    assert masked(f"x{key}y") == f"x{key[:26]}…y"
    assert visible(key) == writable(key) == masked(key)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("漢字", 4), ("ｆ", 2), ("e\u0301", 1), ("é", 1), ("🙂", 2), ("", 0)],
)
def test_width_counts_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(("limit", "clipped"), [(3, "ab…"), (4, "abcd"), (5, "abcd")])
def test_clip_marks_what_it_cuts(limit: int, clipped: str) -> None:
    assert clip("abcd", limit) == clipped


def test_styled_text_is_reset_and_only_with_color() -> None:
    assert styled("x", "error", color=True) == "\x1b[1;31mx\x1b[0m"
    assert styled("x", "error", color=False) == "x"
    assert styled("", "error", color=True) == ""


@pytest.mark.parametrize(
    ("mode", "tty", "env", "colored"),
    [
        pytest.param("auto", True, {}, True, id="a terminal"),
        pytest.param("auto", False, {}, False, id="a pipe"),
        pytest.param("auto", True, {"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param("auto", True, {"NO_COLOR": ""}, True, id="an empty NO_COLOR says nothing"),
        pytest.param("auto", False, {"FORCE_COLOR": "1"}, True, id="FORCE_COLOR in a pipe"),
        pytest.param("auto", True, {"FORCE_COLOR": "0"}, False, id="FORCE_COLOR=0 forbids"),
        pytest.param("auto", False, {"CLICOLOR_FORCE": "1"}, True, id="CLICOLOR_FORCE in a pipe"),
        pytest.param("auto", False, {"CLICOLOR_FORCE": "0"}, False, id="CLICOLOR_FORCE=0 does not force"),
        pytest.param("auto", True, {"CLICOLOR_FORCE": "0"}, True, id="CLICOLOR_FORCE=0 does not forbid"),
        pytest.param("auto", True, {"CLICOLOR": "0"}, False, id="CLICOLOR=0"),
        pytest.param("auto", True, {"TERM": "dumb"}, False, id="a dumb terminal"),
        pytest.param("auto", True, {"TERM": "dumb", "FORCE_COLOR": "1"}, True, id="forced on a dumb terminal"),
        pytest.param("auto", True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, id="NO_COLOR wins over FORCE_COLOR"),
        pytest.param("always", False, {"NO_COLOR": "1", "TERM": "dumb"}, True, id="the option wins: always"),
        pytest.param("never", True, {"FORCE_COLOR": "1"}, False, id="the option wins: never"),
    ],
)
def test_color(mode: Mode, tty: bool, env: dict[str, str], colored: bool) -> None:
    assert wants_color(mode, tty, env) is colored
