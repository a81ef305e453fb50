"""Ctrl-C as a wish: what was found until then is reported. A second one ends the program at once."""

from __future__ import annotations

import mmap
import signal
import threading
from types import FrameType
from typing import Self


class Stopped(Exception):
    """Someone asked to stop. Raised where work may be left lying."""


class Stop:
    """While its context lasts, the first interrupt is only noted, for this process and all that are forked from it."""

    def __init__(self) -> None:
        self._flag = mmap.mmap(-1, 1)  # shared with forked processes: a signal may reach but one of them
        self._before = signal.getsignal(signal.SIGINT)
        self._can_listen = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Self:
        if self._can_listen:
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._can_listen:
            signal.signal(signal.SIGINT, self._before)

    @property
    def asked(self) -> bool:
        """Whether there was an interrupt."""
        return bool(self._flag[0])

    def check(self) -> None:
        """Raises Stopped after an interrupt."""
        if self._flag[0]:
            raise Stopped

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._flag[0] = 1
        signal.signal(signal.SIGINT, signal.default_int_handler)
