"""Searches objects as they are read, many small ones at a time, and counts them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TypeVar

from sgleaks.git.kinds import Kind, Searched

Wanted = Callable[[bytes | memoryview], bool]
# Which pieces of a buffer are wanted: indices into the ascending offsets at which they end (`anchors.anchored`).
Batch = Callable[[bytes, Sequence[int]], Iterable[int]]
Name = TypeVar("Name", int, str)

BATCH = 256 << 10  # bytes that are searched as one; with the anchors' passes over it, it stays in a core's cache
ALONE = 64 << 10  # bytes of an object that is not worth copying: it is searched where it is


class Sieve:
    """Lets through what is wanted. ``counts`` grows with every object that went in."""

    def __init__(self, wanted: Wanted, batch: Batch | None) -> None:
        self.counts = Searched()
        self._wanted, self._batch = wanted, batch

    def sift(self, objects: Iterable[tuple[Name, Kind, bytes]]) -> Iterator[tuple[Name, Kind, bytes]]:
        """Those of the objects that are wanted, a little later than they went in."""
        numbers = dict.fromkeys(("blob", "commit", "tag"), 0)
        total = waiting = 0
        batch: list[tuple[Name, Kind, bytes]] = []
        alone = ALONE if self._batch else -1
        for one in objects:
            size = len(one[2])
            numbers[one[1]] += 1
            total += size
            if size > alone:
                if self._wanted(one[2]):
                    yield one
                continue
            batch.append(one)
            waiting += size
            if waiting > BATCH:
                yield from self._chosen(batch)
                batch, waiting = [], 0
        yield from self._chosen(batch)
        self.counts += Searched(numbers["blob"], numbers["commit"], numbers["tag"], total)

    def _chosen(self, batch: list[tuple[Name, Kind, bytes]]) -> Iterator[tuple[Name, Kind, bytes]]:
        if batch and self._batch:
            pieces = [data for _, _, data in batch]
            ends = list(accumulate(map(len, pieces)))
            hits = {hit for hit in self._batch(b"".join(pieces), ends) if hit < len(ends)}
            yield from (batch[hit] for hit in sorted(hits))
