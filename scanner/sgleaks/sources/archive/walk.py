"""The way through archives within archives: what some bytes are, what opens them, and what becomes of errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sgleaks.model import Blob, Origin, Skip
from sgleaks.sources import stream
from sgleaks.sources.archive.bounds import BombError, Budget, Limits, UnpackError
from sgleaks.sources.archive.flow import Read, Source
from sgleaks.sources.archive.kinds import HEAD, UNSUPPORTED, kind
from sgleaks.sources.archive.names import Names

Found = Blob | Skip
Format = Callable[[Source, Origin, "Walk", Names], Iterator[Found]]


class Walk:
    """One outermost file's. ``formats`` says what opens which kind; it is given, so that formats can import this."""

    def __init__(self, limits: Limits, formats: Mapping[str, Format]) -> None:
        self.budget = Budget(limits)
        self._formats = formats
        self._deep = False

    def enter(self, source: Source, origin: Origin) -> Iterator[Found]:
        """Bytes of any kind: their members when they are an archive, else themselves. Raises BombError alone."""
        self.budget.member()
        what = kind(source.peek(HEAD))
        names = Names(origin)
        given = False
        error: UnpackError | None = None
        try:
            for found in self._open(what, source, origin, names):
                given = given or isinstance(found, Blob)
                yield found
        except BombError:
            yield from names.rest()
            raise
        except UnpackError as caught:
            error = caught
        yield from names.rest()
        if error is None:
            return
        if error.reason == "damaged" and not given and source.file is not None:
            # Perhaps it was never an archive: it is searched as it is.
            source.file.seek(0)
            yield from plain(source.file.read, origin)
        yield from self.tell(error, origin)

    def tell(self, error: UnpackError, origin: Origin) -> Iterator[Skip]:
        """The skip for an error at a place, unless it was told already."""
        if not error.told:
            error.told = True
            yield Skip(origin.place, error.reason, error.detail)

    def _open(self, what: str | None, source: Source, origin: Origin, names: Names) -> Iterator[Found]:
        if what is None:
            yield from plain(source.read, origin)
        elif what in UNSUPPORTED:
            yield from plain(source.read, origin)  # what it stores as it is can be found
            yield Skip(origin.place, "unsupported", UNSUPPORTED[what])
        elif len(origin.members) >= self.budget.limits.depth:
            yield from plain(source.read, origin)
            if not self._deep:
                self._deep = True
                yield Skip(origin.place, "bomb", f"archives nest deeper than {self.budget.limits.depth} levels")
        else:
            yield from self._formats[what](source, origin, self, names)


def plain(read: Read, origin: Origin) -> Iterator[Blob]:
    """Bytes as blobs. What was read before a failure is given before the UnpackError is raised."""
    error: UnpackError | None = None

    def until_error(size: int) -> bytes:
        nonlocal error
        if error:
            return b""
        try:
            return read(size)
        except UnpackError as caught:
            error = caught
            return b""

    for blob in stream.blobs(until_error, origin):
        if blob.data:
            yield blob
    if error:
        raise error
