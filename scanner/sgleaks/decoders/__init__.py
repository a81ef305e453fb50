"""Other spellings of the same bytes. One module a spelling, in one table; a key is then found in all of them alike.

Spellings that leave the text readable and only escape or part it (``SG%2E``, ``"SG." + id``) are in a table of
``inline``'s, which undoes them.

A decoder takes a view and yields the views it can decode out of it, each with its map back, so that a finding stands
where an editor shows it. It is only asked about blobs with an anchor, may look at every byte once, and must not grow
what it is given beyond ``MAX_VIEW``.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Protocol

from sgleaks.model import View

# In the order in which they are tried; the first to find a key names its `via`.
DECODERS = ("utf16", "inline", "base64", "hex", "compressed")

MAX_DEPTH = 4  # gzip in base64 in base64 in JSON; deeper was never seen
MAX_VIEW = 16 << 20  # bytes of one decoded view
MAX_DECODED = 96 << 20  # bytes of all decoded views of one blob: hostile input nests, and every level has four phases


class Decoder(Protocol):
    """What a decoder module gives."""

    def decode(self, view: View) -> Iterator[View]:
        """The views decoded out of ``view``, each shorter than ``MAX_VIEW`` plus one byte."""
        ...


class Exhausted(Exception):
    """A blob that decodes to more than the bounds allow. What was found until then stands."""


def views(whole: View) -> Iterator[View]:
    """A blob as it is, then every other spelling of it, the shortest chains first. Raises Exhausted at the bounds."""
    level = [whole]
    yield whole
    decoded = 0
    for _ in range(MAX_DEPTH):
        deeper: list[View] = []
        for view in level:
            for child in _children(view):
                decoded += len(child.data)
                if len(child.data) > MAX_VIEW or decoded > MAX_DECODED:
                    raise Exhausted
                yield child
                deeper.append(child)
        level = deeper


def _children(view: View) -> Iterator[View]:
    for name in DECODERS:
        decoder: Decoder = import_module(f"sgleaks.decoders.{name}")
        yield from decoder.decode(view)
