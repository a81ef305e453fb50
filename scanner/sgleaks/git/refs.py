"""What leads into a history: refs, the heads of work trees, and every entry of every reflog.

git lists the refs, in the hardened environment; reflogs are read as the files they are. Nothing configured runs.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sgleaks.git.isolation import read_regular
from sgleaks.git.reflogs import Reflog, reflogs_of
from sgleaks.git.run import GitError, ask
from sgleaks.model import Skip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sgleaks.git.repository import Repository

LISTING_SECONDS = 600  # a million refs take seconds
OTHER_HEADS = ("ORIG_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "BISECT_HEAD", "FETCH_HEAD")

_ID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BROKEN = re.compile(rb"(?m)^warning: ignoring (?:dangling symref|broken ref|ref with broken name) (.+)$")


class Tip(NamedTuple):
    """A name that leads to an object: ``refs/heads/main``, ``HEAD``, ``refs/stash@{1}``."""

    name: str
    oid: str


@dataclass(frozen=True, slots=True)
class Refs:
    """``refs`` keep objects for good, ``passing`` names (reflogs, heads of unfinished work) for a while."""

    refs: tuple[Tip, ...]
    passing: tuple[Tip, ...]
    head: str | None  # the object HEAD leads to; None while it is unborn
    reflogs: tuple[Reflog, ...]
    skips: tuple[Skip, ...]


def refs_of(repository: Repository) -> Refs:
    """Everything that leads into the repository, one git process. What cannot be listed is a skip."""
    listed, skips = _listed(repository)
    by_name = {tip.name: tip.oid for tip in listed}
    heads = list(_heads(repository, by_name))
    found = list(reflogs_of(_logs(repository)))
    reflogs = tuple(log for log in found if isinstance(log, Reflog))
    skips += (log for log in found if isinstance(log, Skip))
    head = next((tip.oid for tip in heads if tip.name == "HEAD"), None)
    detached = [tip for tip in heads if tip.name.endswith("HEAD") and tip.oid not in set(by_name.values())]
    passing = [Tip(f"{log.name}@{{{number}}}", oid) for log in reflogs for number, oid in enumerate(log.entries)]
    return Refs((*listed, *detached), (*passing, *_others(repository)), head, reflogs, tuple(skips))


def _listed(repository: Repository) -> tuple[list[Tip], list[Skip]]:
    args = ["for-each-ref", "--format=%(objectname) %(refname)"]
    answer = ask(args, git_dir=repository.git_dir, timeout=LISTING_SECONDS)
    skips = [Skip(os.fsdecode(name), "unreadable", "a broken ref") for name in _BROKEN.findall(answer.said)]
    try:
        answer.checked()
    except GitError:
        # What git said may hold the place of the repository on this machine.
        skips.append(Skip("refs", "unreadable", "git cannot list them"))
    pairs = (line.partition(b" ") for line in answer.out.splitlines())
    tips = [Tip(os.fsdecode(name), oid.decode()) for oid, _, name in pairs if _ID.fullmatch(oid)]
    return tips, skips


def _heads(repository: Repository, refs: dict[str, str]) -> Iterator[Tip]:
    """HEAD of this and of every linked work tree."""
    places = [("HEAD", repository.git_dir), *_linked(repository.common_dir)]
    if repository.git_dir != repository.common_dir:
        places.append(("main-worktree/HEAD", repository.common_dir))
    for name, folder in places:
        content = read_regular(folder / "HEAD", 4096).strip()
        oid = refs.get(os.fsdecode(content[4:].strip())) if content.startswith(b"ref:") else _id_in(content)
        if oid:
            yield Tip(name, oid)


def _linked(common_dir: Path) -> Iterator[tuple[str, Path]]:
    place = common_dir / "worktrees"
    for folder in [] if place.is_symlink() else sorted(place.glob("*")):
        if folder.is_dir() and not folder.is_symlink():
            yield f"worktrees/{folder.name}/HEAD", folder


def _logs(repository: Repository) -> dict[Path, str]:
    """The folders of reflogs, and what goes before the names of their refs."""
    linked = {folder / "logs": name.removesuffix("HEAD") for name, folder in _linked(repository.common_dir)}
    return linked | {repository.common_dir / "logs": "", repository.git_dir / "logs": ""}


def _others(repository: Repository) -> Iterator[Tip]:
    for name in OTHER_HEADS:
        for line in read_regular(repository.git_dir / name, 1 << 20).splitlines():
            if oid := _id_in(line):
                yield Tip(name, oid)


def _id_in(line: bytes) -> str | None:
    found = _ID.match(line)
    return found[0].decode() if found else None
