"""What the index of a repository holds, committed or not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sgleaks.git.run import ask

if TYPE_CHECKING:
    from sgleaks.git.history import History

LISTING_SECONDS = 600  # a million entries take seconds


def staged(history: History) -> dict[str, str]:
    """Path by object id, the first where there are several. Nothing where there is no index that git can read."""
    index = history.repository.git_dir / "index"
    if not index.is_file():
        return {}
    variables = history.own.variables | {"GIT_INDEX_FILE": str(index)}
    args = ["ls-files", "-s", "-z"]
    answer = ask(args, git_dir=history.own.git_dir, timeout=LISTING_SECONDS, variables=variables)
    found: dict[str, str] = {}
    for entry in answer.out.split(b"\0")[:-1]:
        head, _, path = entry.partition(b"\t")
        found.setdefault(head.split(b" ")[1].decode(), os.fsdecode(path))
    return found
