"""Text that strangers wrote as Markdown that shows it and does nothing else: no link, no HTML, no mention, no cell.

What is escaped is what CommonMark, its tables and forges read: they also make links of addresses and ping ``@names``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sgleaks.formats.plain import visible

_MARKS = re.compile(r"[\\`*_\[\]<>|~&$]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_MENTION = re.compile(r"([@#])(?=\w)")


def code(text: str) -> str:
    """The text as code, also in a cell of a table. Nothing in it is read as markup, or by a forge."""
    text = visible(text)
    if not text.strip():
        return ""
    if not re.search(r"[`|\\]", text):
        return f"`{text}`"
    # A backslash before a pipe ends the cell, whatever a span of code says: these need HTML's spelling.
    spelt = re.sub(r"[^\w ./]", lambda mark: f"&#{ord(mark[0])};", text)
    return f"<code>{spelt}</code>"


def prose(text: str) -> str:
    """The text as words of a sentence, on one line."""
    text = _MARKS.sub(r"\\\g<0>", visible(" ".join(text.split())))
    return _MENTION.sub(r"\1<!-- -->", text)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are Markdown already; no newline at the end."""
    cells = list(head)
    return "\n".join(map(_line, (cells, ["---"] * len(cells), *rows)))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
