"""Style, types and the project's own secrets: what a linter has to say fails the tests, so one command runs all."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli import sgleaks

ROOT = Path(__file__).parents[1]
KEY_SHAPED = re.compile(rb"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}")


@pytest.mark.parametrize(
    "command",
    [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)],
    ids=" ".join,
)
def test_has_no_objection(command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_sgleaks_finds_nothing_here() -> None:
    for options in ((), ("--no-config", "--only", "credentials")):
        done = sgleaks("scan", *options, cwd=ROOT)
        assert done.code == 0, done.out + done.err


def test_no_file_holds_anything_shaped_like_a_key() -> None:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    assert len(files) > 100
    assert not [path for path in files if path.is_file() and KEY_SHAPED.search(path.read_bytes())]
