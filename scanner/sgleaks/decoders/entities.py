"""HTML and XML character references: ``SG&#46;abc``, ``&#x2e;``, ``&period;``, and those escaped again as ``&amp;#46;``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.decoders import inline
from sgleaks.model import View

NAMES = {b"period": b".", b"lowbar": b"_", b"UnderBar": b"_", b"hyphen": b"-", b"dash": b"-", b"equals": b"="}
REFERENCE = rb"&(?:amp;){0,3}(?:#0{0,5}%d;?|#[xX]0{0,5}%s;?|%s;)"


def _spelt(character: str, name: bytes = b"$^") -> bytes:
    digits = b"".join(b"[%c%c]" % (ord(d.lower()), ord(d.upper())) for d in f"{ord(character):x}")
    return b"(?:" + re.escape(character).encode() + b"|" + REFERENCE % (ord(character), digits, name) + b")"


START = re.compile(_spelt("S") + _spelt("G") + _spelt(".", b"period"))
TOKEN = re.compile(rb"&(?:amp;){0,3}(?:#([0-9]{1,7});?|#[xX]([0-9A-Fa-f]{1,6});?|([A-Za-z]{4,8});)")


def decode(view: View) -> Iterator[View]:
    if b"&" in view.data:
        yield from inline.decode(view, "entities", START, TOKEN, _value)


def _value(match: inline.Token) -> bytes | None:
    decimal, digits, name = match.groups()
    if name:
        return NAMES.get(name)
    code = int(decimal) if decimal else int(digits, 16)
    return bytes([code]) if code < 0x80 else None
