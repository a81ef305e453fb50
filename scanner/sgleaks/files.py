"""Files that sgleaks writes: whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

from sgleaks.errors import ToolError


def write(path: Path, pieces: Iterable[str], what: str, *, mode: int = 0o600) -> None:
    """Writes text beside the file and puts it in its place, so that nobody ever reads half of it.

    Readable by its owner only, unless ``mode`` says else: a report says where the keys are. Raises ToolError naming
    ``what`` could not be written.
    """
    try:
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
