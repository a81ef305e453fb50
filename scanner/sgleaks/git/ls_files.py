"""Asks git which paths of a work tree it tracks or would track, through a repository of our own (see `isolation`).

Nothing that the target configures can run or hide files: of the target git reads the index, every ``.gitignore`` and
``info/exclude``; of the user, the configuration with its ignore file.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sgleaks.git.run import Answer, GitError, ask
from sgleaks.model import Skip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sgleaks.git.discovery import Worktree
    from sgleaks.git.isolation import Isolation

LISTING_SECONDS = 600  # a million files take seconds; this is a file system that hangs
ELSEWHERE = 'another repository; name its folder to "sgleaks scan" to see what it holds'

_SUBMODULE_MODE = b"160000"
_OUTSIDE = "the index names a path outside the work tree"
_UNOPENED = re.compile(rb"(?m)^warning: could not open directory '((?s:.*?))': ([^'\n]*)$")  # dir.c, `open_cached_dir`


@dataclass(frozen=True, slots=True)
class Seen:
    """Paths relative to the folder that was asked about; a path may come twice. An empty one is the folder itself."""

    tracked: list[bytes]
    untracked: list[bytes]
    submodules: list[bytes]
    skips: list[Skip]


@dataclass(frozen=True, slots=True)
class LsFiles:
    """git on one work tree, through a repository of our own."""

    worktree: Worktree
    own: Isolation

    def see(self, folder: Path, *, index: bool = True, ignore: bool = True) -> Seen:
        """What there is below ``folder``, one git process; without the index everything is untracked."""
        if index and self.own.damage:
            return self._without_index(folder, self.own.damage, ignore=ignore)
        args = ["ls-files", "-z", "-t", "--stage", "--cached", "--others", *(["--exclude-standard"] if ignore else [])]
        answer = self._ask(args, folder, {} if index else {"GIT_INDEX_FILE": str(self.own.git_dir / "no-index")})
        try:
            seen = _parsed(answer.checked())
        except GitError as error:
            if not index:
                raise
            return self._without_index(folder, self._placed(error.why), ignore=ignore)
        seen.skips.extend(self._unopened(folder, answer.said))
        return seen

    def _without_index(self, folder: Path, why: str, *, ignore: bool) -> Seen:
        seen = self.see(folder, index=False, ignore=ignore)
        seen.skips.append(Skip(".", "unreadable", f"the git index cannot be read: {why}"))
        return seen

    def ignores(self, folder: Path) -> bool:
        """Whether an ignore rule covers ``folder`` itself or one it lies in."""
        root = self.worktree.root
        if folder == root:
            return False
        # `check-ignore` refuses literal pathspecs; it knows no wildcards, and `./` keeps `:` from being magic.
        args = ["check-ignore", "-q", "--no-index", "--", f"./{folder.relative_to(root).as_posix()}"]
        answer = self._ask(args, root, {"GIT_LITERAL_PATHSPECS": "0"})
        if answer.code > 1:
            answer.checked()
        return answer.code == 0

    def _ask(self, args: list[str], cwd: Path, variables: dict[str, str] | None = None) -> Answer:
        return ask(
            args,
            git_dir=self.own.git_dir,
            timeout=LISTING_SECONDS,
            work_tree=self.worktree.root,
            cwd=cwd,
            variables=self.own.variables | (variables or {}),
            user_config=True,
        )

    def _unopened(self, folder: Path, said: bytes) -> Iterator[Skip]:
        """Folders that git could only warn about. It spells them from the root of the work tree."""
        for path, why in _UNOPENED.findall(said):
            place = os.path.relpath(self.worktree.root / os.fsdecode(path), folder)
            yield Skip(place.replace(os.sep, "/"), "unreadable", why.decode(errors="replace").lower())

    def _placed(self, text: str) -> str:
        # Two runs must say the same, on any machine, and our own repository has a new name every time.
        for folder in (self.own.git_dir, self.worktree.git_dir):
            text = text.replace(str(folder), ".git")
        return text


def _parsed(out: bytes) -> Seen:
    """Records are ``? path`` or ``TAG mode id stage<TAB>path``; a repository git does not enter ends in a slash."""
    seen = Seen([], [], [], [])
    doubtful = any(part in out for part in (b"..", b"\t/", b"\t./"))  # once for all: there may be a million records
    for record in out.split(b"\0")[:-1]:
        if record[:2] == b"? ":
            _add_untracked(seen, record[2:])
            continue
        path = record.partition(b"\t")[2]
        if doubtful and _is_outside(path):
            seen.skips.append(Skip(os.fsdecode(path), "unreadable", _OUTSIDE))
        elif record[2:8] == _SUBMODULE_MODE:
            seen.submodules.append(path.removeprefix(b"./"))
        else:
            seen.tracked.append(path)
    return seen


def _add_untracked(seen: Seen, path: bytes) -> None:
    if path.endswith(b"/"):
        seen.skips.append(Skip(os.fsdecode(path[:-1]), "nested-repository", ELSEWHERE))
    else:
        seen.untracked.append(path)


def _is_outside(path: bytes) -> bool:
    """git does not check the paths of an index that it only reads. It spells the listed folder itself ``./``."""
    return path.startswith(b"/") or not {b"..", b"."}.isdisjoint(path.removesuffix(b"./").split(b"/"))
