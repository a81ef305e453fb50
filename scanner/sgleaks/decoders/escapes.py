r"""Backslash escapes of JSON, JavaScript, C, regular expressions and Markdown: ``\u002e \u{2e} \x2e \056 \. \_``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.decoders import inline
from sgleaks.model import View

# A doubled backslash is an escape within an escaped string, JSON in JSON.
_ESCAPED = rb"\\{1,4}(?:u00%s|u\{0{0,4}%s\}|x%s|%03o%s)"


def _spelt(character: str, bare: bytes = b"") -> bytes:
    digits = b"".join(b"[%c%c]" % (ord(d.lower()), ord(d.upper())) for d in f"{ord(character):x}")
    return b"(?:" + re.escape(character).encode() + b"|" + _ESCAPED % (digits, digits, digits, ord(character), bare) + b")"


START = re.compile(_spelt("S") + _spelt("G") + _spelt(".", rb"|\."))
TOKEN = re.compile(rb"\\{1,4}(?:u00([0-9A-Fa-f]{2})|u\{0{0,4}([0-9A-Fa-f]{2})\}|x([0-9A-Fa-f]{2})|([0-7]{3})|([._-]))")


def decode(view: View) -> Iterator[View]:
    if b"\\" in view.data:
        yield from inline.decode(view, "escapes", START, TOKEN, _value)


def _value(match: inline.Token) -> bytes | None:
    short, braced, hexadecimal, octal, bare = match.groups()
    if bare:
        return bytes(bare)
    code = int(octal, 8) if octal else int(short or braced or hexadecimal, 16)
    return bytes([code]) if code < 0x80 else None
