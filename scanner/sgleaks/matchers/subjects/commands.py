"""Commands as lines of a script, whatever file they are in: where one begins, and whether it is only a comment."""

from __future__ import annotations

import re
from bisect import bisect_right

from sgleaks.once import once
from sgleaks.syntax import Facts

MOST_LINES = 200  # of one command
CONTINUED = re.compile(rb"(?:\\|`|\^)[ \t]*\r?$")
COMMENT = re.compile(rb"[ \t]*(?:-[ \t]+)?[\"']?(?:#|//|REM\b|rem\b|\*[ \t])")


def begin(facts: Facts, offset: int) -> int | None:
    """Where the command around an offset begins, lines that are continued joined; None in a comment."""
    at = bisect_right(_comments(facts), (offset, len(facts.data))) - 1
    if at >= 0 and offset < _comments(facts)[at][1]:
        return None
    data = facts.data
    start = data.rfind(b"\n", 0, offset) + 1
    for _ in range(MOST_LINES):
        if start == 0 or not CONTINUED.search(data[data.rfind(b"\n", 0, start - 1) + 1 : start - 1]):
            break
        start = data.rfind(b"\n", 0, start - 1) + 1
    line = data[start:offset]
    return None if COMMENT.match(line) else start + len(line) - len(line.lstrip(b" \t"))


@once
def _comments(facts: Facts) -> list[tuple[int, int]]:
    return sorted(facts.comments)
