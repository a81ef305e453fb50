"""Runs whole programs and tells what they cost. POSIX only: it reads a child's usage as it ends.

Nothing here knows what the programs are.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOK = 0.02  # seconds between two looks at a program's memory
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes on macOS, KiB elsewhere


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run cost, its own children included."""

    wall: float  # seconds
    cpu: float  # seconds, user and system
    rss: int  # bytes, peak of the largest process; never below the peak of the process that started it
    code: int | None  # exit status, negative for a signal; None when it ran out of time


@dataclass(frozen=True, slots=True)
class Summary:
    """Several runs of one program."""

    wall: float  # seconds, median
    wall_min: float
    wall_max: float
    cpu: float  # seconds, median
    rss: int  # bytes, largest


def run(command: Sequence[str], *, env: dict[str, str], cwd: Path, output: Path | None, limit: float) -> Usage:
    """Run a command to its end or for `limit` seconds; its standard output goes to `output`, or nowhere."""
    if output is None:
        return _run(command, env, cwd, subprocess.DEVNULL, limit)
    with output.open("wb") as stream:
        return _run(command, env, cwd, stream, limit)


def _run(command: Sequence[str], env: dict[str, str], cwd: Path, stdout: int | IO[bytes], limit: float) -> Usage:
    nowhere = subprocess.DEVNULL
    start = time.perf_counter()
    # A session of its own, so that a program that runs out of time is ended with its children.
    process = subprocess.Popen(
        command, env=env, cwd=cwd, stdin=nowhere, stdout=stdout, stderr=nowhere, start_new_session=True
    )
    expired = threading.Event()
    timer = threading.Timer(limit, _end, (process.pid, expired))
    timer.start()
    try:
        _, status, used = os.wait4(process.pid, 0)
    except BaseException:
        _end(process.pid, expired)
        raise
    finally:
        timer.cancel()
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)  # tells Popen that its child was waited for
    code = None if expired.is_set() else process.returncode
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * RSS_UNIT, code)


def memory(command: Sequence[str], *, env: dict[str, str], cwd: Path, without: str, limit: float) -> int:
    """Bytes that a command and its children hold together at their peak, mapped files of suffix ``without`` left out.

    Linux only, elsewhere 0. What processes share counts once. Looking takes time: this is no run to be timed.
    """
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(
        command, env=env, cwd=cwd, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
    )
    peak, end = 0, time.monotonic() + limit
    while process.poll() is None and time.monotonic() < end:
        peak = max(peak, sum(_held(pid, f"{without}\n".encode()) for pid in _session(process.pid)))
        time.sleep(LOOK)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return peak


def _session(leader: int) -> list[int]:
    """The processes of a session; all of them end in ``(name) state parent group session …`` in /proc."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[3]) == leader:
                found.append(int(stat.parent.name))
    return found


def _held(pid: int, without: bytes) -> int:
    """A process's share of its memory: its own, and of what n processes have mapped an nth."""
    total, counts = 0, True
    with suppress(OSError), open(f"/proc/{pid}/smaps", "rb") as lines:
        for line in lines:
            if line.startswith(b"Pss:"):
                total += int(line.split()[1]) * 1024 if counts else 0
            elif b"-" in line[:17]:  # the first line of a mapping: its addresses, and what file it is
                counts = not line.endswith(without)
    return total


def _end(group: int, expired: threading.Event) -> None:
    expired.set()
    with suppress(ProcessLookupError):  # it may just have ended by itself
        os.killpg(group, signal.SIGKILL)


def summarise(runs: Sequence[Usage]) -> Summary:
    """Give medians and extremes of at least one run."""
    walls = [one.wall for one in runs]
    cpu = statistics.median(one.cpu for one in runs)
    return Summary(statistics.median(walls), min(walls), max(walls), cpu, max(one.rss for one in runs))
