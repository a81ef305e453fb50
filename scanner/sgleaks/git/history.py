"""git on the objects of a repository, through a repository of our own: nothing the target configures is ever read.

Everything here is long output read as a stream, or short output held in memory. What a history means is told elsewhere.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sgleaks.git.borrowed import Borrowed, borrowed
from sgleaks.git.isolation import read_regular
from sgleaks.git.run import stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sgleaks.git.repository import Repository

SECONDS = 24 * 3600.0  # of one git process; a history of millions of commits takes minutes, this one hangs
MAX_LINE = 256  # bytes of an id, a kind and a size
SHALLOW_BYTES = 1 << 26  # of the list of boundaries: a million of them


@dataclass(frozen=True, slots=True)
class History:
    """A repository, and the one of our own through which git reads its objects."""

    repository: Repository
    own: Borrowed

    def ask(self, args: list[str], lines: Iterable[str] = ()) -> bytes:
        """What git writes, given these lines on its standard input. Raises `ToolError`."""
        return b"".join(self._stream(args, lines))

    def fields(self, args: list[str], lines: Iterable[str] = (), end: bytes = b"\0") -> Iterator[bytes]:
        """As `ask`, cut at every ``end`` while git still writes. A failure is raised after the last field."""
        rest = b""
        for chunk in self._stream(args, lines):
            *whole, rest = (rest + chunk).split(end)
            yield from whole
        if rest:
            yield rest

    def objects(self, ids: Iterable[str]) -> Iterator[tuple[str, str, bytes]]:
        """Id, kind and bytes of the objects that are there, held in memory one at a time."""
        data, left = bytearray(), -1
        head = ("", "")
        for chunk in self._stream(["cat-file", "--batch", "--buffer"], ids):
            data += chunk
            while left <= len(data):
                if left >= 0:
                    yield *head, bytes(data[: left - 1])
                    del data[:left]
                    left = -1
                line, newline, _ = bytes(data[:MAX_LINE]).partition(b"\n")
                if not newline:
                    break
                del data[: len(line) + 1]
                words = line.decode(errors="replace").split(" ")
                if len(words) == 3:
                    head, left = (words[0], words[1]), int(words[2]) + 1

    def kinds(self, ids: Iterable[str]) -> dict[str, str]:
        """The kind of each object that is there."""
        asked = self.ask(["cat-file", "--batch-check=%(objectname) %(objecttype)"], ids).decode().splitlines()
        pairs = (line.split(" ") for line in asked)
        return {oid: kind for oid, kind in pairs if kind != "missing"}

    def _stream(self, args: list[str], lines: Iterable[str]) -> Iterator[bytes]:
        stdin = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
        variables = self.own.variables
        return stream(args, git_dir=self.own.git_dir, stdin=stdin, timeout=SECONDS, variables=variables)


@contextmanager
def opened(repository: Repository) -> Iterator[History]:
    """The repository while the context lasts. Raises `ToolError` when it cannot be reached."""
    with borrowed(repository) as own:
        if boundary := read_regular(repository.common_dir / "shallow", SHALLOW_BYTES):
            (own.git_dir / "shallow").write_bytes(boundary)
        yield History(repository, own)
