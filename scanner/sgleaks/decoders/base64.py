"""Base64 in both alphabets, at any alignment, on one line or wrapped (RFC 4648, RFC 2045): Kubernetes Secrets, HTTP
Basic, SMTP transcripts, whole ``.env`` files in one value.

A run is decoded at each of its four phases, because what stands before it may be glued to it; decoding is so much
faster than deciding which phase is right that only the results are looked at.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from sgleaks.anchors import has_anchor
from sgleaks.decoders import inline
from sgleaks.decoders.compressed import HEADER
from sgleaks.model import Piece, View

# Lines of a wrapped value may be indented, quoted (`>`), commented (`#`), or be the escaped lines of a JSON string.
BREAK = rb"(?:\r?\n[ \t]{0,64}(?:[>#*][ \t]?)?|(?:\\{1,4}r)?\\{1,4}n)"
RUN = re.compile(rb"[A-Za-z0-9+/_-]{16,}+(?:" + BREAK + rb"[A-Za-z0-9+/_-]{4,}+)*+")
BREAKS = re.compile(BREAK)
SHORTEST = 92  # characters for the 69 bytes of a key
STANDARD = bytes.maketrans(b"-_", b"+/")


def decode(view: View) -> Iterator[View]:
    for run in RUN.finditer(view.data):
        if run.end() - run.start() < SHORTEST:
            continue
        text, pieces = inline.substitute(view.data, run.start(), run.end(), BREAKS, lambda _: b"")
        unwrapped = View(text, view.blob, view.via, view, pieces)
        for phase in range(4):
            data = _decoded(text[phase:])
            if has_anchor(data) or HEADER.match(data):
                yield View(data, view.blob, (*view.via, "base64"), unwrapped, (Piece(0, phase, 3, 4),))


def _decoded(text: bytes) -> bytes:
    whole = len(text) // 4 * 4
    tail = text[whole:]
    padded = text if len(tail) == 0 else text[:whole] if len(tail) == 1 else text + b"=" * (4 - len(tail))
    return binascii.a2b_base64(padded.translate(STANDARD))
