"""The configuration of a change that others propose: that of the commit it is based on, never its own.

It could say `exclude = ["**"]`. What the base has is laid out in a folder of its own, and read from there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sgleaks import settings as config_file
from sgleaks.errors import ToolError
from sgleaks.git.history import History, opened

if TYPE_CHECKING:
    from sgleaks.ci import Change
    from sgleaks.git.repository import Repository

NAMES = (config_file.FILE, config_file.PYPROJECT, config_file.BASELINE)
MAX_FILES = 10_000  # of folders of rules
FILES = ("config", "baseline")


@contextmanager
def trusted(
    change: Change, repository: Repository, given: dict[str, Any]
) -> Iterator[tuple[Path, dict[str, Any], Change]]:
    """Where configuration is searched, and the options, with the base's files in place of those of the work tree."""
    if not change.base:
        yield repository.root or Path(), given, change
        return
    with TemporaryDirectory(prefix="sgleaks-") as name, opened(repository) as history:
        folder = Path(name)
        (folder / ".git").touch()  # the search for configuration ends here
        _lay_out(history, change.base, NAMES, folder)
        if found := config_file.find(folder):
            loaded = config_file.load(found)
            _lay_out(history, change.base, _below(folder, (*loaded.rules, loaded.baseline)), folder)
        notes = [f"its own configuration is not obeyed: that of {change.base[:12]}, which it is based on, is"]
        options = dict(given)
        for option in (*FILES, "rules"):
            options[option] = _in_base(option, given.get(option), history, change.base, repository, folder, notes)
        if change.foreign:
            options["no_inline_ignores"] = True
            notes.append("it comes from a fork: its `sgleaks: ignore` comments are not obeyed")
        yield folder, options, change.noted(*notes)


def _in_base(
    option: str,
    given: Any,
    history: History,
    commit: str,
    repository: Repository,
    folder: Path,
    notes: list[str],
) -> Any:
    """What an option names, read from the base where it lies in the work tree."""
    if not given or repository.root is None:
        return given
    kept = []
    for path in [given] if isinstance(given, str) else given:
        place = Path(os.path.realpath(path))
        if not place.is_relative_to(repository.root):
            kept.append(path)
            continue
        inner = place.relative_to(repository.root).as_posix()
        _lay_out(history, commit, [inner], folder)
        if (folder / inner).exists():
            kept.append(str(folder / inner))
        else:
            notes.append(f"--{option} {inner} is new in this change, and not obeyed yet")
    return (kept[0] if kept else None) if isinstance(given, str) else tuple(kept)


def _below(folder: Path, paths: Iterable[str]) -> list[str]:
    """Those of the paths that lie in the folder, from there."""
    names = [os.path.relpath(path, folder).replace(os.sep, "/") for path in paths if path]
    return [name for name in names if name != ".." and not name.startswith("../")]


def _lay_out(history: History, commit: str, paths: Iterable[str], folder: Path) -> None:
    """Writes the regular files of a commit at these paths, or below them, into the folder."""
    names = list(paths)
    if not names:
        return
    listed = history.ask(["ls-tree", "-r", "-z", "--full-tree", commit, "--", *names]).split(b"\0")
    places: dict[str, list[Path]] = {}
    if len(listed) > MAX_FILES:
        raise ToolError("the rules of the base", f"more than {MAX_FILES:,} files", "name a folder of rules alone")
    for entry in listed:
        head, _, path = entry.partition(b"\t")
        mode, _, rest = head.decode().partition(" ")
        place = Path(os.path.normpath(folder / os.fsdecode(path)))
        if mode.startswith("100") and place.is_relative_to(folder):
            places.setdefault(rest.rpartition(" ")[2], []).append(place)
    for oid, _, data in history.objects(places):
        for place in places[oid]:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
