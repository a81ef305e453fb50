"""The stretches of a view that a rule's patterns look at.

A regular expression tried at every byte costs a hundred times what searching a text does. So a pattern may say with
which texts all that it finds begins, and is tried only where one of them stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from sgleaks.anchors import Anchor, around, hits
from sgleaks.model import View
from sgleaks.once import once
from sgleaks.text import merged

AROUND = 4096  # bytes on each side of an anchor that patterns look at: as far as a neighbour may be


class Searched(Protocol):
    """A pattern, and the texts in lower case with which all that it finds begins, in any case; none: with anything."""

    @property
    def compiled(self) -> re.Pattern[bytes]:
        """Asked for where there may be a match."""
        ...

    @property
    def begins(self) -> tuple[bytes, ...]: ...


class Fixed(NamedTuple):
    """A pattern that no rule gives."""

    compiled: re.Pattern[bytes]
    begins: tuple[bytes, ...] = ()


class Window:
    """A stretch of a view, half-open."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._data, self._start, self._end = data, start, end
        self._lowered = data[start:end].lower()
        self._offsets: dict[bytes, list[int]] = {}

    def holds(self, texts: tuple[bytes, ...]) -> bool:
        """Whether one of the texts, all in lower case, is in it in any case."""
        return any(self._places(text) for text in texts)

    def matches(self, pattern: Searched) -> Iterator[re.Match[bytes]]:
        """Every match, ascending, none in another."""
        if not pattern.begins:
            yield from pattern.compiled.finditer(self._data, self._start, self._end)
            return
        end = self._start
        for at in sorted({at for text in pattern.begins for at in self._places(text)}):
            if at >= end and (found := pattern.compiled.match(self._data, at, self._end)):
                yield found
                end = max(found.end(), at + 1)

    def _places(self, text: bytes) -> list[int]:
        if text not in self._offsets:
            self._offsets[text] = [self._start + at for at in hits(self._lowered, Anchor(text))]
        return self._offsets[text]


@once
def windows(view: View, anchors: tuple[Anchor, ...]) -> list[Window]:
    """The stretches around the anchors, sorted and disjoint."""
    ranges = merged(each for anchor in anchors for each in around(view.data, anchor, AROUND))
    return [Window(view.data, start, end) for start, end in ranges]
