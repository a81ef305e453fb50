"""What only a terminal is shown: how far a search is, gone at the end and never in what is told; what to do next."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

import pytest

from git_repos import Repository
from keys import key
from sgleaks.history.progress import ERASE

pty = pytest.importorskip("pty", reason="a terminal is made with POSIX means")
VERSIONS = 150  # of a file with a key: about a second's work


@pytest.fixture(scope="module")
def long_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repository = Repository(tmp_path_factory.mktemp("long") / "repository")
    lines = [b"line %d = 'of a file'\n" % number for number in range(900)]
    out = []
    for number in range(VERSIONS):
        lines[number % len(lines)] = b"SENDGRID_API_KEY = '%s'\n" % key(number % 3).encode()
        data = b"".join(lines[number % 50 :])
        out.append(b"commit refs/heads/main\ncommitter Ada <a@b> %d +0000\ndata 0\n" % (1_700_000_000 + number))
        out.append(b"M 644 inline config.py\ndata %d\n%s\n" % (len(data), data))
        if number % 3 == 2:
            lines[number % len(lines)] = b"\n"
    repository.git("fast-import", "--quiet", stdin=b"".join(out))
    repository.git("repack", "-adq")
    return repository.root


class Shown(NamedTuple):
    """What a run left: its exit code, its standard output, and what its terminal showed of its standard error."""

    code: int
    out: str
    err: str


def on_terminal(root: Path, *args: str, term: str = "xterm", interrupt: bool = False) -> Shown:
    """A run with a terminal for its standard error; interrupted when the line has come, if so wished."""
    leader, follower = pty.openpty()
    options = ("--no-config", "--only", "credentials", "--format", "json")
    command = [sys.executable, "-m", "sgleaks", "history", *options, *args]
    environment = os.environ | {"TERM": term}
    # Into a file, since nobody reads a pipe while the terminal is read.
    with (
        TemporaryFile() as file,
        subprocess.Popen(command, cwd=root, stdout=file, stderr=follower, env=environment) as process,
    ):
        os.close(follower)
        err = b""
        while chunk := _read(leader):
            err += chunk
            if interrupt and b"searched" in err:
                process.send_signal(signal.SIGINT)
                interrupt = False
        process.wait(timeout=60)
        file.seek(0)
        out = file.read()
    os.close(leader)
    return Shown(process.returncode, out.decode(), err.decode())


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when nobody has the other end any more
        return b""


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("engine", ["pack", "git"])
def test_terminal_shows_how_far_it_is_and_forgets_it(engine: str, jobs: str, long_history: Path) -> None:
    shown = on_terminal(long_history, "--engine", engine, "--jobs", jobs)
    lines = shown.err.split(ERASE)
    assert len(lines) > 2
    of = f" of {2 * VERSIONS}" if engine == "pack" else ""
    assert all(line.startswith("searched ") and f"{of} objects, " in line for line in lines[1:-1])
    assert " a second; credentials in " in lines[-2]
    assert lines[0] == ""
    assert "searched" not in lines[-1]
    assert "\n" in lines[-1]  # the summary comes after it
    assert shown.code == 1
    assert len(json.loads(shown.out)["findings"]) == 3


@pytest.mark.parametrize(("args", "term"), [(["-q"], "xterm"), ([], "dumb")], ids=["quiet", "a dumb terminal"])
def test_no_line_where_none_is_wanted(args: list[str], term: str, long_history: Path) -> None:
    assert "searched" not in on_terminal(long_history, *args, term=term).err


def test_no_line_where_there_is_no_terminal(long_history: Path) -> None:
    command = [sys.executable, "-m", "sgleaks", "history", "--no-config"]
    done = subprocess.run(command, cwd=long_history, capture_output=True, text=True, check=False)
    assert (done.returncode, "searched" in done.stderr, "\x1b" in done.stderr) == (1, False, False)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupted_it_goes_and_the_report_comes(jobs: str, long_history: Path) -> None:
    shown = on_terminal(long_history, "--jobs", jobs, interrupt=True)
    report = json.loads(shown.out)
    assert "interrupted" in {skip["reason"] for skip in report["skips"]}
    assert shown.code in (1, 3)
    assert "searched" not in shown.err.split(ERASE)[-1]


def test_only_a_person_is_told_what_to_do_next(long_history: Path) -> None:
    told = "\n  help: `sgleaks rules show api-key` says more; "
    assert told in on_terminal(long_history, "--format", "text").err.replace("\r", "")
    assert "help:" not in on_terminal(long_history).err
    assert "help:" not in on_terminal(long_history, "--format", "text", "-q").err
