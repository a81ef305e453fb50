"""What leads into a history: refs, the heads of work trees, and every entry of every reflog.

git lists the refs, in the hardened environment; reflogs are read as the files they are. Nothing configured runs.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sgleaks.git.isolation import read_regular
from sgleaks.git.run import GitError, ask
from sgleaks.model import Skip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sgleaks.git.repository import Repository

LISTING_SECONDS = 600  # a million refs take seconds
REFLOG_BYTES = 64 << 20  # of one reflog, some 400,000 entries; git drops them after 90 days
OTHER_HEADS = ("ORIG_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "BISECT_HEAD", "FETCH_HEAD")

_ID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BROKEN = re.compile(rb"(?m)^warning: ignoring (?:dangling symref|broken ref|ref with broken name) (.+)$")


class Tip(NamedTuple):
    """A name that leads to an object: ``refs/heads/main``, ``HEAD``, ``refs/stash@{1}``."""

    name: str
    oid: str


@dataclass(frozen=True, slots=True)
class Reflog:
    """``name`` is the ref's; ``entries`` are the ids it had, newest first; ``text`` is the file, of which
    ``cut`` bytes are missing at the start."""

    name: str
    entries: tuple[str, ...]
    text: bytes


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
    reflogs = tuple(_reflogs(repository))
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
    for folder in sorted((common_dir / "worktrees").glob("*")):
        if folder.is_dir() and not folder.is_symlink():
            yield f"worktrees/{folder.name}/HEAD", folder


def _others(repository: Repository) -> Iterator[Tip]:
    for name in OTHER_HEADS:
        for line in read_regular(repository.git_dir / name, 1 << 20).splitlines():
            if oid := _id_in(line):
                yield Tip(name, oid)


def _id_in(line: bytes) -> str | None:
    found = _ID.match(line)
    return found[0].decode() if found else None


def _reflogs(repository: Repository) -> Iterator[Reflog]:
    roots = {repository.common_dir: "", repository.git_dir: ""}
    roots |= {folder: f"worktrees/{folder.name}/" for _, folder in _linked(repository.common_dir)}
    roots[repository.git_dir] = ""
    for root, prefix in sorted(roots.items()):
        logs = root / "logs"
        for folder, names, files in os.walk(logs):
            names.sort()
            for file in sorted(files):
                path = os.path.join(folder, file)
                text = b"" if os.path.islink(path) else read_regular(logs / path, REFLOG_BYTES)
                if text:
                    yield Reflog(prefix + os.path.relpath(path, logs).replace(os.sep, "/"), _entries(text), text)


def _entries(text: bytes) -> tuple[str, ...]:
    """The ids of a reflog, newest first, the one before its first entry last."""
    pairs = [line[:140].split(b" ", 2)[:2] for line in text.splitlines()]
    ids = [pairs[0][0], *(pair[-1] for pair in pairs)]
    return tuple(oid.decode() if _ID.fullmatch(oid) and oid.strip(b"0") else "" for oid in reversed(ids))
