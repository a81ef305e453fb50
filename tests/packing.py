"""Random histories by `git fast-import`, and packs and indexes written by hand, which may be wrong in any way."""

from __future__ import annotations

import hashlib
import random
import zlib
from binascii import crc32
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from git_repos import Repository
from keys import key
from sgleaks.errors import ToolError
from sgleaks.git.kinds import Large, Object, Searched
from sgleaks.git.objects import Engine, contents, search
from sgleaks.git.repository import find
from sgleaks.model import SKIP_REASONS, Skip

BLOB, OFS_DELTA, REF_DELTA = 3, 6, 7


def grow(repository: Repository, rng: random.Random, commits: int, branch: str = "main") -> None:
    """Adds a branch on which files are edited, and keys added, split, masked, restored and removed."""
    out: list[bytes] = []
    files: dict[int, bytes] = {}
    for number in range(commits):
        message = f"change {number} {key(rng) if rng.random() < 0.1 else ''}".encode()
        out.append(b"commit refs/heads/%s\n" % branch.encode())
        out.append(b"committer Ada <ada@example.org> %d +0000\n" % (1_700_000_000 + number))
        out.append(b"data %d\n%s\n" % (len(message), message))
        for _ in range(rng.randint(1, 4)):
            name = rng.randrange(12)
            files[name] = edited(rng, files.get(name, b""))
            out.append(b"M 100644 inline folder/file%d\ndata %d\n%s\n" % (name, len(files[name]), files[name]))
    tag = b"release " + key(rng).encode()
    out.append(
        b"tag v-%s\nfrom refs/heads/%s\ntagger Ada <a@b> 1700000000 +0000\n" % (branch.encode(), branch.encode())
    )
    out.append(b"data %d\n%s\n" % (len(tag), tag))
    repository.git("fast-import", "--quiet", "--force", stdin=b"".join(out))


def edited(rng: random.Random, data: bytes) -> bytes:
    """The next version of a file: mostly lines of text, some of them with keys in one of their states."""
    choice = rng.random()
    if choice < 0.04 or not data:
        size = rng.choice((0, 1, 10, 300, 3000, 3000, 30_000))
        return rng.randbytes(size) if choice < 0.02 else b"".join(b"line %d of a file\n" % n for n in range(size // 10))
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    secret = key(rng).encode()
    if choice < 0.3:
        lines.insert(at, b"api_key = " + secret)
    elif choice < 0.4:
        lines.insert(at, b"api_key = '%s' + '%s'" % (secret[:20], secret[20:]))
    elif choice < 0.5:
        lines[at] = lines[at][:14] + b"*" * max(len(lines[at]) - 14, 0)
    elif choice < 0.7:
        del lines[at]
    elif choice < 0.8:
        lines[at:at] = lines[: len(lines) // 2]
    else:
        lines[at] = b"edit %d" % rng.randrange(1000)
    return b"\n".join(lines)[:200_000]


Read = dict[str, tuple[str, str]]  # id -> kind, digest of the bytes


def read(path: Path, engine: Engine = "pack", jobs: int = 1, *, outside: bool = False) -> tuple[Read, list[Skip]]:
    """Everything of a repository. Asserts what holds of every search."""
    repository = find(path, outside=outside)
    assert repository
    results = list(search(repository, lambda _data: True, jobs=jobs, engine=engine))
    found = [one for one in results if isinstance(one, Object)]
    skips = [one for one in results if isinstance(one, Skip)]
    counts = results[-1]
    assert isinstance(counts, Searched)
    assert counts.objects == len(found) + sum(isinstance(one, Large) for one in results)
    assert counts.blobs == sum(one.kind == "blob" for one in results if isinstance(one, Object | Large))
    assert max(Counter(one.oid for one in found).values(), default=1) == 1
    assert {skip.reason for skip in skips} <= set(SKIP_REASONS)
    for one in (one for one in results if isinstance(one, Large)):
        try:
            found.append(Object(one.oid, one.kind, b"".join(contents(repository, one))))
        except ToolError:
            skips.append(Skip(one.oid, "damaged"))
    return {one.oid: (one.kind, hashlib.sha256(one.data).hexdigest()) for one in found}, skips


def listed(repository: Repository) -> dict[str, str]:
    """What git says there is: id and kind of all that is no tree."""
    out = repository.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)").decode()
    return {oid: kind for oid, kind in (line.split() for line in out.splitlines()) if kind != "tree"}


class Entry(NamedTuple):
    """``base``: the id that a REF_DELTA names. ``size``: what the header says, if that is a lie."""

    oid: bytes
    kind: int
    content: bytes
    base: bytes = b""
    size: int | None = None


def write_pack(repository: Repository, entries: Sequence[Entry]) -> Path:
    """A pack of these entries with an index, as if git had made it."""
    pack, rows = packed(entries)
    folder = repository.root / ".git" / "objects" / "pack"
    folder.mkdir(exist_ok=True)
    path = folder / f"pack-{_sha1(pack).hexdigest()}.pack"
    path.write_bytes(pack)
    path.with_suffix(".idx").write_bytes(index(rows, pack[-20:]))
    return path


def packed(entries: Sequence[Entry]) -> tuple[bytes, list[tuple[bytes, int, int]]]:
    """A pack of these entries, and what its index says: id, CRC-32 and offset of each."""
    pack = bytearray(b"PACK\0\0\0\2" + len(entries).to_bytes(4, "big"))
    rows = []
    for entry in entries:
        start = len(pack)
        pack += _header(entry.kind, len(entry.content) if entry.size is None else entry.size)
        pack += entry.base + zlib.compress(entry.content)
        rows.append((entry.oid, crc32(pack[start:]), start))
    return bytes(pack + _sha1(pack).digest()), rows


def index(rows: Sequence[tuple[bytes, int, int]], checksum: bytes, *, far: bool = False) -> bytes:
    """An index of version 2 of (id, CRC-32, offset).

    In the table of 64-bit offsets are those that need it, and with ``far`` all.
    """
    rows = sorted(rows)
    out = bytearray(b"\xfftOc\0\0\0\2")
    for first in range(256):
        out += sum(row[0][0] <= first for row in rows).to_bytes(4, "big")
    out += b"".join(row[0] for row in rows)
    out += b"".join(row[1].to_bytes(4, "big") for row in rows)
    table = [row[2] for row in rows if far or row[2] >= 1 << 31]
    for _, _, offset in rows:
        out += (1 << 31 | table.index(offset) if offset in table else offset).to_bytes(4, "big")
    out += b"".join(offset.to_bytes(8, "big") for offset in table)
    out += checksum
    return bytes(out + _sha1(out).digest())


def blob(content: bytes) -> Entry:
    return Entry(object_id(content), BLOB, content)


def object_id(content: bytes, kind: bytes = b"blob") -> bytes:
    return _sha1(b"%s %d\0" % (kind, len(content)) + content).digest()


def delta(base: int, result: int, *steps: tuple[int, int] | bytes) -> bytes:
    """A delta for a base of so many bytes: copies (offset, length) and inserts."""
    out = bytearray(_number(base) + _number(result))
    for step in steps:
        if isinstance(step, bytes):
            out += bytes([len(step)]) + step
        else:
            out += b"\xff" + step[0].to_bytes(4, "little") + step[1].to_bytes(3, "little")
    return bytes(out)


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _header(kind: int, size: int) -> bytes:
    out = bytearray([kind << 4 | size & 15])
    size >>= 4
    while size:
        out[-1] |= 128
        out.append(size & 127)
        size >>= 7
    return bytes(out)


def _sha1(data: bytes | bytearray) -> hashlib._Hash:
    return hashlib.sha1(data, usedforsecurity=False)
