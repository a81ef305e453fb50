"""Standard input, output and error, so that a command need not ask how it was started.

One that is closed is there and fails when it is used; otherwise the next file that is opened would take its place. What
cannot be read or written is the user's to mend, and said so; but what standard error does not take is lost, since
nobody is left to tell.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sgleaks.errors import ToolError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

CLOSED = (os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)  # how the null device stands for each: so that using it fails
MEND = "see what it is connected to: a full disk, a closed stream, a folder"


class ClosedPipe(Exception):
    """Whoever read standard output has seen enough. No `OSError`, which click would end the program for."""


class _Checked(io.RawIOBase):
    """Another raw stream, whose failures are ours; after the first one, what is written is lost."""

    def __init__(self, raw: Any, name: str, *, matters: bool, owner: Any) -> None:
        self._raw, self._name, self._matters, self._failed = raw, name, matters, False
        self._owner = owner  # the stream before us, which would close the raw one if nothing held it

    def fileno(self) -> int:
        number: int = self._raw.fileno()
        return number

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def readable(self) -> bool:
        return bool(self._raw.readable())

    def writable(self) -> bool:
        return bool(self._raw.writable())

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        return self._tried(lambda: self._raw.readinto(buffer), 0)

    def write(self, data: ReadableBuffer, /) -> int:
        size = memoryview(data).nbytes
        written = None
        while written is None:
            written = size if self._failed else self._tried(lambda: self._raw.write(data), size)
            if written is None:
                self._wait()
        return written

    def _tried(self, act: Callable[[], int | None], otherwise: int) -> int | None:
        try:
            return act()
        except OSError as error:
            self._failed = True
            if not self._matters:
                return otherwise
            if isinstance(error, BrokenPipeError):
                raise ClosedPipe from None
            raise ToolError(self._name, f"it cannot be used: {error.strerror}", MEND) from None

    def _wait(self) -> None:
        """Until there is room: whoever started us may have made the pipe one that does not wait."""
        import select

        select.select([], [self._raw], [])


def prepare() -> None:
    """Sets up the three streams of this process. What goes to no terminal is UTF-8, whatever the locale says."""
    for number, mode in enumerate(CLOSED):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest number that is free, which is this one
    sys.stdin = _opened(sys.stdin, 0, "standard input", "r")
    sys.stdout = _opened(sys.stdout, 1, "standard output", "w")
    sys.stderr = _opened(sys.stderr, 2, "standard error", "w", matters=False)


def end() -> None:
    """Writes what is still held back, so that nothing is left to fail when Python ends."""
    sys.stdout.flush()
    sys.stderr.flush()


def _opened(stream: Any, number: int, name: str, mode: str, *, matters: bool = True) -> Any:
    """The stream with its failures told; as it is where it is somebody else's, who runs us in a process of his own."""
    if stream is None:
        raw: Any = io.FileIO(number, mode, closefd=False)
        encoding, errors, by_line = "utf-8", "strict", False
    elif isinstance(stream, io.TextIOWrapper):
        raw, encoding, errors = getattr(stream.buffer, "raw", stream.buffer), stream.encoding, stream.errors or ""
        by_line = stream.line_buffering
    else:
        return stream
    checked = _Checked(raw, name, matters=matters, owner=stream)
    if mode == "r":
        return io.TextIOWrapper(io.BufferedReader(checked), encoding, errors)
    told = encoding if checked.isatty() else "utf-8"
    return io.TextIOWrapper(io.BufferedWriter(checked), told, "backslashreplace", line_buffering=by_line)
