"""Running git: what it inherits, how its failures are told, and that streams end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from git_repos import Repository, hostile_repository
from sgleaks.errors import ToolError
from sgleaks.git.hardening import INDEX, QUARANTINE, environment
from sgleaks.git.run import CHUNK_BYTES, REASON_CHARACTERS, GitError, ask, printable, run, stream, version

SECONDS = 60


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def fake_git(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")


def test_inherited_variables_are_dropped_and_named_ones_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index.lock")
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", "objects/incoming")
    monkeypatch.setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", "/a:/b")
    monkeypatch.setenv("GIT_SSH_COMMAND", "evil")
    monkeypatch.setenv("SSH_ASKPASS", "evil")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/mine")
    monkeypatch.delenv("GIT_QUARANTINE_PATH", raising=False)
    plain = environment(Path("/r"))
    assert not {"GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_SSH_COMMAND", "SSH_ASKPASS", "GIT_WORK_TREE"} & set(
        plain
    )
    assert (plain["GIT_DIR"], plain["GIT_CONFIG_GLOBAL"], plain["GIT_CONFIG_NOSYSTEM"]) == ("/r", os.devnull, "1")
    kept = environment(None, keep=INDEX + QUARANTINE, user_config=True, variables={"GIT_ALLOW_PROTOCOL": "https"})
    assert kept["GIT_INDEX_FILE"] == str(tmp_path / ".git" / "index.lock")
    assert kept["GIT_OBJECT_DIRECTORY"] == str(tmp_path / "objects" / "incoming")
    assert kept["GIT_ALTERNATE_OBJECT_DIRECTORIES"] == "/a:/b"
    assert (kept["GIT_CONFIG_GLOBAL"], kept["GIT_ALLOW_PROTOCOL"]) == ("/mine", "https")
    assert not {"GIT_DIR", "GIT_QUARANTINE_PATH", "GIT_CONFIG_NOSYSTEM"} & set(kept)


@pytest.mark.parametrize(
    "args",
    [
        ["ls-files", "--stage"],
        ["log", "--raw"],
        ["log", "-p", "--no-ext-diff", "--no-textconv"],
        ["diff-index", "--cached", "--raw", "HEAD"],
        ["cat-file", "-p", ":kept.txt"],
        ["cat-file", "--batch-check", "--batch-all-objects"],
        ["rev-list", "--objects", "--all"],
        ["for-each-ref"],
        ["fetch", "origin"],
    ],
    ids=" ".join,
)
def test_reading_a_hostile_repository_runs_nothing(tmp_path: Path, args: list[str]) -> None:
    hostile = hostile_repository(tmp_path)
    root = hostile.repository.root
    ask(args, git_dir=root / ".git", work_tree=root, timeout=SECONDS)
    assert hostile.fired() == set()


def test_input_reaches_git(repo: Repository) -> None:
    oid = run(["hash-object", "--stdin"], git_dir=repo.root / ".git", stdin=b"hello\n", timeout=SECONDS)
    assert oid == b"ce013625030ba8dba906f756967f9e9ca394464a\n"


def test_failure_says_what_git_said(repo: Repository) -> None:
    with pytest.raises(GitError, match="Not a valid object name nothing") as caught:
        run(["cat-file", "-p", "nothing"], git_dir=repo.root / ".git", timeout=SECONDS)
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param(b"fatal: \x1b[31mred\x07\n\n  more\r\n", "fatal: ?[31mred? more", id="no control characters"),
        pytest.param(b"fatal: https://me:pass@example.org/x", "fatal: https://…@example.org/x", id="no password"),
        pytest.param(b"x" * REASON_CHARACTERS, "x" * REASON_CHARACTERS, id="just short enough"),
        pytest.param(b"x" * 9999, "x" * (REASON_CHARACTERS - 1) + "…", id="too long"),
        pytest.param(b"\xff\xfe", "\ufffd\ufffd", id="not UTF-8"),
    ],
)
def test_what_git_says_is_shown_short_and_printable(said: bytes, shown: str) -> None:
    assert printable(said) == shown


def test_missing_git_says_how_to_mend_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="git was not found") as caught:
        version()
    assert "install git" in caught.value.next_step


def test_git_of_the_scanned_tree_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_git(tmp_path, "touch fired", monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([".", "", os.environ["PATH"].partition(os.pathsep)[2]]))
    assert ask(["version"], git_dir=None, cwd=tmp_path, timeout=SECONDS).out.startswith(b"git version 2")
    assert not (tmp_path / "fired").exists()


def test_git_that_is_too_old_is_named_when_something_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = 'for word; do [ "$word" = version ] && echo "git version 2.20.1" && exit 0; done; exit 129'
    fake_git(tmp_path / "bin", script, monkeypatch)
    with pytest.raises(ToolError, match=r"git 2\.20 is too old: sgleaks needs git 2\.31"):
        run(["ls-files"], git_dir=tmp_path, timeout=SECONDS)


def test_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="git could not be started"):
        run(["version"], git_dir=None, cwd=tmp_path / "gone", timeout=SECONDS)


def test_slow_git_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_git(tmp_path / "bin", "echo first; exec sleep 60", monkeypatch)
    started = time.monotonic()
    with pytest.raises(ToolError, match=r"did not end within 0\.2 seconds"):
        run(["ls-files"], git_dir=tmp_path, timeout=0.2)
    chunks: list[bytes] = []
    with pytest.raises(ToolError, match=r"did not end within 0\.2 seconds"):
        chunks.extend(stream(["ls-files"], git_dir=tmp_path, timeout=0.2))
    assert time.monotonic() - started < 30


def test_stream_gives_everything_in_chunks(repo: Repository) -> None:
    data = bytes(range(256)) * 2000
    oid = repo.git("hash-object", "-w", "--stdin", stdin=data).strip()
    chunks = list(stream(["cat-file", "--batch"], git_dir=repo.root / ".git", stdin=oid + b"\n", timeout=SECONDS))
    assert b"".join(chunks) == oid + b" blob 512000\n" + data + b"\n"
    assert max(map(len, chunks)) <= CHUNK_BYTES


def test_stream_fails_after_its_last_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_git(tmp_path / "bin", "echo first; echo broken >&2; exit 3", monkeypatch)
    chunks = stream(["cat-file"], git_dir=tmp_path, timeout=SECONDS)
    assert next(chunks) == b"first\n"
    with pytest.raises(GitError, match="git cat-file failed: broken"):
        next(chunks)


def test_closing_a_stream_ends_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_git(tmp_path / "bin", f"echo $$ > '{tmp_path}/pid'; echo first; exec sleep 60", monkeypatch)
    chunks = stream(["cat-file"], git_dir=tmp_path, timeout=SECONDS)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]  # an iterator to its callers, a generator in fact
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_process_that_leaves_a_stream_open_ends_all_the_same(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    program = (
        "import sys; from pathlib import Path; from sgleaks.git.run import stream\n"
        "left = stream(['count-objects', '-v'], git_dir=Path(sys.argv[1]), timeout=3600)\n"
        "next(left)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path / ".git"], check=False, timeout=60)
    assert done.returncode == 0
