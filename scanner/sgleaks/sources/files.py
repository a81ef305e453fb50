"""Files of the disk, read as fast as the disk gives them: a buffer at a time, and only what has an anchor is kept.

Opened relative to their folder and without following links, so that nothing can swap a link in between. Nothing here
writes, and no file is ever executed or asked of git.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

from sgleaks.anchors import DEFAULT, Anchor, anchored, has_anchor
from sgleaks.git.lfs import is_lfs_pointer
from sgleaks.model import Blob, Origin, Skip, Stats
from sgleaks.sources import archive, stream
from sgleaks.text import bom_of

BUFFER = 512 << 10  # bytes; with the anchors' passes over it, it stays in a core's second-level cache
FLUSH = BUFFER - (96 << 10)  # nine files in ten are shorter than the rest, and then are read once
NAMES = 256  # files that are listed as one; larger folders are several, so that several processes may read them
OVERLAP = 64  # bytes between two buffers of a large file: longer than any anchor
MAX_FILE = 16 << 30  # bytes; a sparse file can claim to be of any size

NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
# Windows has none of these but the last, without which it would alter what is read.
FLAGS = ("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK", "O_BINARY")
OPEN = sum(getattr(os, flag, 0) for flag in FLAGS) | os.O_RDONLY
RELATIVE = os.open in os.supports_dir_fd and hasattr(os, "readv")
# Of an archive, of text in UTF-16, of the pointer of an LFS object (it begins with `version`).
FIRST_BYTES = archive.FIRST_BYTES | {0xFF, 0xFE, ord("v")}
TAR_MAGIC = 257  # offset of `ustar`, POSIX.1-1988


class Folder(NamedTuple):
    """Some files of one folder: where it is, what its path is called from the scanned root (``""`` or ``a/b/``).

    ``follow``: the user named them, so links are followed wherever they lead.
    """

    path: bytes
    shown: str
    names: tuple[bytes, ...]
    follow: bool = False


def walk(root: bytes, shown: str = "", excluded: Callable[[str], bool] | None = None) -> Iterator[Folder | Blob | Skip]:
    """Every regular file below ``root``, except what ``.git`` folders hold and what is ``excluded`` by its shown path.

    Links are named when they lead out of the root or nowhere; where they lead inside, the target is met by itself.
    """
    stack = [(root, shown)]
    while stack:
        path, shown = stack.pop()
        names: list[bytes] = []
        below: list[tuple[bytes, str]] = []
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    if excluded and excluded(shown + os.fsdecode(entry.name)):
                        continue
                    if entry.is_file(follow_symlinks=False):
                        names.append(entry.name)
                    elif not entry.is_dir(follow_symlinks=False):
                        yield from odd(entry.path, shown + os.fsdecode(entry.name), root)
                    elif entry.name != b".git":
                        name = shown + os.fsdecode(entry.name)
                        stack.append((entry.path, name + "/"))
                        below.append((entry.name, name))
        except OSError as error:
            yield Skip(shown.rstrip("/") or ".", "unreadable", error.strerror or "")
        if below:
            yield from named(below)
        yield from folders(path, shown, names)


def named(names: Sequence[tuple[bytes, str]]) -> Iterator[Blob]:
    """The names of files or folders, each with the path it is shown as, that have an anchor themselves."""
    if has_anchor(b"\0".join([name for name, _ in names])):
        for name, shown in names:
            if has_anchor(name):
                yield Blob(name, Origin(shown), what="name")


def folders(path: bytes, shown: str, names: Sequence[bytes]) -> Iterator[Folder]:
    """The files of a folder in tasks of a handy size."""
    for start in range(0, len(names), NAMES):
        yield Folder(path, shown, tuple(names[start : start + NAMES]))


def odd(path: bytes, shown: str, root: bytes) -> Iterator[Blob | Skip]:
    """Neither file nor folder: the text of a link and why it is not followed, or the kind of a special file."""
    try:
        mode = os.lstat(path).st_mode
        if not stat.S_ISLNK(mode):
            yield Skip(shown, "special-file", _kind(mode))
            return
        text = os.readlink(path)
    except OSError as error:
        yield Skip(shown, "unreadable", error.strerror or "")
        return
    if has_anchor(text):
        yield Blob(text, Origin(shown), what="link")
    try:
        os.stat(path)
    except OSError as error:
        yield Skip(shown, "link-loop" if error.errno == errno.ELOOP else "broken-link", error.strerror or "")
        return
    inside = os.path.realpath(root)
    if os.path.commonpath((inside, os.path.realpath(path))) != inside:
        yield Skip(shown, "link-out-of-root", "the link leads out of the scanned folder")


def _kind(mode: int) -> str:
    kinds = (
        (stat.S_ISFIFO, "named pipe"),
        (stat.S_ISSOCK, "socket"),
        (stat.S_ISBLK, "device"),
        (stat.S_ISCHR, "device"),
    )
    return next((name for test, name in kinds if test(mode)), "of unknown kind")


class Reader:
    """Reads folders into one buffer and yields what has an anchor. Holds the buffer, and what was read, between calls.

    The loop over files is the hottest of all: what it does for each file, it does in as few steps as it can.
    """

    def __init__(self, anchors: Iterable[Anchor] = DEFAULT) -> None:
        self.stats = Stats()
        self._anchors = tuple(anchors)
        self._buffer = bytearray(BUFFER)
        self._view = memoryview(self._buffer)
        # Of the files in the buffer: where each ends, its name, which are worth a look without an anchor; and from
        # which of them on they are in which folder.
        self._ends: list[int] = []
        self._names: list[bytes] = []
        self._special: set[int] = set()
        self._folders: list[tuple[int, Folder]] = []

    def read(self, tasks: Iterable[Folder]) -> Iterator[Blob | Skip]:
        """Blobs of all the folders' files that have an anchor, in no particular order, and what could not be read."""
        for folder in tasks:
            try:
                directory = os.open(folder.path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY) if RELATIVE else None
            except OSError as error:
                yield Skip(folder.shown.rstrip("/") or ".", "unreadable", error.strerror or "")
                continue
            try:
                yield from self._folder(folder, directory)
            finally:
                if directory is not None:
                    os.close(directory)
        yield from self._flush()

    def _folder(self, folder: Folder, directory: int | None) -> Iterator[Blob | Skip]:
        ends, names, buffer, view = self._ends, self._names, self._buffer, self._view
        self._folders.append((len(ends), folder))
        flags = OPEN & ~NO_FOLLOW if folder.follow else OPEN
        at = ends[-1] if ends else 0
        for name in folder.names:
            try:
                file = _by_path(folder, name) if directory is None else os.open(name, flags, dir_fd=directory)
            except FileNotFoundError:
                continue  # tracked by git and deleted, or gone since it was listed: there is nothing to scan
            except OSError as error:
                yield from self._unopened(folder, name, error)
                continue
            try:
                end = at + _into(file, [view[at:]])
                if end == BUFFER:
                    yield from self._flush(folder)
                    yield from self._large(folder, name, file)
                    at = ends[-1] if ends else 0
                    continue
            except OSError as error:
                yield Skip(_shown(folder, name), "unreadable", error.strerror or "")
                continue
            finally:
                os.close(file)
            if buffer[at] in FIRST_BYTES or buffer[at + TAR_MAGIC : at + TAR_MAGIC + 5] == b"ustar":
                self._note(at, end)
            ends.append(end)
            names.append(name)
            at = end
            if at > FLUSH:
                yield from self._flush(folder)
                at = 0

    def _note(self, start: int, end: int) -> None:
        """Remembers the next file if it is worth a look without an anchor."""
        if is_special(bytes(self._buffer[start : min(end, start + archive.HEAD)]), end - start):
            self._special.add(len(self._ends))

    def _flush(self, current: Folder | None = None) -> Iterator[Blob | Skip]:
        """Searches the buffer, yields the files in it that are worth a look, and empties it; ``current`` goes on."""
        ends, names = self._ends, self._names
        if ends:
            self.stats += Stats(files=len(ends), bytes=ends[-1])
            hits = anchored(self._view[: ends[-1]], ends, self._anchors)
            chosen = [
                (self._shown(index), bytes(self._view[ends[index - 1] if index else 0 : ends[index]]), index in hits)
                for index in sorted(hits | self._special)
                if index < len(ends)
            ]
            odd_names = has_anchor(b"\0".join(names), self._anchors)
            named_so = [(name, self._shown(index)) for index, name in enumerate(names)] if odd_names else []
            for entries in (ends, names, self._special):
                entries.clear()
            yield from named(named_so)
            for shown, data, hit in chosen:
                yield from blobs_of(data, Origin(shown), hit=hit)
        self._folders[:] = [(0, current)] if current else []

    def _shown(self, index: int) -> str:
        """The path of one of the files in the buffer."""
        folder = self._folders[bisect_right(self._folders, index, key=lambda entry: entry[0]) - 1][1]
        return _shown(folder, self._names[index])

    def _large(self, folder: Folder, name: bytes, file: int) -> Iterator[Blob | Skip]:
        """A file that did not fit behind the others: it has the buffer alone, or comes as a stream of blobs."""
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            yield Skip(_shown(folder, name), "special-file", _kind(status.st_mode))
            return
        os.lseek(file, 0, os.SEEK_SET)
        size = _into(file, [self._view])
        if size < BUFFER:
            self._note(0, size)
            self._ends.append(size)
            self._names.append(name)
            return
        self.stats += Stats(files=1, bytes=status.st_size)
        with open(file, "rb", buffering=0, closefd=False) as opened:
            yield from large(opened, Origin(_shown(folder, name)), self._anchors, self._buffer)

    def _unopened(self, folder: Folder, name: bytes, error: OSError) -> Iterator[Blob | Skip]:
        """A link (O_NOFOLLOW refuses it), a special file, a submodule's folder, or really unreadable."""
        path = os.path.join(folder.path, name)
        if os.path.islink(path) or not os.path.isfile(path):
            root = folder.path[: len(folder.path) - len(os.fsencode(folder.shown))] or b"."
            yield from odd(path, _shown(folder, name), root)
        else:
            yield Skip(_shown(folder, name), "unreadable", error.strerror or "")


def _by_path(folder: Folder, name: bytes) -> int:
    """Opens a file where none can be opened relative to a folder (Windows). A link could be swapped in meanwhile."""
    path = os.path.join(folder.path, name)
    if not folder.follow and os.path.islink(path):
        raise OSError(errno.ELOOP, "a link")
    return os.open(path, OPEN)


def _read_into(file: int, views: Sequence[memoryview]) -> int:
    """What `os.readv` does with one buffer, where there is none (Windows)."""
    data = os.read(file, len(views[0]))
    views[0][: len(data)] = data
    return len(data)


_into = getattr(os, "readv", _read_into)


def _shown(folder: Folder, name: bytes) -> str:
    return folder.shown + os.fsdecode(name)


def is_special(head: bytes, size: int) -> bool:
    """Whether a file is worth a look without an anchor: an archive, text in UTF-16, the pointer of an LFS object."""
    return archive.kind(head) is not None or head[:2] in (b"\xff\xfe", b"\xfe\xff") or is_lfs_pointer(head[:size])


def blobs_of(data: bytes, origin: Origin, *, hit: bool = True) -> Iterator[Blob | Skip]:
    """A small file worth a look: as it is where it has an anchor (or is UTF-16), and what it holds if packed."""
    if is_lfs_pointer(data):
        yield Skip(origin.place, "lfs-pointer", "git lfs pull brings the file it stands for")
    if hit or bom_of(data):
        yield Blob(data, origin)
    if archive.kind(data[: archive.HEAD]):
        yield from archive.unpack(io.BytesIO(data), origin)


def large(
    file: BinaryIO, origin: Origin, anchors: Iterable[Anchor] = DEFAULT, buffer: bytearray | None = None
) -> Iterator[Blob | Skip]:
    """A seekable file of any size: searched through the buffer first, cut into blobs only where it has an anchor.

    Read as long as it was when this began: one that grows meanwhile ends all the same.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(archive.HEAD)
    if has_anchor_in(Bounded(file, size), tuple(anchors), buffer or bytearray(BUFFER)) or bom_of(head):
        yield from stream.blobs(Bounded(file, size).read, origin)
    if archive.kind(head):
        file.seek(0)
        yield from archive.unpack(file, origin)
    if size > MAX_FILE:
        yield Skip(origin.place, "too-large", f"only its first {MAX_FILE >> 30} GiB were scanned")
    elif file.seek(0, os.SEEK_END) != size:
        yield Skip(origin.place, "changed-while-reading", "what it held when it was opened was scanned")


def has_anchor_in(file: io.RawIOBase, anchors: Sequence[Anchor], buffer: bytearray) -> bool:
    """Whether a file holds an anchor: one pass through ``buffer``, which keeps its last bytes for the next round."""
    view, kept = memoryview(buffer), 0
    while size := file.readinto(view[kept:]):
        if has_anchor(view[: kept + size], anchors):
            return True
        whole = kept + size
        kept = min(OVERLAP, whole)
        view[:kept] = bytes(view[whole - kept : whole])
    return False


class Bounded(io.RawIOBase):
    """The first ``size`` bytes of a file, and no more than ``MAX_FILE``."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        file.seek(0)
        self._file, self._left = file, min(size, MAX_FILE)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # narrower: only memoryviews come here
        size: int = self._file.readinto(memoryview(buffer)[: self._left])  # type: ignore[attr-defined]
        self._left -= size
        return size
