"""Stand-ins for a visit, which processes of a pool can import: each does what the name of its repository says."""

from __future__ import annotations

import os
import signal

from sgleaks.sweep.visit import Outcome, Task


def visited(task: Task) -> Outcome:
    """Dies where the name says so."""
    if "dies" in task.source.name:
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(task.source.name, refs="1")
