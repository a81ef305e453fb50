"""Delta families: an entry stored whole, and all that are made from it by deltas, directly or not.

A family is the unit of work: it is rebuilt depth first from its root, each base still in cache when its children
need it. Everything here is arithmetic on arrays; no byte of an object is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sgleaks.git.pack_entries import ABSENT, NONE, TREE, Entries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sgleaks.git.pack_index import Index


class Families(NamedTuple):
    """``members``: entries, family by family, each in the order of the pack. ``first``: where each family begins in it.

    ``kind`` is that of a member's root. ``left``: entries whose root is not in this pack or broken, which git may know
    better; ``circular``: those that are made from themselves, which git would never finish. ``trees``:
    entries of families that are left out, in the order of the pack.
    """

    members: NDArray[np.int64]
    kind: NDArray[np.uint8]
    base: NDArray[np.int64]  # of each member, as a place in `members`; -1 for a root
    first: NDArray[np.int64]
    left: NDArray[np.int64]
    circular: NDArray[np.int64]
    trees: NDArray[np.int64]


def families(entries: Entries) -> Families:
    """Every entry, by family; families in the order in which their roots lie in the pack."""
    root = _roots(entries.base)
    kind = entries.kind[root]
    circular = (entries.base >= 0) & (entries.base[root] >= 0)
    trees = ~circular & (kind == TREE)
    lost = ~circular & ~trees & (entries.base[root] == ABSENT)
    chosen = np.flatnonzero(~circular & ~trees & ~lost)
    members = chosen[np.argsort(root[chosen], kind="stable")]
    owner = root[members]
    first = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])) if len(members) else members
    place = np.full(len(root), NONE, np.int64)
    place[members] = np.arange(len(members))
    base = entries.base[members]
    base = np.where(base >= 0, place[base], NONE)
    others = (np.flatnonzero(rows) for rows in (lost, circular, trees))
    return Families(members, kind[members], base, first, *others)


def chunks(found: Families, index: Index, size: int) -> Iterator[tuple[int, int]]:
    """Ranges of ``members``, half-open, each of whole families with about ``size`` stored bytes."""
    stored = np.cumsum((index.end - index.start)[found.members])
    edges = [*found.first[1:].tolist(), len(found.members)]
    begin = done = 0
    for edge, total in zip(edges, stored[np.array(edges, np.int64) - 1].tolist() if len(stored) else [], strict=False):
        if total - done >= size or edge == len(found.members):
            yield begin, edge
            begin, done = edge, total


def _roots(base: NDArray[np.int64]) -> NDArray[np.int64]:
    """The root of each entry, in as many steps as a chain's length has bits: each step doubles the reach.

    An entry of a circle, or that hangs on one, ends at one that still has a base.
    """
    root = np.where(base >= 0, base, np.arange(len(base)))
    for _ in range(len(base).bit_length() + 1):
        above = root[root]
        if np.array_equal(above, root):
            break
        root = above
    return root
