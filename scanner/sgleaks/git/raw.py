"""Changes as git lists them: ``--raw -z`` of one tree against another, with ``-c`` of a merge against all parents."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from sgleaks.git.run import GitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTHING, LINK, GITLINK = "000000", "120000", "160000"  # modes: no file, a symbolic link, a submodule's commit
# No patch, no filter, no driver of the repository. A renamed file is compared with what it was called before.
OPTIONS = ("-r", "-z", "-M", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none")
_NO_RENAMES = (*OPTIONS, "--no-renames")


class Side(NamedTuple):
    """A file as it was before: its mode, `NOTHING` where there was none, and its object id."""

    mode: str
    oid: str


class Change(NamedTuple):
    """What stands at ``path`` now, and in ``olds`` what stood there before: of a merge, in each of its parents.

    ``status`` has a letter for each of these, as in gitdiffcore(7); ``commit`` is empty for the index.
    """

    path: str
    mode: str
    oid: str
    olds: tuple[Side, ...]
    status: str
    commit: str = ""

    @property
    def is_named_anew(self) -> bool:
        """Whether nothing was called by this path before."""
        return all(letter in "AR" for letter in self.status)

    @property
    def is_same(self) -> bool:
        """Whether one of the old versions had these bytes: a new mode, or only a new name."""
        return any(old.oid == self.oid and old.mode[:2] == self.mode[:2] for old in self.olds)


def listed(fields: Callable[[tuple[str, ...]], Iterator[bytes]]) -> tuple[list[Change], bool]:
    """The changes in git's output for these options, as far as it got, and whether that is all.

    Renames are left out of it where git cannot read a file that it would have to compare for them.
    """
    found: list[Change] = []
    for options in (OPTIONS, _NO_RENAMES):
        found = []
        try:
            found += parsed(fields(options))
        except GitError:
            continue
        return found, True
    return found, False


def parsed(fields: Iterator[bytes]) -> Iterator[Change]:
    """Changes that leave something at their path. A field is a commit, or a line of modes that a path follows."""
    commit = ""
    for field in fields:
        if not field.startswith(b":"):
            commit = field.decode(errors="replace").strip()
            continue
        words = field.decode().lstrip(":").split(" ")
        count = len(field) - len(field.lstrip(b":"))
        path = next(fields, b"")
        if count == 1 and words[-1][0] == "R":
            path = next(fields, b"")  # the old name came first
        modes, ids = words[: count + 1], words[count + 1 : 2 * count + 2]
        if modes[-1] != NOTHING or "U" in words[-1]:
            olds = tuple(map(Side, modes[:-1], ids[:-1]))
            status = words[-1].rstrip("0123456789")
            yield Change(os.fsdecode(path), modes[-1], ids[-1], olds, status, commit)
