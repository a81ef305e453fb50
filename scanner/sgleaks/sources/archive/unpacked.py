"""What a compressed stream holds, piece by piece and in bounds, whatever the decoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sgleaks.sources.archive.bounds import BombError, Budget, UnpackError, damaged
from sgleaks.sources.archive.flow import Source
from sgleaks.sources.archive.kinds import HEAD, kind

PACKED = 16 << 10  # bytes given to a decoder at a time: what a corrupt piece unpacks to is lost
UNPACKED = 256 << 10  # bytes taken from a decoder at a time


class Decoder(Protocol):
    """As the standard library's decompressors, but raising UnpackError alone."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Unpacked:
    """What a compressed stream holds. ``same`` is its kind where streams of that kind may follow each other."""

    def __init__(
        self, source: Source, start: Callable[[Source], Decoder], budget: Budget, same: str | None = None
    ) -> None:
        self._source, self._start, self._budget, self._same = source, start, budget, same
        self._decoder: Decoder | None = None
        self._packed = self._unpacked = 0
        self._error: UnpackError | None = None

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes, b"" at the end. Raises UnpackError, from then on the same one."""
        if self._error:
            raise self._error
        try:
            return self._next(min(size, UNPACKED)) if size else b""  # 0 would be no bound for zlib
        except UnpackError as error:
            self._error = error
            raise

    def _next(self, size: int) -> bytes:
        decoder = self._decoder or self._begin()
        data = b""
        while not data:
            if decoder.eof:
                if not self._follows():
                    return b""
                self._budget.member()  # a frame of 9 bytes costs ten microseconds
                decoder = self._begin()
            data = decoder.decompress(self._more() if decoder.needs_input else b"", size)
            if decoder.eof:
                self._give_back(len(decoder.unused_data))
        self._unpacked += len(data)
        try:
            self._budget.spend(len(data))
            self._budget.weigh(self._packed, self._unpacked)
        except BombError as error:
            self._error = error  # raised by the next read: what was unpacked stands
        return data

    def _begin(self) -> Decoder:
        self._decoder = self._start(self._source)
        return self._decoder

    def _more(self) -> bytes:
        part = self._source.read(PACKED)
        if not part:
            raise damaged()
        self._packed += len(part)
        self._budget.spend(len(part))
        return part

    def _give_back(self, size: int) -> None:
        self._source.back(size)
        self._packed -= size
        self._budget.spend(-size)

    def _follows(self) -> bool:
        """Whether another stream of the kind comes next. Zeros between are padding (xz format 2.2, gzip on tapes)."""
        if not self._same:
            return False
        while (ahead := self._source.peek(HEAD)).startswith(b"\0"):
            self._source.read(len(ahead) - len(ahead.lstrip(b"\0")))
        return kind(ahead) == self._same
