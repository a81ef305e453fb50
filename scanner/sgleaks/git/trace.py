"""The life of a group of objects: its places, its commits, and the names that lead to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sgleaks.git.lineage import Place

if TYPE_CHECKING:
    from sgleaks.git.lineage import Lineage


@dataclass(frozen=True, slots=True)
class Trace:
    """The life of a group of objects that hold the same. Commits are ids.

    ``places``, oldest first, have an empty commit where an object is in none, and an empty path where nothing names it.
    """

    places: tuple[Place, ...]
    first: str | None
    last: str | None
    removed: str | None
    at_head: bool
    refs: tuple[str, ...]
    head: tuple[tuple[str, str], ...] = ()  # paths of HEAD that hold it, and the object there
    returned: str | None = None  # HEAD has it, although this commit of its history took it away: the newest such

    @property
    def reachable(self) -> bool:
        """Whether a ref, a reflog or the index leads to it."""
        return bool(self.refs)


class Whereabouts(NamedTuple):
    """Where a blob is or was a file: its paths, the newest first; those that HEAD has; and the number, from the oldest
    on, of the last commit that put it somewhere."""

    paths: tuple[str, ...]
    current: frozenset[str]
    age: int


def places_of(
    lineage: Lineage,
    group: Collection[str],
    committed: Mapping[str, Sequence[Place]],
    named: Mapping[str, Sequence[tuple[str, str]]],
) -> Iterator[Place]:
    """The places of a group; ``committed`` has those in commits, ``named`` names and paths of what is in none."""
    for oid in group:
        yield from committed.get(oid, ())
        if oid in lineage.order:
            yield Place(oid, "", oid)
        elif oid not in committed:
            yield from {Place(oid, path, "") for _, path in named.get(oid, [("", "")])}


def age(lineage: Lineage, place: Place) -> tuple[object, ...]:
    """Oldest first, files of a commit before its message; then what nothing leads to, and last what is in no commit."""
    return not place.commit, lineage.order.get(place.commit, 0), not place.path, place.path, place.oid


def newest(names: Iterable[str]) -> Iterator[str]:
    """Sorted; of the entries of a reflog the newest only."""
    seen: set[str] = set()
    for name in sorted(set(names), key=_entry):
        log = name.partition("@{")[0]
        if log == name or log not in seen:
            yield name
        seen.add(log)


def _entry(name: str) -> tuple[str, int]:
    log, _, number = name.partition("@{")
    return log, int(number[:-1]) if number[:-1].isdigit() else -1
