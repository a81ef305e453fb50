"""A stream of any length as blobs of bounded size, so that memory does not grow with a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from sgleaks.model import Blob, Origin
from sgleaks.text import encoding_of

SEGMENT = 8 << 20  # bytes of a blob; several decoded spellings of it fit in memory at once. Even, for UTF-16
OVERLAP = 64 << 10  # bytes that come again in the next blob: longer than a key in any spelling but a compressed one


def blobs(read: Callable[[int], bytes], origin: Origin) -> Iterator[Blob]:
    """The bytes ``read(n)`` gives until it gives none, cut into overlapping blobs. Lines and columns run on."""
    data = _fill(read, b"", SEGMENT + OVERLAP)
    encoding = encoding_of(data)
    line = column = 1
    while True:
        full = len(data) == SEGMENT + OVERLAP
        following = _fill(read, data[SEGMENT:], SEGMENT + OVERLAP) if full else b""
        last = len(following) <= OVERLAP
        yield Blob(data, origin, line=line, column=column, encoding=encoding, overlap=0 if last else OVERLAP)
        if last:
            return
        line, column = _after(data[:SEGMENT], encoding, line, column)
        data = following


@contextmanager
def spooled(source: BinaryIO) -> Iterator[BinaryIO]:
    """A seekable copy of a stream: in memory while it is small, then in a temporary file that has no name."""
    import shutil
    from tempfile import SpooledTemporaryFile

    with SpooledTemporaryFile(max_size=SEGMENT) as file:
        shutil.copyfileobj(source, file)
        yield cast("BinaryIO", file)


def _fill(read: Callable[[int], bytes], start: bytes, size: int) -> bytes:
    parts, have = [start], len(start)
    while have < size:
        part = read(size - have)
        if not part:
            break
        parts.append(part)
        have += len(part)
    return b"".join(parts)


def _after(data: bytes, encoding: str, line: int, column: int) -> tuple[int, int]:
    """The line and column behind ``data``, which begins at ``line`` and ``column``."""
    newline = "\n".encode(encoding)
    lines = data.count(newline)
    tail = data[data.rfind(newline) + len(newline) :] if lines else data
    width = len(tail.decode(encoding, "replace"))
    return line + lines, 1 + width if lines else column + width
