"""Where findings of a history came from: for the object ids of findings only, never for all.

Kingfisher spends 30 seconds on the metadata of a history it searches in two (`docs/performance.md`), because it asks
about everything. Here one pass over the commits serves all findings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from sgleaks.git.changes import Changes, changes_of, tree_of
from sgleaks.git.graph import Graph, graph_of
from sgleaks.git.lineage import Lineage, Place
from sgleaks.git.run import GitError
from sgleaks.git.staged import staged
from sgleaks.git.trace import Trace, Whereabouts, age, newest, places_of
from sgleaks.model import Skip

if TYPE_CHECKING:
    from sgleaks.git.history import History
    from sgleaks.git.refs import Refs
    from sgleaks.git.tips import Tips

INDEX = "the index"
QUICK = 5_000  # commits whose objects are all named within half a second


class Past:
    """The commits of a repository, and what its refs lead to. Costs one walk over the commits, once."""

    def __init__(self, history: History, refs: Refs, tips: Tips) -> None:
        self._history, self._refs, self._tips = history, refs, tips
        self.skips: list[Skip] = [*refs.skips, *tips.skips]
        self._followed: set[str] = set()

    @cached_property
    def graph(self) -> Graph:
        """Every commit that has a name or an ancestor of one."""
        graph = graph_of(self._history, self._tips.commits)
        if graph.broken:
            self.skips.append(Skip("commits", "missing", "the history has gaps: some commits are not here"))
        return graph

    def unreachable(self) -> list[str]:
        """Commits that nothing leads to. Asks git for the kind of every object: a second for a million."""
        args = ["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectname)"]
        rows = (field.decode().split(" ") for field in self._history.fields(args, end=b"\n"))
        return sorted(oid for kind, oid in rows if kind == "commit" and oid not in self.graph.parents)

    def missing(self) -> list[Skip]:
        """What the history names and the repository does not have; asked only where it may be, or costs little."""
        if not (self._history.repository.partial or len(self.graph.parents) <= QUICK) or not self._tips.commits:
            return []
        args = ["rev-list", "--objects", "--missing=print", "--stdin"]
        try:
            lines = list(self._history.fields(args, self._tips.commits, b"\n"))
        except GitError:
            return []  # commits are missing, which the graph tells of
        count = sum(line.startswith(b"?") for line in lines)
        hint = '; "git fetch --refetch" brings those of a partial clone' if self._history.repository.partial else ""
        return [Skip("objects", "missing", f"{count:,} that the history names are not here{hint}")] if count else []

    def follow(self, oids: Iterable[str]) -> None:
        """Says what will be traced, so that commits are compared once, however often `trace` is asked."""
        if not self._followed.issuperset(oids):
            self._followed.update(oids)
            for known in ("_changes", "_changes_of_lost"):
                self.__dict__.pop(known, None)

    def trace(self, groups: Sequence[Collection[str]]) -> list[Trace]:
        """The life of each group of object ids: of blobs, commits and tags."""
        if not groups:
            return []
        bits: dict[str, int] = {}
        for number, group in enumerate(groups):
            for oid in group:
                bits[oid] = bits.get(oid, 0) | 1 << number
        lineage = Lineage(bits, len(groups))
        self.follow(bits)
        _walk(lineage, self.graph, self._changes)
        lineage.settle()
        named = self._named(bits, {oid for oid, _ in lineage.places})
        known = {oid for oid, _ in lineage.places} | set(self.graph.parents) | set(named)
        if not known.issuperset(bits):
            _walk(lineage, self._lost, self._changes_of_lost)
        committed: dict[str, list[Place]] = {}
        for place in lineage.places.values():
            committed.setdefault(place.oid, []).append(place)
        return [self._trace(lineage, number, group, committed, named) for number, group in enumerate(groups)]

    def whereabouts(self, oids: Collection[str]) -> dict[str, Whereabouts]:
        """What is known of blobs as files. Costs a look at the changes, where `trace` follows each through commits."""
        born: dict[str, dict[str, int]] = {}
        self.follow(oids)
        _put(born, oids, self.graph, self._changes)
        for oid, names in self._named(oids, born).items():
            born.setdefault(oid, {}).update((path, 0) for _, path in names)
        if not born.keys() >= set(oids):
            _put(born, set(oids) - born.keys(), self._lost, self._changes_of_lost)
        head = tree_of(self._history, self._refs.head, oids) if self._refs.head in self.graph.parents else {}
        return {
            oid: Whereabouts(
                tuple(sorted(paths, key=paths.__getitem__, reverse=True)),
                frozenset(head.get(oid, ())),
                max(paths.values()),
            )
            for oid, paths in born.items()
        }

    @cached_property
    def _lost(self) -> Graph:
        """The commits that nothing leads to."""
        lost = self.unreachable()
        with suppress(GitError):
            return graph_of(self._history, lost, self._tips.commits)
        return Graph({})

    @cached_property
    def _changes(self) -> Changes:
        """The changes of what is followed."""
        return self._compared(self.graph)

    @cached_property
    def _changes_of_lost(self) -> Changes:
        """The same of the commits that nothing leads to."""
        return self._compared(self._lost)

    def _compared(self, graph: Graph) -> Changes:
        changes, whole = changes_of(self._history, graph, self._followed)
        if not whole:
            detail = "some folders of commits are not here, so findings may lack paths and dates"
            self.skips.append(Skip("trees", "missing", detail))
        return changes

    def _named(self, wanted: Collection[str], committed: Collection[str]) -> dict[str, list[tuple[str, str]]]:
        """Refs and paths of those objects that refs name without a commit, or that the index has and no commit."""
        found = {oid: [(name, name) for name in names] for oid, names in self._tips.named.items() if oid in wanted}
        for tree, names in self._tips.named.items():
            if self._tips.kinds.get(tree) == "tree":
                with suppress(GitError):
                    for oid, paths in tree_of(self._history, tree, wanted).items():
                        found.setdefault(oid, []).extend((name, paths[0]) for name in names)
        for oid, path in staged(self._history).items():
            if oid in wanted and oid not in committed:
                found.setdefault(oid, []).append((INDEX, path))
        return found

    def _trace(
        self,
        lineage: Lineage,
        number: int,
        group: Collection[str],
        committed: Mapping[str, Sequence[Place]],
        named: Mapping[str, Sequence[tuple[str, str]]],
    ) -> Trace:
        life, head = lineage.lives[number], self._refs.head or ""
        at_head = bool(lineage.mask.get(head, 0) >> number & 1) or head in group
        kept = any(lineage.mask.get(commit, 0) >> number & 1 for _, commit in self._tips.refs)
        gone = lineage.removal(number, self._is_current, kept=kept or at_head)
        held = tuple(sorted((path, oid) for path, oid in lineage.held.get(head, {}).items() if oid in group))
        by_name = [name for oid in group for name, _ in named.get(oid, ())]
        refs = [*by_name, *lineage.leading(self._tips.refs, number)] or lineage.leading(self._tips.passing, number)
        places = tuple(sorted(places_of(lineage, group, committed, named), key=lambda place: age(lineage, place)))
        removed, returned = (None, gone) if at_head else (gone, None)
        return Trace(places, life.first, life.last, removed, at_head, tuple(newest(refs)), held, returned)

    def _is_current(self, commit: str) -> bool:
        return commit in self._current

    @cached_property
    def _current(self) -> set[str]:
        """The history of HEAD."""
        return self.graph.ancestors([self._refs.head] if self._refs.head else [])


def _walk(lineage: Lineage, graph: Graph, changes: Changes) -> None:
    lineage.walk(graph.parents, changes)
    inner = {parent for parents in graph.parents.values() for parent in parents}
    lineage.end(commit for commit in graph.parents if commit not in inner)


def _put(born: dict[str, dict[str, int]], oids: Collection[str], graph: Graph, changes: Changes) -> None:
    """Adds where commits put the blobs first: number of the commit by path by blob."""
    for number, commit in enumerate(graph.parents):
        for path, _, new in changes.get(commit, ()):
            if new in oids:
                born.setdefault(new, {}).setdefault(path, number)
