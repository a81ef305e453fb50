"""An empty repository of our own that borrows a target's objects, for reading them through git (see `isolation`).

Neither the target's configuration nor its list of alternates is read: git sees the object directories that
`repository.find` chose, and no others. Nothing is written into the target.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sgleaks.errors import ToolError
from sgleaks.git.isolation import config_of
from sgleaks.git.pack_files import is_linked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sgleaks.git.repository import Repository


class Borrowed(NamedTuple):
    """``git_dir`` is ours; with ``variables`` in its environment, git finds the target's objects from there."""

    git_dir: Path
    variables: dict[str, str]


@contextmanager
def borrowed(repository: Repository) -> Iterator[Borrowed]:
    """A repository of our own while the context lasts; costs some milliseconds. Raises `ToolError` without room."""
    import tempfile

    try:
        folder = tempfile.TemporaryDirectory(prefix="sgleaks-")
    except OSError as error:
        raise _no_room(error) from None
    with folder as name:
        own = Path(name)
        try:
            (own / "refs").mkdir()
            (own / "HEAD").write_text("ref: refs/heads/none\n")
            (own / "config").write_text(config_of(repository.object_format, repository.common_dir))
            variables = {"GIT_OBJECT_DIRECTORY": str(_objects(own, repository))}
        except OSError as error:
            raise _no_room(error) from None
        yield Borrowed(own, variables)


def _objects(own: Path, repository: Repository) -> Path:
    """One object directory that has all of them for alternates."""
    empty = own / "objects"
    (empty / "info").mkdir(parents=True)
    lines = [
        _stand_in(own / f"from{number}", folder, links=repository.outside)
        for number, folder in enumerate(repository.objects)
    ]
    (empty / "info" / "alternates").write_text("".join(f"{line}\n" for line in lines))
    return empty


def _stand_in(place: Path, folder: Path, *, links: bool) -> Path:
    """The folder without what it borrows, or the folder itself where no link can be made and it borrows nothing."""
    try:
        return _without_alternates(place, folder, links=links)
    except OSError:  # Windows lets administrators alone make links, unless its developer mode is on
        if os.path.lexists(folder / "info" / "alternates") or not (links or _is_plain(folder)):
            raise
        return folder


def _is_plain(folder: Path) -> bool:
    """Whether nothing in an object directory is a link."""
    return not any(path.is_symlink() for place in (folder, folder / "pack") for path in place.glob("*"))


def _without_alternates(stand_in: Path, folder: Path, *, links: bool) -> Path:
    """The folder by another path, under which git does not see what it borrows in turn, or what is linked to."""
    stand_in.mkdir()
    for number in range(256):
        fan = f"{number:02x}"
        if os.path.isdir(folder / fan) and (links or not os.path.islink(folder / fan)):
            (stand_in / fan).symlink_to(folder / fan)
    packs = folder / "pack"
    if os.path.isdir(packs) and (links or not os.path.islink(packs)):
        linked = set() if links else {path.name for path in packs.iterdir() if path.is_symlink()}
        if not linked:
            (stand_in / "pack").symlink_to(packs)
            return stand_in
        # File by file, which is not the rule since git could not see the packs of a repacking that ends meanwhile.
        (stand_in / "pack").mkdir()
        for path in packs.iterdir():
            if path.suffix in (".pack", ".idx") and not is_linked(path.with_suffix(".pack")):
                (stand_in / "pack" / path.name).symlink_to(path)
    return stand_in


def _no_room(error: OSError) -> ToolError:
    return ToolError(
        "the objects could not be reached",
        error.strerror or "",
        "see whether the temporary folder can be written, and links be made there",
    )
