"""One line on a terminal while a history is searched: how far it is, how fast, and in how much there is something.

Whichever process counts draws it, from numbers that all of them share: nobody waits, and there is no thread.
"""

from __future__ import annotations

import mmap
from time import monotonic
from typing import Self, TextIO

EVERY = 0.3  # seconds from one line to the next
ERASE = "\r\x1b[K"  # to the start of the line, and what stands there away


class Progress:
    """Counts, for this process and all that are forked from it; the line goes when its context ends.

    Nothing is shown without a ``terminal``.
    """

    def __init__(self, terminal: TextIO | None = None) -> None:
        self._terminal = terminal
        self._total, self._begun = 0, monotonic()
        # Objects, those in which there is something, and milliseconds until which a line was shown. Two processes may
        # add at the same instant and one of the numbers be lost: that is one in thousands, and only for show.
        self._counts = memoryview(mmap.mmap(-1, 24)).cast("Q")

    def __enter__(self) -> Self:
        return self

    def begin(self, total: int) -> None:
        """So many objects will be searched."""
        self._total = total

    def searched(self, objects: int) -> None:
        """So many more were searched."""
        if not self._terminal:
            return
        self._counts[0] += objects
        spent = monotonic() - self._begun
        if spent > self._counts[2] / 1000 + EVERY:
            self._counts[2] = int(spent * 1000)
            self._show(self._line(spent))

    def found(self) -> None:
        """There is something in one more."""
        self._counts[1] += 1

    def __exit__(self, *_: object) -> None:
        if self._counts[2]:
            self._show("")

    def _line(self, spent: float) -> str:
        done, hits, _ = self._counts
        of = f" of {self._total:,}" if self._total else ""
        return f"searched {done:,}{of} objects, {done / spent:,.0f} a second; credentials in {hits:,}"

    def _show(self, line: str) -> None:
        if self._terminal:
            self._terminal.write(ERASE + line)
            self._terminal.flush()
