"""Targets that open archives: zip, tar, gzip, bz2, xz, zstd, PDF, packs, and each in each other."""

from __future__ import annotations

import io
from functools import partial

from fuzz.target import Target
from sgleaks.model import SKIP_REASONS, Blob, Origin
from sgleaks.sources.archive import Limits, unpack
from sgleaks.sources.archive.bounds import MAX_DEPTH, MAX_NAME
from test_archive import ALL, Pipe

LIMITS = Limits(members=2000, unpacked=8 << 20, ratio_floor=1 << 20)  # a fuzzer makes bombs all day


def opened(data: bytes) -> None:
    """Everything is a blob or a skip, within bounds; a pipe and a file give the same members."""
    members = [_members(file) for file in (io.BytesIO(data), Pipe(data))]
    if not any(reason for _, reason in members[0]):  # a broken archive in a file is also given as it is
        assert [place for place, _ in members[0]] == [place for place, _ in members[1]]


def _members(file: io.IOBase) -> list[tuple[str, str]]:
    size = 0
    found = []
    for each in unpack(file, Origin("x"), LIMITS):  # type: ignore[arg-type]
        if isinstance(each, Blob):
            size += len(each.data) - each.overlap
            assert each.data
            assert 1 <= len(each.origin.members) + 1 <= MAX_DEPTH + 3
            assert all(0 < len(name) <= MAX_NAME for name in each.origin.members)
            assert each.line >= 1
            assert each.column >= 1
            found.append((each.origin.place, ""))
        else:
            assert each.reason in SKIP_REASONS
            assert each.detail
            found.append((each.path, each.reason))
    assert size <= LIMITS.unpacked + (1 << 20)
    return found


def samples(kind: str) -> list[bytes]:
    return [data for name, data in ALL.items() if name.startswith(kind)]


KINDS = ("zip", "tar", "gz", "bz2", "xz", "zst", "pdf", "pack", "bundle", "nested")
TARGETS = {f"archive-{kind}": Target(opened, partial(samples, kind), longest=1 << 16) for kind in KINDS}
