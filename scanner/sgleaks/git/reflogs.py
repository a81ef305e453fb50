"""Reflogs, read as the files they are: git would show only those of refs that still exist."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sgleaks.git.isolation import read_regular
from sgleaks.model import Skip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REFLOG_BYTES = 16 << 20  # of one reflog, some 100,000 entries; git drops them after 90 days
ALL_BYTES = 256 << 20  # of all of them: a million, in memory

_ID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_IDS = 130  # bytes of a line: two ids of SHA-256 and the spaces behind them


@dataclass(frozen=True, slots=True)
class Reflog:
    """``name`` is the ref's; ``entries`` are the ids it had, newest first, empty for none; ``text`` is the file."""

    name: str
    entries: tuple[str, ...]
    text: bytes


def reflogs_of(folders: Mapping[Path, str]) -> Iterator[Reflog | Skip]:
    """Every reflog below the folders, no links followed; a name gets the prefix of its folder. And what is not read."""
    left = ALL_BYTES
    for logs, prefix in sorted(folders.items()):
        for path in _files(logs):
            name = prefix + path.relative_to(logs).as_posix()
            text = read_regular(path, min(REFLOG_BYTES, left))
            left -= len(text)
            if len(text) < path.stat().st_size:
                yield Skip(f"logs/{name}", "too-large" if text else "unreadable", "a reflog")
            if text:
                yield Reflog(name, _entries(text), text)


def _files(logs: Path) -> Iterator[Path]:
    if logs.is_symlink():
        return
    for folder, names, files in os.walk(logs):
        names.sort()
        paths = (Path(folder, name) for name in sorted(files))
        yield from (path for path in paths if path.is_file() and not path.is_symlink())


def _entries(text: bytes) -> tuple[str, ...]:
    """The ids of a reflog, newest first, the one before its first entry last."""
    pairs = [line[:_IDS].split(b" ", 2)[:2] for line in text.splitlines()]
    ids = [pairs[0][0], *(pair[-1] for pair in pairs)]
    return tuple(oid.decode() if _ID.fullmatch(oid) and oid.strip(b"0") else "" for oid in reversed(ids))
