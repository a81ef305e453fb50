"""What there is to read in a repository, cut into tasks of ints and strings that a worker process can be handed.

Each object id belongs to one task, whatever number of packs and folders hold it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sgleaks.git import cat_file, loose, pack_files
from sgleaks.git.codec import Damaged
from sgleaks.git.run import GitError
from sgleaks.model import Skip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sgleaks.git.borrowed import Borrowed
    from sgleaks.git.packs import Pack
    from sgleaks.git.repository import Repository

PACKED, TREES, LOOSE, GIT = "packed", "trees", "loose", "git"  # kinds of tasks

SMALL = 4 << 20  # stored bytes that one process searches sooner than a second one starts
LEAST = 256 << 10  # stored bytes of a task; below, handing it over costs more than it brings
SHARES = 64  # tasks for each process: what mentions SendGrid takes a hundred times longer and stands close together
TREES_CHECKED = 50_000  # of a task
LOOSE_FILES = 256  # of a task
IDS = 4096  # of a task for git: a process each, some milliseconds
TRIES = 2  # git may repack while we look: what was listed is gone then, and in another pack
LOOSE_STORED = 4096  # bytes of a loose object that are reckoned with: a block of the disk

Engine = Literal["auto", "pack", "git"]
Task = tuple[Any, ...]


class Plan:
    """Opened packs, listed loose objects, and what could not be opened. Forked processes share it.

    Nothing that is in one of the packs of these names, ``searched`` before, is told again; git's engine tells it.
    """

    def __init__(
        self, repository: Repository, own: Borrowed, engine: Engine, searched: frozenset[str] = frozenset()
    ) -> None:
        self.repository, self.own, self._searched = repository, own, searched
        self._before: list[NDArray[Any]] = []  # ids in those packs
        self.expected = 0  # ids in tasks that were handed out, and in `skips`
        self.skips: list[Skip] = []
        self.packs: list[Pack] = []
        self.told: list[NDArray[Any]] = []  # of each pack: which entries are told, not being told elsewhere
        self.objects = 0  # how many there are to search; 0 where it is not known before
        self._left: list[str] = []
        # Before the packs: what git packs meanwhile is in both then, not in neither.
        loose_files, loose_skips = self._listed_loose()
        self._loose: list[tuple[int, list[str]]] = []
        self._stored = self._packed() + LOOSE_STORED * sum(len(ids) for _, ids in loose_files)
        opener = None if engine == "git" or repository.object_format != "sha1" else _opener()
        self._git = opener is None
        for _ in range(TRIES):
            if self._opened(opener):
                break
        self.skips += loose_skips
        if opener:
            self._tell_once(loose_files)

    def processes(self, jobs: int) -> int:
        """How many of ``jobs`` are worth starting."""
        return 1 if self._stored < SMALL else jobs

    @property
    def mapped(self) -> bool:
        """Whether a pack is read from the mapped file, so that cutting it off ends the process that reads it."""
        return any(pack.mapped for pack in self.packs)

    def tasks(self, jobs: int) -> Iterator[Task]:
        """Everything once. Raises `ToolError` while it is iterated, where git cannot be asked."""
        if self._git:
            for task in _groups(self._names()):
                self.expected += len(task[1])
                yield task
            return
        from sgleaks.git import families

        size = max(LEAST, self._stored // (max(jobs, 1) * SHARES))
        for number, pack in enumerate(self.packs):
            told = self.told[number][pack.families.members]
            for first, stop in families.chunks(pack.families, pack.index, size):
                if count := int(told[first:stop].sum()):
                    self.expected += count
                    yield PACKED, number, first, stop
            for first in range(0, len(pack.families.trees), TREES_CHECKED):
                yield TREES, number, first, first + TREES_CHECKED
        for number, ids in self._loose:
            for start in range(0, len(ids), LOOSE_FILES):
                some = ids[start : start + LOOSE_FILES]
                self.expected += len(some)
                yield LOOSE, number, some

    def by_git(self, left: Sequence[str]) -> Iterator[Task]:
        """What is left for git, of the pack reader's making (counted already) or known from the start."""
        self.expected += len(self._left)
        ids = [*left, *self._left]
        self._left = []
        return _groups(iter(ids), doubtful=True)

    @property
    def waits_for_git(self) -> bool:
        """Whether there is something that only git may be able to read."""
        return bool(self._left)

    def _names(self) -> Iterator[str]:
        try:
            yield from cat_file.everything(self.own)
        except GitError:
            # Its reason names our own folder, which is another one every time.
            self.skips.append(Skip("objects", "damaged", "git cannot list all of them; it read those before"))

    def _opened(self, opener: Callable[[Path], Pack] | None) -> bool:
        """Opens all packs; whether none vanished meanwhile."""
        self.skips, self.packs, self._before = [], [], []
        for folder in self.repository.objects:
            paths, skips = pack_files.listed(folder, links=self.repository.outside)
            self.skips += skips
            for path in paths:
                self._examine(path, opener)
        return all(skip.reason != "missing" for skip in self.skips)

    def _examine(self, path: Path, opener: Callable[[Path], Pack] | None) -> None:
        """Opens a pack, and names it if it is damaged: git would leave it out without a word."""
        try:
            damage = pack_files.damage(path, self.repository.id_size)
            if opener and path.name in self._searched:
                from sgleaks.git import pack_index

                self._before.append(pack_index.read(path.with_suffix(".idx"), os.path.getsize(path)).ids)
            elif opener:
                self.packs.append(opener(path))
        except OSError as error:
            reason = "missing" if isinstance(error, FileNotFoundError) else "unreadable"
            self.skips.append(_unread(path, reason, (error.strerror or "").lower()))
            return
        except Damaged as error:
            damage = str(error)
        if damage:
            self.skips.append(_unread(path, "damaged", damage))

    def _packed(self) -> int:
        """Bytes of all packs that are to be read."""
        folders = self.repository.objects
        paths = [path for folder in folders for path in pack_files.listed(folder, links=self.repository.outside)[0]]
        return sum(_size(path) for path in paths if path.name not in self._searched)

    def _listed_loose(self) -> tuple[list[tuple[int, list[str]]], list[Skip]]:
        """The ids of loose objects, by the number of their folder; and what could not be listed."""
        listed, skips = [], []
        for number, folder in enumerate(self.repository.objects):
            ids = []
            for one in loose.listed(folder, self.repository.id_size, links=self.repository.outside):
                if isinstance(one, Skip):
                    skips.append(one)
                else:
                    ids.append(one)
            listed.append((number, ids))
        return listed, skips

    def _tell_once(self, listed: list[tuple[int, list[str]]]) -> None:
        """Chooses one place for each id: a pack that can give it, else a loose file, else git, which may know more."""
        import numpy as np

        from sgleaks.git.seen import Seen

        self.told = [np.zeros(len(pack.index.start), bool) for pack in self.packs]
        seen = Seen()
        for known in self._before:
            seen.new(known)
        for pack, told in zip(self.packs, self.told, strict=True):
            told[pack.families.members[seen.new(pack.index.ids[pack.families.members])]] = True
        for number, ids in listed:
            new = seen.new(np.frombuffer(bytes.fromhex("".join(ids)), f"S{self.repository.id_size}")).tolist()
            self._loose.append((number, [ids[row] for row in sorted(new)]))
        for pack in self.packs:
            rows = pack.families.left
            self._left += pack.ids(rows[seen.new(pack.index.ids[rows])])
        for pack in self.packs:
            rows = pack.families.circular
            new = pack.ids(rows[seen.new(pack.index.ids[rows])])
            self.skips += [Skip(oid, "damaged", "it is made from itself") for oid in new]
        self.objects = sum(int(told.sum()) for told in self.told) + sum(len(ids) for _, ids in self._loose)


def searchable(repository: Repository) -> frozenset[str]:
    """The names of the packs, where all objects are in them: who has searched these may leave them out next time."""
    if repository.object_format != "sha1" or _opener() is None:
        return frozenset()
    names: set[str] = set()
    for folder in repository.objects:
        paths, skips = pack_files.listed(folder, links=repository.outside)
        if skips or any(True for _ in loose.listed(folder, repository.id_size, links=repository.outside)):
            return frozenset()
        names |= {path.name for path in paths}
    return frozenset(names)


def _opener() -> Callable[[Path], Pack] | None:
    # numpy's OpenBLAS would start a thread for each core, and forking is for processes with one.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from sgleaks.git.packs import opened
    except ImportError:  # no numpy for this platform
        return None
    return opened


def _groups(ids: Iterator[str], *, doubtful: bool = False) -> Iterator[Task]:
    while some := list(islice(ids, IDS)):
        yield GIT, some, doubtful


def _unread(path: Path, reason: str, detail: str) -> Skip:
    return Skip(f"objects/pack/{path.name}", reason, detail)


def _size(path: Path) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
