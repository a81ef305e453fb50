"""What reading a whole history costs: the floor, `git cat-file`, and both of our engines, interleaved.

Run as ``python bench/history_engines.py REPOSITORY [REPOSITORY…]``. The floor is what nobody can do without: the pack's
index, and every blob's entry inflated once. Nothing is matched but the anchors, and nothing examined.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from measure import Usage, run, summarise
from sgleaks.anchors import anchored, has_anchor
from sgleaks.git.codec import inflated
from sgleaks.git.objects import Engine, Large, Object, Searched, shared
from sgleaks.git.packs import opened
from sgleaks.git.repository import find

ROUNDS = 3
LIMIT = 600  # seconds for one run
GIT = ("cat-file", "--batch-all-objects", "--batch", "--buffer")


def floor(repository: Path) -> None:
    """Opens every pack and inflates each entry that is no tree, in one process."""
    found = find(repository)
    for path in sorted((found.objects[0] if found else repository).glob("pack/*.pack")):
        pack = opened(path)
        rows = pack.families.members
        columns = (pack.entries.data[rows], pack.index.end[rows], pack.entries.size[rows])
        for start, end, size in zip(*(column.tolist() for column in columns), strict=True):
            inflated(pack.view[start:end], size)


def ours(path: Path, engine: Engine, jobs: int) -> None:
    """Searches everything for anchors, and prints what there was."""

    def count(objects: Iterator[Object | Large]) -> int:
        return sum(1 for _ in objects)

    repository = find(path)
    if not repository:
        raise SystemExit(f"no repository: {path}")
    hits = 0
    for answer in shared(
        repository,
        has_anchor,
        count,
        jobs=jobs,
        engine=engine,
        batch=lambda data, ends: anchored(memoryview(data), ends),
    ):
        if isinstance(answer, int):
            hits += answer
        else:
            print(answer)
    print(Searched.__name__, hits)


def commands(repository: Path) -> dict[str, list[str]]:
    """What is compared, by its name in the table."""
    own = [sys.executable, __file__, "--child"]
    return {
        "floor": [*own, "floor", str(repository)],
        "cat-file, all": ["git", "--git-dir", str(repository), *GIT],
        "pack, 1": [*own, "pack", str(repository), "1"],
        "pack, 2": [*own, "pack", str(repository), "2"],
        "git, 1": [*own, "git", str(repository), "1"],
        "git, 2": [*own, "git", str(repository), "2"],
    }


def main(repositories: list[Path]) -> None:
    """Prints a table for each repository."""
    env = dict(os.environ)
    for repository in repositories:
        usages: dict[str, list[Usage]] = {}
        for _ in range(ROUNDS):
            for name, command in commands(repository).items():
                usages.setdefault(name, []).append(run(command, env=env, cwd=Path.cwd(), output=None, limit=LIMIT))
        print(f"{repository}\n{'':16}{'wall s':>8}{'CPU s':>8}{'RSS MB':>8}")
        for name, runs in usages.items():
            one = summarise(runs)
            print(f"{name:16}{one.wall:8.2f}{one.cpu:8.2f}{one.rss >> 20:8}")


if __name__ == "__main__":
    if sys.argv[1] != "--child":
        main([Path(name) for name in sys.argv[1:]])
    elif sys.argv[2] == "floor":
        floor(Path(sys.argv[3]))
    else:
        ours(Path(sys.argv[3]), cast("Engine", sys.argv[2]), int(sys.argv[4]))
