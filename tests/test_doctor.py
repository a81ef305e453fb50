"""What ``sgleaks doctor`` says, and completion scripts that shells take."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sgleaks as sgleaks_package
from cli import sgleaks
from git_repos import Repository


def told(folder: Path) -> dict[str, str]:
    """The state of everything it looked at."""
    done = sgleaks("doctor", cwd=folder)
    return {line[4:23].strip(): line[:2] for line in done.out.partition("\n\n")[0].splitlines()}


def test_a_good_place(tmp_path: Path) -> None:
    root = Repository(tmp_path / "shop").root
    assert sgleaks("install", cwd=root).code == 0
    states = told(root)
    assert {
        states[name] for name in ("Python", "git", "numpy", "configuration", "hook pre-commit", "hook pre-push")
    } == {"ok"}
    assert sgleaks("doctor", cwd=root).code == 0


def test_what_is_missing_has_a_mend(tmp_path: Path) -> None:
    root = Repository(tmp_path / "shop").root
    done = sgleaks("doctor", cwd=root)
    assert done.code == 0
    assert "--  hook pre-commit    not installed  (mend: sgleaks install)\n" in done.out
    assert done.out.endswith("\n\nsgleaks: it works here; what is marked -- is optional\n")


def test_a_package_that_is_missing_is_named(tmp_path: Path) -> None:
    """An environment that borrows every package but one; what is installed is told by its metadata."""
    site = tmp_path / "site"
    site.mkdir()
    for path in map(Path, sys.path):
        for each in path.iterdir() if path.name == "site-packages" else ():
            if not each.name.startswith("tree_sitter_ruby"):
                (site / each.name).symlink_to(each)
    source = Path(sgleaks_package.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-S", "-m", "sgleaks", "doctor"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{site}"},
        capture_output=True,
        text=True,
        check=False,
    )
    wanted = "!!  tree-sitter-ruby   is not here: files of ruby are not parsed  (mend: pip install tree-sitter-ruby)\n"
    assert wanted in done.stdout
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "sgleaks: 1 to mend, marked !!")


def test_what_is_broken_fails(tmp_path: Path) -> None:
    (tmp_path / "sgleaks.toml").write_text("nonsense = 1\n")
    (tmp_path / ".sgleaks-baseline.toml").write_text("accepted = [\n")
    done = sgleaks("doctor", cwd=tmp_path)
    assert done.code == 1
    states = told(tmp_path)
    assert (states["configuration"], states["baseline"], states["repository"]) == ("!!", "!!", "--")


def test_no_git(tmp_path: Path) -> None:
    done = sgleaks("doctor", cwd=tmp_path, env={"PATH": str(tmp_path)})
    assert done.code == 1
    assert "!!  git" in done.out


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("sgleaks sc", "plain,scan"),
        ("sgleaks scan REA", "file,"),
        ("sgleaks history ", "file,"),
        ("sgleaks scan --config ", "file,"),
        ("sgleaks scan --format so", "plain,sonarqube"),
        ("sgleaks scan --rule api-k", "plain,api-key"),
        ("sgleaks rules show api-k", "plain,api-key"),
        ("sgleaks scan --fail-on cr", "plain,critical"),
    ],
)
def test_a_shell_is_told_what_may_follow(line: str, wanted: str, tmp_path: Path) -> None:
    words = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    done = sgleaks(cwd=tmp_path, env={**words, "_SGLEAKS_COMPLETE": "bash_complete"})
    assert [told.rstrip() for told in done.out.splitlines()] == [wanted] or done.out.startswith(wanted)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_one_that_the_shell_takes(shell: str, tmp_path: Path) -> None:
    done = sgleaks("completion", shell, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "_SGLEAKS_COMPLETE" in done.out
    if program := shutil.which(shell):
        (tmp_path / "script").write_text(done.out)
        assert subprocess.run([program, "-n", tmp_path / "script"], check=False).returncode == 0


def test_completion_completes(tmp_path: Path) -> None:
    asked = {"_SGLEAKS_COMPLETE": "bash_complete", "COMP_WORDS": "sgleaks his", "COMP_CWORD": "1"}
    assert sgleaks(cwd=tmp_path, env=asked).out == "plain,history\n"
