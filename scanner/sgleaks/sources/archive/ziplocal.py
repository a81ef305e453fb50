"""The headers before each zip member: where its data begins, and all there is when an archive was cut short.

Source: PKWARE APPNOTE 6.3.10, sections 4.3.7 and 4.3.9.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

from sgleaks.model import Origin
from sgleaks.sources.archive.bounds import UnpackError, damaged
from sgleaks.sources.archive.flow import Source, Window
from sgleaks.sources.archive.names import Names, inside
from sgleaks.sources.archive.walk import Found, Walk
from sgleaks.sources.archive.zipdata import ENCRYPTED, Entry, content, shown, zip64

LOCAL = struct.Struct("<4s5H3L2H")  # 4.3.7
SCANNED = 32 << 10  # bytes searched for a header at a time


def start_of(file: IO[bytes], size: int, entry: Entry) -> int:
    """Where a member's data begins: its local header has a name and an extra of lengths of its own."""
    if entry.flags & ENCRYPTED:
        raise UnpackError("encrypted", "it needs a password")
    if not 0 <= entry.at <= size - LOCAL.size:
        raise damaged("its directory is corrupt")
    local = _local(file, entry.at)
    if local is None:
        raise damaged("its header is corrupt")
    return local[1]


def _local(file: IO[bytes], at: int) -> tuple[Entry, int] | None:
    """The local header at ``at``, and where its data begins."""
    file.seek(at)
    header = file.read(LOCAL.size)
    if len(header) < LOCAL.size or not header.startswith(b"PK\3\4"):
        return None
    _, _, flags, method, _, _, _, packed, unpacked, n, e = LOCAL.unpack(header)
    texts = file.read(n + e)
    packed, unpacked, _ = zip64(texts[n:], packed, unpacked, 0)
    return Entry(texts[:n], flags, method, packed, unpacked, at), at + LOCAL.size + n + e


def salvaged(file: IO[bytes], size: int, origin: Origin, walk: Walk, names: Names) -> Iterator[Found]:
    """The members of an archive that was cut short, each header being searched behind the data of the last."""
    at = 0
    while (at := _find(file, at, size)) < size:
        local = _local(file, at)
        if local is None or local[1] > size:
            return
        entry, start = local
        yield from names.add(entry.name)
        length = _length(file, start, size, entry)
        file.seek(start)
        packed = Source(Window(file.read, length).read)
        try:
            source = content(packed, entry, walk.budget)
        except UnpackError as error:
            yield from walk.tell(error, inside(origin, shown(entry)))
        else:
            if length:
                yield from walk.enter(source, inside(origin, shown(entry)))
        at = start + (entry.packed or packed.position)


def _length(file: IO[bytes], start: int, size: int, entry: Entry) -> int:
    """Of a member's data. Told behind it (flag 3), it is all that follows, or for stored data up to the next header."""
    if entry.packed or not entry.flags & 8:
        return entry.packed
    return (size if entry.method else _find(file, start, size)) - start


def _find(file: IO[bytes], at: int, size: int) -> int:
    """Where the next local header is, ``size`` when there is none."""
    while at < size:
        file.seek(at)
        part = file.read(SCANNED)
        hit = part.find(b"PK\3\4")
        if hit >= 0:
            return at + hit
        at += max(len(part) - 3, 1)
    return size
