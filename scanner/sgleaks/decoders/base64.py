"""Base64 in both alphabets, at any alignment, on one line or wrapped (RFC 4648, RFC 2045): Kubernetes Secrets, HTTP
Basic, SMTP transcripts, whole ``.env`` files in one value.

A literal tells where a key stands and at which alignment, so that decoding starts right there, whatever is glued to
its front. Only near a mention of SendGrid, or inside something decoded, every run is decoded from its start.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence

from sgleaks.anchors import BASE64, MENTION, PACKED_BASE64, Anchor, around, has_anchor, hits
from sgleaks.decoders.cells import cells
from sgleaks.decoders.compressed import HEADER
from sgleaks.decoders.spelling import substitute
from sgleaks.model import Piece, View

# Lines of a wrapped value may be indented, quoted (`>`), commented (`#`), or be the escaped lines of a JSON string.
# Every branch begins with a character, so that a search for one leaps over what begins none.
_INDENT = rb"[ \t]{0,64}+(?:[>#*][ \t]?)?"
BREAK = rb"(?:\n" + _INDENT + rb"|\r\n" + _INDENT + rb"|\\\\{0,3}(?:r\\{1,4})?n)"
BREAKS = re.compile(BREAK)
RUN = re.compile(rb"[A-Za-z0-9+/_-]{4,}+(?:" + BREAK + rb"[A-Za-z0-9+/_-]{4,}+)*+")
LONG_RUN = re.compile(rb"[A-Za-z0-9+/_-]{16,}+(?:" + BREAK + rb"[A-Za-z0-9+/_-]{4,}+)*+")
NEAR = 64 << 10  # bytes from a mention; a file of megabytes is not decoded whole for one word
SHORTEST = 92  # characters for the 69 bytes of a key
REACH = 16 << 10  # characters decoded from where a key begins; keys behind the first are in there too
AGAIN = 512  # of those, how many are decoded again from the next key on: more than a key and its line breaks
PHASES = (0, 1, 2, 3)
PACKED = tuple((0, anchor) for anchor in PACKED_BASE64)
WIDEST = 8  # bytes that an anchor may need to see before it or be long
STANDARD = bytes.maketrans(b"-_", b"+/")


def decode(view: View) -> Iterator[View]:
    # Where a key begins, a good way on: the next keys may be in it, at alignments of their own.
    yield from _runs(view, BASE64, REACH, PHASES)
    # What holds a key deeper down, whole.
    yield from _runs(view, PACKED, len(view.data), (0,))
    for start, end in [(0, len(view.data))] if view.via else around(view.data, MENTION, NEAR):
        for run in LONG_RUN.finditer(view.data, start, end):
            if run.end() - run.start() >= SHORTEST:
                yield from _decoded(view, run.start(), run.end(), (0,))


def _runs(view: View, anchors: Sequence[tuple[int, Anchor]], reach: int, phases: Sequence[int]) -> Iterator[View]:
    """Runs decoded from ``offset, anchor`` on, as far as ``reach``; what one has decoded begins no other."""
    data, done = view.data, 0
    for first, last in cells(data, [anchor for _, anchor in anchors]):
        if last <= done:
            continue
        before = max(first - WIDEST, 0)
        cell = data[before : last + WIDEST]
        for start in sorted({before + hit - offset for offset, anchor in anchors for hit in hits(cell, anchor)}):
            if start >= done and (run := RUN.match(data, start, start + reach)):
                yield from _decoded(view, start, run.end(), phases)
                done = run.end() - (AGAIN if run.end() == start + reach else 0)


def _decoded(view: View, start: int, end: int, phases: Sequence[int]) -> Iterator[View]:
    """A run read from each of the ``phases`` of its groups of four, where that gives anything to look at."""
    if end - start < SHORTEST:
        return
    text, pieces = substitute(view.data, start, end, BREAKS, lambda _: b"")
    unwrapped = View(text, view.blob, view.via, view, pieces)
    for phase in phases:
        data = _bytes(text[phase:])
        if has_anchor(data) or HEADER.match(data):
            yield View(data, view.blob, (*view.via, "base64"), unwrapped, (Piece(0, phase, 3, 4),))


def _bytes(text: bytes) -> bytes:
    """The decoded text; what of its last group cannot be decoded is left out."""
    whole = text[: len(text) // 4 * 4]
    tail = text[len(whole) :]
    padded = text + b"=" * (4 - len(tail)) if len(tail) > 1 else whole
    return binascii.a2b_base64(padded.translate(STANDARD))
