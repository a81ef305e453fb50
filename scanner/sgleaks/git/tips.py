"""Refs peeled: the commits they lead to, and the tags, trees and blobs they name themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sgleaks.model import Skip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sgleaks.git.history import History
    from sgleaks.git.refs import Refs, Tip

MAX_TAGS = 16  # of tags, one tagging the next; git itself makes no more than two


@dataclass(frozen=True, slots=True)
class Tips:
    """Names with the commits they lead to, of ``refs`` and of ``passing`` names; a name is in one of them once.

    ``named`` are other objects, and the names that lead to each: tags, trees and blobs.
    """

    refs: tuple[tuple[str, str], ...]
    passing: tuple[tuple[str, str], ...]
    named: dict[str, list[str]]
    kinds: dict[str, str]
    skips: tuple[Skip, ...]

    @property
    def commits(self) -> list[str]:
        """Every commit that has a name, once."""
        return list(dict.fromkeys(commit for _, commit in (*self.refs, *self.passing)))


def tips_of(history: History, refs: Refs) -> Tips:
    """Peels every tag, however deep. A ref whose object is missing is a skip; a reflog's may be gone, and is none."""
    named: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    kept, missing = _peeled(history, refs.refs, named, kinds)
    passing, _ = _peeled(history, refs.passing, named, kinds)
    skips = tuple(Skip(name, "missing", "the ref leads to an object that is not here") for name in missing)
    return Tips(tuple(kept), tuple(passing), named, kinds, skips)


def _peeled(
    history: History, tips: Iterable[Tip], named: dict[str, list[str]], kinds: dict[str, str]
) -> tuple[list[tuple[str, str]], list[str]]:
    waiting = {tip.name: tip.oid for tip in reversed(list(tips)) if tip.oid}  # of equal names the first stays
    commits: list[tuple[str, str]] = []
    missing: list[str] = []
    for _ in range(MAX_TAGS):
        kinds |= history.kinds(sorted(set(waiting.values()) - set(kinds)))
        tags = {oid for oid in waiting.values() if kinds.get(oid) == "tag"}
        targets = {oid: _target(data) for oid, _, data in history.objects(sorted(tags))}
        following: dict[str, str] = {}
        for name, oid in waiting.items():
            if kinds.get(oid) == "commit":
                commits.append((name, oid))
                continue
            named.setdefault(oid, []).append(name)
            if oid not in kinds:
                missing.append(name)
            elif target := targets.get(oid):
                following[name] = target
        if not (waiting := following):
            break
    return commits, missing


def _target(tag: bytes) -> str:
    line = tag.partition(b"\n")[0]
    return line[7:].decode(errors="replace") if line.startswith(b"object ") else ""
