"""Which commits brought or took away given blobs, and under which paths: the difference of each to its first parent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from sgleaks.git.run import GitError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sgleaks.git.graph import Graph
    from sgleaks.git.history import History

# Commits that are all compared, in a second; of more, only those that touch the blobs' paths. For the 13,000 of gogs
# both cost the same: it takes a walk over the commits to find the paths, and another one to find who touches them.
FEW = 20_000
MAX_PATHS_BYTES = 60_000  # on a command line, where Linux takes 128 KiB at the least; beyond it all paths are compared
MAX_ROUNDS = 8  # renames in a row that are followed
_DIFF = ["diff-tree", "--stdin", "-r", "--root", "-z", "--raw", "--no-renames", "--no-ext-diff", "--no-textconv"]


class Change(NamedTuple):
    """At ``path`` a commit replaced blob ``old`` by ``new``; zeros where there is none."""

    path: str
    old: str
    new: str


Changes = dict[str, list[Change]]


class Found(NamedTuple):
    """The changes of every commit that concerns the blobs; ``whole`` unless trees were missing."""

    changes: Changes
    whole: bool


def changes_of(history: History, graph: Graph, wanted: Collection[str], *, few: int = FEW) -> Found:
    """Every change that brings or takes one of the ``wanted`` blobs.

    In a history of more than ``few`` commits only at paths by which git names the blobs, and those they were renamed
    from: a blob that was deleted and came back under another path is then known by the later one only.
    """
    if len(graph.parents) <= few:
        return _compared(history, graph.parents, graph, wanted)
    named = _names(history, graph, wanted)
    paths = set(named.values())
    for _ in range(MAX_ROUNDS):
        if sum(map(len, paths)) + len(paths) > MAX_PATHS_BYTES:
            break
        found, more = _limited(history, graph, wanted, paths)
        if not more:
            seen = {oid for changes in found.changes.values() for change in changes for oid in (change.old, change.new)}
            if not seen.issuperset(named):
                break  # git cuts a name with a newline short, so that its path leads nowhere
            return found
        paths |= more
    return _compared(history, graph.parents, graph, wanted)


def _limited(history: History, graph: Graph, wanted: Collection[str], paths: set[str]) -> tuple[Found, set[str]]:
    """The changes at ``paths``, and the other paths that the same commits took the blobs from or put them to."""
    limit = ["--", *sorted(paths)]
    touching = history.ask(["rev-list", "--full-history", "--stdin", *limit], _tips(graph)).decode().split()
    found = _compared(history, [commit for commit in touching if commit in graph.parents], graph, wanted, limit)
    whole = _compared(history, found.changes, graph, wanted)
    return found, {change.path for changes in whole.changes.values() for change in changes} - paths


def _compared(
    history: History, commits: Iterable[str], graph: Graph, wanted: Collection[str], limit: Sequence[str] = ()
) -> Found:
    lines = (" ".join((commit, *graph.parents[commit][:1])) for commit in commits)
    changes: Changes = {}
    try:
        for commit, change in _parsed(history.fields([*_DIFF, *limit], lines)):
            if change.old in wanted or change.new in wanted:
                changes.setdefault(commit, []).append(change)
    except GitError:
        return Found(changes, whole=False)
    return Found(changes, whole=True)


def _parsed(fields: Iterator[bytes]) -> Iterator[tuple[str, Change]]:
    """A field is a commit, or ``:MODE MODE OLD NEW STATUS``, which a path follows."""
    commit = ""
    for field in fields:
        if field.startswith(b":"):
            _, _, old, new, _ = field.decode().split(" ")
            yield commit, Change(os.fsdecode(next(fields, b"")), old, new)
        else:
            commit = field.decode()


def _names(history: History, graph: Graph, wanted: Collection[str]) -> dict[str, str]:
    """The path by which git first meets each blob; stops when all are named."""
    left, paths = set(wanted), {}
    fields = history.fields(["rev-list", "--objects", "--missing=allow-any", "--stdin"], _tips(graph), b"\n")
    for field in fields:
        oid, _, path = os.fsdecode(field).partition(" ")
        if oid in left:
            left.discard(oid)
            if path:
                paths[oid] = path
            if not left:
                break
    return paths


def _tips(graph: Graph) -> list[str]:
    inner = {parent for parents in graph.parents.values() for parent in parents}
    return [commit for commit in graph.parents if commit not in inner]


def tree_of(history: History, tree: str) -> Mapping[str, str]:
    """Path by blob of everything below a tree or commit, the first path where a blob has several."""
    found: dict[str, str] = {}
    for field in history.fields(["ls-tree", "-r", "-z", "--full-tree", tree]):
        head, _, path = field.partition(b"\t")
        found.setdefault(head.split(b" ")[2].decode(), os.fsdecode(path))
    return found
