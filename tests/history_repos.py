"""Histories for tests: a repository whose commits have the times and people that a test gives them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from git_repos import Repository, git_environment

if TYPE_CHECKING:
    from pathlib import Path


class Past(Repository):
    """A repository that commits at noon of a given day of 2024."""

    def at(self, date: str, message: str = "change", *args: str) -> str:
        """Commits everything there is at noon UTC of ``date`` (month and day); the id."""
        self.git("add", "--all")
        return self.dated(date, "commit", "--quiet", "--allow-empty", "--message", message, *args)

    def dated(self, date: str, *args: str, **variables: str) -> str:
        """Runs git with the clock at noon of ``date``; the id of HEAD after it."""
        when = f"2024-{date}T12:00:00Z"
        env = git_environment() | {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when} | variables
        done = subprocess.run(["git", *args], cwd=self.root, env=env, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return self.id("HEAD")

    def id(self, name: str) -> str:
        """The full id of what ``name`` leads to."""
        return self.git("rev-parse", "--verify", name).decode().strip()

    def remove(self, path: str) -> None:
        """Takes a file out of the work tree."""
        (self.root / path).unlink()


def clone(source: Path, target: Path, *args: str) -> None:
    """A clone as it comes over the wire, not by copying files."""
    command = ["git", "-c", "protocol.file.allow=always", "clone", "--quiet", *args, f"file://{source}", str(target)]
    subprocess.run(command, env=git_environment(), check=True, capture_output=True)
