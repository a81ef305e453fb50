"""Where here-documents end: asked by the word that ends them, without reading the file again for each."""

from __future__ import annotations

import re
from bisect import bisect_left

WORD_ALONE = re.compile(rb"(?m)^[ \t]*(\w+)[ \t]*\r?$")


class Endings:
    """The lines of a file that hold one word only."""

    def __init__(self, data: bytes) -> None:
        self.lines: dict[bytes, list[tuple[int, int]]] = {}
        for line in WORD_ALONE.finditer(data):
            self.lines.setdefault(line[1], []).append((line.start(), line.end(1)))

    def after(self, word: bytes, at: int) -> tuple[int, int] | None:
        """Where the first line from an offset on that holds the word begins, and where the word ends; else None."""
        lines = self.lines.get(word, [])
        number = bisect_left(lines, (at, 0))
        return lines[number] if number < len(lines) else None
