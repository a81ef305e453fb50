"""Git packs and bundles that lie about as files: their objects, and their deltas as they are.

A delta holds the text it inserts, which is where a new key is; one that a delta puts together from pieces is not seen.
Source: gitformat-pack(5), gitformat-bundle(5).
"""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.model import Blob, Origin
from sgleaks.sources.archive.bounds import MAX_HEADER, damaged
from sgleaks.sources.archive.codec import ZLIB, inflate
from sgleaks.sources.archive.flow import Source
from sgleaks.sources.archive.names import Names, inside
from sgleaks.sources.archive.unpacked import Unpacked
from sgleaks.sources.archive.walk import Found, Walk

OBJECTS = (1, 2, 3, 4)  # commit, tree, blob, tag
OFS_DELTA, REF_DELTA = 6, 7
VARINT = 10  # bytes of a number of 64 bits, seven in each
REFS = 16 * MAX_HEADER  # bytes of a bundle's header: 200,000 refs of 80 bytes


def members(source: Source, origin: Origin, walk: Walk, _names: Names) -> Iterator[Found]:
    """Every entry of a pack, named by its offset. The checksum at the end is not looked at."""
    yield from _objects(source, origin, walk, id_size=0)


def bundle_members(source: Source, origin: Origin, walk: Walk, _names: Names) -> Iterator[Found]:
    """The header, which names refs and commits, then the pack's entries; offsets are the pack's."""
    header = _header(source)
    yield Blob(header, inside(origin, "(header)"), encoding="utf-8")
    if not source.peek(4).startswith(b"PACK"):
        source.more()
        raise damaged("it holds no pack")
    yield from _objects(source, origin, walk, id_size=32 if b"\n@object-format=sha256\n" in header else 20)


def _header(source: Source) -> bytes:
    """To the empty line, with it."""
    header = bytearray()
    while True:
        part = source.read(4096)
        if not part:
            raise damaged()
        header += part
        end = header.find(b"\n\n", max(len(header) - len(part) - 1, 0))
        if end >= 0:
            source.back(len(header) - end - 2)
            return bytes(header[: end + 2])
        if len(header) > REFS:
            raise damaged("its header does not end")


def _objects(source: Source, origin: Origin, walk: Walk, id_size: int) -> Iterator[Found]:
    base = source.position
    count = int.from_bytes(source.exact(12)[8:], "big")
    for _ in range(count):
        at = source.position - base
        kind = _entry(source)
        if kind == OFS_DELTA:
            _varint(source)
        elif kind == REF_DELTA:
            source.exact(id_size or _id_size(source))
        elif kind not in OBJECTS:
            raise damaged("an entry of it is corrupt")
        unpacked = Unpacked(source, inflate(ZLIB), walk.budget)
        inner = Source(unpacked.read)
        if inner.more():
            yield from walk.enter(inner, inside(origin, f"object at {at}"))
        while inner.more():  # the next entry begins where this one's data ends
            inner.read(len(inner.peek(4096)))


def _entry(source: Source) -> int:
    """The type of an entry; its size is not needed, since the data ends itself."""
    first = source.exact(1)[0]
    if first & 128:
        _varint(source)
    return first >> 4 & 7


def _varint(source: Source) -> None:
    for _ in range(VARINT):
        if not source.exact(1)[0] & 128:
            return
    raise damaged("an entry of it is corrupt")


def _id_size(source: Source) -> int:
    """Bytes of the base's id in a pack, which does not say its hash: the zlib header must follow (RFC 1950 2.2)."""
    ahead = source.peek(34)
    follows = ahead[20:22]
    return 20 if len(follows) < 2 or (follows[0] & 15 == 8 and int.from_bytes(follows, "big") % 31 == 0) else 32
