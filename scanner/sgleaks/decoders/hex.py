"""A key as one string of hexadecimal digits, as dumps and byte literals show it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.model import Piece, View

RUN = re.compile(rb"53472[eE][0-9A-Fa-f]{132,}+")  # `SG.` and the 66 characters behind it


def decode(view: View) -> Iterator[View]:
    for run in RUN.finditer(view.data):
        text = run[0][: len(run[0]) // 2 * 2]
        yield View(bytes.fromhex(text.decode()), view.blob, (*view.via, "hex"), view, (Piece(0, run.start(), 1, 2),))
