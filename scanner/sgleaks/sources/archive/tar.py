"""Tar archives: ustar, pax and GNU, as a stream that only goes forward.

Read here and not by tarfile, which keeps every member in memory, reads headers of any size whole and fills the holes of
sparse files.

Source: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Interchange Format"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from sgleaks.model import Origin
from sgleaks.sources.archive.bounds import MAX_HEADER, damaged
from sgleaks.sources.archive.flow import Source, Window
from sgleaks.sources.archive.names import Names, inside, text_of
from sgleaks.sources.archive.walk import Found, Walk, plain

BLOCK = 512
WITHOUT_DATA = b"123456"  # links, devices, directories, pipes: their size is not followed by bytes
ZEROS = bytes(BLOCK)
END = 2  # blocks of zeros end an archive; what follows need not be a header
USED = (b"path", b"size", b"GNU.sparse.name")  # of a pax header; all of it is searched


def members(source: Source, origin: Origin, walk: Walk, names: Names) -> Iterator[Found]:
    """The members in their order, sparse ones as they are stored. Zeros between are passed over: tars can be joined."""
    extended: dict[bytes, bytes] = {}
    zeros = 0
    while source.more():
        header = source.peek(BLOCK)
        if header == ZEROS:
            zeros += 1
            source.read(BLOCK)
            continue
        if zeros >= END and not _sound(header):
            yield from plain(source.read, inside(origin, "(trailing bytes)"))
            return
        source.exact(BLOCK)
        zeros = 0
        size = _field(header[124:136]) if _sound(header) else _corrupt()
        if header[156] in b"LKxXg":
            data = _long_header(source, size)
            yield from names.add(data.strip(b"\0"))
            extended |= _extension(header[156], data)
            continue
        name = extended.get(b"GNU.sparse.name") or extended.get(b"path") or _name(header)
        yield from names.add(name, _text(header[157:257]))
        size = _number(extended[b"size"]) if b"size" in extended else size
        yield from _member(source, header, size, inside(origin, text_of(name)), walk)
        extended = {}
    if not zeros:
        raise damaged()


def _member(source: Source, header: bytes, size: int, origin: Origin, walk: Walk) -> Iterator[Found]:
    if header[156] == ord("S"):
        _pass_sparse_maps(source, header)
    if size and header[156] not in WITHOUT_DATA:
        window = Window(source.read, size)
        yield from walk.enter(Source(window.read), origin)
        window.drain()
        _pad(source, size)


def _sound(header: bytes) -> bool:
    """Compares the sum of a header's bytes, its own field read as blanks; historic tars add signed bytes."""
    counted = header[:148] + b" " * 8 + header[156:]
    total = sum(counted)
    stored = header[148:156].strip(b" \0").lstrip(b"0")
    return stored in (b"%o" % total, b"%o" % (total - 256 * sum(byte > 127 for byte in counted)))


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
        _corrupt()
    return int(digits, base)


def _corrupt() -> NoReturn:
    raise damaged("a header of it is corrupt")


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


def _extension(kind: int, data: bytes) -> dict[bytes, bytes]:
    """What a header that is data says of the next member: GNU long name or pax; not long links and global headers."""
    if kind == ord("L"):
        return {b"path": data.split(b"\0", 1)[0]}
    return _records(data) if kind in b"xX" else {}


def _records(data: bytes) -> dict[bytes, bytes]:
    """The records ``LENGTH KEY=VALUE\\n`` of a pax header, as far as they keep to the form."""
    found = {}
    at = 0
    while at < len(data):
        length, blank, _ = data[at : at + 21].partition(b" ")
        size = int(length) if blank and length.isdigit() else 0
        if size <= len(length) + 1:
            break
        key, _, value = data[at + len(length) + 1 : at + size].partition(b"=")
        if key in USED:
            found[key] = value[:-1]
        at += size
    return found


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
