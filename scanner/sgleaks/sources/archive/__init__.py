"""What archives hold, by content and in bounds: zip and its kin, tar, gzip, bz2, xz, zstd, PDF, git packs and bundles.

Every input is hostile here. Whatever it is, it becomes blobs and skips; names in it are labels, never paths.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from sgleaks.model import Origin, Skip
from sgleaks.sources.archive.bounds import LIMITS, MAX_SKIPS, BombError, Limits
from sgleaks.sources.archive.kinds import FIRST_BYTES, HEAD, kind

if TYPE_CHECKING:
    from sgleaks.sources.archive.walk import Format, Found

__all__ = ["FIRST_BYTES", "HEAD", "Limits", "kind", "unpack"]


def formats() -> dict[str, Format]:
    """What opens each kind of archive. Imported when the first one is met: most scans meet none."""
    from sgleaks.sources.archive import compressed, pack, pdf, tar
    from sgleaks.sources.archive.zip import members as zip_members

    return {
        "zip": zip_members,
        "tar": tar.members,
        "gzip": compressed.opener("gzip"),
        "bz2": compressed.opener("bz2"),
        "xz": compressed.opener("xz"),
        "zstd": compressed.opener("zstd"),
        "pdf": pdf.members,
        "pack": pack.members,
        "bundle": pack.bundle_members,
    }


def unpack(file: BinaryIO, origin: Origin, limits: Limits = LIMITS) -> Iterator[Found]:
    """Every member of the archive at ``origin``, archives in it opened too, as blobs whose origin leads to it.

    ``file`` is read from its start when it can seek, else from where it is; it stays open. A PDF and an archive that
    cannot be opened are given as they are, too. Nothing is raised: what could not be read is a Skip, the first
    MAX_SKIPS of a reason one by one. Memory stays bounded; a nested zip of more than a few MB goes to a temporary file.
    """
    from collections import Counter

    told = Counter[str]()
    for found in _walk(file, origin, limits):
        if isinstance(found, Skip):
            told[found.reason] += 1
            if told[found.reason] > MAX_SKIPS:
                continue
        yield found
    for reason, count in told.items():
        if count > MAX_SKIPS:
            yield Skip(origin.place, reason, f"{count - MAX_SKIPS} more of its members")


def _walk(file: BinaryIO, origin: Origin, limits: Limits) -> Iterator[Found]:
    from sgleaks.sources.archive.flow import Source
    from sgleaks.sources.archive.walk import Walk

    walk = Walk(limits, formats())
    try:
        whole = file if file.seekable() else None
        if whole:
            whole.seek(0)
        yield from walk.enter(Source(file.read, whole), origin)
    except BombError as error:
        yield Skip(origin.place, error.reason, error.detail)
    except OSError as error:  # of the file itself; decoders turn theirs into UnpackError
        yield Skip(origin.place, "unreadable", error.strerror or "it cannot be read")
