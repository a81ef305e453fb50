r"""Backslash escapes of JSON, JavaScript, C, regular expressions and Markdown: ``\u002e \u{2e} \x2e \056 \. \_``."""

from __future__ import annotations

import re

from sgleaks.decoders.spelling import Spelling, Token


def _value(token: Token) -> bytes | None:
    short, braced, hexadecimal, octal, bare = token.groups()
    if bare:
        return bytes(bare)
    code = int(octal, 8) if octal else int(short or braced or hexadecimal, 16)
    return bytes([code]) if code < 0x80 else None


SPELLING = Spelling(
    "escapes",
    b"\\",
    # A doubled backslash is an escape within an escaped string, JSON in JSON.
    re.compile(rb"\\{1,4}(?:u00([0-9A-Fa-f]{2})|u\{0{0,4}([0-9A-Fa-f]{2})\}|x([0-9A-Fa-f]{2})|([0-7]{3})|([._-]))"),
    lambda _: _value,
)
