"""What a push brings: the ref lines that git gives to its hooks, and the ids they want and those that are known.

Each line of pre-push is ``local-ref local-id remote-ref remote-id`` (githooks(5)), each of pre-receive ``old new ref``;
an id of zeros stands for nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sgleaks.errors import ToolError
from sgleaks.git.ids import is_id

if TYPE_CHECKING:
    from sgleaks.git.refs import Tip
    from sgleaks.git.repository import Repository

MAX_REFS = 10_000  # of one push; a mirror of a large repository


class Push(NamedTuple):
    """What is wanted that was not there before. ``refs`` are the names it goes to, for people."""

    wanted: tuple[str, ...]
    known: tuple[str, ...]
    refs: tuple[str, ...]


def sent(text: str, remote: str, tips: Sequence[Tip]) -> Push:
    """What a push sends: not what the remote has at these refs, or had when it was last fetched. Raises ToolError."""
    wanted, known, refs = [], [], []
    for _, local_id, remote_ref, remote_id in _fields(text, 4):
        if not _is_nothing(local_id):
            wanted.append(local_id)
            refs.append(remote_ref)
        if not _is_nothing(remote_id):
            known.append(remote_id)
    there = [tip.oid for tip in tips if tip.name.startswith(f"refs/remotes/{remote}/")]
    return Push(tuple(wanted), (*known, *there), tuple(refs))


def received(text: str, tips: Sequence[Tip]) -> Push:
    """What a push brings to this repository, of which ``tips`` are the refs before it. Raises ToolError."""
    wanted, refs = [], []
    for _, new, ref in _fields(text, 3):
        if not _is_nothing(new):
            wanted.append(new)
            refs.append(ref)
    return Push(tuple(wanted), tuple(tip.oid for tip in tips), tuple(refs))


def in_quarantine(repository: Repository, variables: Mapping[str, str] = os.environ) -> Repository:
    """The repository with the objects of a push that is not accepted yet (git-receive-pack(1), "Quarantine")."""
    incoming = variables.get("GIT_OBJECT_DIRECTORY")
    if not incoming or "GIT_QUARANTINE_PATH" not in variables:
        return repository
    objects = dict.fromkeys((Path(os.path.realpath(incoming)), *repository.objects))
    return replace(repository, objects=tuple(objects))


def _fields(text: str, count: int) -> Iterator[list[str]]:
    """The words of each line: names at the odd places of four, or at the end of three; ids everywhere else."""
    lines = text.splitlines()
    if len(lines) > MAX_REFS:
        raise ToolError("the push", f"it has more than {MAX_REFS:,} refs", "push some at a time")
    for line in lines:
        words = line.split(" ")
        ids = words[1::2] if count == 4 else words[:2]
        if len(words) != count or not all(map(is_id, ids)):
            raise ToolError("standard input", f"{line[:100]!r} is no line about a ref", "git writes them for its hooks")
        yield words


def _is_nothing(oid: str) -> bool:
    return not oid.strip("0")
