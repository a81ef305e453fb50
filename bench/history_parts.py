"""Two parts of reading a history, as programs of their own: the floor, and telling where findings came from.

    python bench/history_parts.py floor REPOSITORY
    python bench/history_parts.py origins REPOSITORY OBJECT…

The floor is what nobody can do without: the packs' indexes, and every entry that is no tree inflated once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sgleaks.git.attribution import Past
from sgleaks.git.codec import inflated
from sgleaks.git.history import opened
from sgleaks.git.packs import opened as opened_pack
from sgleaks.git.refs import refs_of
from sgleaks.git.repository import find
from sgleaks.git.tips import tips_of

if TYPE_CHECKING:
    from sgleaks.git.repository import Repository


def floor(repository: Repository) -> None:
    """Reads the packs in one process, and looks at nothing."""
    for path in sorted(repository.objects[0].glob("pack/*.pack")):
        pack = opened_pack(path)
        rows = pack.families.members
        columns = (pack.entries.data[rows], pack.index.end[rows], pack.entries.size[rows])
        for start, end, size in zip(*(column.tolist() for column in columns), strict=True):
            inflated(pack.view[start:end], size)


def origins(repository: Repository, objects: list[str]) -> None:
    """Traces each object as if it were all that has one key."""
    with opened(repository) as history:
        refs = refs_of(repository)
        traces = Past(history, refs, tips_of(history, refs)).trace([[oid] for oid in objects])
    print(sum(bool(trace.places) for trace in traces), "of", len(objects), "have a place")


def main() -> None:
    """Runs the part that the first argument names."""
    name, path, *objects = sys.argv[1:]
    repository = find(Path(path))
    if not repository:
        raise SystemExit(f"no repository: {path}")
    if name == "floor":
        floor(repository)
    else:
        origins(repository, objects)


if __name__ == "__main__":
    main()
