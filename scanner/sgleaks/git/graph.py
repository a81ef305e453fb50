"""The commits of a history and their parents, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sgleaks.git.run import GitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sgleaks.git.history import History


@dataclass(frozen=True, slots=True)
class Graph:
    """``parents`` of every commit, in an order in which parents come first, by date where that leaves a choice.

    ``broken`` says that commits are missing, so that others may not be in it.
    """

    parents: dict[str, tuple[str, ...]]
    broken: bool = False

    def ancestors(self, tips: Iterable[str]) -> set[str]:
        """The commits that the tips lead to, themselves included."""
        seen: set[str] = set()
        stack = [tip for tip in tips if tip in self.parents]
        while stack:
            commit = stack.pop()
            if commit not in seen:
                seen.add(commit)
                stack += (parent for parent in self.parents[commit] if parent in self.parents)
        return seen


def graph_of(history: History, tips: Iterable[str], without: Iterable[str] = ()) -> Graph:
    """All commits that ``tips`` lead to and ``without`` do not, one git process. Ids must be of commits that exist."""
    lines = [*dict.fromkeys(tips), *(f"^{commit}" for commit in dict.fromkeys(without))]
    if not lines or lines[0].startswith("^"):
        return Graph({})
    try:
        found = [line.decode().split(" ") for line in _listed(history, lines)]
    except GitError:
        return _walked(history, lines)
    return Graph({commit: tuple(parents) for commit, *parents in reversed(found)})


def _listed(history: History, lines: Iterable[str]) -> Iterator[bytes]:
    return history.fields(["rev-list", "--date-order", "--parents", "--stdin"], lines, b"\n")


def _walked(history: History, lines: Iterable[str]) -> Graph:
    """The same where commits are missing, which ends `rev-list`: a walk over those that are there."""
    left = [line for line in lines if not line.startswith("^")]
    shut = {line[1:] for line in lines if line.startswith("^")}
    known: dict[str, tuple[str, ...]] = {}
    while left:
        asked = list(dict.fromkeys(commit for commit in left if commit not in known and commit not in shut))
        found = {oid: _parents(data) for oid, kind, data in history.objects(asked) if kind == "commit"}
        known |= found
        left = [parent for parents in found.values() for parent in parents]
    return Graph(_sorted(known), broken=True)


def _parents(data: bytes) -> tuple[str, ...]:
    head = data.partition(b"\n\n")[0].split(b"\n")
    return tuple(line[7:].decode() for line in head if line.startswith(b"parent "))


def _sorted(known: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Parents first."""
    done: dict[str, tuple[str, ...]] = {}
    stack = sorted(known, reverse=True)
    while stack:
        commit = stack.pop()
        if commit in done or commit not in known:
            continue
        open_ = [parent for parent in known[commit] if parent in known and parent not in done]
        if open_:
            stack += (commit, *open_)
        else:
            done[commit] = known[commit]
    return done
