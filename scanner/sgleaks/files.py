"""Files that sgleaks writes: whole or not at all."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

from sgleaks.errors import ToolError

SYSTEM = (Path("/dev"), Path("/proc"))  # a link in these leads to a stream, as that of `>(…)` and /dev/stdout does


def write(path: Path, pieces: Iterable[str], what: str, *, mode: int = 0o600) -> None:
    """Writes text beside the file and puts it in its place, so that nobody ever reads half of it.

    Readable by its owner only, unless ``mode`` says else: a report says where the keys are. A link is replaced, never
    followed; a pipe or device is written into. Raises ToolError naming ``what`` could not be written.
    """
    try:
        if _is_stream(path):
            with path.open("w", encoding="utf-8", newline="\n") as stream:
                stream.writelines(pieces)
            return
        with NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            try:
                file.writelines(pieces)
                file.close()
                Path(file.name).chmod(mode)
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise ToolError(str(path), f"{what} cannot be written: {error.strerror}", "give another path") from None


def _is_stream(path: Path) -> bool:
    """Whether something else than a file stands there, which must not be replaced by one."""
    if path.is_symlink() and not any(path.absolute().is_relative_to(folder) for folder in SYSTEM):
        return False
    return path.exists() and not (path.is_dir() or stat.S_ISREG(path.stat().st_mode))
