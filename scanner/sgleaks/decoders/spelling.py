"""What a spelling with escapes is, and the one way in which escapes are undone. Not a decoder itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from sgleaks.model import Piece, View

Token = re.Match[bytes]
Value = Callable[[Token], bytes | None]


class Spelling(NamedTuple):
    """One kind of escape: what it is called, a literal without which there is none, how one looks, and what gives the
    value of each in a view (a value of None leaves the text as it is)."""

    via: str
    lead: bytes
    token: re.Pattern[bytes]
    values: Callable[[View], Value]


def substitute(
    source: bytes, first: int, last: int, token: re.Pattern[bytes], value: Value
) -> tuple[bytes, tuple[Piece, ...]]:
    """``source[first:last]`` with its tokens replaced, and the map back; one piece alone means nothing was replaced."""
    parts: list[bytes] = []
    pieces = [Piece(0, first)]
    done, size = first, 0
    for match in token.finditer(source, first, last):
        text = value(match)
        if text is None:
            continue
        parts += [source[done : match.start()], text]
        size += match.start() - done
        if text:
            pieces.append(Piece(size, match.start(), len(text), match.end() - match.start(), solid=True))
        size += len(text)
        done = match.end()
        pieces.append(Piece(size, done))
    parts.append(source[done:last])
    return b"".join(parts), tuple(pieces)
