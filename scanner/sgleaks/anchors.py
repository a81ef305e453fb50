"""Literals searched in every byte at memory speed: what has none of them is never looked at again.

The only module that imports the matching engine. Where its wheel is missing, the standard library gives the same
results, slower. Literals only: alternations, ``(?i)`` and bounded repeats are 15 to 150 times slower or worse on
hostile input, so precise patterns run later, on what has an anchor.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

try:
    from stringzilla import find as _find
    from stringzilla import utf8_uncased_search as _find_uncased
except ImportError:  # no wheel for this platform
    _find = _find_uncased = None

Buffer = bytes | bytearray | memoryview


class Anchor(NamedTuple):
    """A literal, and a pattern that must match where it stands, looking at no more than ``AROUND`` bytes each side."""

    literal: bytes
    where: re.Pattern[bytes] | None = None
    caseless: bool = False


AROUND = 64
DENSE = 16  # bytes between two literals; hostile files repeat one, and then the pattern itself strides over them
STRIDE = 1024

MENTION = Anchor(b"sendgrid", caseless=True)

# A key that is written in base64 at each of the three alignments: with 0, 1 or 2 bytes of something else before it in
# its group of three. The number is the offset of the literal in its group of four characters.
BASE64 = (
    (0, Anchor(b"U0cu")),
    (2, Anchor(b"NHL", re.compile(rb"(?<=[FVl1])NHL[g-v]"))),
    (3, Anchor(b"TRy", re.compile(rb"TRy[4-7]"))),
)
# What holds a key deeper down: gzip in base64, the same once more (a Helm release in a Kubernetes Secret), and base64
# in base64, each at the start of its value.
PACKED_BASE64 = (Anchor(b"H4sI"), Anchor(b"SDRzS"), Anchor(b"VTBjd"))

# The end of one string literal and the start of the next.
_PART = rb"""["'`] \s{0,4} [^\w\s]{0,2} \s{0,40} [bBfFrRuU@$]? ["'`]"""
_SG = (
    rb"""(?x) SG (?:
    \. [\w-]{0,21} (?:
        (?<= \. [\w-]{21} ) [\w-]                    # plain, as far as the id
      | \\ | %%[0-9A-Fa-f]{2} | &[\#A-Za-z] | =(?:[0-9A-F]{2}|[ \t]{0,4}\r?\n)   # an escape
      | %%[A-Za-z_] | \{ | [$\#][{(] | \$[A-Za-z_] | ["'`]       # the end of its first part
      )
  | \[ (?: \. | [dD][oO][tT] ) \]                               # a dot in brackets
  | %%2 | &(?:\#|amp;|period) | \\ [ux.0\\] | =(?:2E|[ \t]{0,4}\r?\n)   # an escaped dot
  | (?<= ["'`]SG ) \\{0,2} %b (?: \. | [\w-]{22} )  # a string literal of its own, and the next part
)"""
    % _PART
)
_HEX_DOT = rb"(?:(?<=5347)|(?<=47%)|(?<=47%25)|(?<=47=)|(?<=47\\x)|(?<=47\\u00)|(?<=47;&#x))2[eE]"

# How `SG.` looks where only its characters are escaped, or its parts apart.
INLINE = (Anchor(b"SG", re.compile(_SG)),)
# And where every character is escaped, or every part is apart. A literal more costs every byte a look, and these were
# never seen in the wild, so they are searched only where SendGrid is mentioned or something was decoded already.
RARE = (
    Anchor(b"2e", re.compile(_HEX_DOT)),  # a dot with a `G` before it
    Anchor(b"2E", re.compile(_HEX_DOT)),
    Anchor(b"&#83;&#71;"),
    # Lists whose other parts are names or words, and lists of characters.
    Anchor(b"SG", re.compile(rb"(?<=[\"'`(\[ ])SG[\"'`\s]")),
    Anchor(b"'G'"),
    Anchor(b'"G"'),
)
SPELLINGS = (
    *INLINE,
    Anchor(b"S\0G\0."),  # UTF-16 of either byte order
    *(anchor for _, anchor in BASE64),
    *PACKED_BASE64,
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


def hits(data: bytes, anchor: Anchor) -> Iterator[int]:
    """The offsets at which an anchor stands, ascending."""
    search = _searcher(anchor)
    at = search(data, 0)
    while at >= 0:
        yield at
        at = search(data, at + 1)


def around(data: bytes, anchor: Anchor, reach: int) -> list[tuple[int, int]]:
    """The stretches within ``reach`` bytes of an anchor: half-open, sorted, disjoint. Strides over dense runs of it."""
    search, view = _searcher(anchor), memoryview(data)
    found: list[tuple[int, int]] = []
    last = search(data, 0)
    while last >= 0:
        start = max(last - reach, 0)
        while True:
            middle = last + reach // 2
            step = search(view[middle : last + reach], 0)
            if step < 0:  # none in the farther half, so the next one may be in the nearer
                step = search(view[last + 1 : middle], 0)
                middle = last + 1
            if step < 0:
                break
            last = middle + step
        if found and start <= found[-1][1]:
            start = found.pop()[0]
        found.append((start, min(last + reach, len(data))))
        last = search(data, last + reach)
    return found


def has_anchor(data: Buffer, anchors: Iterable[Anchor] = DEFAULT) -> bool:
    """Whether ``data`` holds any of the anchors."""
    return any(_searcher(anchor)(data, 0) >= 0 for anchor in anchors)


def mentions(data: bytes, word: str) -> bool:
    """Whether ``data`` holds ``word``, ASCII in any case."""
    return _caseless(word.lower().encode())(data, 0) >= 0


@cache
def _searcher(anchor: Anchor) -> Callable[[Buffer, int], int]:
    if anchor.caseless:
        return _caseless(anchor.literal)
    find, where = _exact(anchor.literal), anchor.where
    if where is None:
        return find

    def checked(data: Buffer, start: int) -> int:
        at = find(data, start)
        while at >= 0:
            if where.match(data, at):
                return at
            following = find(data, at + 1)
            if 0 <= following < at + DENSE:
                found = where.search(data, following, following + STRIDE + AROUND)
                if found:
                    return found.start()
                following = find(data, following + STRIDE)
            at = following
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
    find: Callable[[Buffer, bytes, int], int] = _find_uncased
    width = len(literal)

    def search(data: Buffer, start: int) -> int:
        at = find(data, literal, start)
        # Unicode folds a long s to s; the standard library's search of bytes does not, and both must agree.
        while at >= 0 and bytes(data[at : at + width]).lower() != literal:
            at = find(data, literal, at + 1)
        return at

    return search


def _plain(data: Buffer) -> bytes | bytearray:
    return bytes(data) if isinstance(data, memoryview) else data
