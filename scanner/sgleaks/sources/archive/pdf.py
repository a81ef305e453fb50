"""PDF files: their bytes as they are, and what their deflated streams hold.

A linear scan without the cross-reference table, so that old revisions and damaged files are read too. A stream behind
another filter (ASCII85, LZW, or a chain that begins with one) is not decoded. Source: ISO 32000-1, 7.3.8 and 7.4.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from sgleaks.model import Origin
from sgleaks.sources.archive.bounds import UnpackError
from sgleaks.sources.archive.codec import ZLIB, inflate
from sgleaks.sources.archive.flow import Source, seekable
from sgleaks.sources.archive.names import Names, inside
from sgleaks.sources.archive.unpacked import Unpacked
from sgleaks.sources.archive.walk import Found, Walk, plain

# The end of a dictionary, the keyword, its line end, and the first two bytes of the data.
STREAM = re.compile(rb">>[\0\t\n\f\r ]{0,8}stream(?:\r\n|\n|\r)(..)", re.DOTALL)
LONGEST = 20  # bytes of a match of STREAM
ENCRYPTED = re.compile(rb"/Encrypt(?:[\0\t\n\f\r ]{1,8}\d{1,10}[\0\t\n\f\r ]|[\0\t\n\f\r ]{0,8}<<)")
SCANNED = 32 << 10  # bytes searched at a time


def members(source: Source, origin: Origin, walk: Walk, _names: Names) -> Iterator[Found]:
    """The file itself under its own origin, then its deflated streams, numbered from 1 as they come in the file."""
    encrypted = False
    with seekable(source) as file:
        for blob in plain(file.read, origin):
            encrypted = encrypted or ENCRYPTED.search(blob.data) is not None
            yield blob
        if encrypted:
            raise UnpackError("encrypted", "its streams are encrypted")
        yield from _streams(file, origin, walk)


def _streams(file: IO[bytes], origin: Origin, walk: Walk) -> Iterator[Found]:
    number = at = 0
    while (found := _find(file, at)) is not None:
        at, header = found
        number += 1
        if not _deflated(header):
            continue
        file.seek(at)
        packed = Source(file.read)
        unpacked = Unpacked(packed, inflate(ZLIB), walk.budget)
        yield from walk.enter(Source(unpacked.read), inside(origin, f"stream {number}"))
        at += packed.position  # never searched again, so that the time stays linear


def _find(file: IO[bytes], at: int) -> tuple[int, bytes] | None:
    """Where the next stream's data begins, and its first two bytes."""
    while True:
        file.seek(at)
        part = file.read(SCANNED)
        if match := STREAM.search(part):
            return at + match.start(1), match[1]
        if len(part) < SCANNED:
            return None
        at += len(part) - LONGEST


def _deflated(header: bytes) -> bool:
    """RFC 1950 2.2: method 8, and a check of the two bytes."""
    return header[0] & 15 == 8 and int.from_bytes(header, "big") % 31 == 0
