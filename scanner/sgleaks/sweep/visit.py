"""What happens to one repository, in whichever process or machine: refs asked for, cloned, searched, dropped.

Nothing of the repository is obeyed: no configuration, no comments that silence. A failure is an outcome, never an
exception. Tokens are read where the work is done, from the variable that the task names.
"""

from __future__ import annotations

import hashlib
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import FrameType
from urllib.parse import quote

from sgleaks import __version__, history
from sgleaks.errors import ToolError
from sgleaks.formats.json import as_json, written
from sgleaks.git.clone import CloneError, Late, is_full, mirror, refs_at
from sgleaks.git.refs import refs_of
from sgleaks.git.repository import find
from sgleaks.history.earlier import Earlier
from sgleaks.ruleset import Ruleset
from sgleaks.secret import Secret
from sgleaks.settings import Settings
from sgleaks.sweep.target import Source

TICK = 1.0  # seconds between two looks at the clock and the parent


@dataclass(frozen=True, slots=True)
class Task:
    """One repository to visit. ``known`` is the digest of refs that was searched before, "" if none was; ``refs`` is
    what it is now, "" if that is still to be asked. ``searched`` is what the last visit's `Outcome` had of it.

    ``keep`` is the folder where mirrors stay, "" if they go; ``work`` the one for those that go, "" for the system's.
    ``seconds`` are for the clone, and once more for the search. ``keys``: whether the outcome is to hold them.
    """

    source: Source
    settings: Settings
    known: str = ""
    refs: str = ""
    searched: str = ""
    keep: str = ""
    work: str = ""
    seconds: float = 3600
    keys: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a visit gave: a report as JSON, nothing new (``report`` is "" and nothing failed), or a failure.

    ``searched`` is what the next visit of a mirror that is kept may leave out. ``keys`` are those that were
    found, where they are wanted: they are asked about and forgotten.
    ``reason`` is one of `model.SKIP_REASONS`. ``absent``: there is no such repository, and there need not be.
    """

    name: str
    refs: str = ""
    report: str = ""
    searched: str = ""
    reason: str = ""
    why: str = ""
    absent: bool = False
    cloned: int = 0  # bytes on the disk
    keys: tuple[Secret, ...] = field(default=(), repr=False)


class _TooLong(Exception):
    """The search of a repository took too long."""


def visit(task: Task) -> Outcome:
    """Visits one repository."""
    source = task.source
    try:
        refs = task.refs or _refs(source)
        if refs == task.known:
            return Outcome(source.name, refs)
        with _room(task.work), _copy(task) as folder, _limited(task.seconds):
            size = 0 if source.local else _size(folder)
            report, searched = history.scan_again(
                folder, task.settings, Earlier.of(task.searched), _rules(task.settings)
            )
            if any(skip.reason == "interrupted" for skip in report.skips):
                return Outcome(source.name, reason="interrupted", why="it was stopped")
            stays = searched.text if task.keep and not source.local else ""
            keys = {each.secret: None for each in report.findings if each.secret and each.secret.is_key}
            found = tuple(keys) if task.keys else ()
            return Outcome(source.name, refs, written(as_json(report)), stays, cloned=size, keys=found)
    except CloneError as error:
        absent = source.optional and "not found" in error.why.lower()
        reason = "timed-out" if isinstance(error, Late) else "clone-failed"
        return Outcome(source.name, reason=reason, why=f"{error.what}: {error.why}", absent=absent)
    except ToolError as error:
        return Outcome(source.name, reason="unreadable", why=f"{error.what}: {error.why}".replace(source.address, ""))
    except _TooLong:
        why = f"the search did not end within {task.seconds:g} seconds"
        return Outcome(source.name, reason="timed-out", why=why)
    except OSError as error:
        return Outcome(source.name, reason="unreadable", why=error.strerror or "the disk did not answer")


def _refs(source: Source) -> str:
    return refs_here(source.address) if source.local else refs_at(source.address, source.access)


def refs_here(path: str) -> str:
    """A digest of everything that leads into a repository on this machine. Raises ToolError."""
    repository = find(Path(path))
    if repository is None:
        raise ToolError("the folder", "it is no repository any more", "see whether it was moved")
    refs = refs_of(repository)
    lines = sorted(f"{tip.oid} {tip.name}" for tip in (*refs.refs, *refs.passing))
    return hashlib.sha256("\n".join([refs.head or "", *lines]).encode("utf-8", "surrogateescape")).hexdigest()


def digest_of(settings: Settings) -> str:
    """What a report depends on besides the repository: rules, settings and version. Costs the loading of all rules."""
    rules = _rules(settings)  # which processes that are forked from this one have, too
    told = [
        __version__,
        *(repr(each.rule) for each in rules.searches),
        *(repr(value) for value in (settings.exclude, settings.ignore, settings.rotation_days)),
        *sorted(rule.id for rule in rules.asked),
    ]
    return hashlib.sha256("\0".join(told).encode("utf-8", "surrogateescape")).hexdigest()


def for_strangers(settings: Settings) -> Settings:
    """The settings for repositories of others: their comments silence nothing. One process each, for there are many.

    The baseline is the sweep's own and is held against all findings at its end.
    """
    return replace(settings, inline_ignores=False, baseline="", jobs=1, formats=("json",), verbosity=0)


def prepare() -> None:
    """Makes this process a worker: it ends with its parent, and leaves Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "setitimer"):
        parent = os.getppid()

        def look(_number: int, _frame: FrameType | None) -> None:
            if os.getppid() != parent:
                os._exit(1)

        signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, TICK, TICK)


@lru_cache(maxsize=1)
def _rules(settings: Settings) -> Ruleset:
    return Ruleset(settings, scope="history")


@contextmanager
def _room(folder: str) -> Iterator[None]:
    """Lets every temporary file be made in here: a worker that is ended removes none, but the sweep its own folder."""
    before = tempfile.tempdir
    tempfile.tempdir = folder or before
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def _copy(task: Task) -> Iterator[Path]:
    """The repository on this machine while the context lasts. Raises CloneError."""
    source = task.source
    if source.local:
        yield Path(source.address)
    elif task.keep:
        folder = Path(task.keep) / f"{quote(source.name, safe='/ ')}.git"
        mirror(source.address, folder, source.access, task.seconds)
        yield folder
    else:
        with tempfile.TemporaryDirectory(dir=task.work or None, prefix="sgleaks-", ignore_cleanup_errors=True) as own:
            if is_full(Path(own)):
                raise CloneError("the disk", "it is nearly full", "make room, or give --state on another one")
            mirror(source.address, folder := Path(own) / "mirror.git", source.access, task.seconds)
            yield folder


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raises _TooLong in here after so many seconds, where this process can be told of time at all."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    look, left = signal.getsignal(signal.SIGALRM), seconds

    def tick(number: int, frame: FrameType | None) -> None:
        nonlocal left
        left -= TICK
        if callable(look):
            look(number, frame)
        if left <= 0:
            raise _TooLong

    before = signal.getitimer(signal.ITIMER_REAL)
    signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, min(TICK, seconds), TICK)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, *before)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
