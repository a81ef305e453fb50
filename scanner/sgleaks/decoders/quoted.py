"""Quoted-printable of mails: ``SG=2Eabc`` and soft line breaks anywhere in the key (RFC 2045, section 6.7)."""

from __future__ import annotations

import re

from sgleaks.decoders.spelling import HEX, Spelling

SPELLING = Spelling(
    "quoted-printable",
    b"=",
    re.compile(rb"=(?:([0-9A-F]{2})|[ \t]{0,4}\r?\n)"),
    lambda _: lambda token: HEX[token[1]] if token[1] else b"",
)
