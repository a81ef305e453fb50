"""Quoted-printable of mails: ``SG=2Eabc`` and soft line breaks anywhere in the key (RFC 2045, section 6.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.decoders import inline
from sgleaks.model import View

_BREAK = rb"(?:=[ \t]{0,4}\r?\n)?"
START = re.compile(rb"(?:S|=53)" + _BREAK + rb"(?:G|=47)" + _BREAK + rb"(?:\.|=2E)")
TOKEN = re.compile(rb"=(?:([0-9A-F]{2})|[ \t]{0,4}\r?\n)")


def decode(view: View) -> Iterator[View]:
    if b"=" in view.data:
        yield from inline.decode(view, "quoted-printable", START, TOKEN, _value)


def _value(match: inline.Token) -> bytes:
    return bytes.fromhex(match[1].decode()) if match[1] else b""
