"""Gzip and zlib inside something else: a Helm release is JSON in gzip in base64 in base64.

A file that is compressed as a whole is an archive, which the sources open.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from sgleaks.decoders import MAX_VIEW
from sgleaks.model import Piece, View

HEADER = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")  # RFC 1952; RFC 1950 with a 32 KiB window


def decode(view: View) -> Iterator[View]:
    if not view.via or not HEADER.match(view.data):
        return
    try:
        data = zlib.decompressobj(wbits=47).decompress(view.data, MAX_VIEW + 1)  # 47: either header
    except zlib.error:
        return
    name = "gzip" if view.data.startswith(b"\x1f") else "zlib"
    whole = Piece(0, 0, max(len(data), 1), len(view.data), solid=True)
    yield View(data, view.blob, (*view.via, name), view, (whole,))
