"""The bases of a delta family that still have children to be made, within a budget of memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sgleaks.git.codec import Damaged

HELD = 64 << 20  # bytes of bases that wait for their other children; an evicted one is rebuilt
# Bytes that rebuilding may cost a family: a pack made for it repeats a long chain for each of many evictions.
REBUILT = 4 << 30

Build = Callable[[int, bytes], bytes]  # makes a node's bytes from those of its base; raises `Damaged`


class Held:
    """Bases that still have children to be made: some bytes of them, the others rebuilt when they are needed."""

    def __init__(self, build: Build, bases: Sequence[int]) -> None:
        self.spent = 0  # bytes rebuilt
        self._build, self._bases = build, bases
        self._data: dict[int, bytes] = {}
        self._waiting: dict[int, int] = {}
        self._bytes = 0

    @property
    def exhausted(self) -> bool:
        """Whether rebuilding has cost all that it may."""
        return self.spent > REBUILT

    def keep(self, node: int, data: bytes, children: int) -> None:
        """Holds a node's bytes for so many children."""
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
            if self.exhausted:
                raise Damaged("rebuilding it costs too much")
        return data
