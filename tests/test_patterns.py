"""The texts with which a pattern says that all it finds begins: wrong ones would hide secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants as op  # type: ignore[attr-defined]  # private, and in tests only
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from sgleaks import rule
from sgleaks.anchors import MENTION
from sgleaks.matchers.patterns import Regex, read
from sgleaks.matchers.windows import Fixed, windows
from sgleaks.model import Blob, Origin, View

FEW = 4  # characters of a class that are told one by one


def _regexes() -> Iterator[tuple[str, Regex]]:
    for each in rule.load_folder(rule.builtin_rules()).values():
        if each.match["matcher"] == "regex":
            patterns, _ = read(each)
            conditions = [(name, found) for pattern in patterns for name, found in (*pattern.near, *pattern.if_near)]
            found = [(str(number), pattern.find) for number, pattern in enumerate(patterns, 1)]
            found += [(name, condition.find) for name, condition in dict(conditions).items() if condition.find]
            for name, regex in found:
                if regex.begins:
                    yield f"{each.id}-{name}", regex


REGEXES = list(_regexes())


def _beginnings(items: list[Any], after: str = "") -> Iterator[tuple[str, list[Any]]]:
    """The ways to begin what the items match, a character longer each time it is asked: text, and what follows it."""
    if not items:
        yield after, []
        return
    (kind, value), rest = items[0], items[1:]
    if kind is op.LITERAL:
        yield after + chr(value).lower(), rest
    elif kind is op.IN and len(value) <= FEW and all(each is op.LITERAL for each, _ in value):
        for _, character in value:
            yield after + chr(character).lower(), rest
    elif kind is op.SUBPATTERN:
        yield from _beginnings([*value[-1], *rest], after)
    elif kind is op.BRANCH:
        for branch in value[1]:
            yield from _beginnings([*branch, *rest], after)
    elif kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        low, high, inner = value
        if low == 0:
            yield from _beginnings(rest, after)
        if high > 0:
            again = (kind, (max(low - 1, 0), high - 1, inner))
            yield from _beginnings([*inner, again, *rest], after)
    elif kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
        yield from _beginnings(rest, after)
    else:
        yield after + "\0", []  # anything


def _otherwise(pattern: re.Pattern[bytes], begins: tuple[bytes, ...]) -> set[str]:
    """How what the pattern finds may begin with none of the texts."""
    texts = tuple(text.decode() for text in begins)
    wrong, ways = set(), [("", list(parser.parse(pattern.pattern.decode(), pattern.flags & ~re.UNICODE)))]
    while ways:
        so_far, items = ways.pop()
        for text, rest in _beginnings(items, so_far):
            if text.startswith(texts):
                continue
            if text.endswith("\0") or not rest or not any(each.startswith(text) for each in texts):
                wrong.add(text)
            else:
                ways.append((text, rest))
    return wrong


@pytest.mark.parametrize("regex", [regex for _, regex in REGEXES], ids=[name for name, _ in REGEXES])
def test_all_that_a_pattern_finds_begins_as_it_says(regex: Regex) -> None:
    assert not _otherwise(regex.compiled, regex.begins)


@pytest.mark.parametrize(
    ("pattern", "begins", "missed"),
    [
        (r"pass(?:word)?|pwd", ("pass",), {"pw"}),
        (r"(?:smtp_)?pass", ("smtp_",), {"p"}),
        (r"[pP]wd\d", ("pwd",), set()),
        (r"\d?pwd", ("pwd",), {"\0"}),
        (r"(?<!x)(?=p)ab{0,2}c", ("abc", "ac"), {"abb"}),
    ],
)
def test_other_beginnings_are_noticed(pattern: str, begins: tuple[str, ...], missed: set[str]) -> None:
    texts = tuple(each.encode() for each in begins)
    assert _otherwise(re.compile(pattern.encode()), texts) == missed


def test_a_match_within_another_is_none() -> None:
    data = b"sendgrid aXbaXba"
    [window] = windows(View(data, Blob(data, Origin("x"))), (MENTION,))
    pattern = re.compile(rb"a.ba")
    for begins in ((), (b"a",)):
        assert [found.span() for found in window.matches(Fixed(pattern, begins))] == [(9, 13)]
