"""Literals searched in every byte at memory speed: what has none of them is never looked at again.

The only module that imports the matching engine. Where its wheel is missing, the standard library gives the same
results, slower. Literals only: alternations, ``(?i)`` and bounded repeats are 15 to 150 times slower or worse on
hostile input, so precise patterns run later, on what has an anchor.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

try:
    from stringzilla import find as _find
    from stringzilla import utf8_uncased_search as _find_uncased
except ImportError:  # no wheel for this platform
    _find = _find_uncased = None

Buffer = bytes | bytearray | memoryview


class Anchor(NamedTuple):
    """A literal, and the bytes one of which must stand right before and right after it (empty: anything may)."""

    literal: bytes
    before: bytes = b""
    after: bytes = b""
    caseless: bool = False


MENTION = Anchor(b"sendgrid", caseless=True)

# How `SG.` looks in each spelling that a decoder can undo. Base64 has three alignments: with 0, 1 or 2 bytes of
# something else before it in its group of three.
SPELLINGS = (
    Anchor(b"SG", after=b".%&\\=\"'`"),  # plain, and with an escaped dot or a literal that ends here
    Anchor(b"S\0G\0."),  # UTF-16 of either byte order
    Anchor(b"U0cu"),
    Anchor(b"NHL", before=b"FVl1", after=b"ghijklmnopqrstuv"),
    Anchor(b"TRy", after=b"4567"),
    Anchor(b"H4sI"),  # gzip in base64
    Anchor(b"SDRzS"),  # gzip in base64 in base64: a Helm release in a Kubernetes Secret
    Anchor(b"VTBjd"),  # base64 in base64, each at the start of its value
    Anchor(b"2e", before=b"%x0=7"),  # a dot in hex: %2e \\x2e \\u002e &#x2e; =2e 53472e
    Anchor(b"2E", before=b"%x0=7"),
)
DEFAULT = (MENTION, *SPELLINGS)


def anchored(data: Buffer, ends: Sequence[int], anchors: Iterable[Anchor] = DEFAULT) -> set[int]:
    """Which pieces of ``data`` hold an anchor: indices into ``ends``, the ascending offsets at which pieces end.

    One pass over ``data`` per anchor; a piece that has one is left at once. An anchor across two pieces counts for the
    first, which costs a look and nothing more.
    """
    found: set[int] = set()
    for anchor in anchors:
        search = _searcher(anchor)
        at = search(data, 0)
        while at >= 0:
            piece = bisect_right(ends, at)
            found.add(piece)
            at = search(data, ends[piece])
    return found


def has_anchor(data: Buffer, anchors: Iterable[Anchor] = DEFAULT) -> bool:
    """Whether ``data`` holds any of the anchors."""
    return any(_searcher(anchor)(data, 0) >= 0 for anchor in anchors)


def mentions(data: bytes, word: str) -> bool:
    """Whether ``data`` holds ``word``, ASCII in any case."""
    return _caseless(word.lower().encode())(data, 0) >= 0


@cache
def _searcher(anchor: Anchor) -> Callable[[Buffer, int], int]:
    literal, before, after, caseless = anchor
    if caseless:
        return _caseless(literal)
    find = _exact(literal)
    if not before and not after:
        return find
    width = len(literal)

    def checked(data: Buffer, start: int) -> int:
        at = find(data, start)
        while at >= 0:
            if (not before or (at > 0 and data[at - 1] in before)) and (
                not after or (at + width < len(data) and data[at + width] in after)
            ):
                return at
            at = find(data, at + 1)
        return -1

    return checked


def _exact(literal: bytes) -> Callable[[Buffer, int], int]:
    if _find is None:
        return lambda data, start: _plain(data).find(literal, start)
    find: Callable[[Buffer, bytes, int], int] = _find
    return lambda data, start: find(data, literal, start)


def _caseless(literal: bytes) -> Callable[[Buffer, int], int]:
    if _find_uncased is None:
        return lambda data, start: _plain(data).lower().find(literal, start)
    width = len(literal)

    def search(data: Buffer, start: int) -> int:
        at = _find_uncased(data, literal, start)
        # Unicode folds a long s to s; the standard library's search of bytes does not, and both must agree.
        while at >= 0 and bytes(data[at : at + width]).lower() != literal:
            at = _find_uncased(data, literal, at + 1)
        return at

    return search


def _plain(data: Buffer) -> bytes | bytearray:
    return bytes(data) if isinstance(data, memoryview) else data
