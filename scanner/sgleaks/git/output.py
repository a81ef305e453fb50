"""What a git that answers questions writes: by lines and by lengths, and never more than was asked for."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from sgleaks.git.run import GitError

LINE = 4096  # bytes of a line of git's, at the most


class Output:
    """Reads chunks as `run.stream` gives them."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def line(self) -> str:
        """The next line without its end. Raises `GitError`, which git's failure is, too."""
        while (end := self._rest.find(b"\n")) < 0:
            self._rest += self._more()
            if len(self._rest) > LINE and b"\n" not in self._rest[:LINE]:
                raise _nonsense()
        line, self._rest = self._rest[:end], self._rest[end + 1 :]
        return line.decode(errors="replace")

    def exact(self, size: int) -> bytes:
        """The next so many bytes. Raises `GitError`."""
        parts, have = [self._rest], len(self._rest)
        while have < size:
            parts.append(self._more())
            have += len(parts[-1])
        data = b"".join(parts)
        self._rest = data[size:]
        return data[:size]

    def close(self) -> None:
        """Ends git."""
        if isinstance(self._chunks, Generator):
            self._chunks.close()

    def _more(self) -> bytes:
        chunk = next(self._chunks, b"")
        if not chunk:
            raise _nonsense()
        return chunk


def _nonsense() -> GitError:
    return GitError("git cat-file failed", "it ended early", "run `git fsck` in the repository")
