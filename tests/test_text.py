"""Lines, columns and excerpts as an editor shows them, against a second implementation that is slow and plain."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import key, secret_half
from sgleaks.model import Blob, Origin, Region
from sgleaks.text import BEFORE, BOMS, CUT, SNIFFED, WIDTH, Lines, bom_of, encoding_of

PIECES = ["a", "é", "中", "\U0001f511", "\U00010348", " ", "\t", "SG.", "\x1b[31m", "x" * 90, "\u2028", "\x0b", "\x85"]
ENDINGS = {"lf": ["\n"], "crlf": ["\r\n"], "cr": ["\r"], "mixed": ["\n", "\r\n", "\r"], "none": []}
ENCODINGS = {"utf-8": b"", "utf-8 with mark": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


def naive(text: str, index: int) -> tuple[int, int]:
    """Line and column of the character at ``index``."""
    newline = "\r" if "\n" not in text and "\r" in text else "\n"
    before = text[:index]
    return before.count(newline) + 1, index - (before.rfind(newline) + 1) + 1


def texts(endings: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(PIECES + endings * 3), max_size=60)


@pytest.mark.parametrize("mark", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("endings", ENDINGS.values(), ids=ENDINGS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_positions_are_those_of_a_naive_count(endings: list[str], mark: bytes, data: st.DataObject) -> None:
    text = "".join(data.draw(texts(endings)))
    encoding = dict(BOMS).get(mark, "utf-8")
    lines = Lines(Blob(mark + text.encode(encoding), Origin("x")))
    if b"\0" not in text.encode(encoding)[:SNIFFED] or mark:
        assert lines.encoding == encoding
    offsets = [len(mark) + len(text[:index].encode(encoding)) for index in range(len(text) + 1)]
    indexes = data.draw(st.lists(st.integers(0, len(text)), max_size=9))  # in any order
    for index in indexes:
        end = data.draw(st.integers(index, len(text)))
        assert lines.region(offsets[index], offsets[end]) == Region(*naive(text, index), *naive(text, end))


@settings(max_examples=100, deadline=None)
@given(texts(["\n", "\r\n"]), st.integers(1, 9), st.integers(1, 9))
def test_positions_run_on_in_the_second_blob_of_a_file(pieces: list[str], line: int, column: int) -> None:
    text = "".join(pieces)
    lines = Lines(Blob(b"." + text.encode(), Origin("x"), line=line, column=column + 1, encoding="utf-8"))
    for index in range(len(text)):
        expected_line, expected_column = naive("." + text, index + 1)
        shift = column if expected_line == 1 else 0
        assert lines.region(1 + len(text[:index].encode()), 1 + len(text[:index].encode())) == Region(
            *(line + expected_line - 1, expected_column + shift) * 2
        )


def test_byte_order_mark_in_the_middle_of_a_file_is_a_character() -> None:
    blob = Blob(b"\xef\xbb\xbfab", Origin("x"), line=3, column=5, encoding="utf-8")
    assert Lines(blob).region(3, 4) == Region(3, 6, 3, 7)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"", "utf-8"),
        (b"a\0", "utf-8"),
        (b"a\0b\0c\0", "utf-8"),  # too short to tell
        (b"a\0b\0c\0d\0", "utf-16-le"),
        (b"\0a\0b\0c\0d", "utf-16-be"),
        (b"\xff\xfea", "utf-16-le"),
        (b"\xfe\xff\0a", "utf-16-be"),
        (b"\xef\xbb\xbfa\0b\0c\0d\0", "utf-8"),
        (b"abcdefgh" * 99 + b"\0a" * 999, "utf-8"),  # only the first bytes are looked at
        (b"\0" * 64, "utf-8"),
        (bytes(range(256)) * 4, "utf-8"),
        ("中文 SG key 中文 SG key abcdefgh ijk".encode("utf-16-le"), "utf-16-le"),
    ],
    ids=range(12),
)
def test_encoding_is_told_by_its_mark_or_its_nuls(data: bytes, encoding: str) -> None:
    assert encoding_of(data) == encoding


@pytest.mark.parametrize(("mark", "name"), BOMS, ids=[name for _, name in BOMS])
def test_mark_is_known_only_at_the_start(mark: bytes, name: str) -> None:
    assert bom_of(mark + b"x") == mark
    assert bom_of(b"x" + mark) == b""
    assert encoding_of(mark) == name


HIDE = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 90)), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["a", "é", "中", "\U0001f511", "\n", " "]), min_size=1, max_size=400), HIDE, st.data())
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_excerpt_hides_what_it_must_and_keeps_its_columns(
    encoding: str, pieces: list[str], hide: list[tuple[int, int]], data: st.DataObject
) -> None:
    text = "".join(pieces)
    offsets = [len(text[:index].encode(encoding)) for index in range(len(text) + 1)]
    ranges = [(min(first, len(text)), min(first + size, len(text))) for first, size in hide]
    blob = Blob(text.encode(encoding), Origin("x"), encoding=encoding)
    lines = Lines(blob, [(offsets[first], offsets[last]) for first, last in ranges])
    index = data.draw(st.integers(0, len(text) - 1))
    _, column = naive(text, index)
    excerpt, first_column = lines.excerpt(offsets[index], column)
    assert len(excerpt) <= WIDTH
    assert 0 <= column - first_column <= BEFORE
    # Character by character: what must be hidden is a star, all else is the line's own.
    start = index - (column - first_column)
    assert text[start:index].count("\n") == 0
    for shown, character, at in zip(excerpt, text[start:], range(start, len(text)), strict=False):
        hidden = any(first <= at < last for first, last in ranges)
        assert shown == ("*" if hidden else character), (at, excerpt)
    rest = text[start + len(excerpt) :]
    assert len(excerpt) == WIDTH or not rest or rest[0] == "\n"


def test_mask_shows_the_public_half_of_a_key_and_is_as_long() -> None:
    text = f"KEY={key()};"
    excerpt, column = Lines(Blob(text.encode(), Origin("x")), [(4, 73)]).excerpt(4, 5)
    assert (excerpt, column) == (f"KEY={key()[:26]}{'*' * 43};", 1)


@pytest.mark.parametrize("size", [68, 60, 42, 40])
def test_key_that_is_cut_short_is_not_shown_beside_another(size: int) -> None:
    broken = key(1)[:size]
    text = f"{broken} {key(2)} {broken}"
    excerpt, _ = Lines(Blob(text.encode(), Origin("x")), [(size + 1, size + 70)]).excerpt(size + 1, size + 2)
    assert secret_half(key(1))[:8] not in excerpt
    assert key(2)[:26] in excerpt


@pytest.mark.parametrize("offset", [0, 1, CUT - 1, CUT, CUT + 1, CUT + BEFORE, CUT + 500])
def test_start_of_a_blob_that_continues_another_is_not_shown(offset: int) -> None:
    """There a secret may end that begins in the blob before."""
    data = b"s" * CUT + b"." * 2000
    first, continued = Blob(data, Origin("x")), Blob(data, Origin("x"), line=1, column=9, encoding="utf-8")
    excerpt, column = Lines(continued).excerpt(offset, offset + 9)
    before = excerpt[: offset + 9 - column]
    assert "s" not in before
    assert before == "." * min(max(offset - CUT, 0), BEFORE)
    assert ("s" in Lines(first).excerpt(offset, offset + 1)[0]) == (offset < CUT + BEFORE)


def test_many_keys_on_one_line_cost_no_more_than_on_many() -> None:
    """Each excerpt looks at a few hundred bytes, however long its line and however many masks."""
    count = 3000
    data = " ".join(key(number) for number in range(count)).encode()
    hidden = [(number * 70, number * 70 + 69) for number in range(count)]
    lines = Lines(Blob(data, Origin("x")), hidden)
    shown = [lines.excerpt(start, start + 1)[0] for start, _ in hidden]
    assert all(re.fullmatch(r"[\w.* -]{70,140}", excerpt, re.ASCII) for excerpt in shown[1:-2])
    assert not [text for text in shown if re.search(r"SG\.[\w-]{22}\.[^*]", text)]
