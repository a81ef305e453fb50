"""Which lines a change added, by the hunk headers of git's patches. What the patches quote is never looked at.

Files are told by the ids of their old and new object, so that no name of a file can be mistaken for anything else.
Every quoted line begins with ``+``, ``-`` or a backslash, since there is no context.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sgleaks.git.run import GitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sgleaks.git.raw import Change

# --text: git calls what has a NUL binary, and then counts no lines; `-diff` of an attribute says the same of any file.
OPTIONS = ("-p", "-U0", "--text", "--full-index")
MAX_PATHS_BYTES = 60_000  # on a command line, where Linux takes 128 KiB at the least; beyond it all paths are compared

_HEADER = re.compile(rb"index ([0-9a-f]+)\.\.([0-9a-f]+)|@@ -[0-9,]+ \+(\d+)(?:,(\d+))? @@")

Pair = tuple[str, str]


def added_lines(lines: Iterable[bytes]) -> dict[Pair, frozenset[int]]:
    """The lines, from 1, of each new object that the old one does not have where git aligns them.

    A pair that git did not get to, because it failed, is absent.
    """
    found: dict[Pair, set[int]] = {}
    current: set[int] = set()
    try:
        for line in lines:
            if line[:1] in b"i@" and (header := _HEADER.match(line)):
                old, new, start, count = header.groups()
                if old:
                    current = found.setdefault((old.decode(), new.decode()), set())
                else:
                    first = int(start)
                    current.update(range(first, first + int(count or 1)))
    except GitError:
        if found:  # the last one may lack lines; a caller takes all lines of what is not here for added
            found.popitem()
    return {pair: frozenset(numbers) for pair, numbers in found.items()}


def limit(changes: Iterable[Change]) -> Sequence[str]:
    """Arguments that have git compare only the paths of these changes, where they fit on a command line."""
    paths = sorted({change.path for change in changes})
    return ["--", *paths] if sum(map(len, paths)) + len(paths) < MAX_PATHS_BYTES else []


def lines_added(change: Change, hunks: Mapping[Pair, frozenset[int]]) -> frozenset[int] | None:
    """The lines of a change that no old version has; None for all. Raises KeyError where git did not tell."""
    lines: frozenset[int] | None = None
    for old in _comparable(change):
        of_this = hunks[old, change.oid]
        lines = of_this if lines is None else lines & of_this
    return lines


def _comparable(change: Change) -> Iterator[str]:
    for old in change.olds:
        if old.oid.strip("0"):
            yield old.oid
