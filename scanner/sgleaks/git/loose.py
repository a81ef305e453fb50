"""Objects that lie in a file of their own: found by listing folders, read with a bound, trees left after their header.

Source: gitformat-loose in gitrepository-layout(5): the whole file is one zlib stream of ``kind size NUL content``.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from sgleaks.git.codec import Damaged
from sgleaks.git.kinds import KINDS, WHOLE, Kind
from sgleaks.git.pack_files import LINK
from sgleaks.model import Skip

HEAD = 64  # bytes that hold a header: a kind, and a size of up to twenty digits
FILE = WHOLE + (1 << 20)  # bytes of a file that can hold no more than WHOLE: deflate never adds as much
_FOLDER = re.compile(r"[0-9a-f]{2}")


def listed(objects: Path, id_size: int, *, links: bool = False) -> Iterator[str | Skip]:
    """The ids of the loose objects in an object directory, hexadecimal, sorted within a folder.

    A folder that is a link is not followed unless ``links``.
    """
    name = re.compile(rf"[0-9a-f]{{{2 * id_size - 2}}}")
    for folder in _folders(objects):
        if not links and (objects / folder).is_symlink():
            yield Skip(f"objects/{folder}", "missing", LINK)
            continue
        try:
            names = sorted(os.listdir(objects / folder))
        except OSError as error:
            yield Skip(f"objects/{folder}", "unreadable", (error.strerror or "").lower())
            continue
        yield from (folder + one for one in names if name.fullmatch(one))


def read(objects: Path, ids: Sequence[str]) -> Iterator[tuple[str, Kind | None, bytes]]:
    """Id, kind and bytes of those that are no trees; the kind is None where git should be asked instead.

    That is for one that is damaged, larger than ``WHOLE``, or gone: a pack may have it now.
    """
    for oid in ids:
        try:
            with open(objects / oid[:2] / oid[2:], "rb") as file:
                content = file.read(FILE)
            found = _content(content)
        except (OSError, Damaged):
            yield oid, None, b""
            continue
        if found:
            yield oid, *found


def _content(stream: bytes) -> tuple[Kind, bytes] | None:
    inflate = zlib.decompressobj()
    try:
        head = inflate.decompress(stream, HEAD)
        kind, size, start = _header(head)
        if kind == "tree":
            return None
        if size > WHOLE:
            raise Damaged("it is too large to be held")
        data = head[start:]
        if len(data) <= size and not inflate.eof:
            data += inflate.decompress(inflate.unconsumed_tail, size - len(data) + 1)
    except zlib.error:
        raise Damaged("its compressed data is corrupt") from None
    if len(data) != size or not inflate.eof or kind not in KINDS:
        raise Damaged("it is cut off")
    return kind, data


def _header(head: bytes) -> tuple[str, int, int]:
    """Kind, size and where the content begins."""
    found = re.match(rb"([a-z]{1,10}) (\d{1,19})\0", head)
    if not found:
        raise Damaged("its header is corrupt")
    return found[1].decode(), int(found[2]), found.end()


def _folders(objects: Path) -> list[str]:
    try:
        return sorted(filter(_FOLDER.fullmatch, os.listdir(objects)))
    except OSError:
        return []
