"""Visits by many processes, or by a cluster: the only module that knows who does the work.

Anything with the interface of `concurrent.futures.Executor` will do. A worker that dies costs the repository it died
of, never the sweep.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import islice
from multiprocessing.process import BaseProcess
from typing import Any

from sgleaks.errors import ToolError
from sgleaks.sweep.visit import Outcome, Task, prepare

AHEAD = 2  # tasks waiting for each worker: so that none idles, and few are held in memory
CONNECT_SECONDS = 10
TICK = 1.0  # seconds

Visit = Callable[[Task], Outcome]


def outcomes(
    tasks: Iterable[Task], visit: Visit, jobs: int, dask: str = "", tick: Callable[[], None] = lambda: None
) -> Iterator[Outcome]:
    """The outcome of each task, in the order they end, from ``jobs`` processes or the cluster at ``dask``.

    ``tick`` is called about every second while none ends. Raises ToolError where there is no cluster.
    """
    run = partial(_run, visit=visit, tick=tick)
    if dask:
        with _cluster(dask) as (executor, workers):
            yield from run(executor, iter(tasks), workers * AHEAD, [])
        return
    waiting = iter(tasks)
    while True:
        lost: list[Task] = []
        with _pool(jobs) as executor:
            yield from run(executor, waiting, jobs * AHEAD, lost)
        if not lost:
            return
        for task in lost:  # one of these ended its process: each gets one of its own
            with _pool(1) as executor:
                died: list[Task] = []
                yield from run(executor, iter([task]), 1, died)
                yield from map(_died, died)


def _run(
    executor: Executor, tasks: Iterator[Task], ahead: int, lost: list[Task], *, visit: Visit, tick: Callable[[], None]
) -> Iterator[Outcome]:
    """Outcomes until the tasks end or a worker dies. ``lost`` takes the tasks that have no outcome then."""
    running: dict[Future[Outcome], Task] = {}
    try:
        while True:
            for task in islice(tasks, ahead - len(running)) if not lost else ():
                running[_submit(executor, visit, task)] = task
            if not running:
                return
            done, _ = wait(running, TICK, FIRST_COMPLETED)
            if not done:
                tick()
                if _is_dead(executor):
                    raise _no_room()
            for future in done:
                task = running.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    lost.append(task)
                elif type(future.exception()).__name__ == "KilledWorker":  # dask has tried it on several workers
                    yield _died(task)
                else:
                    yield future.result()
    finally:
        for future in running:
            future.cancel()


def _submit(executor: Executor, visit: Visit, task: Task) -> Future[Outcome]:
    try:
        return executor.submit(visit, task)
    except BrokenProcessPool as broken:  # it broke while tasks were handed over
        future: Future[Outcome] = Future()
        future.set_exception(broken)
        return future
    except RuntimeError:  # "can't start new thread"
        raise _no_room() from None


def _is_dead(executor: Any) -> bool:
    """Whether nobody is there any more who would tell of what the workers did."""
    thread = getattr(executor, "_executor_manager_thread", None)
    return thread is not None and not thread.is_alive()


def _no_room() -> ToolError:
    return ToolError("the workers could not be started", "there is no room for them", "give fewer --jobs")


def _died(task: Task) -> Outcome:
    return Outcome(task.source.name, reason="worker-died", why="it ended the process that searched it")


@contextmanager
def _pool(jobs: int) -> Iterator[Executor]:
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else None)  # a child has what is loaded here
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=prepare)
    try:
        yield pool
    except BaseException:
        processes = list((pool._processes or {}).values())  # which a pool that was shut down has forgotten
        pool.shutdown(wait=False, cancel_futures=True)
        _end(processes)
        raise
    pool.shutdown()


def _end(processes: Iterable[BaseProcess]) -> None:
    """Ends the workers: whoever interrupts a sweep does not wait for the clones that were begun."""
    for process in processes:
        process.terminate()


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, int]]:
    try:
        from distributed import Client
    except ImportError:
        raise ToolError("--dask", "the package distributed is not there", "pip install 'sgleaks[sweep]'") from None
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError):  # TimeoutError is an OSError
        raise ToolError(
            f"--dask {address}", "no scheduler answers there", "see the address `dask scheduler` tells"
        ) from None
    with client:
        yield client.get_executor(), max(sum(client.nthreads().values()), 1)
