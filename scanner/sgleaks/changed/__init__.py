"""What a change brings: the index against HEAD, or the commits of a range, each against its parents.

git (raw changes) -> objects -> examine (lines that were added) -> Report
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sgleaks.changed.deadline import Late, deadline
from sgleaks.changed.examiner import Examiner
from sgleaks.errors import ToolError
from sgleaks.git.repository import find
from sgleaks.model import Skip
from sgleaks.pipeline import report
from sgleaks.ruleset import Ruleset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sgleaks.changed.examiner import Source
    from sgleaks.git.pushes import Push
    from sgleaks.git.repository import Repository
    from sgleaks.model import Report
    from sgleaks.settings import Settings


def scan_staged(paths: Sequence[str], settings: Settings) -> Report:
    """The report on what a commit would bring, in the repository around the current folder. Raises ToolError.

    ``paths`` limit it; without any it is everything, wherever in the work tree this is.
    """
    from sgleaks.git.index import index_of

    repository = _repository()
    if repository.bare:
        raise ToolError("--staged", "a bare repository has no index", "use --range, or `sgleaks history`")
    with index_of(repository, _from_root(repository, paths)) as index:
        return _report(repository, index, settings)


def scan_range(text: str, paths: Sequence[str], settings: Settings) -> Report:
    """The report on what every commit of a range brought: of one place the oldest commit. Raises ToolError."""
    from sgleaks.git.history import opened
    from sgleaks.git.span import span_of

    repository = _repository()
    with opened(repository) as history:
        return _report(repository, span_of(history, text, _from_root(repository, paths)), settings)


def scan_push(repository: Repository, push: Push, settings: Settings, seconds: float = 0) -> Report:
    """The report on what every commit and tag of a push brings. Raises ToolError.

    After so many ``seconds`` (0: no limit) it ends with what was found, and says that it did not see everything.
    """
    from sgleaks.git.history import opened
    from sgleaks.git.span import span_without

    with opened(repository) as history:
        source = span_without(history, push.wanted, push.known, ())
        return _report(repository, source, settings, seconds)


def _report(repository: Repository, source: Source, settings: Settings, seconds: float = 0) -> Report:
    rules = Ruleset(settings, scope="changes")
    examiner = Examiner(source, rules, settings)
    try:
        with deadline(seconds):
            results = examiner.results()
    except Late:
        late = Skip("commits", "interrupted", f"not everything was seen within {seconds:g} seconds")
        results = [*examiner.found, late]
    return report(results, rules, examiner.stats, settings, repository.root or Path())


def _repository() -> Repository:
    # Objects borrowed from elsewhere count: only those are read that this index or these commits name, and hooks must
    # work in what `git clone --reference` made.
    if repository := find(Path(), outside=True):
        return repository
    raise ToolError(".", "it is not in a git repository", "run it in one, or scan files")


def _from_root(repository: Repository, paths: Sequence[str]) -> list[str]:
    """Paths as git has them. In a bare repository they are such already."""
    return [_one(repository.root, path) for path in paths] if repository.root else list(paths)


def _one(root: Path, path: str) -> str:
    # The last name may be a link that is staged itself; those before it lead to where the file is.
    folder, name = os.path.split(os.path.abspath(path))
    place = Path(os.path.realpath(folder)) / name
    if not place.is_relative_to(root):
        raise ToolError(path, "it is outside of the repository", "name a path of the repository")
    return place.relative_to(root).as_posix()
