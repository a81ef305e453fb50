"""Follows blobs through a history, commit by commit, parents first: who brought them, who took them away, who has them.

What is followed comes in groups of object ids: all that hold the same secret. A group is a bit of a number, so that one
pass serves them all. Knows no git; `attribution` feeds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

from sgleaks.git.changes import Change

NOTHING: Mapping[str, str] = {}


class Place(NamedTuple):
    """A blob at a path, and the oldest commit that put it there."""

    oid: str
    path: str
    commit: str


@dataclass(slots=True)
class Life:
    """What was seen of one group: its oldest and newest commit, and those that took it away."""

    first: str | None = None
    last: str | None = None
    removed: list[str] = field(default_factory=list)  # all parents had it
    dropped: list[str] = field(default_factory=list)  # some parent had it: a merge that chose the other side


@dataclass(slots=True)
class Lineage:
    """``bits`` are the groups of each object, ``points`` those of commits that are in a group themselves."""

    bits: Mapping[str, int]
    groups: int
    lives: list[Life] = field(init=False)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    held: dict[str, Mapping[str, str]] = field(default_factory=dict)  # blob by path, of what is followed
    mask: dict[str, int] = field(default_factory=dict)  # groups in a commit's tree
    reach: dict[str, int] = field(default_factory=dict)  # groups in it or in any ancestor, or an ancestor themselves
    order: dict[str, int] = field(default_factory=dict)
    placed: set[str] = field(default_factory=set)  # objects of which no more places are to be known, and
    settled: int = 0  # groups of which no more is to be known: what refs lead to says more than what was thrown away

    def __post_init__(self) -> None:
        self.lives = [Life() for _ in range(self.groups)]

    def walk(self, parents: Mapping[str, tuple[str, ...]], changes: Mapping[str, Sequence[Change]]) -> None:
        """Goes on through commits, parents first."""
        for commit, above in parents.items():
            self.order[commit] = len(self.order)
            known = [parent for parent in above if parent in self.mask]
            if len(known) == 1 and commit not in changes and commit not in self.bits:
                self._follow(commit, known[0])
            else:
                self._enter(commit, known, changes.get(commit, ()))

    def _follow(self, commit: str, parent: str) -> None:
        """What `_enter` does with a commit that brings and takes nothing, as almost all do, in a tenth of the time."""
        self.held[commit] = self.held[parent]
        self.mask[commit] = self.mask[parent]
        self.reach[commit] = self.reach[parent]

    def _enter(self, commit: str, parents: list[str], changes: Sequence[Change]) -> None:
        before = self.held[parents[0]] if parents else NOTHING
        self.held[commit] = now = self._applied(commit, before, parents[1:], changes) if changes else before
        masks = [self.mask[parent] for parent in parents]
        mask = self._mask(masks[0] if masks else 0, before, now, changes)
        self.mask[commit] = mask
        above = reduce(or_, masks, 0)
        point = self.bits.get(commit, 0)
        reach = self.reach[parents[0]] if parents else 0
        for parent in parents[1:]:
            reach |= self.reach[parent]
        if new := (mask | point) & ~reach:
            reach |= new
        self.reach[commit] = reach
        for group in bits_of((mask | point) & ~above):
            self.lives[group].first = self.lives[group].first or commit
        if gone := above & ~mask & ~self.settled:
            self._leave(commit, gone, parents, masks)
        for group in bits_of(point):
            self._seen(group, commit)

    def _mask(self, mask: int, before: Mapping[str, str], now: Mapping[str, str], changes: Sequence[Change]) -> int:
        """The groups of a tree, from those of the first parent. Costs a look at the whole tree only when some went."""
        if not changes:
            return mask  # the same number, not a copy of it: there may be millions of commits
        gone = reduce(or_, (self.bits[before[path]] for path, _, _ in changes if path in before), 0)
        come = reduce(or_, (self.bits.get(new, 0) for _, _, new in changes), 0)
        if gone & ~come:
            come |= gone & reduce(or_, (self.bits[oid] for oid in now.values()), 0)
        return mask & ~gone | come

    def _applied(
        self, commit: str, before: Mapping[str, str], others: Sequence[str], changes: Sequence[Change]
    ) -> Mapping[str, str]:
        now = dict(before)
        for path, _, new in changes:
            if new not in self.bits:
                now.pop(path, None)
                continue
            now[path] = new
            if new not in self.placed and all(self.held[parent].get(path) != new for parent in others):
                self.places.setdefault((new, path), Place(new, path, commit))
        return now

    def _leave(self, commit: str, gone: int, parents: Sequence[str], masks: Sequence[int]) -> None:
        everywhere = reduce(and_, masks)
        for group in bits_of(gone):
            life, bit = self.lives[group], 1 << group
            (life.removed if everywhere & bit else life.dropped).append(commit)
            for parent, mask in zip(parents, masks, strict=True):
                if mask & bit:
                    self._seen(group, parent)

    def settle(self) -> None:
        """What was seen of groups and objects so far stands; what was not seen yet is still taken."""
        self.placed = {oid for oid, _ in self.places}
        self.settled = sum(1 << group for group, life in enumerate(self.lives) if life.first)

    def end(self, tips: Iterable[str]) -> None:
        """Says which commits nothing follows: what they have, they still have."""
        for tip in tips:
            for group in bits_of(self.mask.get(tip, 0)):
                self._seen(group, tip)

    def _seen(self, group: int, commit: str) -> None:
        life = self.lives[group]
        if self.settled >> group & 1:
            return
        if life.last is None or self.order[commit] > self.order[life.last]:
            life.last = commit

    def leading(self, tips: Iterable[tuple[str, str]], group: int) -> Iterator[str]:
        """The names of those tips (name and commit) that lead to a group."""
        return (name for name, commit in tips if self.reach.get(commit, 0) >> group & 1)

    def removal(self, group: int, is_current: Callable[[str], bool], *, kept: bool) -> str | None:
        """The newest commit that took a group away: in HEAD's history if one did, else, unless ``kept``, anywhere."""
        life = self.lives[group]
        for commits in (life.removed, life.dropped):
            if current := [commit for commit in commits if is_current(commit)]:
                return max(current, key=self.order.__getitem__)
        return None if kept or not life.removed else max(life.removed, key=self.order.__getitem__)


def bits_of(number: int) -> Iterator[int]:
    """The positions of the ones of a number, ascending."""
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low
