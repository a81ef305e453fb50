"""How fast SendGrid is asked, and how long: waits that it asks for hold for everything that a run asks."""

from __future__ import annotations

from time import monotonic, sleep

SECONDS = 300.0  # of a whole run; a scan in CI must end


class Pace:
    """Shared by all that ask in a run, in whatever thread."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._end = monotonic() + seconds
        self._resume = 0.0

    def turn(self) -> bool:
        """Waits as long as was asked for. False where the run's time ends first: then nothing more is asked."""
        now = monotonic()
        start = max(self._resume, now)
        if start >= self._end:
            return False
        sleep(start - now)
        return True

    def pause(self, seconds: float) -> None:
        """Nobody asks again for so long."""
        self._resume = max(self._resume, monotonic() + seconds)
