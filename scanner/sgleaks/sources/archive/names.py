"""Names of members: shown with a bound and never used as a path, and searched in full, for a key can be a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sgleaks.model import Blob, Origin
from sgleaks.sources.archive.bounds import MAX_NAME

FULL = 1 << 20  # bytes of names in a blob: a million of them must not pile up


def inside(origin: Origin, name: str) -> Origin:
    """The origin of a member of the archive at ``origin``."""
    name = name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…"
    return replace(origin, members=(*origin.members, name or "(unnamed)"))


def text_of(name: bytes, fallback: str | None = None) -> str:
    """A name as text: UTF-8 where it is, else by ``fallback`` (which knows every byte), else bytes as surrogates."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode(fallback) if fallback else name.decode(errors="surrogateescape")


class Names:
    """The names, links and comments of an archive's members as blobs of their own, a line each."""

    def __init__(self, origin: Origin) -> None:
        self._origin = inside(origin, "(names)")
        self._texts: list[bytes] = []
        self._size = 0
        self._line = 1

    def add(self, *texts: bytes) -> Iterator[Blob]:
        """Takes what of ``texts`` is not empty; gives a blob when one is full."""
        for text in texts:
            if text:
                self._texts.append(text)
                self._size += len(text)
        if self._size >= FULL:
            yield from self.rest()

    def rest(self) -> Iterator[Blob]:
        """What is left."""
        if self._texts:
            data = b"\n".join(self._texts) + b"\n"
            yield Blob(data, self._origin, line=self._line, encoding="utf-8")
            self._line += data.count(b"\n")
            self._texts.clear()
            self._size = 0
