"""The life of a group of objects: its places, its commits, and the names that lead to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

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


def places_of(lineage: Lineage, group: Collection[str], named: dict[str, list[tuple[str, str]]]) -> Iterator[Place]:
    found = set()
    for place in lineage.places.values():
        if place.oid in group:
            found.add(place.oid)
            yield place
    for oid in group:
        if oid in lineage.order:
            yield Place(oid, "", oid)
        elif oid not in found:
            yield from {Place(oid, path, "") for _, path in named.get(oid, [("", "")])}


def age(lineage: Lineage, place: Place) -> tuple[object, ...]:
    """Oldest first, files of a commit before its message; then what nothing leads to, and last what is in no commit."""
    return not place.commit, lineage.order.get(place.commit, 0), not place.path, place.path, place.oid


def once(names: Iterable[str]) -> Iterator[str]:
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
