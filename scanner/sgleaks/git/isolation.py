"""An empty repository of our own that borrows a target's index, objects and ignore file.

git then never reads the configuration of the target, so nothing in it can run, and it does not matter who owns it.
Nothing is written into the target.
"""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sgleaks.errors import ToolError
from sgleaks.git.run import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG_SECONDS = 10  # reading one small file
CONFIG_BYTES = EXCLUDE_BYTES = 1 << 20  # hand-written files; the largest seen hold some kilobytes
FORMATS = frozenset({"sha1", "sha256"})


@dataclass(frozen=True, slots=True)
class Isolation:
    """``git_dir`` is ours, ``variables`` point from it into the target. ``damage`` says why its index is left out."""

    git_dir: Path
    variables: dict[str, str]
    damage: str


@contextmanager
def isolated(git_dir: Path, common_dir: Path) -> Iterator[Isolation]:
    """A repository of our own while the context lasts. Costs a millisecond, for SHA-256 also one git process.

    Raises `ToolError` when there is no room for it, or the target cannot be read.
    """
    import tempfile

    with ExitStack() as stack:
        try:
            own = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sgleaks-")))
            isolation = _borrowed(own, git_dir, common_dir)
        except OSError as error:
            raise ToolError(
                "the git index could not be reached",
                error.strerror or "",
                "see whether .git can be read and the temporary folder can be written",
            ) from None
        yield isolation


def read_regular(path: Path, limit: int) -> bytes:
    """The first ``limit`` bytes of a file; none if it cannot be read, or is a pipe or device that might never end."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            return file.read(limit) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
    except OSError:
        return b""


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # opening a pipe waits for a writer


def _borrowed(own: Path, git_dir: Path, common_dir: Path) -> Isolation:
    for folder in ("objects", "refs", "info"):
        (own / folder).mkdir()
    (own / "HEAD").write_text("ref: refs/heads/none\n")
    object_format = object_format_of(own, common_dir)
    (own / "config").write_text(config_of(object_format, common_dir))
    (own / "info" / "exclude").write_bytes(read_regular(common_dir / "info" / "exclude", EXCLUDE_BYTES))
    shared = link_shared_indexes(git_dir, own)
    damages = (index_damage(path, object_format) for path in (git_dir / "index", *shared))
    damage = next(filter(None, damages), "")
    index = own / "none" if damage else git_dir / "index"
    variables = {"GIT_INDEX_FILE": str(index), "GIT_OBJECT_DIRECTORY": str(common_dir / "objects")}
    return Isolation(own, variables, damage)


def config_of(object_format: str, common_dir: Path) -> str:
    """The text of our own repository's configuration."""
    # What `git init` finds out about the file system; a case-insensitive one lists `README` twice otherwise.
    ignore_case = str((common_dir / "CoNfIg").exists() and (common_dir / "config").exists()).lower()
    version = int(object_format != "sha1")
    config = f"[core]\nrepositoryFormatVersion = {version}\nignoreCase = {ignore_case}\n"
    return f"{config}[extensions]\nobjectFormat = {object_format}\n" if version else config


def object_format_of(own: Path, common_dir: Path) -> str:
    """``sha1`` or ``sha256``: the one setting that nothing can be read without.

    git parses the file, without what it includes, with ``own`` for its repository; mostly it need not run.
    """
    config = common_dir / "config"
    if b"objectformat" not in read_regular(config, CONFIG_BYTES).lower():
        return "sha1"
    args = ["config", "--file", str(config), "--no-includes", "--get", "extensions.objectFormat"]
    found = ask(args, git_dir=own, timeout=CONFIG_SECONDS).out.decode(errors="replace").strip().lower()
    return found if found in FORMATS else "sha1"


def link_shared_indexes(git_dir: Path, own: Path) -> list[Path]:
    # A split index names its other half, which git looks for in the repository: in ours, now.
    found = [path for path in git_dir.glob("sharedindex.*") if path.is_file() and not path.is_symlink()]
    for path in found:
        try:
            (own / path.name).symlink_to(path)
        except OSError:  # Windows lets administrators alone make links
            shutil.copyfile(path, own / path.name)
    return found


def index_damage(index: Path, object_format: str) -> str:
    """Why an index cannot be trusted, nothing if it can. git would read one that was cut off, and wait for a pipe."""
    try:
        if not index.is_file():
            return "it is not a regular file" if index.exists() else ""
        content = memoryview(index.read_bytes())
    except OSError as error:
        return (error.strerror or "").lower()
    import hashlib

    size = hashlib.new(object_format, usedforsecurity=False).digest_size
    checksum = content[-size:]
    if not any(checksum):
        return "" if content else "it is empty"  # `index.skipHash` of git 2.40 leaves zeros
    matches = hashlib.new(object_format, content[:-size], usedforsecurity=False).digest() == checksum
    return "" if matches else "its checksum does not match"
