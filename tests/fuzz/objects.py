"""Targets that read what git keeps: packs and their indexes, objects, deltas, reflogs, and where they lie."""

from __future__ import annotations

import os
import zlib
from binascii import crc32
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from fuzz.target import Target, folder, written
from packing import BLOB, OFS_DELTA, REF_DELTA, Entry, delta, index, packed
from sgleaks.git import codec, discovery, loose, pack_index, packs, reflogs, repository
from sgleaks.git.codec import Damaged
from sgleaks.git.kinds import KINDS
from sgleaks.git.pack_entries import TREE
from sgleaks.git.walk import Walk
from sgleaks.model import SKIP_REASONS

ID = 20


# Packs


def entries_of(data: bytes) -> tuple[list[Entry], list[int]]:
    """Entries, and of each delta the place of its base, -1 for none: four bytes say kind, base, size and length."""
    entries: list[Entry] = []
    bases: list[int] = []
    kinds = (BLOB, BLOB, OFS_DELTA, REF_DELTA, 1, TREE, 4, 5)
    at = 0
    while at + 4 <= len(data) and len(entries) < 64:
        how, base, lie, length = data[at : at + 4]
        content, at = data[at + 4 : at + 4 + length], at + 4 + length
        kind = kinds[how % 8]
        size = lie if how & 8 else len(content)
        named, place = b"", -1
        if kind == OFS_DELTA:
            place = base % len(entries) if entries and not how & 16 else -2
            named = b"\x7f" if place < 0 else _distance(entries, place)
        elif kind == REF_DELTA:
            place = base % 64
            named = _id(place)
        entries.append(Entry(_id(len(entries)), kind, content, named, size))
        bases.append(place)
    return entries, [base if base < len(entries) else -2 for base in bases]


def _id(place: int) -> bytes:
    return bytes([place * 37 % 256]) + place.to_bytes(ID - 1, "big")


def _distance(entries: Sequence[Entry], place: int) -> bytes:
    """How far before the next entry one begins (gitformat-pack(5), "OBJ_OFS_DELTA")."""
    pack, rows = packed(entries)
    distance = len(pack) - ID - rows[place][2]
    out = bytearray([distance & 127])
    while distance := distance >> 7:
        distance -= 1
        out.insert(0, distance & 127 | 128)
    return bytes(out)


def pack(data: bytes) -> None:
    """Each object is given as a plain reading makes it, or is named among those that are lost; none is both."""
    entries, bases = entries_of(data)
    content, rows = packed(entries)
    path = written("a.pack", content)
    written("a.idx", index(rows, content[-ID:], far=bool(data[:1] and data[0] & 32)))
    _accounted(path, _made(entries, bases))


def _accounted(path: Path, known: Sequence[bytes | None] | None = None) -> None:
    opened = packs.opened(path)
    walk = Walk(opened)
    found = {row: data for row, _, data in walk.objects(0, len(opened.families.members))}
    lost = [*walk.left, *walk.bombs]
    apart = [rows.tolist() for rows in (opened.families.left, opened.families.circular, opened.families.trees)]
    everything = [*found, *lost, *(row for rows in apart for row in rows)]
    assert sorted(everything) == list(range(len(opened.index.start)))
    packs.damaged_trees(opened, 0, len(opened.families.trees))
    if known is not None:
        trees = set(opened.families.trees.tolist())
        assert found == {row: data for row, data in enumerate(known) if data is not None and row not in trees}


def _made(entries: Sequence[Entry], bases: Sequence[int]) -> list[bytes | None]:
    """The bytes of each object, None where it cannot be made."""
    made: dict[int, bytes | None] = {}

    def one(place: int, above: frozenset[int]) -> bytes | None:
        if place < 0 or place in above:
            return None
        if place not in made:
            entry, base = entries[place], bases[place]
            good = entry.size == len(entry.content) and entry.kind != 5
            under = one(base, above | {place}) if base != -1 else b""
            made[place] = (
                None if not good or under is None else entry.content if base == -1 else _delta(under, entry.content)
            )
        return made[place]

    return [one(place, frozenset()) for place in range(len(entries))]


def _delta(base: bytes, content: bytes) -> bytes | None:
    try:
        codec.result_size(content, len(base))
        return codec.applied(base, content)
    except Damaged:
        return None


def packs_seen() -> Iterator[bytes]:
    text = b"a line of a file\n" * 4
    change = delta(len(text), 8, (0, 4), b"abcd")
    head = bytes([0, 0, 0, len(text)]) + text
    yield head
    yield head + bytes([2, 0, 0, len(change)]) + change
    yield head + bytes([3, 0, 0, len(change)]) + change + bytes([3, 1, 0, len(change)]) + change
    yield bytes([3, 1, 0, len(change)]) + change + bytes([3, 0, 0, len(change)]) + change
    yield bytes([4, 0, 0, 3]) + b"abc" + bytes([6, 0, 0, 3]) + b"abc" + bytes([5, 0, 0, 3]) + b"abc"


def pack_bytes(data: bytes) -> None:
    """Whatever the entries of a pack are, each is given or named. First come their number and offsets."""
    count = data[0] % 16 if data else 0
    offsets = [int.from_bytes(data[1 + 2 * n : 3 + 2 * n], "big") for n in range(count)]
    content = data[1 + 2 * count :] + bytes(ID)
    starts = sorted({*offsets, len(content) - ID})
    ends = dict(pairwise(starts))
    rows = [(_id(n), crc32(content[at : ends.get(at, at)]), at) for n, at in enumerate(offsets)]
    written("a.idx", index(rows, bytes(ID)))
    _accounted(written("a.pack", content))


def raw_packs() -> Iterator[bytes]:
    for seed in packs_seen():
        content, rows = packed(entries_of(seed)[0])
        offsets = b"".join(row[2].to_bytes(2, "big") for row in rows)
        yield bytes([len(rows)]) + offsets + content


def pack_indexes(data: bytes) -> None:
    """Entries ascend, end where others begin or the pack does, and are all there in the order of their ids."""
    size = int.from_bytes(data[:4], "big")
    found = pack_index.read(written("a.idx", data[4:]), size)
    count = len(found.ids)
    assert len(found.start) == len(found.end) == len(found.by_id) == count
    assert np.all(found.start <= found.end)
    assert np.all(found.start[1:] >= found.start[:-1])
    assert np.all((found.end <= max(size - ID, 0)) | (found.end == found.start))
    assert sorted(found.by_id.tolist()) == list(range(count))
    ids = found.ids[found.by_id]
    assert np.all(ids[1:] >= ids[:-1])


def indexes() -> Iterator[bytes]:
    rows = [(_id(n), n, 12 + 40 * n) for n in range(5)]
    for far in (False, True):
        yield (500).to_bytes(4, "big") + index(rows, bytes(ID), far=far)
    first = b"".join(sum(row[0][0] <= byte for row in rows).to_bytes(4, "big") for byte in range(256))
    yield (
        (500).to_bytes(4, "big")
        + first
        + b"".join(row[2].to_bytes(4, "big") + row[0] for row in sorted(rows))
        + bytes(2 * ID)
    )


def deltas(data: bytes) -> None:
    """What one makes both make, of the declared length; but Rust forgives a last copy that adds nothing."""
    base, change = data[1 : 1 + data[0]] if data else b"", data[1 + data[0] :] if data else b""
    size = codec.result_size(change, len(base))
    if size > 1 << 20:
        return
    outcomes: list[bytes | None] = []
    for apply in (codec.applied, codec._applied):
        try:
            outcomes.append(apply(base, change))
        except Damaged:
            outcomes.append(None)
    assert outcomes[1] in (None, outcomes[0])
    assert outcomes[0] is None or len(outcomes[0]) == size


def some_deltas() -> Iterator[bytes]:
    for steps in ((b"abcd", (0, 4)), ((1, 7),), (b"x",)):
        size = sum(len(step) if isinstance(step, bytes) else step[1] for step in steps)
        yield b"\x08abcdefgh" + delta(8, size, *steps)


def loose_objects(data: bytes) -> None:
    """An object is what its stream holds, and is given only where that is as long as its header says."""
    oid = "ab" + 38 * "0"
    written(f"objects/ab/{38 * '0'}", zlib.compress(data[1:]) if data and data[0] & 1 else data[1:])
    for _, kind, content in loose.read(folder() / "objects", [oid]):
        assert kind in (*KINDS, None)
        if kind:
            whole = zlib.decompressobj().decompress((folder() / "objects" / oid[:2] / oid[2:]).read_bytes())
            head, _, rest = whole.partition(b"\0")
            assert rest == content
            words = head.split(b" ")
            assert (words[0].decode(), int(words[1])) == (kind, len(content))


def some_objects() -> Iterator[bytes]:
    for stream in (b"blob 3\0abc", b"commit 0\0", b"tree 0\0", b"tag 1\0x", b"blob 99999999999\0a"):
        yield b"\1" + stream
        yield b"\0" + zlib.compress(stream)


# Files that say where things are


def borrowed(data: bytes) -> None:
    """A repository is found whatever its files say; it reads nothing outside, and names what it does not read."""
    root = folder() / "repository"
    for name in ("objects/info", "refs"):
        (root / ".git" / name).mkdir(parents=True, exist_ok=True)
    written("repository/.git/HEAD", b"ref: refs/heads/main\n")
    written("repository/.git/objects/info/alternates", data)
    found = repository.find(root)
    assert found
    assert all(skip.reason in SKIP_REASONS for skip in found.skips)
    assert all(place.is_dir() and place.is_relative_to(os.path.realpath(root)) for place in found.objects)


def pointers(data: bytes) -> None:
    """Where a ``.git`` file leads is a git directory, or it leads nowhere."""
    written("linked/.git", b"gitdir: " + data if data[:1] == b"." else data)
    written("linked/commondir/commondir", data)
    written("linked/commondir/HEAD", b"")
    found = discovery.find(folder() / "linked")
    assert found is None or (found.common_dir / "objects").is_dir()
    repository.find(folder() / "linked" / "commondir")


def logs(data: bytes) -> None:
    """An entry is an id or nothing, and there is one more of them than lines."""
    written("logs/refs/heads/main", data)
    for log in reflogs.reflogs_of({folder() / "logs": ""}):
        if isinstance(log, reflogs.Reflog):
            assert log.text == data
            assert len(log.entries) == len(data.splitlines()) + 1
            assert all(len(oid) in (0, 40, 64) for oid in log.entries)


TARGETS = {
    "pack": Target(pack, packs_seen),
    "pack-bytes": Target(pack_bytes, raw_packs),
    "pack-index": Target(pack_indexes, indexes, (Damaged,)),
    "delta": Target(deltas, some_deltas, (Damaged,)),
    "loose-object": Target(loose_objects, some_objects),
    "alternates": Target(borrowed, lambda: (b"../../x\n", b'"/a\\tb\\303\\244"\n# no\n', b"/etc\n.\n")),
    "git-pointer": Target(pointers, lambda: (b"gitdir: ../x\n", b"./y", b"repository/.git")),
    "reflog": Target(logs, lambda: (b"0" * 40 + b" " + b"a" * 40 + b" Ada <a@b> 1 +0000\tcommit: x\n", b"a b\n")),
}
