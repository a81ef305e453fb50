"""Tar archives: ustar, pax and GNU. Read here and not by tarfile, which keeps every member in memory, reads headers of any
size whole and fills the holes of sparse files; a stream, forward only, is all it takes.

Source: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Interchange Format"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.model import Origin
from sgleaks.sources.archive.bounds import MAX_HEADER, damaged
from sgleaks.sources.archive.flow import Source, Window
from sgleaks.sources.archive.names import Names, inside, text_of
from sgleaks.sources.archive.walk import Found, Walk

BLOCK = 512
WITHOUT_DATA = b"123456"  # links, devices, directories, pipes: their size is not followed by bytes
LONG = {ord("L"): b"path", ord("K"): b"linkpath"}  # GNU: the next member's name or link, as data
PAX = b"xXg"


def members(source: Source, origin: Origin, walk: Walk, names: Names) -> Iterator[Found]:
    """The members in their order, sparse ones as they are stored. Blocks of zeros are passed over, as joined tars need."""
    extended: dict[bytes, bytes] = {}
    while source.peek(1):
        header = source.exact(BLOCK)
        if not header.strip(b"\0"):
            continue
        _check(header)
        kind = header[156]
        size = _number(extended.get(b"size", b"")) if b"size" in extended else _field(header[124:136])
        if kind in LONG or kind in PAX:
            data = _long_header(source, _field(header[124:136]))
            yield from names.add(data.strip(b"\0"))
            extended |= {LONG[kind]: data.split(b"\0", 1)[0]} if kind in LONG else _records(data)
            continue
        if kind == ord("S"):
            _pass_sparse_maps(source, header)
        name = extended.get(b"GNU.sparse.name") or extended.get(b"path") or _name(header)
        yield from names.add(name, _text(header[157:257]))
        if kind not in WITHOUT_DATA and size:
            window = Window(source.read, size)
            yield from walk.enter(Source(window.read), inside(origin, text_of(name)))
            window.drain()
            _pad(source, size)
        extended = {}


def _check(header: bytes) -> None:
    """The sum of a header's bytes, its own field read as blanks; historic tars add signed bytes."""
    stored = _field(header[148:156])
    counted = header[:148] + b" " * 8 + header[156:]
    plain = sum(counted)
    if stored != plain and stored != plain - 256 * sum(byte > 127 for byte in counted):
        raise damaged("a header of it is corrupt")


def _field(field: bytes) -> int:
    """A number of a header: octal, or from 8 GiB on in base 256 (GNU)."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    return _number(field.strip(b" \0"), base=8)


def _number(digits: bytes, base: int = 10) -> int:
    """Raises UnpackError for anything but a bounded run of digits."""
    if not digits:
        return 0
    if len(digits) > 20 or not digits.isdigit() or (base == 8 and (b"8" in digits or b"9" in digits)):
        raise damaged("a header of it is corrupt")
    return int(digits, base)


def _long_header(source: Source, size: int) -> bytes:
    """The data of a header that is data; what of it passes the bound is passed over."""
    window = Window(source.read, size)
    parts, have = [], 0
    while have < MAX_HEADER and (part := window.read(MAX_HEADER - have)):
        parts.append(part)
        have += len(part)
    window.drain()
    _pad(source, size)
    return b"".join(parts)


def _records(data: bytes) -> dict[bytes, bytes]:
    """The records ``LENGTH KEY=VALUE\\n`` of a pax header, as far as they keep to the form."""
    found = {}
    while data:
        length, blank, _ = data[:21].partition(b" ")
        end = int(length) if blank and length.isdigit() else 0
        if end <= len(length) + 1:
            break
        key, _, value = data[len(length) + 1 : end].partition(b"=")
        found[key] = value[:-1]
        data = data[end:]
    return {key: value for key, value in found.items() if key in (b"path", b"linkpath", b"size", b"GNU.sparse.name")}


def _pass_sparse_maps(source: Source, header: bytes) -> None:
    """Old GNU sparse members carry maps of their holes in further blocks: a flag says whether one more follows."""
    more = header[482]
    while more:
        more = source.exact(BLOCK)[504]


def _name(header: bytes) -> bytes:
    # The prefix is POSIX; GNU's magic ends with a blank and it keeps times there.
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else b""
    name = _text(header[:100])
    return prefix + b"/" + name if prefix else name


def _text(field: bytes) -> bytes:
    return field.split(b"\0", 1)[0]


def _pad(source: Source, size: int) -> None:
    """To the next block. The last block of a tar cut short may lack its padding, which loses nothing."""
    Window(source.read, len(source.peek(-size % BLOCK))).drain()
