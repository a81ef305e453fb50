"""Which commits brought or took away given blobs, and under which paths: the difference of each to its first parent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from sgleaks.git.run import GitError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sgleaks.git.graph import Graph
    from sgleaks.git.history import History

# Comparing all of them costs less than those that touch some paths: matching paths takes git longer than it saves
# (`docs/performance.md`). Of more commits than that, two processes compare half each, as fast as their output is read.
ALONE = 5_000
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


def changes_of(history: History, graph: Graph, wanted: Collection[str]) -> Found:
    """Every change that brings or takes one of the ``wanted`` blobs: all commits are compared, at all paths."""
    commits = list(graph.parents)
    if len(commits) <= ALONE:
        return _compared(history, commits, graph, wanted)
    from concurrent.futures import ThreadPoolExecutor

    middle = len(commits) // 2
    with ThreadPoolExecutor() as pool:
        halves = pool.map(lambda half: _compared(history, half, graph, wanted), (commits[:middle], commits[middle:]))
        first, second = halves
    return Found(first.changes | second.changes, first.whole and second.whole)


def _compared(history: History, commits: Iterable[str], graph: Graph, wanted: Collection[str]) -> Found:
    lines = (" ".join((commit, *graph.parents[commit][:1])) for commit in commits)
    changes: Changes = {}
    try:
        for commit, change in _parsed(history.fields(_DIFF, lines), {oid.encode() for oid in wanted}):
            changes.setdefault(commit, []).append(change)
    except GitError:
        return Found(changes, whole=False)
    return Found(changes, whole=True)


def _parsed(fields: Iterator[bytes], wanted: Collection[bytes]) -> Iterator[tuple[str, Change]]:
    """The changes of wanted objects. A field is a commit, or ``:MODE MODE OLD NEW STATUS``, which a path follows.

    There are millions, so nothing is decoded of the others.
    """
    commit = b""
    for field in fields:
        if not field.startswith(b":"):
            commit = field
            continue
        path = next(fields, b"")
        _, _, old, new, _ = field.split(b" ")
        if old in wanted or new in wanted:
            yield commit.decode(), Change(os.fsdecode(path), old.decode(), new.decode())


def tree_of(history: History, tree: str, wanted: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Paths by blob, of the ``wanted`` blobs below a tree or commit."""
    found: dict[str, list[str]] = {}
    for field in history.fields(["ls-tree", "-r", "-z", "--full-tree", tree]):
        head, _, path = field.partition(b"\t")
        if (oid := head.split(b" ")[2].decode()) in wanted:
            found.setdefault(oid, []).append(os.fsdecode(path))
    return found
