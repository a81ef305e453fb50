"""What the decoders of escapes share: undo escapes in a stretch of text around where a key may begin.

Not a decoder itself. A stretch, not the whole text, because a hostile file may be one escape after another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sgleaks.model import Piece, View

REACH = 800  # bytes from where a key begins to its end in the widest spelling: 69 characters of `&#x00053;`
STRETCH = 64 << 10  # bytes decoded at once

Token = re.Match[bytes]


def decode(
    view: View, via: str, start: re.Pattern[bytes], token: re.Pattern[bytes], value: Callable[[Token], bytes | None]
) -> Iterator[View]:
    """A view for each stretch that holds ``start`` and at least one ``token`` with a ``value`` (None: leave it)."""
    for first, last in _stretches(view.data, start):
        data, pieces = substitute(view.data, first, last, token, value)
        if len(pieces) > 1:
            yield View(data, view.blob, (*view.via, via), view, pieces)


def substitute(
    source: bytes, first: int, last: int, token: re.Pattern[bytes], value: Callable[[Token], bytes | None]
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


def _stretches(data: bytes, start: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Half-open ranges, together holding every match of ``start`` and what may follow it."""
    first = last = -1
    for match in start.finditer(data):
        if match.start() > last or match.start() - first > STRETCH:
            if first >= 0:
                yield first, min(last, len(data))
            first = match.start()
        last = match.start() + REACH
    if first >= 0:
        yield first, min(last, len(data))
