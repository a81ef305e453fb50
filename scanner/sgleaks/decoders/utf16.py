"""UTF-16 of either byte order: whole texts by their BOM or their NULs, and single keys inside anything else.

One leaked key in four is UTF-16: ``echo SENDGRID_API_KEY=… > sendgrid.env`` in PowerShell. Git calls such files binary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.model import Piece, View
from sgleaks.text import bom_of, encoding_of

# `S\0G\0.` begins a key in both byte orders: in big-endian text the NULs belong to the next character.
ALONE = re.compile(rb"S\0G\0(?:[\x21-\x7e]\0){1,400}[\x21-\x7e]?")
ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def decode(view: View) -> Iterator[View]:
    if b"\0" not in view.data:
        return
    encoding = (view.blob.encoding if not view.via else None) or encoding_of(view.data)
    if encoding != "utf-8":
        yield _whole(view, encoding)
    # Besides, because the NULs of a few words can look like a text that begins at the wrong byte.
    for run in ALONE.finditer(view.data):
        characters = len(run[0]) // 2
        rest = Piece(characters, run.start() + 2 * characters)  # a last byte whose NUL comes before it
        yield View(run[0][::2], view.blob, (*view.via, "utf-16"), view, (Piece(0, run.start(), 1, 2), rest))


def _whole(view: View, encoding: str) -> View:
    """A byte for every two: rules look for ASCII, and what is not Latin-1 may as well be a question mark."""
    bom = len(bom_of(view.data))
    pairs = view.data[bom : len(view.data) - (len(view.data) - bom) % 2]  # half a character at the end is none
    text = ASTRAL.sub("??", pairs.decode(encoding, "replace"))
    return View(text.encode("latin-1", "replace"), view.blob, (*view.via, "utf-16"), view, (Piece(0, bom, 1, 2),))
