"""How far a sweep is: one line that is written over on a terminal, a line a minute elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TextIO

from sgleaks.secret import without_keys
from sgleaks.sweep.visit import Outcome

EVERY_TERMINAL, EVERY_LOG = 0.3, 60.0  # seconds
ERASE = "\r\x1b[K"


class Progress:
    """Tells ``out``, or nobody. ``live``: a line can be written over there. ``clock`` gives seconds."""

    def __init__(self, out: TextIO | None, *, live: bool, clock: Callable[[], float] = monotonic) -> None:
        self._out, self._live, self._clock = out, live, clock
        self._total = self._done = self._cloned = self._unchanged = 0
        self._begun = self._told = clock()

    def begin(self, total: int) -> None:
        """So many repositories will be visited."""
        self._total, self._begun = total, self._clock()

    def say(self, text: str) -> None:
        """Something to be known now, such as a wait."""
        self._write(f"{ERASE if self._live else ''}sgleaks: {without_keys(text)}\n")

    def done(self, outcome: Outcome, count: Callable[[], tuple[int, int]]) -> None:
        """One more was visited; ``count`` gives the findings and failures by now."""
        self._done += 1
        self._cloned += outcome.cloned
        self._unchanged += bool(outcome.refs and not outcome.report)
        now = self._clock()
        if now - self._told >= (EVERY_TERMINAL if self._live else EVERY_LOG):
            self._told = now
            line = self._line(now - self._begun, *count())
            self._write(f"{ERASE}{line}" if self._live else f"sgleaks: {line}\n")

    def end(self) -> None:
        """Takes the line away."""
        if self._live:
            self._write(ERASE)

    def _line(self, spent: float, found: int, failed: int) -> str:
        rate = self._done / spent if spent else 0.0
        left = (self._total - self._done) / rate if rate else 0.0
        return (
            f"{self._done:,} of {self._total:,} repositories, {rate:.1f} a second, {self._unchanged:,} unchanged; "
            f"{self._cloned / 1e9:,.2f} GB cloned; {found:,} findings, {failed:,} failures; {_clock(left)} left"
        )

    def _write(self, text: str) -> None:
        if self._out:
            self._out.write(text)
            self._out.flush()


def _clock(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
