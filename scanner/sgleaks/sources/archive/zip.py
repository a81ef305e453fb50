"""Zip archives, by their central directory, or without one by the headers before each member.

Read here and not by zipfile, which keeps an object for every member, stops at the first thing it does not like, and
cannot read an archive that was cut short. Source: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

from sgleaks.model import Blob, Origin
from sgleaks.sources.archive.bounds import UnpackError, damaged
from sgleaks.sources.archive.flow import Source, Window, seekable
from sgleaks.sources.archive.names import Names, inside
from sgleaks.sources.archive.walk import Found, Walk
from sgleaks.sources.archive.zipdata import Entry, content, shown, zip64
from sgleaks.sources.archive.ziplocal import salvaged, start_of

END = struct.Struct("<4s4H2LH")  # 4.3.16: magic, disks, counts, size and offset of the directory, length of the comment
END64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
LOCATOR = struct.Struct("<4sLQL")  # 4.3.15
CENTRAL = struct.Struct("<4s6H3L5H2L")  # 4.3.12


def members(source: Source, origin: Origin, walk: Walk, names: Names) -> Iterator[Found]:
    """The members in the directory's order. One that cannot be read does not end the archive."""
    with seekable(source) as file:
        size = file.seek(0, 2)
        place = _directory(file, size)
        if place is None:
            yield from salvaged(file, size, origin, walk, names)
            raise damaged("it has no directory")
        start, end, shift, comment = place
        if comment:
            yield Blob(comment, inside(origin, "(comment)"), encoding="utf-8")
        for entry in _entries(file, start, end, shift):
            yield from names.add(entry.name, entry.comment)
            yield from _listed(file, size, entry, inside(origin, shown(entry)), walk)


def _directory(file: IO[bytes], size: int) -> tuple[int, int, int, bytes] | None:
    """Where the directory starts and ends, what to add to every offset (bytes put before the archive), the comment."""
    base = max(size - END.size - 0xFFFF, 0)
    file.seek(base)
    tail = file.read(size - base)
    at = tail.rfind(b"PK\5\6", 0, max(len(tail) - END.size + 4, 0))
    if at < 0:
        return None
    *_, length, offset, comment = END.unpack_from(tail, at)
    end = base + at
    if (wide := _directory64(file, end)) is not None:
        end, length, offset = wide
    start = end - length
    if start < 0 or not _plausible(file, start, length):
        return None
    return start, end, start - offset, tail[at + END.size :][:comment]


def _plausible(file: IO[bytes], start: int, length: int) -> bool:
    """Whether a directory begins there; an empty one only where no member begins the file."""
    file.seek(start if length else 0)
    return file.read(4) == (b"PK\1\2" if length else b"PK\5\6")


def _directory64(file: IO[bytes], end: int) -> tuple[int, int, int] | None:
    """The same from the zip64 record before the end record, found as zipfile does: directly before its locator."""
    at = end - LOCATOR.size - END64.size
    if at < 0:
        return None
    file.seek(at)
    record = file.read(END64.size + LOCATOR.size)
    if not record.startswith(b"PK\6\6") or record[END64.size :][:4] != b"PK\6\7":
        return None
    *_, length, offset = END64.unpack_from(record)
    return at, length, offset


def _entries(file: IO[bytes], at: int, end: int, shift: int) -> Iterator[Entry]:
    while at + CENTRAL.size <= end:
        file.seek(at)
        header = file.read(CENTRAL.size)
        if len(header) < CENTRAL.size or not header.startswith(b"PK\1\2"):
            raise damaged("its directory is corrupt")
        _, _, _, flags, method, _, _, _, packed, unpacked, n, e, c, _, _, _, offset = CENTRAL.unpack(header)
        texts = file.read(n + e + c)
        packed, unpacked, offset = zip64(texts[n : n + e], packed, unpacked, offset)
        yield Entry(texts[:n], flags, method, packed, unpacked, offset + shift, texts[n + e :])
        at += CENTRAL.size + n + e + c


def _listed(file: IO[bytes], size: int, entry: Entry, origin: Origin, walk: Walk) -> Iterator[Found]:
    """A member the directory names. If it cannot even be begun, the skip is its own."""
    try:
        start = start_of(file, size, entry)
        source = content(Source(Window(file.read, entry.packed).read), entry, walk.budget)
    except UnpackError as error:
        yield from walk.tell(error, origin)
        return
    if entry.packed:
        file.seek(start)
        yield from walk.enter(source, origin)
