"""The three hooks under the real pre-commit and prek: built from this checkout, fired by commits and pushes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from keys import key, secret_half

ROOT = Path(__file__).parents[1]
KEY = key(1)
LINE = f"SENDGRID_API_KEY={KEY}\n"
OURS = ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml", "scanner", "rules", "hooks")
TOOLS = ("pre-commit", "prek")

pytestmark = pytest.mark.xdist_group("pre-commit")  # one environment of a hook, built once


class Done(NamedTuple):
    code: int
    said: str


class Framework:
    """One of the tools, its own home, and the hook repository made of this checkout."""

    def __init__(self, tool: str, folder: Path) -> None:
        self.tool, self.repo = tool, folder / "hooks"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))},
            **dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull),
            **{f"GIT_{who}_{what}": "a@x.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
            "PRE_COMMIT_HOME": str(folder / "home"),
            "PREK_HOME": str(folder / "home"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        self.repo.mkdir()
        for name in OURS:
            place = ROOT / name
            if place.is_dir():
                shutil.copytree(place, self.repo / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(place, self.repo / name)
        self.git("init", "-q", "-b", "main", cwd=self.repo)
        self.git("add", "-A", "-f", cwd=self.repo)
        self.git("commit", "-q", "-m", "hooks", cwd=self.repo)

    def git(self, *args: str, cwd: Path) -> Done:
        return self.run("git", *args, cwd=cwd)

    def run(self, *args: str, cwd: Path) -> Done:
        done = subprocess.run(
            args, cwd=cwd, env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert secret_half(KEY) not in done.stdout + done.stderr
        return Done(done.returncode, done.stdout + done.stderr)

    def shop(self, folder: Path, *hooks: str) -> Path:
        """A work tree in which these hooks are installed, and a bare repository it pushes to."""
        root, rev = folder / "shop", self.git("rev-parse", "HEAD", cwd=self.repo).said.strip()
        root.mkdir()
        self.git("init", "-q", "-b", "main", cwd=root)
        self.git("init", "-q", "--bare", str(folder / "server.git"), cwd=root)
        self.git("remote", "add", "origin", str(folder / "server.git"), cwd=root)
        listed = "".join(f"      - id: {hook}\n" for hook in hooks)
        (root / ".pre-commit-config.yaml").write_text(
            f"repos:\n  - repo: {self.repo}\n    rev: {rev}\n    hooks:\n{listed}"
        )
        self.git("add", "-A", cwd=root)
        self.git("commit", "-q", "-m", "x", cwd=root)
        done = self.run(self.tool, "install", "-t", "pre-commit", "-t", "pre-push", cwd=root)
        assert done.code == 0, done.said
        return root

    def commit(self, root: Path, name: str, text: str, *args: str) -> Done:
        (root / name).write_text(text)
        self.git("add", name, cwd=root)
        return self.git("commit", "-q", "-m", "x", *args, cwd=root)


@pytest.fixture(scope="module", params=TOOLS)
def framework(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Framework:
    return Framework(request.param, tmp_path_factory.mktemp(request.param))


def test_manifest_is_one(framework: Framework) -> None:
    done = framework.run(framework.tool, "validate-manifest", ".pre-commit-hooks.yaml", cwd=framework.repo)
    assert done.code == 0, done.said


def test_commits_and_pushes(framework: Framework, tmp_path: Path) -> None:
    root = framework.shop(tmp_path, "sgleaks", "sgleaks-push")
    code, said = framework.commit(root, "mail.txt", LINE)
    assert code == 1
    assert "sgleaks: commit stopped: 1 finding" in said
    assert "mail.txt:1:18  api-key" in said
    # What is in the work tree only does not count, and comes back as it was.
    (root / "mail.txt").write_text("clean\n")
    framework.git("add", "mail.txt", cwd=root)
    (root / "mail.txt").write_text(LINE)
    assert framework.git("commit", "-q", "-m", "x", cwd=root).code == 0
    assert (root / "mail.txt").read_text() == LINE
    framework.git("checkout", "-q", "mail.txt", cwd=root)
    # A key that came and went within one push, on the first push of all.
    assert framework.commit(root, "leak.txt", LINE, "--no-verify").code == 0
    framework.git("rm", "-q", "leak.txt", cwd=root)
    assert framework.git("commit", "-q", "-m", "x", cwd=root).code == 0
    code, said = framework.git("push", "-q", "origin", "main", cwd=root)
    assert code == 1
    assert "sgleaks: push stopped: 1 finding" in said
    # What the server has stops nobody, and a branch that is not checked out is looked at.
    assert framework.git("push", "-q", "--no-verify", "origin", "main", cwd=root).code == 0
    framework.git("checkout", "-q", "-b", "side", cwd=root)
    assert framework.commit(root, "leak.txt", LINE, "--no-verify").code == 0
    framework.git("checkout", "-q", "main", cwd=root)
    assert framework.commit(root, "more.txt", "x\n").code == 0
    assert framework.git("push", "-q", "origin", "main", cwd=root).code == 0
    assert framework.git("push", "-q", "origin", "side", cwd=root).code == 1


def test_all_files_and_a_range(framework: Framework, tmp_path: Path) -> None:
    root = framework.shop(tmp_path, "sgleaks")
    run = (framework.tool, "run", "sgleaks")
    assert framework.run(*run, "--all-files", cwd=root).code == 0
    framework.commit(root, "leak.txt", LINE, "--no-verify")
    framework.git("rm", "-q", "leak.txt", cwd=root)
    framework.git("commit", "-q", "--no-verify", "-m", "x", cwd=root)
    assert framework.run(*run, "--all-files", cwd=root).code == 0
    framework.commit(root, "other.txt", "x\n", "--no-verify")
    assert framework.run(*run, "--from-ref", "HEAD~3", "--to-ref", "HEAD", cwd=root).code == 1
    framework.commit(root, "leak.txt", LINE, "--no-verify")
    assert framework.run(*run, "--all-files", cwd=root).code == 1


def test_files_whole(framework: Framework, tmp_path: Path) -> None:
    root = framework.shop(tmp_path, "sgleaks-files")
    framework.commit(root, "mail.txt", LINE, "--no-verify")
    code, said = framework.commit(root, "mail.txt", f"{LINE}more\n")
    assert code == 1
    assert "critical[api-key]" in said


def test_try_repo(framework: Framework, tmp_path: Path) -> None:
    root = framework.shop(tmp_path, "sgleaks")
    (root / "mail.txt").write_text(LINE)
    framework.git("add", "mail.txt", cwd=root)
    done = framework.run(framework.tool, "try-repo", str(framework.repo), "sgleaks", "--all-files", cwd=root)
    assert done.code == 1, done.said
    assert "mail.txt:1:18" in done.said
