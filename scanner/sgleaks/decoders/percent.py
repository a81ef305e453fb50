"""Percent-encoding, once or several times: ``SG%2Eabc``, ``%53%47%2E``, ``SG%252Eabc`` (RFC 3986, section 2.1)."""

from __future__ import annotations

import re

from sgleaks.decoders.spelling import HEX, Spelling

SPELLING = Spelling(
    "percent",
    b"%",
    # `%25` is itself a percent sign: each further round of encoding puts one `25` in front of the digits.
    re.compile(rb"%(?:25){0,3}([0-9A-Fa-f]{2})"),
    lambda _: lambda token: HEX[token[1]],
)
