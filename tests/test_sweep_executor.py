"""Who visits repositories: processes of this machine, which may die, and workers of a cluster, which may die too."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli import sgleaks
from forge import Forge, bare, served
from keys import key
from sgleaks.settings import Settings
from sgleaks.sweep.executor import outcomes
from sgleaks.sweep.target import Source
from sgleaks.sweep.visit import Task
from visits import visited

TOKEN = "forge-token-of-the-tests"


def tasks(names: list[str]) -> list[Task]:
    return [Task(Source(name, "", local=True), Settings()) for name in names]


def test_every_task_has_an_outcome() -> None:
    names = [f"r{number}" for number in range(50)]
    assert sorted(one.name for one in outcomes(tasks(names), visited, 3)) == sorted(names)


def test_worker_that_dies_costs_its_own_repository_only() -> None:
    names = [f"r{number}" for number in range(20)]
    names[4:4] = ["dies-1", "dies-2"]
    names.append("dies-3")
    found = {one.name: one.reason for one in outcomes(tasks(names), visited, 3)}
    assert found == {name: "worker-died" if "dies" in name else "" for name in names}


def test_tasks_are_taken_as_they_are_needed() -> None:
    taken = []

    def endless() -> Iterator[Task]:
        for task in tasks([f"r{number}" for number in range(1000)]):
            taken.append(task)
            yield task

    running = outcomes(endless(), visited, 2)
    for _ in range(10):
        next(running)
    assert len(taken) < 30
    running.close()  # type: ignore[attr-defined]  # a generator


@contextmanager
def cluster(folder: Path, environment: dict[str, str]) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers on loopback: its address, and the workers."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{one.getsockname()[1]}"
    variables = {**os.environ, **environment, "DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING": "False"}

    def start(*args: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", *args],
            cwd=folder,
            env=variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    port = address.rpartition(":")[2]
    commands = [
        ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", port),
        *[("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")] * 2,
    ]
    started = [start(*command, "--no-dashboard") for command in commands]
    try:
        yield address, started[1:]
    finally:
        for each in started:
            each.kill()
        for each in started:
            each.wait()


@pytest.mark.parametrize("killed", [False, True], ids=["all-live", "one-is-killed"])
def test_cluster_gives_the_report_that_this_machine_gives(*, killed: bool, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    for number in range(24):
        bare(tmp_path / "forge", f"acme/shop-{number:02}", {"a.env": f"SENDGRID_API_KEY={key(number % 4)}\n"})
    environment = {"FORGE_TOKEN": TOKEN, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    with served(Forge(tmp_path / "forge", TOKEN)) as forge, cluster(tmp_path, environment) as (address, workers):
        target = ("sweep", "github:acme", "--forge-url", forge.url, "--token-env", "FORGE_TOKEN")
        command = (*target, "--no-config", "--format", "json")
        here = sgleaks(*command, "--state", "here.sqlite", cwd=tmp_path, env=environment)
        far = subprocess.Popen(
            [sys.executable, "-m", "sgleaks", *command, "--state", "far.sqlite", "--dask", address],
            cwd=tmp_path, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        if killed:
            before = forge.asked.total()
            while forge.asked.total() < before + 30 and far.poll() is None:
                time.sleep(0.05)
            workers[0].send_signal(signal.SIGKILL)
        out, err = far.communicate(timeout=100)
    assert out.decode() == here.out, err.decode()[-2000:]


def test_cluster_that_is_not_there_is_told(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    (tmp_path / "clones").mkdir()
    done = sgleaks("sweep", "clones", "--no-config", "--dask", "tcp://127.0.0.1:1", cwd=tmp_path)
    assert done.code == 2
    assert "no scheduler answers" in done.err
