"""Makes text that strangers wrote safe to show: file names, lines, commit messages, reasons.

Raw, they could move the cursor, recolour or reorder what is printed. Knows nothing of reports.
"""

from __future__ import annotations

import re
from typing import Literal
from unicodedata import category, east_asian_width

TextStyle = Literal["error", "warning", "note", "good", "frame", "strong", "faint"]

TAB = "    "  # always four columns: nothing depends on where a line starts, so carets stay aligned

_SGR = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "good": "1;32",
    "frame": "1;34",
    "strong": "1",
    "faint": "2",
}
# Controls, invisible format characters (bidi, zero width), surrogates, line and paragraph separators.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# What Unicode's Default_Ignorable_Code_Point adds to these categories: fillers, variation selectors, reserved tags.
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
# Whatever else goes wrong, no name, note or reason carries the secret half of a key.
_SECRET_HALF = re.compile(r"(SG\.[A-Za-z0-9_-]{22}\.)[A-Za-z0-9_-]{43}")


def visible(text: str) -> str:
    """The text with everything that has no shape of its own spelt out: ``␛``, ``<U+202E>``, ``\\xe9``; tabs as spaces.

    Works character by character: ``visible(a) + visible(b) == visible(a + b)``, unless a key lies across the cut.
    """
    text = masked(text)
    return text if text.isascii() and text.isprintable() else "".join(map(_shape, text))


def visible_lines(text: str) -> str:
    """As `visible`, for a text whose line breaks are ours."""
    return "\n".join(map(visible, text.split("\n")))


def writable(text: str) -> str:
    """The text without lone surrogates, which UTF-8 cannot hold: a byte of an undecodable name becomes ``\\xe9``."""
    return _SURROGATE.sub(lambda match: _surrogate(ord(match[0])), masked(text))


def masked(text: str) -> str:
    """The text with the secret half of anything shaped like an API key replaced by ``…``."""
    return _SECRET_HALF.sub(r"\1…", text)


def clip(text: str, limit: int) -> str:
    """At most ``limit`` characters, the last one ``…`` where something was cut off."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def width(text: str) -> int:
    """The columns a terminal needs for text that is already ``visible``."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def styled(text: str, style: TextStyle, *, color: bool) -> str:
    """The text between the escapes of ``style``, or as it is without ``color``. The text must be ``visible``."""
    return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if color and text else text


def _shape(char: str) -> str:
    code = ord(char)
    if char == "\t":
        return TAB
    if code < 0x20:
        return chr(0x2400 + code)  # Control Pictures
    if code == 0x7F:
        return "␡"
    if 0xD800 <= code <= 0xDFFF:
        return _surrogate(code)
    return f"<U+{code:04X}>" if category(char) in _HIDDEN or _IGNORABLE.match(char) else char


def _surrogate(code: int) -> str:
    # PEP 383: Python decodes a byte of a file name that is no UTF-8 as U+DC00 plus that byte.
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"<U+{code:04X}>"


def _columns(char: str) -> int:
    if category(char) in ("Mn", "Me"):
        return 0  # drawn over the character before
    return 2 if east_asian_width(char) in "WF" else 1
