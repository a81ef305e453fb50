"""The branches of a program, read from its source: under which condition which statements run.

A reader of text, not of a syntax tree: it knows braces, indentation and ``end``, and is only asked about the few
functions that verify a signature. Every look-ahead is bounded, so that it takes time in proportion to the function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_CONDITION = 400  # bytes
MAX_BODY = 2000  # bytes; who returns early does it in a few lines
INDENTED = ("python",)
WORDED = ("ruby",)

IF = re.compile(rb"(?<![\w.$])(?P<word>(?:else\s{0,9}|el)?if|elif|elsif|unless|guard)\b")
MODIFIER = re.compile(
    rb"(?m)^[ \t]*(?P<body>(?:return|next|head|true)\b[^\n]{0,120}?)[ \t](?P<word>if|unless)[ \t]"
    rb"(?P<condition>[^\n]{1,200})$"
)
ELSE = re.compile(rb"\s{0,200}else\s{0,20}\{")
BRACKETS = {b"(": re.compile(rb"[()]"), b"{": re.compile(rb"[{}]")}
CAUGHT = re.compile(
    rb"\bcatch\b\s{0,9}(?:\([^()\n]{0,80}\))?\s{0,20}\{|\bexcept\b[^\n:]{0,80}:|\brescue\b[^\n]{0,80}\n"
)


class Branch(NamedTuple):
    """Statements (half-open byte offsets) and the condition under which they run, ``!(…)`` for what runs otherwise.

    ``at`` is where it begins; ``alone``: nothing runs instead. A condition ``catch`` is that something went wrong.
    """

    condition: str
    at: int
    start: int
    end: int
    alone: bool


def branches(code: bytes, start: int, end: int, language: str) -> Iterator[Branch]:
    """The branches in a part of a program whose comments are blank."""
    for found in IF.finditer(code, start, end):
        yield from _branch(code, found, end, language)
    if language in WORDED:
        for found in MODIFIER.finditer(code, start, end):
            yield Branch(
                _condition(found["word"], found["condition"]), found.start("body"), *found.span("body"), alone=True
            )
    for found in CAUGHT.finditer(code, start, end):
        yield Branch("catch", found.start(), *_caught(code, found, end, language), alone=True)


def _branch(code: bytes, found: re.Match[bytes], end: int, language: str) -> Iterator[Branch]:
    if language in INDENTED:
        yield from _indented(code, found, end)
    elif language in WORDED:
        yield from _worded(code, found, end)
    else:
        yield from _braced(code, found, end)


def _braced(code: bytes, found: re.Match[bytes], end: int) -> Iterator[Branch]:
    at = _skip(code, found.end(), end)
    if code[at : at + 1] == b"(":
        close = _closing(code, at, min(end, at + MAX_CONDITION))
        condition = code[at + 1 : close - 1]
    else:  # Go and Swift write no parentheses
        close = code.find(b"{", at, min(end, at + MAX_CONDITION))
        condition = code[at:close]
    if close <= at or not condition.strip():
        return
    body = _skip(code, close, end)
    if code[body : body + 1] != b"{":
        line = _first(code, body, min(end, body + MAX_BODY), rb"[;\n]")
        yield Branch(_condition(found["word"], condition), found.start(), body, line, alone=True)
        return
    stop = _closing(code, body, min(end, body + MAX_BODY))
    otherwise = ELSE.match(code, stop, end)
    alone = otherwise is None and not re.match(rb"\s{0,200}else\b", code[stop : stop + 210])
    yield Branch(_condition(found["word"], condition), found.start(), body + 1, stop, alone)
    if otherwise:
        opening = otherwise.end() - 1
        yield Branch(
            f"!({_text(condition)})",
            otherwise.start(),
            opening + 1,
            _closing(code, opening, min(end, opening + MAX_BODY)),
            alone=False,
        )


def _indented(code: bytes, found: re.Match[bytes], end: int) -> Iterator[Branch]:
    colon = re.compile(rb":[ \t]*(?:\n|(?=\S))").search(code, found.end(), min(end, found.end() + MAX_CONDITION))
    if not colon:
        return
    condition = code[found.end() : colon.start()]
    line = code.rfind(b"\n", 0, found.start()) + 1
    stop = (
        _outdent(code, colon.end(), found.start() - line, end)
        if colon[0].endswith(b"\n")
        else _first(code, colon.end(), end, rb"\n")
    )
    otherwise = re.compile(rb"[ \t]*(?:else|elif)\b[^\n]*\n").match(code, stop, end)
    yield Branch(_condition(found["word"], condition), found.start(), colon.end(), stop, alone=otherwise is None)
    if otherwise and b"else" in otherwise[0]:
        yield Branch(
            f"!({_text(condition)})",
            otherwise.start(),
            otherwise.end(),
            _outdent(code, otherwise.end(), found.start() - line, end),
            alone=False,
        )


def _worded(code: bytes, found: re.Match[bytes], end: int) -> Iterator[Branch]:
    line = code.rfind(b"\n", 0, found.start()) + 1
    if code[line : found.start()].strip():
        return  # a modifier, which is read elsewhere
    first = _first(code, found.end(), min(end, found.end() + MAX_CONDITION), rb"\n")
    stop = _first(code, first, min(end, first + MAX_BODY), rb"\n[ \t]*(?:end|else|elsif)\b")
    alone = not re.match(rb"\s*els", code[stop : stop + 80])
    yield Branch(_condition(found["word"], code[found.end() : first]), found.start(), first, stop, alone)


def _caught(code: bytes, found: re.Match[bytes], end: int, language: str) -> tuple[int, int]:
    if language in INDENTED:
        line = code.rfind(b"\n", 0, found.start()) + 1
        return found.end(), _outdent(code, found.end(), found.start() - line, end)
    if language in WORDED:
        return found.end(), _first(
            code, found.end() - 1, min(end, found.end() + MAX_BODY), rb"\n[ \t]*(?:end|ensure)\b"
        )
    opening = found.end() - 1
    return found.end(), _closing(code, opening, min(end, opening + MAX_BODY))


def _condition(word: bytes, condition: bytes) -> str:
    return f"!({_text(condition)})" if word in (b"unless", b"guard") else _text(condition)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").strip()


def _skip(code: bytes, at: int, end: int) -> int:
    while at < end and code[at : at + 1].isspace():
        at += 1
    return at


def _first(code: bytes, at: int, end: int, pattern: bytes) -> int:
    found = re.compile(pattern).search(code, at, end)
    return found.start() if found else end


def _closing(code: bytes, at: int, end: int) -> int:
    """Behind the bracket that closes the one at an offset. Strings are not told from code; early returns survive it."""
    opening, depth = code[at : at + 1], 0
    for bracket in BRACKETS[opening].finditer(code, at, end):
        depth += 1 if bracket[0] == opening else -1
        if not depth:
            return bracket.end()
    return end


def _outdent(code: bytes, at: int, indent: int, end: int) -> int:
    """Where the lines end that are further in than ``indent``."""
    limit = min(end, at + MAX_BODY)
    while at < limit:
        line = code.find(b"\n", at, limit)
        line = limit if line < 0 else line
        text = code[at:line]
        if text.strip() and len(text) - len(text.lstrip()) <= indent:
            return at
        at = line + 1
    return limit
