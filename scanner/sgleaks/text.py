"""Bytes as an editor shows them: which encoding, which line and column, and a line that is safe to show.

A line ends at ``\\n``, as git counts; a file that has none but has ``\\r`` ends its lines there. Columns count
characters (code points), not bytes; a byte order mark is not a character.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from sgleaks.model import Blob, Region

BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
SNIFFED = 512  # bytes; enough to tell UTF-16 text by its NULs, and little enough to cost nothing

BEFORE = 60  # characters of context before a secret in an excerpt
WIDTH = 140  # characters of an excerpt; a minified file is one line of megabytes
WIDEST = 4  # bytes of a character, at the most, in any encoding read here
# A key that was cut short or mistyped is no finding, and is still nothing to show beside one.
BROKEN_KEY = re.compile(r"(SG\.[\w-]{1,60}\.)([\w-]{8,})", re.ASCII)
# Secrets of others, and those of a list behind its first, are none that a rule finds, and nothing to show either. What
# begins as a reference, a template or an address is none.
OTHER_SECRET = re.compile(
    r"""(?ix)
    (?: pass(?:word|wd|phrase|code)? | pwd | secret | token | (?:api|access|auth|private|encryption|master)[_-]?key
      | (?:recovery|backup)[_-]?codes? | credentials? | seed ) [\w.-]{0,20}
    \\?["']? [ \t]{0,4} (?:=>|[:=]) [ \t]{0,4}
    (?P<value>
        \[ [^\]\r\n]{6,200}
      | \\?["'] (?![$<{%@*(]|https?:|SG\.) [^"'\r\n]{6,200}
      | (?![$<{%@*(]|https?:|SG\.) (?=[^\s"',;)}\]]*\d) [^\s"',;.()\[\]{}&]{6,200}
    )
    """
)
FORM = re.compile(r"[^\s\[\]\"',\\]")  # what is masked of it; its form stays
CUT = 1024  # bytes at the start of a blob that continues another: they may end a secret that begins before it


def bom_of(data: bytes) -> bytes:
    """The byte order mark ``data`` begins with, or nothing."""
    return next((bom for bom, _ in BOMS if data.startswith(bom)), b"")


def encoding_of(data: bytes) -> str:
    """``utf-8``, ``utf-16-le`` or ``utf-16-be``: by the BOM, else by where the NULs are. All else reads as UTF-8."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return encoding
    head = data[:SNIFFED]
    if len(head) < 8 or b"\0" not in head:
        return "utf-8"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    # ASCII in UTF-16 has a NUL in every second byte; four in five leaves room for other characters.
    if odd >= half * 0.8 and even <= half * 0.05:
        return "utf-16-le"
    if even >= half * 0.8 and odd <= half * 0.05:
        return "utf-16-be"
    return "utf-8"


class Lines:
    """Turns byte offsets of one blob into regions; asked in ascending order, it decodes every byte once."""

    def __init__(self, blob: Blob, hidden: Sequence[tuple[int, int]] = ()) -> None:
        """``hidden``: half-open ranges of bytes that no excerpt may show, in any order; they may overlap."""
        self._data = blob.data
        self._hidden = merged(hidden)
        self.encoding = blob.encoding or encoding_of(blob.data)
        self._newline = "\r" if b"\n" not in blob.data and b"\r" in blob.data else "\n"
        bom = bom_of(blob.data) if blob.line == blob.column == 1 else b""
        self._first = (len(bom), blob.line, blob.column)
        self._shown = len(bom) if blob.line == blob.column == 1 else CUT
        self._cursor = self._first

    def region(self, start: int, end: int) -> Region:
        """The region of a half-open range of bytes."""
        line, column = self._position(start)
        end_line, end_column = self._position(end)
        return Region(line, column, end_line, end_column)

    def _position(self, offset: int) -> tuple[int, int]:
        if offset < self._cursor[0]:
            self._cursor = self._first
        done, line, column = self._cursor
        text = self._text(done, offset)
        lines = text.count(self._newline)
        column = len(text) - text.rfind(self._newline) if lines else column + len(text)
        self._cursor = (max(offset, done), line + lines, column)
        return line + lines, column

    def excerpt(self, start: int, column: int) -> tuple[str, int]:
        """The line around byte ``start``, which is at ``column``: masked, clipped, and the column it begins with.

        A mask is as long as what it hides, so that columns stay true. A NUL ends a line here: beyond it is no text.
        """
        left = min(max(start - BEFORE * WIDEST, self._shown), start)
        if self.encoding != "utf-8":
            left += (start - left) % 2
        right = min(start + WIDTH * WIDEST, len(self._data))
        if self.encoding == "utf-8":  # so that secrets on other lines need no masks
            newline = self._newline.encode()
            left = max(left, self._data.rfind(newline, left, start) + 1)
            line_end = self._data.find(newline, start, right)
            right = right if line_end < 0 else line_end
        before = re.split(r"[\0\r]" if self._newline == "\r" else r"[\0\n]", self._masked(left, start))[-1]
        after = re.split(r"[\0\r\n]", self._masked(start, right), maxsplit=1)[0]
        line = OTHER_SECRET.sub(_hidden, before + after)
        shown = min(len(before), BEFORE)
        return line[len(before) - shown :][:WIDTH], column - shown

    def _masked(self, start: int, end: int) -> str:
        parts, done = [], start
        for index in range(max(bisect_right(self._hidden, (start,)) - 1, 0), len(self._hidden)):
            first, last = self._hidden[index]
            if first >= end:
                break
            if last > done:
                parts += [self._text(done, first), _mask(self._text(max(first, done), min(last, end)))]
                done = min(last, end)
        text = "".join([*parts, self._text(done, end)])
        return BROKEN_KEY.sub(lambda key: key[1] + "*" * len(key[2]), text)

    def _text(self, start: int, end: int) -> str:
        return self._data[start:end].decode(self.encoding, "replace")


def merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same bytes as disjoint half-open ranges, sorted; those that touch become one."""
    disjoint: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if disjoint and start <= disjoint[-1][1]:
            disjoint[-1] = (disjoint[-1][0], max(end, disjoint[-1][1]))
        else:
            disjoint.append((start, end))
    return disjoint


def _hidden(found: re.Match[str]) -> str:
    return found.string[found.start() : found.start("value")] + FORM.sub("*", found["value"])


def _mask(text: str) -> str:
    """Stars for every character but the public half of a plain key, its lines kept apart."""
    public = 26 if re.match(r"SG\.[\w-]{22}\.", text, re.ASCII) else 0
    return text[:public] + re.sub(r"[^\r\n]", "*", text[public:])
