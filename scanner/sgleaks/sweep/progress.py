"""How far a sweep is: a small table that is written over on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from time import monotonic
from typing import TextIO

from sgleaks.formats.plain import clip, visible
from sgleaks.secret import without_secrets
from sgleaks.sweep.visit import Outcome

EVERY_TERMINAL, EVERY_LOG = 0.3, 60.0  # seconds
ROWS = 8  # repositories of the table at most
Count = Callable[[], tuple[int, int]]


class Progress:
    """Tells ``out``, or nobody. ``live``: lines can be written over there. ``clock`` gives seconds."""

    def __init__(self, out: TextIO | None, *, live: bool, clock: Callable[[], float] = monotonic) -> None:
        self._out, self._live, self._clock = out, live, clock
        self._total = self._done = self._cloned = self._unchanged = 0
        self._begun = self._told = clock()
        self._visited: dict[str, float] = {}  # since when, by name
        self._count: Count = lambda: (0, 0)
        self._folder, self._rows = "", ROWS
        self._drawn = 0  # lines that can be written over

    def begin(self, total: int, count: Count, folder: str = "", jobs: int = ROWS) -> None:
        """So many repositories will be visited, ``jobs`` at once. ``count`` gives findings and failures by now.

        ``folder`` is on the disk that clones fill.
        """
        self._total, self._begun, self._count, self._folder = total, self._clock(), count, folder
        self._rows = min(jobs, ROWS)

    def say(self, text: str) -> None:
        """Something to be known now, such as a wait."""
        self._write(f"{self._erase()}sgleaks: {visible(without_secrets(text))}\n")

    def visiting(self, name: str) -> None:
        """A repository is visited from now on, or as soon as a process is free."""
        self._visited[name] = self._clock()

    def done(self, outcome: Outcome) -> None:
        """One more was visited."""
        self._done += 1
        self._cloned += outcome.cloned
        self._unchanged += bool(outcome.refs and not outcome.report)
        self._visited.pop(outcome.name, None)
        self.tick()

    def tick(self) -> None:
        """Tells how far it is, where that is due."""
        now = self._clock()
        if now - self._told < (EVERY_TERMINAL if self._live else EVERY_LOG):
            return
        self._told = now
        lines = self._lines(now)
        if not self._live:
            self._write(f"sgleaks: {'; '.join(lines)}\n")
            return
        shown = "\n".join(map(self._clipped, (*lines, *self._table(now))))
        self._write(f"{self._erase()}{shown}")
        self._drawn = shown.count("\n") + 1

    def end(self) -> None:
        """Takes the table away."""
        self._write(self._erase())

    def _erase(self) -> str:
        above, self._drawn = self._drawn - 1, 0
        return ("\r" + (f"\x1b[{above}A" if above > 0 else "") + "\x1b[J") if self._live else ""

    def _lines(self, now: float) -> list[str]:
        spent = now - self._begun
        rate = self._done / spent if spent else 0.0
        left = f"; {_clock((self._total - self._done) / rate)} left" if rate else ""
        found, failed = self._count()
        return [
            f"{self._done:,} of {self._total:,} repositories, {rate:.1f} a second, {self._unchanged:,} unchanged{left}",
            f"{self._cloned / 1e9:,.2f} GB cloned{self._free()}; {found:,} findings, {failed:,} failures",
        ]

    def _free(self) -> str:
        try:
            return f", {shutil.disk_usage(self._folder).free / 1e9:,.0f} GB free" if self._folder else ""
        except OSError:  # the folder of mirrors is made with the first of them
            return ""

    def _table(self, now: float) -> list[str]:
        """What is visited right now, the oldest first; what is behind waits for a process."""
        rows = list(self._visited.items())[: self._rows]
        return [f"  {_clock(now - since):>7}  {visible(name)}" for name, since in rows]

    def _clipped(self, line: str) -> str:
        """The line so short that it does not wrap: what wraps could not be written over."""
        try:
            columns = os.get_terminal_size(self._out.fileno() if self._out else -1).columns
        except (OSError, ValueError):
            columns = 0
        columns = (columns or shutil.get_terminal_size().columns) - 1  # some terminals do not know theirs
        return clip(line, columns if line.isascii() else columns // 2)

    def _write(self, text: str) -> None:
        if self._out:
            self._out.write(text)
            self._out.flush()


def _clock(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
