"""Percent-encoding, once or several times: ``SG%2Eabc``, ``%53%47%2E``, ``SG%252Eabc`` (RFC 3986, section 2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.decoders import inline
from sgleaks.model import View

# `%25` is itself a percent sign: each further round of encoding puts one `25` in front of the digits.
START = re.compile(rb"(?:S|%(?:25){0,3}53)(?:G|%(?:25){0,3}47)(?:\.|%(?:25){0,3}2[Ee])")
TOKEN = re.compile(rb"%(?:25){0,3}([0-9A-Fa-f]{2})")


def decode(view: View) -> Iterator[View]:
    if b"%" in view.data:
        yield from inline.decode(view, "percent", START, TOKEN, lambda match: bytes.fromhex(match[1].decode()))
