"""Decompressors with one interface: gzip and deflate, bz2, xz and lzma, zstd. Nothing here knows of members.

Each turns its library's exceptions into UnpackError; their texts are not shown, for they may quote the input. The
libraries are imported when a file needs them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from sgleaks.sources.archive.bounds import MAX_MEMORY, UnpackError, damaged
from sgleaks.sources.archive.flow import Source
from sgleaks.sources.archive.unpacked import Decoder

if TYPE_CHECKING:
    import zstandard

CORRUPT = "its compressed data is corrupt"
GZIP = 31  # zlib's wbits: a gzip header and trailer around a window of 32 KiB
ZLIB, DEFLATE = 15, -15  # RFC 1950; RFC 1951, without a header
ZSTD_FED = 256  # bytes at a time: a block of 4 bytes can stand for 128 KiB (RFC 8878 3.1.1.2), so 8 MiB at the most


class Inflate:
    """zlib with the interface of the other decompressors."""

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        try:
            unpacked = self._inner.decompress(data or self._inner.unconsumed_tail, max_length)
        except zlib.error:
            raise damaged(CORRUPT) from None
        # A full answer can leave more inside than the unread input shows.
        self.needs_input = not self._inner.unconsumed_tail and len(unpacked) < max_length
        return unpacked


class Guarded:
    """A decompressor of the standard library, its exceptions turned into UnpackError."""

    def __init__(self, inner: Decoder, errors: tuple[type[Exception], ...]) -> None:
        self._inner, self._errors = inner, errors

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return self._inner.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        try:
            return self._inner.decompress(data, max_length)
        except self._errors as error:
            # The one text liblzma's binding has for LZMA_MEMLIMIT_ERROR; there is no type for it.
            if str(error).startswith("Memory usage limit"):
                raise UnpackError("unsupported", f"it needs more than {MAX_MEMORY >> 20} MiB to unpack") from None
            raise damaged(CORRUPT) from None


class Zstd:
    """zstandard's decompressor fed in small bites, since it takes no bound of its output."""

    def __init__(self, inner: zstandard.ZstdDecompressionObj, error: type[Exception]) -> None:
        self._inner, self._error = inner, error
        self._queue = b""

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._queue

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data + self._queue

    def decompress(self, data: bytes, max_length: int) -> bytes:  # noqa: ARG002, the bite bounds it
        queue = self._queue + data
        bite, self._queue = queue[:ZSTD_FED], queue[ZSTD_FED:]
        try:
            return self._inner.decompress(bite)
        except self._error as error:
            if "too much memory" in str(error):  # libzstd's text for ZSTD_error_frameParameter_windowTooLarge
                raise UnpackError("unsupported", f"it needs more than {MAX_MEMORY >> 20} MiB to unpack") from None
            raise damaged(CORRUPT) from None


def inflate(wbits: int) -> Callable[[Source], Decoder]:
    """What starts a decoder of deflate in a frame."""
    return lambda _source: Inflate(wbits)


def start_bz2(_source: Source) -> Decoder:
    from bz2 import BZ2Decompressor

    return Guarded(BZ2Decompressor(), (OSError, EOFError, ValueError))


def start_xz(_source: Source) -> Decoder:
    import lzma

    return Guarded(lzma.LZMADecompressor(lzma.FORMAT_XZ, MAX_MEMORY), (lzma.LZMAError, EOFError, MemoryError))


def start_lzma(_source: Source) -> Decoder:
    import lzma

    return Guarded(lzma.LZMADecompressor(lzma.FORMAT_ALONE, MAX_MEMORY), (lzma.LZMAError, EOFError, MemoryError))


def start_zstd(source: Source) -> Decoder:
    """Raises UnpackError when the package is missing or the frame needs a dictionary (RFC 8878 3.1.1.1.1)."""
    try:
        import zstandard
    except ImportError:
        raise UnpackError("unsupported", "the Python package zstandard is not installed") from None
    head = source.peek(5)
    if head.startswith(b"\x28\xb5\x2f\xfd") and head[4:] and head[4] & 3:
        raise UnpackError("unsupported", "it needs a zstd dictionary")
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_MEMORY)
    return Zstd(decompressor.decompressobj(), zstandard.ZstdError)


STARTS: dict[str, Callable[[Source], Decoder]] = {
    "gzip": inflate(GZIP),
    "bz2": start_bz2,
    "xz": start_xz,
    "zstd": start_zstd,
}
