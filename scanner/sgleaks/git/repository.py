"""Finds the repository around a path, bare or not, and where its objects are: without running git, or believing it.

Of its configuration only the object format is read, by git itself and nothing else of it (see `isolation`).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from sgleaks.git import discovery
from sgleaks.git.isolation import CONFIG_BYTES, object_format_of, read_regular
from sgleaks.model import Skip

ALTERNATES_BYTES = 1 << 20  # of `info/alternates`: one path a line
ALTERNATES = 256  # object directories in all; git itself follows chains of five
ESCAPE = re.compile(rb"(?s)\\([0-3][0-7]{2}|.)")
SIGNS = dict(
    zip((b"a", b"b", b"f", b"n", b"r", b"t", b"v"), (b"\a", b"\b", b"\f", b"\n", b"\r", b"\t", b"\v"), strict=True)
)
PROMISES = re.compile(rb"(?im)^\s*promisor\s*=|partialclone")


@dataclass(frozen=True, slots=True)
class Repository:
    """All paths are real: absolute, without links. ``objects`` are object directories, the repository's own first.

    ``shallow``: its history ends early, so older commits are not there. ``partial``: objects may be missing that a
    remote has. ``skips``: object directories it borrows from that are not read, unless ``outside``.
    """

    git_dir: Path
    common_dir: Path
    objects: tuple[Path, ...]
    object_format: Literal["sha1", "sha256"]
    bare: bool
    root: Path | None
    shallow: bool
    partial: bool
    skips: tuple[Skip, ...] = ()
    outside: bool = False

    @property
    def id_size(self) -> int:
        """Bytes of an object id."""
        return 20 if self.object_format == "sha1" else 32


def find(path: Path, *, outside: bool = False) -> Repository | None:
    """The repository that ``path`` lies in: its work tree, its ``.git``, a bare one, or any folder in those.

    An alternate object directory outside of the repository and its work tree is a skip, unless ``outside``: whoever
    made the repository could have us read another one that only we may read. So are links among the objects. Costs
    some `stat` calls; one git process where the configuration speaks of object formats.
    """
    start = Path(os.path.realpath(path))
    tree = discovery.find(start)
    if tree:
        return _found(tree.git_dir, tree.common_dir, tree.root, outside=outside)
    for folder in (start, *start.parents):
        pointer = read_regular(folder / "commondir", discovery.POINTER_BYTES).strip()
        common = Path(os.path.realpath(folder / os.fsdecode(pointer))) if pointer and b"\0" not in pointer else folder
        if os.path.lexists(folder / "HEAD") and os.path.isdir(common / "objects") and os.path.isdir(common / "refs"):
            root = folder.parent if folder.name == ".git" else None
            return _found(folder, common, root, outside=outside)
    return None


def _found(git_dir: Path, common_dir: Path, root: Path | None, *, outside: bool) -> Repository:
    objects, skips = _object_directories(common_dir, root, outside=outside)
    config = read_regular(common_dir / "config", CONFIG_BYTES)
    promisors = any(_has_promisor(folder) for folder in objects)
    return Repository(
        git_dir,
        common_dir,
        tuple(objects),
        cast("Literal['sha1', 'sha256']", _object_format(common_dir)),
        root is None,
        root,
        os.path.getsize(common_dir / "shallow") > 0 if os.path.isfile(common_dir / "shallow") else False,
        promisors or bool(PROMISES.search(config)),
        tuple(skips),
        outside,
    )


def _object_format(common_dir: Path) -> str:
    import tempfile

    if b"objectformat" not in read_regular(common_dir / "config", CONFIG_BYTES).lower():
        return "sha1"
    with tempfile.TemporaryDirectory(prefix="sgleaks-") as own:
        for folder in ("objects", "refs"):
            os.mkdir(os.path.join(own, folder))
        Path(own, "HEAD").write_text("ref: refs/heads/none\n")
        return object_format_of(Path(own), common_dir)


def _object_directories(common_dir: Path, root: Path | None, *, outside: bool) -> tuple[list[Path], list[Skip]]:
    """The object directory and all that it borrows from, directly or not (gitrepository-layout(5)); each once."""
    inside = [folder for folder in (common_dir, root) if folder]
    found: dict[Path, None] = {}
    skips: dict[Path, Skip] = {}
    waiting = [common_dir / "objects"]
    while waiting:
        folder = Path(os.path.realpath(waiting.pop(0)))
        if folder in found or folder in skips:
            continue
        if len(found) >= ALTERNATES:
            skips[folder] = _not_read(common_dir, "too-large", f"it borrows from more than {ALTERNATES} folders")
            break
        if not outside and not any(folder.is_relative_to(place) for place in inside):
            skips[folder] = _not_read(common_dir, "missing", "it borrows objects from outside the repository: not read")
        elif not os.path.isdir(folder):
            skips[folder] = _not_read(common_dir, "missing", "it borrows objects from a folder that is not there")
        else:
            found[folder] = None
            lines = read_regular(folder / "info" / "alternates", ALTERNATES_BYTES + 1)
            waiting += _alternates(folder, lines[:ALTERNATES_BYTES])
            if len(lines) > ALTERNATES_BYTES:
                skips[folder] = _not_read(common_dir, "too-large", "the list of what it borrows from is too long")
    return list(found), list(skips.values())


def _not_read(common_dir: Path, reason: str, detail: str) -> Skip:
    name = "objects/info/alternates" if os.path.lexists(common_dir / "objects/info/alternates") else "objects"
    return Skip(name, reason, detail)


def _alternates(folder: Path, text: bytes) -> list[Path]:
    paths = [_unquoted(line) for line in text.splitlines() if line and line[:1] != b"#"]
    return [folder / os.fsdecode(path) for path in paths if b"\0" not in path]


def _unquoted(line: bytes) -> bytes:
    """git writes an odd path as a C string (alternates-env and quote.c)."""
    if len(line) < 2 or line[:1] != b'"' or line[-1:] != b'"':
        return line
    return ESCAPE.sub(
        lambda found: SIGNS.get(found[1], found[1]) if len(found[1]) == 1 else _octal(found[1]), line[1:-1]
    )


def _octal(digits: bytes) -> bytes:
    return bytes([int(digits, 8) & 0xFF])


def _has_promisor(folder: Path) -> bool:
    try:
        with os.scandir(folder / "pack") as entries:
            return any(entry.name.endswith(".promisor") for entry in entries)
    except OSError:
        return False
