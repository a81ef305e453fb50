"""HTML and XML character references: ``SG&#46;abc``, ``&#x2e;``, ``&period;``, and once more: ``&amp;#46;``."""

from __future__ import annotations

import re

from sgleaks.decoders.spelling import Spelling, Token

# Those that a key may need, https://html.spec.whatwg.org/multipage/named-characters.html
NAMES = {b"period": b".", b"lowbar": b"_", b"UnderBar": b"_", b"hyphen": b"-", b"dash": b"-"}


def _value(token: Token) -> bytes | None:
    decimal, digits, name = token.groups()
    if name:
        return NAMES.get(name)
    code = int(decimal) if decimal else int(digits, 16)
    return bytes([code]) if code < 0x80 else None


SPELLING = Spelling(
    "entities",
    b"&",
    re.compile(rb"&(?:amp;){0,3}(?:#([0-9]{1,7});?|#[xX]([0-9A-Fa-f]{1,6});?|([A-Za-z]{4,8});)"),
    lambda _: _value,
)
