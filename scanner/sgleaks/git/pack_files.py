"""Which packs an object directory has, and what can be told to be wrong with them before an object is read.

git says nothing of a pack that it leaves out for being damaged, so both engines look here.
"""

from __future__ import annotations

import hashlib
import os
import struct
from itertools import pairwise
from pathlib import Path

from sgleaks.model import Skip

LINK = "it is a link, which is not followed"
READ = 1 << 20  # bytes at a time


def listed(objects: Path, *, links: bool = False) -> tuple[list[Path], list[Skip]]:
    """The ``.pack`` files that have an index, sorted, and those that lack their other half or cannot be listed.

    Links lead to what may not be the repository's, and are not followed unless ``links``.
    """
    folder = objects / "pack"
    if not links and folder.is_symlink():
        return [], [Skip("objects/pack", "missing", LINK)]
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [Skip("objects/pack", "unreadable", (error.strerror or "").lower())]
    packs = {name.removesuffix(".pack") for name in names if name.endswith(".pack")}
    indexes = {name.removesuffix(".idx") for name in names if name.endswith(".idx")}
    skips = [Skip(f"objects/pack/{name}.pack", "missing", "its index is not there") for name in packs - indexes]
    skips += [Skip(f"objects/pack/{name}.idx", "missing", "its pack is not there") for name in indexes - packs]
    both = sorted(packs & indexes)
    linked = set() if links else {name for name in both if is_linked(folder / f"{name}.pack")}
    skips += [Skip(f"objects/pack/{name}.pack", "missing", LINK) for name in linked]
    return [folder / f"{name}.pack" for name in both if name not in linked], sorted(skips)


def is_linked(path: Path) -> bool:
    """Whether a pack or its index is a link."""
    return path.is_symlink() or path.with_suffix(".idx").is_symlink()


def damage(path: Path, id_size: int) -> str:
    """What is wrong with a pack or its index, nothing if nothing is. Costs reading the index whole.

    The pack's own checksum is not computed: entries have a CRC-32 each. Raises `OSError`.
    """
    algorithm = "sha1" if id_size == 20 else "sha256"
    checksum = hashlib.new(algorithm, usedforsecurity=False)
    with open(path.with_suffix(".idx"), "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        first = fan = file.read(8 + 1024)
        left = size - id_size - len(fan)
        while fan:
            checksum.update(fan)
            fan = file.read(max(min(READ, left), 0))
            left -= len(fan)
        file.seek(max(size - 2 * id_size, 0))
        end = file.read()
    if checksum.digest() != end[id_size:]:
        return "its index is damaged"
    if not _is_used(first, size, id_size):
        return "its index is one that git does not use"
    count = first[1028:1032] if first.startswith(b"\xfftOc") else first[1020:1024]
    return _pack_damage(path, count, end[:id_size])


def _is_used(first: bytes, size: int, id_size: int) -> bool:
    """Whether git uses an index of so many bytes that begins so; see ``load_idx`` in its packfile.c."""
    later = first.startswith(b"\xfftOc")
    fan: tuple[int, ...] = struct.unpack(">256I", first[8:] if later else first[:1024])
    if any(one > following for one, following in pairwise(fan)):
        return False
    least = 1024 + fan[-1] * (id_size + 4) + 2 * id_size
    if not later:
        return size == least
    least += 8 + fan[-1] * 4
    return least <= size <= least + max(fan[-1] - 1, 0) * 8


def _pack_damage(path: Path, count: bytes, checksum: bytes) -> str:
    with open(path, "rb") as file:
        head = file.read(12)
        file.seek(max(file.seek(0, os.SEEK_END) - len(checksum), 0))
        last = file.read()
    if head[:4] != b"PACK" or head[4:8] not in (b"\0\0\0\2", b"\0\0\0\3"):
        return "it does not begin as a pack of a known version"
    if last != checksum:
        return "it is cut off, or its index is that of another pack"
    return "" if head[8:] == count else "it has another number of objects than its index"
