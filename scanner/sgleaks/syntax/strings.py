"""The text of a string literal, from how it is written."""

from __future__ import annotations

import re

# What a literal begins with where the grammar does not tell: letters that say how to read it, and its quote.
OPENING = re.compile(r"[A-Za-z@$#]{0,4}(?:\"\"\"|'''|[\"'`])")
# (?x) a backslash and: a code point in 4 or 8 digits, in braces, or in 2 digits; a line's end; any other character
ESCAPE = re.compile(
    r"""(?x)
    \\ (?: u(?P<four>[0-9A-Fa-f]{4}) | U(?P<eight>[0-9A-Fa-f]{8}) | u\{(?P<braced>[0-9A-Fa-f]{1,6})\}
         | x(?P<two>[0-9A-Fa-f]{2}) | (?P<end>\r?\n) | (?P<other>.) )
    """,
    re.DOTALL,
)
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b"}


def unescaped(text: str) -> str:
    """A text with its escapes as what they stand for; the escapes are those that most languages share."""
    return ESCAPE.sub(_character, text) if "\\" in text else text


def unquoted(literal: str) -> str:
    """What is between the quotes of a whole literal; itself where it has none."""
    opening = OPENING.match(literal)
    if not opening:
        return literal
    quote = opening[0].lstrip("@$#").lstrip("rRbBuUfFLcC")
    hashes = "#" * opening[0].count("#")
    return literal[opening.end() :].removesuffix(quote + hashes)


def _character(escape: re.Match[str]) -> str:
    digits = escape["four"] or escape["eight"] or escape["braced"] or escape["two"]
    if digits:
        code = int(digits, 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return "" if escape["end"] else CONTROLS.get(escape["other"], escape["other"])
