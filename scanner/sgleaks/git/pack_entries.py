"""The headers of all of a pack's entries at once: kind, size, base, and where the compressed data begins.

One numpy step for each byte of the longest header, instead of a loop over a million entries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sgleaks.git.pack_index import ID, Index

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMMIT, TREE, BLOB, TAG = 1, 2, 3, 4
OFS_DELTA, REF_DELTA = 6, 7
BROKEN = 0  # the kind of an entry whose header is nonsense
ROUNDS = 9  # bytes of a size or distance that are read: 60 bits and more

NONE, ABSENT = -1, -2  # a base: it needs none, it is not in this pack


class Entries(NamedTuple):
    """Arrays over a pack's entries. ``size`` is the inflated one (a delta's own), ``data`` where the stream begins."""

    kind: NDArray[np.uint8]
    size: NDArray[np.int64]
    data: NDArray[np.int64]
    base: NDArray[np.int64]


def read(pack: NDArray[np.uint8], index: Index) -> Entries:
    """What the headers say. Nothing beyond an entry's end is read; a header that does not end there is broken."""
    at, last = index.start.copy(), np.minimum(index.end, len(pack)) - 1
    broken = at > last
    byte = _bytes(pack, at, last)
    kind = (byte >> 4 & 7).astype(np.uint8)
    size = (byte & 15).astype(np.int64)
    more = np.flatnonzero(byte & 128)
    at += 1
    for round_ in range(ROUNDS):
        if not len(more):
            break
        broken[more] |= at[more] > last[more]
        byte = _bytes(pack, at[more], last[more])
        size[more] |= (byte & 127).astype(np.int64) << 4 + 7 * round_
        at[more] += 1
        more = more[byte & 128 != 0]
    broken[more] = True
    base = np.full(len(at), NONE, np.int64)
    near, named = np.flatnonzero(kind == OFS_DELTA), np.flatnonzero(kind == REF_DELTA)
    base[near] = _by_offset(pack, index, near, at, last)
    base[named] = _by_id(pack, index, named, at, last)
    broken |= (kind == BROKEN) | (kind == 5) | (at > last) | (size < 0)
    kind[broken] = BROKEN
    base[broken] = ABSENT
    return Entries(kind, size, at, base)


def _bytes(pack: NDArray[np.uint8], at: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.uint8]:
    """A byte for each offset; that of an offset behind its entry's end does not matter, and is some byte."""
    if not len(pack):
        return np.zeros(len(at), np.uint8)
    return pack[np.maximum(np.minimum(at, last), 0)]


def _by_offset(
    pack: NDArray[np.uint8], index: Index, who: NDArray[np.int64], at: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The bases of deltas that say how far before them it begins. Moves ``at`` on."""
    byte = _bytes(pack, at[who], last[who])
    at[who] += 1
    distance = (byte & 127).astype(np.int64)
    more = np.flatnonzero(byte & 128)
    for _ in range(ROUNDS):
        if not len(more):
            break
        rows = who[more]
        byte = _bytes(pack, at[rows], last[rows])
        at[rows] += 1
        distance[more] = (distance[more] + 1 << 7) | (byte & 127)
        more = more[byte & 128 != 0]
    wanted = index.start[who] - distance
    found = np.minimum(np.searchsorted(index.start, wanted), len(index.start) - 1)
    good = (index.start[found] == wanted) & (distance > 0)
    good[more] = False
    return np.where(good, found, ABSENT)


def _by_id(
    pack: NDArray[np.uint8], index: Index, who: NDArray[np.int64], at: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The bases of deltas that name it. Moves ``at`` on."""
    if not len(who):
        return who
    columns = at[who][:, None] + np.arange(ID)
    wanted = np.ascontiguousarray(_bytes(pack, columns, last[who][:, None])).reshape(-1).view(f"S{ID}")
    at[who] += ID
    ids = index.ids[index.by_id]
    found = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[found] == wanted, index.by_id[found], ABSENT)
