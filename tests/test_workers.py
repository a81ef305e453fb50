"""Work shared among processes: nothing is lost unsaid, the outcome does not depend on their number, and it can be
interrupted."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from cli import Done, scan_json
from keys import key
from sgleaks.errors import ReportedBug
from sgleaks.pipeline import FILES
from sgleaks.workers import FEW, share

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="without fork there is one process")

WAIT = 30  # seconds that a busy machine may take to start a process
SLOW = "SG.${a}.${b}\n" * 20_000  # a good tenth of a second's work

Got = tuple[list[int], list[str]]


def add_up(given: Iterator[int]) -> Got:
    return sorted(given), []


def lost(tasks: int, why: str) -> Got:
    return [], [f"{tasks} tasks, {why}"]


def shared(tasks: Sequence[int], work: Callable[[Iterator[int]], Got], jobs: int) -> Got:
    results = list(share(iter(tasks), work, lost, jobs))
    return sorted(task for got, _ in results for task in got), [why for _, died in results for why in died]


@pytest.mark.parametrize("jobs", [0, 1, 2, 3, 16])
@pytest.mark.parametrize("count", [0, 1, FEW - 1, FEW, FEW + 1, 500])
def test_every_task_is_done_once_whatever_the_processes(count: int, jobs: int) -> None:
    assert shared(range(count), add_up, jobs) == (list(range(count)), [])


@pytest.mark.parametrize(("count", "forked"), [(FEW - 1, False), (FEW, True)], ids=["few", "enough"])
def test_few_tasks_start_no_process(count: int, forked: bool) -> None:
    here = os.getpid()

    def work(given: Iterator[int]) -> Got:
        return [os.getpid() for _ in given], []

    pids, _ = shared(range(count), work, 2)
    assert (here not in pids) == forked


@pytest.mark.parametrize("size", [1, 200_000, 3_000_000])
def test_large_tasks_and_results_pass_through(size: int) -> None:
    tasks = [bytes([number]) * size for number in range(6)]

    def work(given: Iterator[bytes]) -> list[bytes]:
        return list(given)

    def none(_: int, why: str) -> list[bytes]:
        raise AssertionError(why)

    assert sorted(task for got in share(iter(tasks), work, none, 2) for task in got) == tasks


@pytest.mark.parametrize(
    ("die", "why"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "signal 9"),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), "signal 15"),
        (lambda: os._exit(3), "exit status 3"),
    ],
    ids=["killed", "terminated", "left"],
)
def test_process_that_dies_is_told_and_the_others_go_on(die: Callable[[], None], why: str) -> None:
    def work(given: Iterator[int]) -> Got:
        done = []
        for task in given:
            if task == 5:
                die()
            done.append(task)
        return done, []

    done, died = shared(range(200), work, 3)
    assert len(died) == 1
    assert died[0].endswith(why)
    assert set(done) < set(range(200))
    assert 5 not in done
    tasks = int(died[0].split()[0])
    assert len(done) + tasks >= 200  # all that is missing was given to the one that died


def test_all_processes_may_die() -> None:
    def work(given: Iterator[int]) -> Got:
        for _ in given:
            os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    done, died = shared(range(100), work, 2)
    assert done == []
    assert len(died) == 2


def test_bug_in_a_process_is_a_bug_of_the_run_and_quotes_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    text = key(3)

    def work(given: Iterator[int]) -> Got:
        raise RuntimeError(f"{text} {next(given)}")

    with pytest.raises(ReportedBug):
        shared(range(100), work, 2)
    gc.collect()  # a socket that is left open says so only now
    told = capfd.readouterr()
    assert "RuntimeError" in told.err
    assert text not in told.err + told.out


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough files for several processes, some of them slow, and one key."""
    root = tmp_path_factory.mktemp("tree")
    for number in range(FILES * (FEW + 3)):
        (root / f"{number:05}.txt").write_text(SLOW if number % 100 == 0 else "nothing\n")
    (root / "zz.env").write_text(key(1))
    return root


@pytest.fixture(scope="module")
def alone(tree: Path) -> str:
    """The report of one process."""
    return scan_json("--jobs", "1", cwd=tree).out


@pytest.mark.parametrize("jobs", ["2", "3", "7"])
def test_report_is_the_same_whatever_the_processes(tree: Path, alone: str, jobs: str) -> None:
    assert scan_json("--jobs", jobs, cwd=tree).out == alone


def started(root: Path, jobs: str = "2") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "sgleaks", "scan", "--no-config", "--format", "json", "--jobs", jobs, root],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def children(process: subprocess.Popen[bytes], count: int) -> list[int]:
    """The processes that another one has forked, once there are ``count``."""
    file = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        found = [int(pid) for pid in file.read_text().split()]
        if len(found) == count:
            return found
        time.sleep(0.01)
    raise AssertionError("no processes were forked")


def finished(process: subprocess.Popen[bytes]) -> Done:
    out, err = process.communicate(timeout=120)
    return Done(process.returncode, out.decode(), err.decode())


proc = pytest.mark.skipif(not Path(f"/proc/self/task/{os.getpid()}/children").exists(), reason="Linux tells children")


@proc
@pytest.mark.parametrize("victims", [1, 2])
def test_killed_process_makes_the_scan_incomplete(tree: Path, victims: int) -> None:
    process = started(tree)
    for pid in children(process, 2)[:victims]:
        os.kill(pid, signal.SIGKILL)
    done = finished(process)
    skips = [(skip["path"], skip["reason"]) for skip in done.report["skips"]]
    assert skips
    assert set(skips) == {(".", "worker-died")}
    assert "signal 9" in done.report["skips"][0]["detail"]
    # With a finding a leak is told as a leak, else the scan is incomplete, never clean.
    assert done.code == (1 if done.report["findings"] else 3)
    assert "incomplete" in done.err


@proc
@pytest.mark.parametrize(
    "whole_group",
    [
        pytest.param(True, id="by a terminal"),
        pytest.param(
            False,
            id="by its id alone",
        ),
    ],
)
def test_interrupted_scan_exits_130_and_says_one_line(tree: Path, whole_group: bool) -> None:
    process = started(tree)
    children(process, 2)
    time.sleep(0.1)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
    done = finished(process)
    assert (done.code, done.out) == (130, "")
    assert done.err == "\nsgleaks: interrupted; nothing is reported\n"  # on a line of its own, behind the ^C


@proc
def test_interrupted_scan_leaves_no_process_behind(tree: Path) -> None:
    process = started(tree)
    pids = children(process, 2)
    os.kill(process.pid, signal.SIGINT)
    finished(process)  # ends when the last process that holds its output has ended
    deadline = time.monotonic() + WAIT
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in pids if Path(f"/proc/{pid}/exe").exists()]


def test_scan_in_one_process_is_interrupted_alike() -> None:
    command = [sys.executable, "-m", "sgleaks", "scan", "--no-config", "--jobs", "1", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin
        process.stdin.write((SLOW * 4).encode())  # more than a pipe holds: once it is taken, the command reads
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, b"")
    assert err == b"\nsgleaks: interrupted; nothing is reported\n"
