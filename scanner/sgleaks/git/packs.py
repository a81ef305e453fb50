"""Rebuilds a pack's objects, delta families depth first, straight from the mapped file.

`git cat-file` derives the same bases over and over through a cache; here each entry is inflated once and each delta
applied once (measured: a quarter of the processor time, `docs/performance.md`). What cannot be rebuilt here is told
by its id, for git to try. Needs numpy.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sgleaks.git import pack_entries, pack_index
from sgleaks.git.codec import Damaged, applied, crc32, inflated, result_size
from sgleaks.git.families import Families, families
from sgleaks.git.kinds import WHOLE, Kind
from sgleaks.git.pack_entries import BLOB, COMMIT, TAG, Entries

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

NAMES: Mapping[int, Kind] = {COMMIT: "commit", BLOB: "blob", TAG: "tag"}
HELD = 64 << 20  # bytes of bases that wait for their other children; an evicted one is rebuilt
# Bytes that rebuilding may cost a family: a pack made for it repeats a long chain for each of many evictions.
REBUILT = 4 << 30
# Bytes that a range of families may make: some, and so many for each stored one. 4,000 versions of a file of half a
# megabyte, each edited by one word, reach a ratio of 20,000.
FREE, RATIO = 1 << 30, 50_000


@dataclass(frozen=True, slots=True)
class Pack:
    """An opened pack. ``view`` stays readable when the file is deleted; it is empty for a pack without entries."""

    name: str
    view: memoryview
    index: pack_index.Index
    entries: Entries
    families: Families

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
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
    view = memoryview(mapped)
    index = pack_index.read(path.with_suffix(".idx"), size)
    entries = pack_entries.read(np.frombuffer(view, np.uint8), index)
    return Pack(f"objects/pack/{path.name}", view, index, entries, families(entries))


class Walk:
    """Goes through ranges of a pack's families. ``left`` grows by the entries that could not be rebuilt."""

    def __init__(self, pack: Pack) -> None:
        self.left: list[int] = []
        self.bombs: list[int] = []
        self._pack = pack

    def objects(self, first: int, stop: int) -> Iterator[tuple[int, Kind, bytes]]:
        """Entry, kind and bytes of each object of whole families: the range ``first`` to ``stop`` of the members."""
        pack = self._pack
        rows = pack.families.members[first:stop]
        bases = (np.maximum(pack.families.base[first:stop], first - 1) - first).tolist()
        build = _builder(pack, rows, bases)
        children = _children(bases)
        entries, kinds = rows.tolist(), [NAMES[kind] for kind in pack.families.kind[first:stop].tolist()]
        held = _Held(build, bases)
        stack = [node for node in range(len(bases) - 1, -1, -1) if bases[node] < 0]
        allowance = FREE + RATIO * int((pack.index.end[rows] - pack.index.start[rows]).sum())
        while stack:
            node = stack.pop()
            base = bases[node]
            below = children.get(node)
            try:
                data = build(node, held.take(base) if base >= 0 else b"")
            except Damaged:
                lost = self.bombs if held.spent > REBUILT else self.left
                lost += [entries[one] for one in _subtree([node], children)]
                continue
            allowance -= len(data)
            if allowance < 0:
                self.bombs += [entries[one] for one in _subtree([node, *stack], children)]
                return
            yield entries[node], kinds[node], data
            if below:
                held.keep(node, data, len(below))
                stack += below


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


Build = Callable[[int, bytes], bytes]


def _builder(pack: Pack, rows: NDArray[np.int64], bases: list[int]) -> Build:
    """What makes a node's bytes from those of its base. It raises `Damaged`."""
    view = pack.view
    begin, end = pack.index.start[rows].tolist(), pack.index.end[rows].tolist()
    streams, sizes = pack.entries.data[rows].tolist(), pack.entries.size[rows].tolist()
    crc = None if pack.index.crc is None else pack.index.crc[rows].tolist()

    def build(node: int, base: bytes) -> bytes:
        if crc and crc32(view[begin[node] : end[node]]) != crc[node]:
            raise Damaged("its checksum does not match")
        if sizes[node] > WHOLE:
            raise Damaged("it is too large to be held")
        data = inflated(view[streams[node] : end[node]], sizes[node])
        if bases[node] < 0:
            return data
        if result_size(data, len(base)) > WHOLE:
            raise Damaged("it is too large to be held")
        return applied(base, data)

    return build


def _children(bases: list[int]) -> dict[int, list[int]]:
    """The nodes made from each, childless ones last: the stack gives them first, and a base waits for fewer."""
    children: dict[int, list[int]] = {}
    for node, base in enumerate(bases):
        if base >= 0:
            children.setdefault(base, []).append(node)
    for below in children.values():
        if len(below) > 1:
            below.sort(key=lambda node: node not in children)
    return children


def _subtree(nodes: list[int], children: dict[int, list[int]]) -> list[int]:
    """The nodes, and all that are made from them."""
    for one in nodes:
        nodes += children.get(one, ())
    return nodes


class _Held:
    """Bases that still have children to be made: some bytes of them, the others rebuilt when they are needed."""

    def __init__(self, build: Build, bases: list[int]) -> None:
        self.spent = 0  # bytes rebuilt
        self._build, self._bases = build, bases
        self._data: dict[int, bytes] = {}
        self._waiting: dict[int, int] = {}
        self._bytes = 0

    def keep(self, node: int, data: bytes, children: int) -> None:
        self._waiting[node] = children
        self._data[node] = data
        self._bytes += len(data)
        while self._bytes > HELD and len(self._data) > 1:  # the first is the one needed last
            self._bytes -= len(self._data.pop(next(iter(self._data))))

    def take(self, node: int) -> bytes:
        """The bytes of a base, for one of its children. Raises `Damaged` when that would cost too much."""
        data = self._data.get(node)
        if data is None:
            data = self._rebuilt(node)
        self._waiting[node] -= 1
        if not self._waiting[node] and node in self._data:
            self._bytes -= len(self._data.pop(node))
        return data

    def _rebuilt(self, node: int) -> bytes:
        chain = []
        while node >= 0 and node not in self._data:
            chain.append(node)
            node = self._bases[node]
        data = self._data.get(node, b"")
        for one in reversed(chain):
            data = self._build(one, data)
            self.spent += len(data)
            if self.spent > REBUILT:
                raise Damaged("rebuilding it costs too much")
        return data
