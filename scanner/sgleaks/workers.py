"""Work shared among forked processes, for trees large enough that it pays.

Processes, because the engine and Python hold the interpreter's lock; forked, because a child then has everything its
parent loaded. Each child asks for its next task, so that none waits for another; results come back once, at the end.
Where there is no fork (Windows), the same work is done in this process.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar

from sgleaks import __version__
from sgleaks.errors import ReportedBug, frames
from sgleaks.model import BUG, INTERRUPTED

if TYPE_CHECKING:
    import socket

FEW = 2  # tasks that one process does sooner than a second one starts
AHEAD = 4  # tasks a child has waiting, so that it never waits for its parent
LENGTH = 4  # bytes of a message's length, big-endian
NO_MEMORY = 71  # exit status of a child that had too little; no other of ours

Result = TypeVar("Result")


class Child(NamedTuple):
    """A forked process: where it asks for tasks, and where its result will come."""

    pid: int
    tasks: socket.socket
    result: int


def share(
    tasks: Iterator[Any],
    work: Callable[[Iterator[Any]], Result],
    lost: Callable[[int, str], Result],
    jobs: int,
    *,
    apart: bool = False,
) -> Iterator[Result]:
    """The result of ``work`` on some of the tasks, from each of up to ``jobs`` processes.

    ``lost(tasks, why)`` stands for the result of one that died: how many tasks it had, and of which signal or status.
    ``apart`` is for work that may end its process: a single one is no longer this one then.

    Tasks must be values that ``marshal`` can carry, results such that ``pickle`` can.
    """
    few = list(islice(tasks, FEW))
    tasks = chain(few, tasks)
    if not (apart or (jobs >= 2 and len(few) >= FEW)) or not hasattr(os, "fork"):
        yield work(tasks)
        return
    children = [_fork(work) for _ in range(jobs)]
    try:
        given = _hand_out(tasks, children)
        for child in children:
            yield _result(child, given[child.tasks], lost)
    finally:
        for child in children:
            child.tasks.close()


def _hand_out(tasks: Iterator[Any], children: list[Child]) -> dict[socket.socket, int]:
    """Gives each child a task whenever it asks; says how many each was given."""
    import select

    given = dict.fromkeys((child.tasks for child in children), 0)
    alive = list(given)
    for task in tasks:
        message = marshal.dumps(task)
        while alive:
            asking = select.select(alive, [], [])[0][0]
            try:
                if not asking.recv(1):
                    raise ConnectionError
                asking.sendall(len(message).to_bytes(LENGTH, "big") + message)
            except ConnectionError:
                alive.remove(asking)
                continue
            given[asking] += 1
            break
    for child in children:
        with suppress(ConnectionError):  # it died; its missing result will say so
            child.tasks.sendall(bytes(LENGTH))
    return given


def _result(child: Child, given: int, lost: Callable[[int, str], Result]) -> Result:
    import pickle

    with os.fdopen(child.result, "rb") as pipe:
        data = pipe.read()
    child.tasks.close()
    status = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
    if status == BUG:
        raise ReportedBug
    if status == NO_MEMORY:
        return lost(given, "out of memory")
    if status:
        return lost(given, f"signal {-status}" if status < 0 else f"exit status {status}")
    result: Result = pickle.loads(data)  # noqa: S301 - written by our own child
    return result


def _fork(work: Callable[[Iterator[Any]], Any]) -> Child:
    import socket

    ours, theirs = socket.socketpair()
    result, write = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        ours.close()
        os.close(result)
        _serve(work, theirs, write)
    theirs.close()
    os.close(write)
    return Child(pid, ours, result)


def _serve(work: Callable[[Iterator[Any]], Any], tasks: socket.socket, write: int) -> NoReturn:
    """The whole life of a child. Leaves without running the parent's clean-up, whatever happens."""
    import gc
    import pickle
    import signal

    gc.freeze()  # what the parent made never becomes garbage here, and need not be looked at or copied
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # our parent cleans up
    status = 1
    try:
        data = pickle.dumps(work(_asked(tasks)))
        with os.fdopen(write, "wb") as pipe:
            pipe.write(data)
        status = 0
    except (KeyboardInterrupt, ConnectionError):  # interrupted, or its parent was and waits for nothing any more
        status = INTERRUPTED
    except MemoryError:
        status = NO_MEMORY
    except Exception as bug:  # noqa: BLE001 - a child has no caller; its parent ends with the same exit code
        status = BUG
        print("\n".join((f"sgleaks {__version__}: a bug. Please report these lines:", *frames(bug))), file=sys.stderr)  # noqa: T201
    finally:
        sys.stderr.flush()
        os._exit(status)


def _asked(tasks: socket.socket) -> Iterator[Any]:
    tasks.sendall(b"." * AHEAD)
    stream = tasks.makefile("rb")
    while length := int.from_bytes(stream.read(LENGTH), "big"):
        yield marshal.loads(stream.read(length))  # noqa: S302 - written by our own parent
        tasks.sendall(b".")
