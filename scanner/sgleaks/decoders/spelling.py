"""What a spelling with escapes is, and the one way in which escapes are undone. Not a decoder itself."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sgleaks.model import Piece, View

_DIGITS = b"0123456789abcdefABCDEF"
HEX = {bytes((a, b)): bytes.fromhex(chr(a) + chr(b)) for a in _DIGITS for b in _DIGITS}  # two digits, one byte

Token = re.Match[bytes]
Value = Callable[[Token], bytes | None]


class Spelling(NamedTuple):
    """One kind of escape: what it is called, a literal without which there is none, how one looks, and what gives the
    value of each in a view (a value of None leaves the text as it is)."""

    via: str
    lead: bytes
    token: re.Pattern[bytes]
    values: Callable[[View], Value]


class Pieces(Sequence[Piece]):
    """The map of a text whose tokens were replaced: text and tokens in turn, made into pieces when one is asked for.

    Sixteen bytes for each, since a hostile file may be nothing but tokens.
    """

    def __init__(self, starts: array[int], sources: array[int]) -> None:
        self._starts, self._sources = starts, sources

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, index: int) -> Piece:  # type: ignore[override]  # nobody asks for a slice
        start, source = self._starts[index], self._sources[index]
        if index % 2 == 0:
            return Piece(start, source)
        return Piece(start, source, self._starts[index + 1] - start, self._sources[index + 1] - source, solid=True)


def substitute(
    source: bytes, first: int, last: int, token: re.Pattern[bytes], value: Value
) -> tuple[bytes, Sequence[Piece]]:
    """``source[first:last]`` with its tokens replaced, and the map back; one piece alone means nothing was replaced."""
    parts: list[bytes] = []
    starts, sources = array("Q", (0,)), array("Q", (first,))
    done, size = first, 0
    for match in token.finditer(source, first, last):
        text = value(match)
        if text is None:
            continue
        start, end = match.span()
        parts += (source[done:start], text)
        size += start - done
        starts.append(size)
        sources.append(start)
        size += len(text)
        starts.append(size)
        sources.append(end)
        done = end
    parts.append(source[done:last])
    return b"".join(parts), Pieces(starts, sources)
