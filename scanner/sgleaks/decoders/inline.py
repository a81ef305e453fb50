"""Keys with escapes in them, or in parts: undone in a stretch of text around where a key may begin.

A stretch, not the whole text, because a hostile file may be one escape after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sgleaks.anchors import BASE64, INLINE, MENTION, RARE, Anchor, has_anchor
from sgleaks.decoders import brackets, concat, entities, escapes, percent, quoted
from sgleaks.decoders.cells import cells
from sgleaks.decoders.spelling import substitute
from sgleaks.model import View

SPELLINGS = (
    escapes.SPELLING,
    percent.SPELLING,
    entities.SPELLING,
    quoted.SPELLING,
    brackets.SPELLING,
    *concat.SPELLINGS,
)

ANCHORS = (*INLINE, *(anchor for _, anchor in BASE64))  # base64 may stand in several literals, too
BEFORE = 32  # bytes from where a key begins to its anchor, which may be its dot: `\\u0053\\u0047\\u00`
REACH = 800  # bytes from where a key begins to its end in the widest spelling: 69 characters of `&#x00053;`
STRETCH = 64 << 10  # bytes decoded at once


def decode(view: View) -> Iterator[View]:
    """A view for each stretch in which a key may begin, and each spelling that says something else there."""
    values = [spelling.values(view) for spelling in SPELLINGS]
    everywhere = bool(view.via) or has_anchor(view.data, (MENTION,))
    for first, last in _stretches(view.data, (*ANCHORS, *RARE) if everywhere else ANCHORS):
        for spelling, value in zip(SPELLINGS, values, strict=True):
            if view.data.find(spelling.lead, first, last) >= 0:
                data, pieces = substitute(view.data, first, last, spelling.token, value)
                if len(pieces) > 1:
                    yield View(data, view.blob, (*view.via, spelling.via), view, pieces)


def _stretches(data: bytes, anchors: Iterable[Anchor]) -> Iterator[tuple[int, int]]:
    """Half-open ranges that together hold every anchor of a key and what may belong to it."""
    first = last = -1
    for begin, end in cells(data, anchors):
        start = max(begin - BEFORE, 0)
        if start > last or start - first > STRETCH:
            if first >= 0:
                yield first, min(last, len(data))
            first = start
        last = end + REACH
    if first >= 0:
        yield first, min(last, len(data))
