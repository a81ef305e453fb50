"""Goes through delta families depth first, and makes every object from its base while that is still in cache.

Needs numpy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from sgleaks.git.codec import Damaged, applied, crc32, inflated, result_size
from sgleaks.git.held import Build, Held
from sgleaks.git.kinds import WHOLE, Kind
from sgleaks.git.pack_entries import BLOB, COMMIT, TAG

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sgleaks.git.packs import Pack

NAMES: Mapping[int, Kind] = {COMMIT: "commit", BLOB: "blob", TAG: "tag"}
# Bytes that a range of families may make: some, and so many for each stored one. 4,000 versions of a file of half a
# megabyte, each edited by one word, reach a ratio of 20,000.
FREE, RATIO = 1 << 30, 50_000


class Walk:
    """Goes through ranges of a pack's families.

    ``left`` grows by the entries that could not be made, ``bombs`` by those that would have cost too much.
    """

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
        held = Held(build, bases)
        stack = [node for node in range(len(bases) - 1, -1, -1) if bases[node] < 0]
        allowance = FREE + RATIO * int((pack.index.end[rows] - pack.index.start[rows]).sum())
        while stack:
            node = stack.pop()
            base = bases[node]
            below = children.get(node)
            try:
                data = build(node, held.take(base) if base >= 0 else b"")
            except Damaged:
                lost = self.bombs if held.exhausted else self.left
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
