"""A pack, opened: mapped into memory, with its index and the headers of its entries as arrays.

`git cat-file` derives the same bases over and over through a cache; with this at hand, `walk` inflates each entry once
and applies each delta once. Needs numpy.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sgleaks.git import pack_entries, pack_index
from sgleaks.git.codec import crc32
from sgleaks.git.families import Families, families
from sgleaks.git.pack_entries import Entries

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

# Bytes from which on a pack is mapped, not read. Where a mapped file is cut off meanwhile, reading it ends the process
# (SIGBUS); so processes of their own do it.
MAPPED = 4 << 20


@dataclass(frozen=True, slots=True)
class Pack:
    """An opened pack. ``view`` stays readable when the file is deleted; if ``mapped``, not when it is cut off."""

    name: str
    view: memoryview
    index: pack_index.Index
    entries: Entries
    families: Families
    mapped: bool

    def id(self, row: int) -> str:
        """The object id of an entry, in hexadecimal."""
        return self.ids(np.array([row]))[0]

    def ids(self, rows: NDArray[np.int64]) -> list[str]:
        """The object ids of entries, in hexadecimal."""
        raw = self.index.ids[rows].tobytes().hex()
        return [raw[at : at + 2 * pack_index.ID] for at in range(0, len(raw), 2 * pack_index.ID)]


def opened(path: Path) -> Pack:
    """The pack in ``path``, with its index beside it. Raises `OSError`, and `Damaged` if it cannot be read at all.

    Costs reading the index whole and a byte of every entry: half a second for a million.
    """
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read() if size < MAPPED else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    view = memoryview(content)
    index = pack_index.read(path.with_suffix(".idx"), size)
    entries = pack_entries.read(np.frombuffer(view, np.uint8), index)
    return Pack(f"objects/pack/{path.name}", view, index, entries, families(entries), size >= MAPPED)


def damaged_trees(pack: Pack, first: int, stop: int) -> list[int]:
    """Which entries of a range of the trees have another checksum than their index says; they may be no trees at all.

    Costs a fifth of a microsecond each. Nothing where the index has no checksums, in version 1.
    """
    rows = pack.families.trees[first:stop]
    if pack.index.crc is None:
        return []
    columns = (column[rows].tolist() for column in (pack.index.start, pack.index.end, pack.index.crc))
    view = pack.view
    return [row for row, start, end, crc in zip(rows.tolist(), *columns, strict=True) if crc32(view[start:end]) != crc]
