"""Bytes that flow forward once: looked at ahead, bounded, copied only where one must seek. No size is trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from sgleaks.sources.archive.bounds import BombError, UnpackError, damaged

Read = Callable[[int], bytes]  # at most so many bytes, b"" at the end only

PIECE = 256 << 10  # bytes copied or passed over at a time
SPOOLED = 8 << 20  # bytes of a nested archive kept in memory before a temporary file takes over; MAX_DEPTH of them


class Source:
    """A stream with a view ahead. ``file`` is the seekable file it reads from its start, where there is one."""

    def __init__(self, read: Read, file: BinaryIO | None = None) -> None:
        self._read = read
        self._held = b""
        self._at = 0
        self.file = file
        self.position = 0  # bytes taken so far

    def peek(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer only at the end, without taking them."""
        held = self._held[self._at :]
        while len(held) < size:
            try:
                part = self._read(size - len(held))
            except UnpackError:
                break  # what came before it is good; a failed stream raises again when it is read again
            if not part:
                break
            held += part
        self._held, self._at = held, 0
        return held[:size]

    def more(self) -> bool:
        """Whether anything follows. Raises what failed below, if that is why nothing does."""
        return bool(self.peek(1) or self._read(1))

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes, b"" at the end only."""
        if self._at == len(self._held):
            self._held, self._at = self._read(size), 0
        taken = self._held[self._at : self._at + size]
        self._at += len(taken)
        self.position += len(taken)
        return taken

    def exact(self, size: int) -> bytes:
        """``size`` bytes. Raises UnpackError when there are fewer. Memory: ``size``, so never a size from the input."""
        if len(self.peek(size)) < size:
            self._read(1)  # raises what failed below, if that is why
            raise damaged()
        return self.read(size)

    def back(self, size: int) -> None:
        """Gives the last ``size`` bytes of the last ``read`` back."""
        self._at -= size
        self.position -= size


class Window:
    """The next ``size`` bytes of a stream; what of them is not read must be drained before the stream goes on."""

    def __init__(self, read: Read, size: int) -> None:
        self._read = read
        self._left = size
        self._error: UnpackError | None = None

    def read(self, size: int) -> bytes:
        if self._error:
            raise self._error
        size = min(size, self._left)
        data = self._read(size) if size else b""
        self._left -= len(data)
        if size and not data:
            self._error = damaged()
            raise self._error
        return data

    def drain(self) -> None:
        while self.read(PIECE):
            pass


@contextmanager
def seekable(source: Source) -> Iterator[IO[bytes]]:
    """The whole of a source that nothing was taken from, as a file one can seek in; a bounded copy where it is none.

    A damaged source gives what comes before the damage. Raises BombError, and UnpackError when there is no room.
    """
    if source.file is not None:
        source.file.seek(0)
        yield source.file
        return
    from tempfile import SpooledTemporaryFile  # dear at start-up

    with SpooledTemporaryFile(max_size=SPOOLED) as copy:
        try:
            while part := source.read(PIECE):
                _write(copy, part)
        except BombError:
            raise
        except UnpackError as error:
            if error.reason != "damaged":
                raise
        copy.seek(0)
        yield copy


def _write(copy: IO[bytes], part: bytes) -> None:
    try:
        copy.write(part)
    except OSError:
        raise UnpackError("unreadable", "there is no room for a temporary copy of it") from None
