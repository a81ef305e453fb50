"""What a repository keeps, as blobs to search: objects, and the texts beside them. Nothing here asks git anything."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from sgleaks.anchors import Anchor, anchored, has_anchor
from sgleaks.model import Blob, Origin, Skip
from sgleaks.sources import archive, files, stream

if TYPE_CHECKING:
    from sgleaks.git.refs import Refs


TAR = slice(files.TAR_MAGIC, files.TAR_MAGIC + 5)


class Sight:
    """Tells objects worth a look: those with an anchor, archives, text in UTF-16, pointers of LFS."""

    def __init__(self, anchors: Iterable[Anchor]) -> None:
        self._anchors = tuple(anchors)

    def one(self, data: bytes | memoryview) -> bool:
        """Whether an object is worth it."""
        return has_anchor(data, self._anchors) or _is_special(data)

    def many(self, data: bytes, ends: Sequence[int]) -> set[int]:
        """Which of the objects that end at these offsets are worth it: all that are, maybe one more."""
        starts = (0, *ends[:-1])
        odd = {number for number, start in enumerate(starts) if _is_special(data[start : start + archive.HEAD])}
        return anchored(data, ends, self._anchors) | odd


def _is_special(data: bytes | memoryview) -> bool:
    if not data or (data[0] not in files.FIRST_BYTES and data[TAR] != b"ustar"):
        return False
    return files.is_special(bytes(data[: archive.HEAD]), len(data))


def blobs_of(data: bytes, origin: Origin, anchors: Iterable[Anchor]) -> Iterator[Blob | Skip]:
    """An object as it is, and what it holds if it is an archive; a long one in overlapping pieces."""
    if len(data) <= stream.SEGMENT:
        yield from files.blobs_of(data, origin, hit=has_anchor(data, anchors))
    else:
        import io

        yield from files.large(io.BytesIO(data), origin, anchors)


def large(file: BinaryIO, origin: Origin, anchors: Iterable[Anchor]) -> Iterator[Blob | Skip]:
    """The same of an object that does not fit into memory."""
    return files.large(file, origin, anchors)


def texts(refs: Refs) -> Iterator[tuple[str, Blob]]:
    """The names of branches and tags and the entries of reflogs, each with the name of its ref."""
    for tip in refs.refs:
        yield tip.name, Blob(os.fsencode(tip.name), Origin(tip.name), what="ref")
    for log in refs.reflogs:
        yield log.name, Blob(log.text, Origin(f"logs/{log.name}"))
