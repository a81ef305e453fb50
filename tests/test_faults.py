"""A machine that breaks: every fault ends in a message and its exit code, never clean, and nothing is half written."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli import Done, sgleaks
from faulty import environment, limited, other_git, shell
from git_repos import Repository
from history_repos import Past
from keys import key, secret_half
from sgleaks.formats import FORMATS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="faults are made with what Linux has for them")

WAIT = 60  # seconds that a busy machine may take for what takes none
NO_BUG = ("Traceback", "a bug", "Exception ignored", "Error:")


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """Two commits and something staged, a key in each; and a saved report."""
    repo = Past(tmp_path_factory.mktemp("faults") / "repo")
    repo.write("old.env", f"SENDGRID_API_KEY={key(1)}\n".encode())
    repo.at("01-01")
    repo.write("new.env", f"SENDGRID_API_KEY={key(2)}\n".encode())
    repo.at("01-02")
    repo.write("staged.env", f"SENDGRID_API_KEY={key(3)}\n".encode())
    repo.git("add", "--all")
    sgleaks("scan", "--format", f"json:{repo.root.parent / 'report.json'}", "-q", cwd=repo.root)
    (repo.root.parent / "folder").mkdir()
    return repo


LINES = (
    "scan",
    "history",
    "scan --staged",
    "scan --range HEAD~1..HEAD",
    "hook pre-commit",
    "sweep --state ../t.sqlite ..",
)


@pytest.fixture(scope="module")
def usual(repo: Past) -> dict[str, Done]:
    """What commands say where nothing fails."""
    return {command: shell(f"sgleaks {command}", repo.root) for command in LINES[:2]}


def entries(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if ".git/objects" not in str(path)}


# Streams

TALKATIVE = (
    "scan --format json",
    "history --format html",
    "sweep --list-only ..",
    "report ../report.json --format junit",
    "rules",
    "doctor",
    "--help",
)


@pytest.mark.parametrize("command", TALKATIVE)
def test_reader_who_has_seen_enough_is_no_failure(repo: Past, command: str) -> None:
    done = shell(f"sgleaks {command} 2>../err | true; exit ${{PIPESTATUS[0]}}", repo.root)
    assert done.code == 141
    assert not [word for word in NO_BUG if word in (repo.root.parent / "err").read_text()]


@pytest.mark.parametrize("command", ["scan", "guide", "--help"])
@pytest.mark.parametrize("where", [">/dev/full", ">&-"])
def test_output_that_cannot_be_written_is_told(repo: Past, command: str, where: str) -> None:
    done = shell(f"sgleaks {command} {where}", repo.root)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("sgleaks: standard output: it cannot be used: ")
    assert done.err.count("\n") == 2


@pytest.mark.parametrize("where", ["2>/dev/full", "2>&- <&-"])
def test_what_standard_error_does_not_take_changes_nothing(repo: Past, where: str, tmp_path: Path) -> None:
    done = shell(f"sgleaks scan --format json {where}", repo.root)
    assert done.code == 1
    assert len(json.loads(done.out)["findings"]) >= 3
    (tmp_path / "a.txt").write_text("nothing\n")
    assert shell(f"sgleaks scan -v {where}", tmp_path).code == 0
    assert shell(f"sgleaks scan nowhere {where}", tmp_path).code == 2


@pytest.mark.parametrize("command", ["scan -", "hook pre-push", "verify"])
def test_closed_input_is_told_and_never_clean(repo: Past, command: str) -> None:
    done = shell(f"sgleaks {command} <&-", repo.root)
    assert done.code == 2
    assert done.err.startswith("sgleaks: standard input: it cannot be used: ")


def test_closed_streams_are_not_taken_by_files_that_are_opened(repo: Past, tmp_path: Path) -> None:
    done = shell(f"sgleaks scan -v --format json:{tmp_path}/a <&- >&- 2>&-", repo.root)
    assert done.code == 1
    assert len(json.loads((tmp_path / "a").read_text())["findings"]) >= 3


def test_pipe_that_does_not_wait_gets_everything(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number}.env").write_text(key(number))
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    command = [sys.executable, "-m", "sgleaks", "scan", "--no-config", "--format", "json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=theirs, stderr=subprocess.PIPE, env=environment()) as process:
        os.close(theirs)
        time.sleep(0.5)  # in which the pipe fills
        with os.fdopen(ours, "rb") as pipe:
            assert len(json.loads(pipe.read())["findings"]) >= 60
        process.communicate()
    assert process.returncode == 1


@pytest.mark.parametrize("env", [
    {"PYTHONIOENCODING": "latin-1"}, {"PYTHONIOENCODING": "cp1252"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONWARNINGS": "error"},
], ids=lambda env: " ".join(f"{name}={value}" for name, value in env.items()))  # fmt: skip
def test_output_is_utf_8_whatever_the_locale_says(repo: Past, usual: dict[str, Done], env: dict[str, str]) -> None:
    assert shell("sgleaks scan", repo.root, env) == usual["scan"]


# Files


@pytest.mark.parametrize(
    "command",
    [
        "history --format json:OUT/report",
        "report ../report.json --format html:OUT/report",
        "baseline create --baseline OUT/report --reason x",
        "sweep --state OUT/report --report OUT .. -q",
        "install OUT/repo",
        "ci gitlab --reports OUT",
    ],
)
def test_full_disk_leaves_what_was_there(repo: Past, tmp_path: Path, command: str) -> None:
    Repository(tmp_path / "repo").commit()
    command = command.replace("OUT", str(tmp_path))
    if "baseline" not in command and "state" not in command:
        (tmp_path / "report").write_text("before")
    before = entries(tmp_path)
    job = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_SHA": repo.id("HEAD"), "CI_COMMIT_BRANCH": "main"}
    done = limited("RLIMIT_FSIZE", 400, command, repo.root, job)
    assert done.code == 2
    assert done.err.startswith("sgleaks: ")
    assert not [word for word in NO_BUG if word in done.err]
    assert entries(tmp_path) - before <= {"report"} if "state" in command else entries(tmp_path) == before
    if "report" in before:
        assert (tmp_path / "report").read_text() == "before"


def test_full_disk_in_the_middle_of_a_sweep_is_told_and_the_same_command_goes_on(tmp_path: Path) -> None:
    shop = Past(tmp_path / "org" / "shop")
    for number in range(20):
        shop.write(f"{number}.env", f"SENDGRID_API_KEY={key(number)}\n".encode())
    shop.at("01-01")
    line = "sweep --state s.sqlite --format json org"
    done = limited("RLIMIT_FSIZE", 45_000, line, tmp_path)  # an empty ledger has 36,864
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("sgleaks: s.sqlite: it cannot be used: ")
    assert entries(tmp_path) - entries(tmp_path / "org") <= {"s.sqlite", "org"} | {
        f"org/{each}" for each in entries(tmp_path / "org")
    }
    again = shell(f"sgleaks {line}", tmp_path)
    assert again.code == 1
    assert len({each["secret"]["key_id"] for each in json.loads(again.out)["findings"] if each["secret"]}) == 20
    data = (tmp_path / "s.sqlite").read_bytes()
    (tmp_path / "s.sqlite").write_bytes(data[:5000] + bytes(20_000) + data[25_000:])
    broken = shell(f"sgleaks {line}", tmp_path)
    assert (broken.code, broken.err.splitlines()[0].partition(": it ")[0]) == (2, "sgleaks: s.sqlite")


WRITERS = {
    "scan --format json:OUT/a": 0o600,
    "scan --format sarif:OUT/a": 0o600,
    "history --format html:OUT/a": 0o600,
    "report ../report.json --format csv:OUT/a": 0o600,
    "sweep --state OUT/a -q ..": 0o600,
    "baseline create --reason x --baseline OUT/a": 0o644,  # made to be committed
}


@pytest.mark.parametrize(("command", "mode"), WRITERS.items(), ids=WRITERS)
def test_files_are_for_their_owner_alone_whatever_the_mask(repo: Past, tmp_path: Path, command: str, mode: int) -> None:
    shell(f"umask 0; sgleaks {command.replace('OUT', str(tmp_path))}", repo.root)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == mode
    assert entries(tmp_path) == {"a"}


def test_report_replaces_a_link_and_leaves_what_it_led_to(repo: Past, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("before")
    (tmp_path / "report").symlink_to("precious")
    shell(f"sgleaks scan --format json:{tmp_path}/report", repo.root)
    assert (tmp_path / "precious").read_text() == "before"
    assert not (tmp_path / "report").is_symlink()


@pytest.mark.parametrize("line", [
    "sgleaks scan -q --format json:/dev/stdout",
    "sgleaks scan -q --format json:/dev/fd/1",
    "sgleaks scan -q --format json:>(cat)",
    "(cat ../pipe & sgleaks scan -q --format json:../pipe; wait)",
])  # fmt: skip
def test_pipe_or_device_is_written_into_and_stays(repo: Past, line: str) -> None:
    pipe = repo.root.parent / "pipe"
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    assert len(json.loads(shell(f"{line} | cat", repo.root).out)["findings"]) >= 3
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert shell("sgleaks scan -q --format json:/dev/null", repo.root).code == 1
    assert Path("/dev/null").is_char_device()


# The machine


@pytest.mark.parametrize("command", ["scan", "history", "scan -", "doctor", "install", "baseline prune"])
def test_folder_that_was_removed_is_said_to_be(repo: Past, tmp_path: Path, command: str) -> None:
    command = command.replace("../", f"{repo.root.parent}/")
    done = shell(f"mkdir gone; cd gone; rmdir ../gone; sgleaks {command}", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert not [word for word in NO_BUG if word in done.err]


@pytest.mark.parametrize("command", LINES)
def test_missing_or_old_git_is_named_with_its_mend(repo: Past, tmp_path: Path, command: str) -> None:
    (tmp_path / "empty").mkdir()
    done = shell(f"PATH={tmp_path}/empty; sgleaks {command}", repo.root)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("sgleaks: git was not found: ")
    script = 'case "$*" in *version) echo git version 2.17.1; exit;; esac; exit 129'
    done = shell(f"sgleaks {command}", repo.root, {"PATH": other_git(tmp_path / "old", script)})
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("sgleaks: git 2.17 is too old: sgleaks needs git 2.31 or later\n  help: ")


@pytest.mark.parametrize("command", LINES[:2])
@pytest.mark.parametrize("env", [
    {"HOME": "/nonexistent", "XDG_CONFIG_HOME": os.devnull, "TMPDIR": "/nonexistent"},
    {"GIT_DIR": "/nonexistent", "GIT_WORK_TREE": "/", "GIT_OBJECT_DIRECTORY": "/nonexistent", "GIT_TRACE": "1"},
    {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.bare", "GIT_CONFIG_VALUE_0": "maybe", "GIT_NAMESPACE": "x",
     "GIT_EXTERNAL_DIFF": "false", "GIT_CEILING_DIRECTORIES": "/", "GIT_DEFAULT_HASH": "x", "GIT_EXEC_PATH": "/none"},
], ids=lambda env: next(iter(env)))  # fmt: skip
def test_environment_changes_nothing(repo: Past, usual: dict[str, Done], command: str, env: dict[str, str]) -> None:
    assert shell(f"sgleaks {command}", repo.root, env) == usual[command]


@pytest.mark.parametrize("command", ["scan", "history", "sweep --state ../t.sqlite .."])
def test_no_room_for_temporary_files_is_told(repo: Past, command: str) -> None:
    done = limited("RLIMIT_FSIZE", 0, command, repo.root)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("sgleaks: ")
    assert not [word for word in NO_BUG if word in done.err]


@pytest.mark.parametrize("command", ["scan", "history"])
def test_few_open_files_suffice_or_are_told(repo: Past, usual: dict[str, Done], command: str) -> None:
    codes = set()
    for limit in (6, 9, 40):
        done = limited("RLIMIT_NOFILE", limit, command, repo.root)
        codes.add(done.code)
        assert done.code in (2, 3) or done == usual[command]
        assert not [word for word in NO_BUG if word in done.err]
    assert codes >= {2, 1}


ALL = [word for name in FORMATS for word in ("--format", name)]


def least_memory(folder: Path) -> int:
    """Bytes of addresses with which the command starts."""
    return next(
        limit for limit in range(20 << 20, 400 << 20, 4 << 20)
        if limited("RLIMIT_AS", limit, "--version", folder).out.startswith("sgleaks ")
    )  # fmt: skip


def test_little_memory_suffices_or_is_told(tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_bytes(b"sendgrid SG.x\n" * (1 << 20) + key().encode())
    least, told = least_memory(tmp_path), []
    for more in (1, 12, 400):
        done = limited("RLIMIT_AS", least + (more << 20), "scan --no-config --only credentials big.txt", tmp_path)
        told.append(done.code)
        assert done.code in (1, 2, 3)
        assert not [word for word in NO_BUG[:2] if word in done.err]
        assert done.code == 1 or "out of memory" in done.err or "worker-died" in done.err
    assert (told[0], told[-1]) == (2, 1)


def test_worker_without_memory_makes_the_scan_incomplete() -> None:
    from sgleaks.workers import share

    def work(given: object) -> list[str]:
        if next(iter(given)) == 0:  # type: ignore[call-overload]
            raise MemoryError
        return []

    found = list(share(iter(range(100)), work, lambda _tasks, why: [why], 2))
    assert ["out of memory"] in found


# Dates and histories


def test_dates_that_no_calendar_has_hide_nothing(tmp_path: Path) -> None:
    repo = Past(tmp_path / "repo")
    dates = ["99999999999999 +0000", "-5 +0000", "abc +0000", "18446744073709551616 -0000", "", "1e9 +0"]
    parent = ""
    for number, date in enumerate(dates):
        blob = repo.git("hash-object", "-w", "--stdin", stdin=f"SENDGRID_API_KEY={key(number)}\n".encode()).decode()
        tree = repo.git("mktree", stdin=f"100644 blob {blob.strip()}\t{number}.env\n".encode()).decode().strip()
        text = f"tree {tree}\n{parent}author A <a@b> {date}\ncommitter A <a@b> {date}\n\nx\n"
        oid = repo.git("hash-object", "-w", "-t", "commit", "--literally", "--stdin", stdin=text.encode()).decode()
        parent = f"parent {oid}"
    repo.git("update-ref", "refs/heads/main", oid.strip())
    for engine in ("pack", "git"):
        assert sgleaks("history", "--engine", engine, *ALL, "--no-config", cwd=repo.root).code == 1
    since = sgleaks("history", "--since", "2026-01-01", "--format", "json", cwd=repo.root)
    assert len({each["secret"]["key_id"] for each in since.report["findings"] if each["secret"]}) == len(dates)


def test_files_of_no_time_are_scanned(tmp_path: Path) -> None:
    for number, seconds in enumerate((-(2**31), 2**33)):
        (tmp_path / f"{number}.env").write_text(key(number))
        os.utime(tmp_path / f"{number}.env", (seconds, seconds))
    assert len(sgleaks("scan", "--format", "json", "--rule", "api-key", cwd=tmp_path).report["findings"]) == 2


# Interrupts

# Is git, and interrupts who started it at one of the calls.
INTERRUPTING = """
echo >> "$COUNT"
[ "$(wc -l < "$COUNT")" -eq "$AT" ] && kill -INT $PPID
exec "$GIT" "$@"
"""


@pytest.mark.parametrize("command", ["history", "scan --staged", "scan --format json:OUT/r"])
def test_interrupted_while_any_git_runs_nothing_is_left(repo: Past, tmp_path: Path, command: str) -> None:
    line, path = command.replace("OUT", str(tmp_path / "out")), other_git(tmp_path / "bin", INTERRUPTING)
    for name in ("tmp", "out"):
        (tmp_path / name).mkdir()
    for at in range(1, 60, 5):
        count = tmp_path / "count"
        count.write_text("")
        env = {"PATH": path, "COUNT": str(count), "AT": str(at), "TMPDIR": str(tmp_path / "tmp")}
        done = shell(f"sgleaks {line}", repo.root, env)
        assert not [word for word in NO_BUG if word in done.err]
        assert entries(tmp_path / "tmp") == set()
        if len(count.read_text()) < at:
            assert done.code in (0, 1)
            break
        assert done.code in (1, 3, 130)
        if done.code == 130:
            assert entries(tmp_path / "out") == set()
            assert done.err.endswith("sgleaks: interrupted; nothing is reported\n")
    assert at > 1


def test_interrupted_while_a_report_is_written_nothing_of_it_is_left(repo: Past, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    command = [
        sys.executable,
        "-m",
        "sgleaks",
        "scan",
        "--format",
        f"json:{tmp_path}/pipe",
        "--format",
        f"html:{tmp_path}/h",
    ]
    with subprocess.Popen(command, cwd=repo.root, stderr=subprocess.PIPE, env=environment()) as process:
        stack = Path(f"/proc/{process.pid}/wchan")
        deadline = time.monotonic() + WAIT
        while b"wait_for_partner" not in stack.read_bytes() and time.monotonic() < deadline and stack.exists():
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=WAIT)
    assert (process.returncode, told) == (130, b"\nsgleaks: interrupted; nothing is reported\n")
    assert entries(tmp_path) == {"pipe"}


def test_interrupted_before_it_begins_it_says_nothing() -> None:
    program = "import signal, sys, sgleaks.__main__; signal.raise_signal(signal.SIGINT)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, env=environment())
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_sweep_ends_at_once_and_leaves_no_process_and_no_file(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    shop = Past(tmp_path / "org" / "shop")
    shop.write("a.env", key().encode())
    shop.at("01-01")
    (tmp_path / "tmp").mkdir()
    script = 'case "$*" in *rev-list*|*cat-file*) echo >> "$COUNT"; exec sleep 300;; esac; exec "$GIT" "$@"'
    env = environment(
        PATH=other_git(tmp_path / "bin", script), COUNT=str(tmp_path / "count"), TMPDIR=str(tmp_path / "tmp")
    )
    command = [sys.executable, "-m", "sgleaks", "sweep", "--state", "s.sqlite", "org"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        deadline = time.monotonic() + WAIT
        while not (tmp_path / "count").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)  # to the one alone: its workers leave Ctrl-C to it
        _, told = process.communicate(timeout=WAIT)
    assert process.returncode == code
    assert b"the same command goes on from there" in told
    assert entries(tmp_path / "tmp") == set()
    assert not (tmp_path / "s.sqlite.clones").exists()
    assert secret_half(key()).encode() not in told
