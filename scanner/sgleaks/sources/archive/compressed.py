"""Files that are one compressed stream, or several in a row: gzip, bz2, xz, zstd."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from sgleaks.model import Blob, Origin
from sgleaks.sources.archive.codec import STARTS
from sgleaks.sources.archive.flow import PIECE, Source
from sgleaks.sources.archive.kinds import HEAD, kind
from sgleaks.sources.archive.names import Names, inside, text_of
from sgleaks.sources.archive.unpacked import Unpacked
from sgleaks.sources.archive.walk import Format, Found, Walk, plain

# Endings that a shell drops when it unpacks.
ENDINGS = {
    ".gz": "",
    ".bz2": "",
    ".xz": "",
    ".zst": "",
    ".tgz": ".tar",
    ".tbz2": ".tar",
    ".txz": ".tar",
    ".svgz": ".svg",
}


def opener(what: str) -> Format:
    """The format of a file that is one compressed stream of kind ``what``. A tar in it needs no name of its own."""

    def members(source: Source, origin: Origin, walk: Walk, names: Names) -> Iterator[Found]:
        stored, comment = _gzip_texts(source.peek(HEAD)) if what == "gzip" else (b"", b"")
        yield from names.add(stored, comment)
        unpacked = Unpacked(source, STARTS[what], walk.budget, same=what)
        inner = Source(unpacked.read)
        if inner.more():
            tar = kind(inner.peek(HEAD)) == "tar"
            name = text_of(stored, "latin-1") or _name(origin)
            yield from walk.enter(inner, origin if tar else inside(origin, name))
        while inner.read(PIECE):  # an archive inside may end before its stream does
            pass
        yield from _trailer(source, origin)

    return members


def _trailer(source: Source, origin: Origin) -> Iterator[Blob]:
    """What follows the last stream. Decompressors ignore it, so it is a place to leave things."""
    yield from plain(source.read, inside(origin, "(trailing bytes)"))


def _name(origin: Origin) -> str:
    """What unpacking the file at ``origin`` would call its content."""
    outer = origin.members[-1] if origin.members else origin.path
    stem, suffix = posixpath.splitext(posixpath.basename(outer))
    ending = ENDINGS.get(suffix.lower())
    return "(content)" if ending is None else stem + ending


def _gzip_texts(head: bytes) -> tuple[bytes, bytes]:
    """The stored name and the comment (RFC 1952 2.3), as far as ``head`` holds them."""
    flags = head[3] if len(head) > 3 else 0
    at = 10
    if flags & 4:
        at += 2 + int.from_bytes(head[10:12], "little")
    texts = []
    for flag in (8, 16):
        text = head[at:].split(b"\0", 1)[0] if flags & flag else b""
        at += len(text) + 1 if flags & flag else 0
        texts.append(text)
    return texts[0], texts[1]
