"""Does the tasks of a `plan` in one process, and keeps the account of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from sgleaks.git import cat_file, loose
from sgleaks.git.ids import started
from sgleaks.git.kinds import Kind, Large, Object, Searched
from sgleaks.git.plan import GIT, LOOSE, PACKED, TREES, Plan, Task
from sgleaks.git.sieve import Batch, Sieve, Wanted
from sgleaks.model import Skip


class Account(NamedTuple):
    """What a process did. ``done``: ids read or skipped; ``left``: those that another try, by git, may bring."""

    counts: Searched
    done: int
    left: list[str]
    skips: list[Skip]


class Reading:
    """One process at work."""

    def __init__(self, plan: Plan, wanted: Wanted, batch: Batch | None) -> None:
        self._done = 0
        self._left: list[str] = []
        self._skips: list[Skip] = []
        self._plan = plan
        self._sieve = Sieve(wanted, batch)
        self._large = Searched()

    def account(self) -> Account:
        """What was done until now."""
        return Account(self._sieve.counts + self._large, self._done, self._left, self._skips)

    def objects(self, tasks: Iterable[Task]) -> Iterator[Object | Large]:
        """What is wanted of the tasks' objects, and the large ones."""
        for kind, *task in tasks:
            if kind == PACKED:
                yield from self._packed(*task)
            elif kind == LOOSE:
                yield from self._loose(*task)
            elif kind == GIT:
                yield from self._by_git(*task)
            elif kind == TREES:
                self._trees(*task)

    def _packed(self, number: int, first: int, stop: int) -> Iterator[Object]:
        from sgleaks.git.walk import Walk

        pack = self._plan.packs[number]
        rows = pack.families.members[first:stop]
        told = self._plan.told[number]
        silent = set(rows[~told[rows]].tolist())
        walk = Walk(pack)
        objects = walk.objects(first, stop)
        if silent:
            objects = (one for one in objects if one[0] not in silent)
        before = self._sieve.counts.objects
        for row, kind, data in self._sieve.sift(objects):
            yield self._object(pack.id(row), kind, data)
        self._done += self._sieve.counts.objects - before
        self._left += [pack.id(row) for row in walk.left if row not in silent]
        bombs = [pack.id(row) for row in walk.bombs if row not in silent]
        self._skips += [Skip(oid, "bomb", "its deltas make far more than is stored") for oid in bombs]
        self._done += len(bombs)

    def _trees(self, number: int, first: int, stop: int) -> None:
        from sgleaks.git.packs import damaged_trees

        pack = self._plan.packs[number]
        damaged = damaged_trees(pack, first, stop)
        self._skips += [Skip(pack.id(row), "damaged", "its checksum does not match") for row in damaged]

    def _loose(self, number: int, ids: list[str]) -> Iterator[Object]:
        before = len(self._left)

        def readable() -> Iterator[tuple[str, Kind, bytes]]:
            for oid, kind, data in loose.read(self._plan.repository.objects[number], ids):
                if kind:
                    yield oid, kind, data
                else:
                    self._left.append(oid)

        for oid, kind, data in self._sieve.sift(readable()):
            yield self._object(oid, kind, data)
        self._done += len(ids) - (len(self._left) - before)

    def _by_git(self, ids: list[str], doubtful: bool) -> Iterator[Object | Large]:
        """``doubtful``: something was wrong with them already, and git compares fewer checksums than we do."""
        large: list[Large] = []

        def readable() -> Iterator[tuple[str, Kind, bytes]]:
            for found in cat_file.read(self._plan.own, ids, trees=doubtful):
                if isinstance(found, Skip):
                    self._skips.append(found)
                    continue
                if isinstance(found, Large):
                    large.append(found)
                    continue
                oid, kind, data = found
                if doubtful:
                    self._compare(oid, kind, data)
                if kind != "tree":
                    yield oid, kind, data

        for oid, kind, data in self._sieve.sift(readable()):
            yield self._object(oid, kind, data)
        for one in large:
            self._large += _counted(one)
        yield from large
        self._done += len(ids)

    def _object(self, oid: str, kind: Kind, data: bytes) -> Object:
        """The object; a skip besides if it is not the one that its id names. It is searched all the same."""
        self._compare(oid, kind, data)
        return Object(oid, kind, data)

    def _compare(self, oid: str, kind: str, data: bytes) -> None:
        digest = started(self._plan.repository.object_format, kind, len(data))
        digest.update(data)
        if digest.hexdigest() != oid:
            self._skips.append(Skip(oid, "damaged", "its content is not what its id names"))


def _counted(large: Large) -> Searched:
    counts: dict[str, Any] = {f"{large.kind}s": 1}
    return replace(Searched(bytes=large.size), **counts)
