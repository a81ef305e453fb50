"""Inflates a pack's entries and applies its deltas: hostile input, so never more bytes than were declared.

The only module that imports isal and dulwich. Where a wheel is missing, the standard library gives the same results,
slower. Measured: isal inflates a pack's small streams 1.5 times as fast as zlib, and a maximum length costs nothing;
dulwich's delta code is Rust, twenty times as fast as ours. Older dulwich panics on corrupt deltas, hence its bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import zlib
else:
    try:
        from isal import isal_zlib as zlib
    except ImportError:  # no wheel for this platform
        import zlib

try:
    # The module with the Rust code alone: `dulwich.pack` takes 50 ms more to import.
    from dulwich._pack import apply_delta as _apply
    from dulwich.errors import ApplyDeltaError as DeltaError
except ImportError:
    _apply, DeltaError = None, ValueError  # type: ignore[assignment,misc]

__all__ = ["Damaged", "applied", "crc32", "inflated", "result_size"]

SIZE_SHIFT = 63  # a size of more bits than that is nonsense


crc32 = zlib.crc32


class Damaged(Exception):
    """An entry, an index or an object that is not what it should be; the text says how, and quotes nothing of it."""


def inflated(stream: memoryview, size: int) -> bytes:
    """The ``size`` bytes that a zlib stream holds. Raises `Damaged` if it holds more or fewer, or a wrong checksum."""
    inflate = zlib.decompressobj()
    try:
        data: bytes = inflate.decompress(stream, size + 1)
    except zlib.error:
        raise Damaged("its compressed data is corrupt") from None
    if len(data) != size or not inflate.eof:
        raise Damaged("its compressed data is cut off or of another size")
    return data


def result_size(delta: bytes, base_size: int) -> int:
    """How long what a delta makes says it is, in bytes. Raises `Damaged` if it is for a base of another size."""
    declared, at = _size(delta, 0)
    if declared != base_size:
        raise Damaged("its delta is for another base")
    return _size(delta, at)[0]


def applied(base: bytes, delta: bytes) -> bytes:
    """What a delta makes of its base. The caller has looked at `result_size`; raises `Damaged`."""
    if _apply is None:
        return _applied(base, delta)
    try:
        parts = _apply(base, delta)
    except (DeltaError, MemoryError):
        raise Damaged("its delta is corrupt") from None
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _size(delta: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, lowest first, and where it ends."""
    size = shift = 0
    for byte in delta[at : at + SIZE_SHIFT // 7]:
        size |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return size, at
        shift += 7
    raise Damaged("its delta is corrupt")


def _applied(base: bytes, delta: bytes) -> bytes:
    """The same in Python. Instructions: gitformat-pack(5), "Deltified representation"."""
    _, at = _size(delta, 0)
    size, at = _size(delta, at)
    parts, made, end = [], 0, len(delta)
    while at < end:
        code = delta[at]
        at += 1
        if code & 128:
            offset, length, at = _copy(delta, code, at)
            part = base[offset : offset + length]
        else:
            length = code
            part = delta[at : at + length]
            at += length
        made += length
        if not code or len(part) != length or made > size:
            raise Damaged("its delta is corrupt")
        parts.append(part)
    if made != size:
        raise Damaged("its delta is corrupt")
    return b"".join(parts)


def _copy(delta: bytes, code: int, at: int) -> tuple[int, int, int]:
    """Offset and length of what a copy instruction takes from the base, and where the instruction ends."""
    values = [0, 0]
    for bit in range(7):
        if code >> bit & 1:
            if at >= len(delta):
                raise Damaged("its delta is corrupt")
            values[bit >= 4] |= delta[at] << 8 * (bit if bit < 4 else bit - 4)
            at += 1
    return values[0], values[1] or 0x10000, at
