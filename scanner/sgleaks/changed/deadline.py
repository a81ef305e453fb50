"""A bound on time: a server gives all its hooks together five seconds."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Late(BaseException):
    """The time is over. No Exception, so that nothing on the way takes it for a failure of its own."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raises Late in this context after ``seconds``; 0 for never. Only in the main thread, where signals arrive."""
    if not seconds or not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, _late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _late(_number: int, _frame: FrameType | None) -> None:
    raise Late
