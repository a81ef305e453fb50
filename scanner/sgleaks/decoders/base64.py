"""Base64 in both alphabets, at any alignment, on one line or wrapped (RFC 4648, RFC 2045): Kubernetes Secrets, HTTP
Basic, SMTP transcripts, whole ``.env`` files in one value.

A literal tells where a key stands and at which alignment, so that decoding starts right there, whatever is glued to
its front. Only near a mention of SendGrid, or inside something decoded, every run is decoded from its start.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence
from heapq import merge

from sgleaks.anchors import BASE64, MENTION, PACKED_BASE64, around, has_anchor, hits
from sgleaks.decoders.compressed import HEADER
from sgleaks.decoders.spelling import substitute
from sgleaks.model import Piece, View

# Lines of a wrapped value may be indented, quoted (`>`), commented (`#`), or be the escaped lines of a JSON string.
BREAK = rb"(?:\r?\n[ \t]{0,64}+(?:[>#*][ \t]?)?|(?:\\{1,4}r)?\\{1,4}n)"
BREAKS = re.compile(BREAK)
RUN = re.compile(rb"[A-Za-z0-9+/_-]{4,}+(?:" + BREAK + rb"[A-Za-z0-9+/_-]{4,}+)*+")
LONG_RUN = re.compile(rb"[A-Za-z0-9+/_-]{16,}+(?:" + BREAK + rb"[A-Za-z0-9+/_-]{4,}+)*+")
NEAR = 64 << 10  # bytes from a mention; a file of megabytes is not decoded whole for one word
SHORTEST = 92  # characters for the 69 bytes of a key
REACH = 16 << 10  # characters decoded from where a key begins; keys behind the first are in there too
AGAIN = 512  # of those, how many are decoded again from the next key on: more than a key and its line breaks
PHASES = (0, 1, 2, 3)
STANDARD = bytes.maketrans(b"-_", b"+/")


def decode(view: View) -> Iterator[View]:
    yield from _keys(view)
    yield from _packed(view)
    for start, end in [(0, len(view.data))] if view.via else around(view.data, MENTION, NEAR):
        for run in LONG_RUN.finditer(view.data, start, end):
            if run.end() - run.start() >= SHORTEST:
                yield from _decoded(view, run.start(), run.end(), (0,))


def _keys(view: View) -> Iterator[View]:
    """What stands where a key begins, and a good way on; the next keys may be in it, at alignments of their own."""
    done = 0
    for start in merge(*([hit - offset for hit in hits(view.data, anchor)] for offset, anchor in BASE64)):
        if start >= done and (run := RUN.match(view.data, start, start + REACH)):
            yield from _decoded(view, start, run.end(), PHASES)
            done = run.end() - (AGAIN if run.end() == start + REACH else 0)


def _packed(view: View) -> Iterator[View]:
    """What holds a key deeper down, whole."""
    done = 0
    for start in merge(*(hits(view.data, anchor) for anchor in PACKED_BASE64)):
        if start >= done and (run := RUN.match(view.data, start)):
            yield from _decoded(view, start, run.end(), (0,))
            done = run.end()


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
