"""Brings the commits of a change that a shallow clone lacks: from its own remote, no more than it takes, or not at all.

A job that sees less than it was asked to fails, and says how its clone is made deeper.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sgleaks.errors import ToolError
from sgleaks.git.fetch import fetch, remote_of, tip_of
from sgleaks.git.graph import graph_of
from sgleaks.git.history import SHALLOW_BYTES, opened
from sgleaks.git.ids import is_id
from sgleaks.git.isolation import read_regular
from sgleaks.git.refs import refs_of
from sgleaks.git.repository import find
from sgleaks.git.run import GitError, ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sgleaks.ci import Change
    from sgleaks.git.repository import Repository

STEPS = (50, 200, 1000)  # commits; then everything
SECONDS = 60
MAX_KNOWN = 1000  # branches that a range is told by; all of them count for what is scanned
REMEDY = "check out with `fetch-depth: 0` (GitLab: `GIT_DEPTH: 0`), and leave the job's credentials to git"


def deepened(change: Change, repository: Repository) -> tuple[Change, Repository]:
    """The change with the commits it starts from, and the repository as it is when all of its commits are here.

    Raises ToolError where they cannot be brought. What is known and cannot be brought is replaced by what other
    branches have: more is scanned then, not less.
    """
    remote = remote_of(repository)
    if change.scope == "history":
        repository = _whole(repository, remote)
    wanted = [each for each in (change.head if change.scope == "range" else "", change.base) if each]
    repository, missing, why = _brought(repository, remote, wanted)
    if missing:
        raise ToolError(f"commit {missing[0]}", f"it is not here, and git cannot fetch it: {why}", REMEDY)
    if change.scope != "range":
        return change, repository
    repository, gone, _ = _brought(repository, remote, change.known)
    if gone:
        change = change.noted(f"{gone[0][:12]}, where it was before, is gone: what no other branch has was scanned")
    elif not change.known:
        change = change.noted("nothing is known of what was before: what no other branch has was scanned")
    if gone or not change.known:
        known = _others(change, repository, remote)
        repository, gone, _ = _brought(repository, remote, known)
        change = replace(change, known=tuple(commit for commit in known if commit not in gone))
        if not change.known:
            change = change.noted("no other branch is known: everything that leads to the head was scanned")
    return change, _joined(change, repository, remote)


def range_of(change: Change, repository: Repository) -> str:
    """The range as git takes it: from where the change parted from what was known."""
    if change.scope != "range":
        return ""
    if not change.known:
        return change.head
    with opened(repository) as history:
        try:
            start = history.ask(["merge-base", change.head, *change.known[:MAX_KNOWN]]).decode().split()
        except GitError:
            start = []
    return f"{(start or change.known)[0]}..{change.head}"


def resolved(name: str, repository: Repository) -> str:
    """The id of what a user calls ``main``, ``v1.0`` or by its id. Raises ToolError."""
    if is_id(name):
        return name
    remote = remote_of(repository)
    for spelling in (name, f"refs/remotes/{remote}/{name}"):
        args = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{spelling}^{{commit}}"]
        found = ask(args, git_dir=repository.git_dir, timeout=SECONDS)
        if not found.code:
            return found.out.decode().strip()
    if found_there := tip_of(repository, remote, f"refs/heads/{name}"):
        return found_there
    raise ToolError(name, "git knows no such commit here, nor such a branch there", "give a branch, a tag or an id")


def _others(change: Change, repository: Repository, remote: str) -> list[str]:
    """The tips of the branches of the remote, but for the one that was pushed."""
    prefix = f"refs/remotes/{remote}/"
    own = change.ref.replace("refs/heads/", prefix, 1)
    tips = {tip.name: tip.oid for tip in refs_of(repository).refs if tip.name.startswith(prefix)}
    others = [oid for name, oid in tips.items() if name not in (own, f"{prefix}HEAD")]
    default = change.default_branch
    if (
        default
        and f"{prefix}{default}" not in (*tips, own)
        and (tip := tip_of(repository, remote, f"refs/heads/{default}"))
    ):
        others.append(tip)
    return [tip for tip in dict.fromkeys(others) if tip]


def _brought(repository: Repository, remote: str, ids: Sequence[str]) -> tuple[Repository, list[str], str]:
    """The repository with these commits as far as they can be had, those that cannot, and why."""
    missing = _missing(repository, ids)
    if not missing:
        return repository, [], ""
    why = (
        fetch(repository, remote, missing, "--depth=1" if repository.shallow else "") if remote else "it has no remote"
    )
    repository = _again(repository)
    return repository, _missing(repository, ids), why


def _missing(repository: Repository, ids: Sequence[str]) -> list[str]:
    with opened(repository) as history:
        kinds = history.kinds(dict.fromkeys(ids)) if ids else {}
    return [commit for commit in dict.fromkeys(ids) if commit not in kinds]


def _joined(change: Change, repository: Repository, remote: str) -> Repository:
    """The repository, as deep as it takes to tell which commits are new."""
    why = ""
    for step in (*(f"--deepen={count}" for count in STEPS), "--unshallow"):
        # Where the other side is cut, it is not known what is new on this one.
        if not _is_cut(repository, [change.head], change.known) and not _is_cut(
            repository, change.known, [change.head]
        ):
            return repository
        why = _fetched(repository, remote, [change.head, *change.known], step)
        repository = _again(repository)
        if why:
            break
    if _is_cut(repository, [change.head], change.known):
        raise ToolError(
            f"the range of {change.what}", f"the clone is too shallow, and git cannot deepen it: {why}", REMEDY
        )
    return repository


def _whole(repository: Repository, remote: str) -> Repository:
    if not repository.shallow:
        return repository
    why = _fetched(repository, remote, [], "--unshallow")
    repository = _again(repository)
    if repository.shallow:
        raise ToolError("the history", f"the clone is shallow, and git cannot deepen it: {why}", REMEDY)
    return repository


def _is_cut(repository: Repository, ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether the clone ends among the commits that ours lead to and theirs do not."""
    ends = set(read_regular(repository.common_dir / "shallow", SHALLOW_BYTES).decode("latin-1").split())
    if not ends:
        return False
    with opened(repository) as history:
        return not ends.isdisjoint(graph_of(history, ours, theirs).parents)


def _fetched(repository: Repository, remote: str, ids: Sequence[str], depth: str) -> str:
    """What went wrong, or nothing."""
    return fetch(repository, remote, ids, depth) if remote else "it is not known which remote it is from"


def _again(repository: Repository) -> Repository:
    """The repository as it is now."""
    return find(repository.root or repository.git_dir, outside=True) or repository
