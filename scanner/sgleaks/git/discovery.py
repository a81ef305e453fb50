"""Finds the git work tree around a path, without running git and without believing its configuration."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sgleaks.git.isolation import read_regular

POINTER_BYTES = 1 << 16  # of a `.git` file or `commondir`: one path, and systems stop at 4 KiB


@dataclass(frozen=True, slots=True)
class Worktree:
    """A checkout. All paths are real: absolute, without links.

    ``git_dir`` holds HEAD and the index, ``common_dir`` objects and configuration; linked worktrees have two.
    """

    root: Path
    git_dir: Path
    common_dir: Path


def find(path: Path) -> Worktree | None:
    """The nearest work tree that ``path`` lies in, as git would find it; a few `stat` calls for each folder above.

    None outside of any, in a bare repository, and inside ``.git``. A ``.git`` file that leads nowhere (a submodule
    copied without its parent) ends the search too: no repository could list its folder.
    """
    start = Path(os.path.realpath(path))
    for folder in (start, *start.parents) if os.path.isdir(start) else start.parents:
        marker = folder / ".git"
        if os.path.isfile(marker):
            return _worktree(folder, _followed(marker, b"gitdir:"))
        if found := _worktree(folder, marker):
            return found
        if _is_git_dir(folder, folder):
            return None
    return None


def _worktree(root: Path, git_dir: Path | None) -> Worktree | None:
    if git_dir is None:
        return None
    git_dir = Path(os.path.realpath(git_dir))
    common_dir = Path(os.path.realpath(_followed(git_dir / "commondir") or git_dir))
    return Worktree(root, git_dir, common_dir) if _is_git_dir(git_dir, common_dir) else None


def _is_git_dir(git_dir: Path, common_dir: Path) -> bool:
    # The conditions of git's own `is_git_directory` (setup.c), but for the content of HEAD.
    return (
        os.path.lexists(git_dir / "HEAD")
        and os.path.isdir(common_dir / "objects")
        and os.path.isdir(common_dir / "refs")
    )


def _followed(pointer: Path, prefix: bytes = b"") -> Path | None:
    """Where a file with a path in it leads, relative to its own folder (gitrepository-layout(5))."""
    content = read_regular(pointer, POINTER_BYTES)
    target = content.removeprefix(prefix).strip()
    return (
        pointer.parent / os.fsdecode(target) if target and content.startswith(prefix) and b"\0" not in target else None
    )
