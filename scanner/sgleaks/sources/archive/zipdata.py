"""A zip member: what a header says of it, and its data by its method. Source: PKWARE APPNOTE 6.3.10, 4.4.5 and 5.8."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sgleaks.sources.archive.bounds import Budget, UnpackError
from sgleaks.sources.archive.codec import DEFLATE, inflate, start_bz2, start_lzma, start_xz, start_zstd
from sgleaks.sources.archive.flow import Read, Source
from sgleaks.sources.archive.names import text_of
from sgleaks.sources.archive.unpacked import Unpacked

STARTS = {8: inflate(DEFLATE), 12: start_bz2, 14: start_lzma, 20: start_zstd, 93: start_zstd, 95: start_xz}
ENCRYPTED = 0x2041  # flags: encrypted, strongly encrypted, directory encrypted (4.4.4)
FULL = 0xFFFFFFFF  # in a field of 32 bits: the value is in the zip64 extra
END_MARKED = 2  # flag: lzma data ends with a marker, else with its size


@dataclass(frozen=True, slots=True)
class Entry:
    """What a header says of a member; all of it may be a lie."""

    name: bytes
    flags: int
    method: int
    packed: int  # bytes; in a local header 0 when they are told behind the data
    unpacked: int
    at: int  # of its local header
    comment: bytes = b""


def zip64(extra: bytes, packed: int, unpacked: int, offset: int) -> tuple[int, int, int]:
    """Packed and unpacked size and offset, from the zip64 extra (4.5.3) where their own fields are full."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        if tag == 1:
            field = extra[at + 4 : at + 4 + length]
            values = iter(struct.unpack_from(f"<{len(field) // 8}Q", field))
            unpacked = next(values, unpacked) if unpacked == FULL else unpacked
            packed = next(values, packed) if packed == FULL else packed
            offset = next(values, offset) if offset == FULL else offset
        at += 4 + length
    return packed, unpacked, offset


def shown(entry: Entry) -> str:
    """Its name as text."""
    # 4.4.4, flag 11: UTF-8; without it CP437 by the letter, though many write UTF-8 all the same.
    return text_of(entry.name, None if entry.flags & 0x800 else "cp437")


def content(packed: Source, entry: Entry, budget: Budget) -> Source:
    """The unpacked bytes of a member. Raises UnpackError for what cannot be read; reads nothing yet."""
    if entry.flags & ENCRYPTED:
        raise UnpackError("encrypted", "it needs a password")
    if entry.method == 0:
        return Source(_counted(packed.read, budget))
    if entry.method not in STARTS:
        raise UnpackError("unsupported", f"zip compression method {entry.method} is not supported")
    if entry.method == 14:
        packed = _as_alone(packed, entry)
    return Source(Unpacked(packed, STARTS[entry.method], budget).read)


def _counted(read: Read, budget: Budget) -> Read:
    """Headers of an archive may all claim the same stored bytes, so these count too."""

    def counted(size: int) -> bytes:
        data = read(size)
        budget.spend(len(data))
        return data

    return counted


def _as_alone(packed: Source, entry: Entry) -> Source:
    """Method 14 (5.8.8) as the .lzma format, which bounds its memory: properties, size, data."""
    size = b"\xff" * 8 if entry.flags & END_MARKED else entry.unpacked.to_bytes(8, "little")
    begun = False

    def read(amount: int) -> bytes:
        nonlocal begun
        if begun:
            return packed.read(amount)
        begun = True
        return packed.exact(9)[4:] + size  # two bytes of a version, two of the properties' length

    return Source(read)
