"""Lists what a scan of a git work tree reads: tracked files, and untracked ones that git does not ignore."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from posixpath import join, normpath

from sgleaks.git.discovery import Worktree, find
from sgleaks.git.isolation import isolated
from sgleaks.git.ls_files import ELSEWHERE, LsFiles
from sgleaks.model import Skip

__all__ = ["Listing", "Worktree", "find", "listing", "tracked"]

NOT_CHECKED_OUT = 'not checked out; "git submodule update --init" brings it'


@dataclass(frozen=True, slots=True)
class Listing:
    """Paths as the system spells them, relative to the listed folder, sorted; and what is there but not listed.

    A listed file may be absent (deleted, or left out by a sparse checkout), which is no fault; it may be a link, and so
    may a folder on the way to it, or a folder may stand in its place.
    """

    files: tuple[bytes, ...]
    skips: tuple[Skip, ...]


def listing(worktree: Worktree, folder: Path) -> Listing:
    """The files below ``folder``, for which `find` gave ``worktree``. An ignored folder that is named is listed whole.

    Costs one git process; one more below the root when nothing there is untracked, and one for each submodule whose
    files lie there without their repository. Raises `ToolError` when git is missing, too old or fails. An index that
    git cannot read is a skip; every file that is not ignored is listed then.
    """
    top = Path(os.path.realpath(folder))
    try:
        _is_empty(top)
    except OSError as error:
        return _skipped(".", "unreadable", (error.strerror or "").lower())
    with isolated(worktree.git_dir, worktree.common_dir) as own:
        git = LsFiles(worktree, own)
        seen = git.see(top)
        if not seen.untracked and git.ignores(top):
            seen = git.see(top, ignore=False)
        files, skips = {*seen.tracked, *seen.untracked}, set(seen.skips)
        for path in seen.submodules:
            inside = _submodule(git, top, path)
            files.update(inside.files)
            skips.update(inside.skips)
    return Listing(tuple(sorted(files)), tuple(sorted(skips)))


def tracked(worktree: Worktree) -> frozenset[bytes]:
    """The paths that the index of a work tree has, from its root. One git process; empty where it cannot be read."""
    with isolated(worktree.git_dir, worktree.common_dir) as own:
        return frozenset(LsFiles(worktree, own).see(worktree.root).tracked)


def _submodule(git: LsFiles, top: Path, path: bytes) -> Listing:
    """What stands in the place of a submodule. git lists nothing there, whatever it is."""
    name = os.fsdecode(path)
    place = top / name
    if os.path.lexists(place) and (os.path.islink(place) or not os.path.isdir(place)):
        return Listing((path,), ())
    if os.path.lexists(place / ".git"):
        return _skipped(name, "submodule", ELSEWHERE)
    if not os.path.isdir(place) or Path(os.path.realpath(place)) != place:
        return _skipped(name, "submodule", NOT_CHECKED_OUT)
    try:
        if _is_empty(place):
            return _skipped(name, "submodule", NOT_CHECKED_OUT)
    except OSError as error:
        return _skipped(name, "unreadable", (error.strerror or "").lower())
    # Copied without its repository, so that no other scan would list these files.
    seen = git.see(place, index=False)
    skips = (replace(skip, path=normpath(join(name, skip.path))) for skip in seen.skips)
    return Listing(tuple(join(path, file) for file in seen.untracked), tuple(skips))


def _is_empty(folder: Path) -> bool:
    """Raises `OSError` if the folder cannot be read or, for which the dot is, not entered."""
    with os.scandir(os.path.join(folder, ".")) as entries:
        return next(entries, None) is None


def _skipped(path: str, reason: str, detail: str) -> Listing:
    return Listing((), (Skip(path or ".", reason, detail),))
