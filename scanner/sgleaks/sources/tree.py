"""What a user names: files, folders, work trees. Decides how each is listed, and what files are called in reports."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from sgleaks.errors import ToolError
from sgleaks.model import Blob, Skip
from sgleaks.sources.files import OPEN, Folder, folders, named, odd, walk

Excluded = Callable[[str], bool]


def root_of(paths: Sequence[Path]) -> Path:
    """What reported paths are relative to: the one folder that is named, else the current folder where it holds all
    that is named, else what they have in common. Raises ToolError for a path that does not exist."""
    for path in paths:
        if not os.path.lexists(path):
            raise ToolError(
                str(path), "there is no such file or folder", "check the spelling, or run it from the right folder"
            )
    if len(paths) == 1 and paths[0].is_dir():
        return paths[0]
    here = Path.cwd()
    places = [Path(os.path.abspath(path)) for path in paths]
    if all(place.is_relative_to(here) for place in places):
        return here
    return Path(os.path.commonpath([place if place.is_dir() else place.parent for place in places]))


def items(paths: Sequence[Path], excluded: Excluded | None = None) -> Iterator[Folder | Blob | Skip]:
    """Everything to scan below ``paths``, named relative to ``root_of`` them, each file once."""
    root = Path(os.path.abspath(root_of(paths)))
    named_places = {Path(os.path.abspath(path)): path for path in paths}
    for place, path in named_places.items():
        if any(parent in named_places for parent in place.parents):
            continue  # it comes with that folder
        shown = "" if place == root else place.relative_to(root).as_posix()
        if path.is_dir():
            yield from _folder(path, f"{shown}/" if shown else "", excluded)
        elif path.is_file():
            folder, slash, _ = shown.rpartition("/")
            yield Folder(os.fsencode(place.parent), folder + slash, (os.fsencode(place.name),), follow=True)
        else:
            yield from odd(os.fsencode(path), shown, os.fsencode(place.parent))


def _folder(path: Path, shown: str, excluded: Excluded | None) -> Iterator[Folder | Blob | Skip]:
    from sgleaks.git import worktree

    tree = worktree.find(path)
    if tree is None:
        yield from walk(os.fsencode(path), shown, excluded)
        return
    listing = worktree.listing(tree, path)
    for skip in listing.skips:
        yield replace(skip, path=(shown + skip.path) if skip.path != "." else shown.rstrip("/") or ".")
    base = os.fsencode(path)
    by_folder: dict[bytes, list[bytes]] = {}
    for name in listing.files:
        if not (excluded and excluded(shown + os.fsdecode(name))):
            folder, _, file = name.rpartition(b"/")
            by_folder.setdefault(folder, []).append(file)
    yield from named([(name, shown + os.fsdecode(path)) for path, name in _folder_names(by_folder)])
    real = os.path.realpath(base)
    for folder, names in by_folder.items():
        place = os.path.join(base, folder)
        prefix = shown + os.fsdecode(folder) + "/" if folder else shown
        # A folder of the index may be a link in the work tree, and lead anywhere.
        if os.path.realpath(place) != os.path.join(real, *filter(None, folder.split(b"/"))):
            yield from odd(place, prefix.rstrip("/"), base)
            continue
        yield from folders(place, prefix, names)


def _folder_names(paths: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
    """Every folder on the way to ``paths``, once: its path, and the last name of it."""
    found: set[bytes] = set()
    for path in paths:
        while path and path not in found:
            found.add(path)
            path = path.rpartition(b"/")[0]
    return [(path, path.rpartition(b"/")[2]) for path in sorted(found)]


class Scanned:
    """The files below what a user named, for the few rules that ask for some by name. Listed when first asked for."""

    LARGEST = 1 << 20  # bytes; what such rules read is written by people

    def __init__(self, paths: Sequence[Path], excluded: Excluded | None = None) -> None:
        self._paths, self._excluded = paths, excluded

    @cached_property
    def _files(self) -> dict[str, bytes]:
        """The place of every file on the disk by its shown path."""
        listed = (item for item in items(self._paths, self._excluded) if isinstance(item, Folder))
        return {
            folder.shown + os.fsdecode(name): os.path.join(folder.path, name)
            for folder in listed
            for name in folder.names
        }

    @cached_property
    def whole(self) -> bool:
        """Whether all of a work tree was scanned: it alone was named."""
        from sgleaks.git import worktree

        tree = worktree.find(self._paths[0]) if len(self._paths) == 1 else None
        return tree is not None and tree.root == Path(os.path.realpath(self._paths[0]))

    def versioned(self, paths: Sequence[str]) -> Mapping[str, str]:
        """ "tracked" of the files that git has, "no-git" of those outside of any work tree. One git process a tree."""
        from sgleaks.git import worktree

        root, states = root_of(self._paths), dict[str, str]()
        tracked: dict[Path, frozenset[bytes]] = {}
        for path in paths:
            place = Path(os.path.realpath(root / os.path.dirname(path))) / os.path.basename(path)
            tree = worktree.find(place.parent)
            if tree is None:
                states[path] = "no-git"
                continue
            if tree.root not in tracked:
                tracked[tree.root] = worktree.tracked(tree)
            if os.fsencode(os.path.relpath(place, tree.root).replace(os.sep, "/")) in tracked[tree.root]:
                states[path] = "tracked"
        return states

    def names(self) -> Sequence[str]:
        """The shown path of every file, sorted."""
        return sorted(self._files)

    def read(self, path: str) -> bytes | None:
        """A file's bytes; None where it was not scanned, is no regular file, is too large, or cannot be read."""
        place = self._files.get(path)
        if place is None:
            return None
        try:
            with open(os.open(place, OPEN), "rb") as file:
                regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
                data = file.read(self.LARGEST + 1) if regular else b""
        except OSError:
            return None
        return data if regular and len(data) <= self.LARGEST else None
