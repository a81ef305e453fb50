"""Brackets, commas and scalars: JSON, the flow style of YAML, and the arrays and inline tables of TOML."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sgleaks.syntax.draft import Draft
from sgleaks.syntax.facts import Value
from sgleaks.syntax.nesting import Nesting


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a format spells it. The groups of ``token`` are ``comment``, ``mark`` (a bracket, a comma, what separates a
    key from its value) and ``scalar``; every byte that none of them matches is passed over. A scalar may turn out to
    be none."""

    token: re.Pattern[bytes]
    separator: bytes
    keys: Callable[[Draft, int, int], tuple[str, ...]]
    scalar: Callable[[Draft, int, int], Value | None]


def read_flow(nesting: Nesting, dialect: Dialect, start: int, data: bytes | None = None) -> int:
    """Reads what starts at an offset, a bracket or a scalar, and gives where it ends (or the data).

    ``data`` are the bytes that show the structure, where those of the draft would mislead.
    """
    draft = nesting.draft
    data = draft.data if data is None else data
    depth = len(nesting.levels)
    held: tuple[int, int] | None = None  # a scalar of which is not known whether it is a key
    for token in dialect.token.finditer(data, start):
        if token.lastgroup == "comment":
            draft.facts.comments.append(token.span())
            continue
        if token.lastgroup == "scalar":
            _place(nesting, dialect, held)
            held = token.span()
            if len(nesting.levels) == depth:
                _place(nesting, dialect, held)
                return token.end()
            continue
        mark = token.group()
        if held and mark == dialect.separator and nesting.top.mapping:
            nesting.key(dialect.keys(draft, *held), *held)
            held = None
            continue
        _place(nesting, dialect, held)
        held = None
        if mark == b"{":
            nesting.open_mapping(token.start())
        elif mark == b"[":
            nesting.open_list(token.start())
        elif mark in (b"}", b"]"):
            _close(nesting, depth, token.end(), mapping=mark == b"}")
            if len(nesting.levels) <= depth:
                return token.end()
        elif mark == b"," and nesting.top.mapping:
            nesting.top.setting = None
    _place(nesting, dialect, held)
    nesting.close_all(len(data), depth)
    return len(data)


def _place(nesting: Nesting, dialect: Dialect, span: tuple[int, int] | None) -> None:
    value = dialect.scalar(nesting.draft, *span) if span else None
    if value:
        nesting.place(value)


def _close(nesting: Nesting, depth: int, end: int, *, mapping: bool) -> None:
    """Closes what a bracket belongs to, and what was forgotten to be closed in it; a stray bracket closes nothing."""
    for number in range(len(nesting.levels) - 1, depth - 1, -1):
        if nesting.levels[number].mapping == mapping:
            nesting.close_all(end, number)
            return
