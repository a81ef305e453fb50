"""What the index holds against HEAD: what a commit would bring. The work tree is never looked at."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sgleaks.git import hunks, raw
from sgleaks.git.hardening import INDEX
from sgleaks.git.history import History, opened
from sgleaks.git.ids import started
from sgleaks.git.isolation import index_damage, link_shared_indexes
from sgleaks.git.run import ask, stream
from sgleaks.model import Skip

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sgleaks.git.hunks import Pair
    from sgleaks.git.raw import Change
    from sgleaks.git.repository import Repository

SECONDS = 600  # a million entries take seconds
HEAD_SECONDS = 10  # reading one ref


@dataclass(frozen=True, slots=True)
class Index:
    """The index, and the commit or empty tree it is held against. ``paths`` limit it, from the root; none for all."""

    history: History
    variables: dict[str, str]
    against: str
    paths: tuple[str, ...]
    damage: str
    commits: tuple[str, ...] = ()
    objects: tuple[tuple[str, str], ...] = ()

    def changes(self, skips: list[Skip]) -> list[Change]:
        """Every file that was added or changed, by path. What keeps git from telling is added to ``skips``."""
        if self.damage:
            skips.append(Skip(".", "unreadable", f"the git index: {self.damage}"))
            return []

        def fields(options: tuple[str, ...]) -> Iterator[bytes]:
            return self._fields(["--raw", *options, self.against, "--", *self.paths], b"\0")

        changes, whole = raw.listed(fields)
        if not whole:
            skips.append(Skip(".", "unreadable", "git cannot compare the index with HEAD; `git fsck` may tell why"))
        return changes

    def hunks(self, changes: Sequence[Change]) -> dict[Pair, frozenset[int]]:
        """The lines that these changes added."""
        # Both names of a renamed file would have to be named, so that all paths are compared where there is one.
        renamed = any("R" in change.status for change in changes)
        limit = ["--", *self.paths] if renamed else hunks.limit(changes)
        args = [*hunks.OPTIONS, *raw.OPTIONS, self.against, *limit]
        return hunks.added_lines(self._fields(args, b"\n"))

    def _fields(self, args: list[str], end: bytes) -> Iterator[bytes]:
        rest = b""
        command = ["diff-index", "--cached", *args]
        git_dir = self.history.own.git_dir
        for chunk in stream(command, git_dir=git_dir, timeout=SECONDS, variables=self.variables):
            *whole, rest = (rest + chunk).split(end)
            yield from whole


@contextmanager
def index_of(repository: Repository, paths: Sequence[str]) -> Iterator[Index]:
    """The index that a commit would be made of, while the context lasts; one git process. Raises `ToolError`."""
    # `commit -a` and `commit FILE` hand hooks an index of their own, by a path from where they start the hook.
    named = os.environ.get(INDEX[0])
    file = Path(os.path.abspath(named)) if named else repository.git_dir / "index"
    with opened(repository) as history:
        shared = link_shared_indexes(repository.git_dir, history.own.git_dir)
        damages = (index_damage(path, repository.object_format) for path in (file, *shared))
        variables = history.own.variables | {INDEX[0]: str(file)}
        yield Index(history, variables, _head(repository), tuple(paths), next(filter(None, damages), ""))


def _head(repository: Repository) -> str:
    """The commit of HEAD; the empty tree, which git knows without having it, while there is none."""
    args = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]
    answer = ask(args, git_dir=repository.git_dir, timeout=HEAD_SECONDS)
    return answer.out.decode().strip() or started(repository.object_format, "tree", 0).hexdigest()
