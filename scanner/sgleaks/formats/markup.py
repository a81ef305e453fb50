"""Text that strangers wrote as Markdown that shows it and does nothing else: no link, no HTML, no mention, no cell.

What is escaped is what CommonMark, its tables and forges read: they also make links of addresses and ping ``@names``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sgleaks.formats.plain import visible

_MARKS = re.compile(r"(?i)(?P<mention>[@#](?=\w))|[\\`*_\[\]<>|~&$]|:(?=//)|(?<=www)\.")


def code(text: str) -> str:
    """The text as code, also in a cell of a table. Nothing in it is read as markup, or by a forge."""
    text = visible(text)
    if not text.strip():
        return ""
    if not re.search(r"[`|\\]", text):
        return f"`{text}`"
    # A backslash before a pipe ends the cell, whatever a span of code says: these need HTML's spelling. In it,
    # addresses of mail are found when all else was read.
    spelt = re.sub(r"[^\w /]|_", lambda mark: f"&#{ord(mark[0])};", text)
    return f"<code>{spelt.replace('&#64;', '&#64;<!-- -->')}</code>"


def prose(text: str) -> str:
    """The text as words of a sentence, on one line."""
    return _MARKS.sub(_escaped, visible(" ".join(text.split())))


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are Markdown already; no newline at the end."""
    cells = list(head)
    return "\n".join(map(_line, (cells, ["---"] * len(cells), *rows)))


def _escaped(mark: re.Match[str]) -> str:
    # Forges look for names and numbers of issues in what was rendered, where no backslash is left.
    return f"{mark[0]}<!-- -->" if mark["mention"] else f"\\{mark[0]}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
