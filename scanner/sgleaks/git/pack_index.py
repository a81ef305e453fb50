"""A pack's index as arrays: which objects it has, where each entry begins and ends, and the checksum of each.

Source: gitformat-pack(5), "pack-*.idx files have the following format". The only module that imports numpy besides
`pack_entries`, `families` and `packs`, which are imported where numpy is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sgleaks.git.codec import Damaged

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MAGIC = b"\xfftOc\x00\x00\x00\x02"
FAN = 256 * 4  # bytes of the fan-out table: how many ids begin with each byte or a lower one
ID = 20  # bytes of a SHA-1; packs of SHA-256 repositories are read by git
LARGE = 1 << 31  # a bit of an offset that says: the offset itself is in the table of 64-bit ones
NOWHERE = 1 << 62  # where an offset leads that is none: behind every pack, so that only its own entry is lost
INDEX_BYTES = 4 << 30  # of an .idx: 140 million objects


class Index(NamedTuple):
    """Arrays over a pack's entries in the order they lie in it; ``ids`` are 20 bytes each.

    ``start`` and ``end`` are offsets of the pack, half-open; ``crc`` is None in version 1, which has none. ``by_id``
    gives the entries in the order of their ids.
    """

    ids: NDArray[np.bytes_]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    crc: NDArray[np.uint32] | None
    by_id: NDArray[np.int64]


def read(path: Path, pack_size: int) -> Index:
    """The index in ``path`` of a pack of so many bytes. Raises `Damaged`, and `OSError` if it cannot be read.

    Entries that would begin behind the pack's end are among them, and end where they begin. Checksums are not compared
    here (`pack_files` does), and the order of a damaged index is mended: what it says right is still used.
    """
    with open(path, "rb") as file:
        content = file.read(INDEX_BYTES)
    if len(content) < FAN + 2 * ID:
        raise Damaged("its index is cut off")
    data = np.frombuffer(content, np.uint8)
    ids, offsets, crc = _version_2(data) if content.startswith(MAGIC) else _version_1(data)
    order = np.argsort(offsets, kind="stable")
    start = offsets[order]
    limit = max(pack_size - ID, 0)
    end = np.append(start[1:], limit)
    # Entries of the same offset, or beyond a pack that was cut off, are empty here, and nothing inflates from them.
    end = np.minimum(np.maximum(end, start), max(limit, 0))
    by_id = np.empty(len(order), np.int64)
    by_id[order] = np.arange(len(order))
    if np.any(ids[1:] < ids[:-1]):  # damaged, or made to mislead
        by_id = by_id[np.argsort(ids, kind="stable")]
    return Index(ids[order], start, np.maximum(end, start), None if crc is None else crc[order], by_id)


def _version_2(
    data: NDArray[np.uint8],
) -> tuple[NDArray[np.bytes_], NDArray[np.int64], NDArray[np.uint32] | None]:
    count = _count(data[8 : 8 + FAN])
    at = 8 + FAN
    if len(data) < at + count * (ID + 8) + 2 * ID:
        raise Damaged("its index is cut off")
    ids = data[at : at + count * ID].view(f"S{ID}")
    at += count * ID
    crc = data[at : at + count * 4].view(">u4").astype(np.uint32)
    at += count * 4
    offsets = data[at : at + count * 4].view(">u4").astype(np.int64)
    far = np.flatnonzero(offsets & LARGE)
    if len(far):
        table = data[at + count * 4 : len(data) - 2 * ID]
        table = table[: len(table) // 8 * 8].view(">i8").astype(np.int64)
        rows = offsets[far] & (LARGE - 1)
        table = np.append(np.where(table < 0, NOWHERE, table), NOWHERE)
        offsets[far] = table[np.minimum(rows, len(table) - 1)]
    return ids, offsets, crc


def _version_1(data: NDArray[np.uint8]) -> tuple[NDArray[np.bytes_], NDArray[np.int64], None]:
    count = _count(data[:FAN])
    if len(data) != FAN + count * (4 + ID) + 2 * ID:
        raise Damaged("its index is cut off or of an unknown version")
    table = data[FAN : FAN + count * (4 + ID)].reshape(count, 4 + ID)
    ids = np.ascontiguousarray(table[:, 4:]).reshape(-1).view(f"S{ID}")
    return ids, np.ascontiguousarray(table[:, :4]).reshape(-1).view(">u4").astype(np.int64), None


def _count(fan: NDArray[np.uint8]) -> int:
    return int(fan.view(">u4")[-1])
