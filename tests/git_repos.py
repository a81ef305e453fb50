"""Real repositories for tests: an ordinary one, and one whose configuration names a program wherever git takes one."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_HOOKS = [
    "applypatch-msg",
    "commit-msg",
    "fsmonitor-watchman",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-rewrite",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-receive",
    "prepare-commit-msg",
    "proc-receive",
    "push-to-checkout",
    "reference-transaction",
    "update",
]
# Settings whose value is a program; `{}` stands for its path.
_PROGRAMS = {
    "alias.evil": "!{}",
    "browser.evil.cmd": "{}",
    "core.alternateRefsCommand": "{}",
    "core.askPass": "{}",
    "core.editor": "{}",
    "core.fsmonitor": "{}",
    "core.gitProxy": "{}",
    "core.pager": "{}",
    "core.sshCommand": "{}",
    "credential.helper": "{}",
    "diff.evil.command": "{}",
    "diff.evil.textconv": "{}",
    "diff.external": "{}",
    "difftool.evil.cmd": "{}",
    "filter.evil.clean": "{}",
    "filter.evil.smudge": "{}",
    "filter.slow.process": "{}",
    "gpg.program": "{}",
    "gpg.ssh.program": "{}",
    "gpg.ssh.defaultKeyCommand": "{}",
    "interactive.diffFilter": "{}",
    "merge.evil.driver": "{}",
    "mergetool.evil.cmd": "{}",
    "pager.ls-files": "{}",
    "remote.origin.uploadpack": "{}",
    "remote.origin.receivepack": "{}",
    "sequence.editor": "{}",
    "submodule.lib.update": "!{}",
    "trailer.evil.command": "{}",
    "uploadpack.packObjectsHook": "{}",
}


class Repository:
    """A repository in ``root``, driven by real git in an environment of its own: no user, no system configuration."""

    def __init__(self, root: Path, *init: str) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        if not (root / ".git").exists():
            self.git("init", "--quiet", *init)

    def git(self, *args: str | bytes, stdin: bytes = b"", check: bool = True) -> bytes:
        """What git wrote to standard output and, where it fails and may, to standard error."""
        command = ["git", "-c", "protocol.file.allow=always", *args]
        done = subprocess.run(
            command, cwd=self.root, env=git_environment(), input=stdin, capture_output=True, check=False
        )
        assert done.returncode == 0 or not check, done.stderr.decode(errors="replace")
        return done.stdout if done.returncode == 0 else done.stdout + done.stderr

    def write(self, path: str | bytes, content: bytes = b"text\n") -> Path:
        place = self.root / os.fsdecode(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        return place

    def add(self, *paths: str | bytes) -> None:
        """Stages files, ignored ones too; everything that is not ignored when none is named."""
        if paths:
            self.git("--literal-pathspecs", "add", "--force", "--", *paths)
        else:
            self.git("add", "--all")

    def commit(self, message: str = "change") -> str:
        """Commits what is staged; the id."""
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").decode().strip()


@dataclass(frozen=True, slots=True)
class HostileRepository:
    """``repository`` is a checkout in which every program a configuration can name leaves a file in ``markers``."""

    repository: Repository
    markers: Path

    def fired(self) -> set[str]:
        """Names of the settings and hooks whose program ran since the last call."""
        names = set()
        for marker in self.markers.iterdir():
            names.add(marker.name)
            marker.unlink()
        return names


def git_environment() -> dict[str, str]:
    """The environment of the tests' own git: nothing inherited but PATH, and always the same people and time."""
    people = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", "2026-01-31T10:00:00Z"))
    }
    return people | {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "init.defaultBranch",
        "GIT_CONFIG_VALUE_0": "main",
        "LC_ALL": "C",
    }


def hostile_repository(folder: Path, fill: Callable[[Repository], object] = lambda _: None) -> HostileRepository:
    """A checkout as somebody else's archive would bring it, with its ``.git``.

    Files: ``.gitattributes``, ``.gitmodules``, ``edited.txt`` and ``edited.bin`` (both changed since, same size),
    ``kept.txt``, ``new.txt`` (untracked) and the submodule ``lib``. The object of ``kept.txt`` is missing, for a
    promisor remote to bring. ``core.excludesFile`` ignores everything, ``core.worktree`` leads elsewhere. ``fill`` adds
    to the repository while git still runs nothing in it.
    """
    markers, programs = folder / "markers", folder / "programs"
    markers.mkdir(parents=True)
    repository = Repository(folder / "hostile")
    repository.write(".gitattributes", b"*.txt filter=evil diff=evil merge=evil\n*.bin filter=slow\n")
    repository.write(".gitmodules", b'[submodule "lib"]\n\tpath = lib\n\turl = ext::sh -c false\n\tupdate = !false\n')
    repository.write("edited.txt", b"old\n")
    repository.write("edited.bin", b"old\n")
    repository.write("kept.txt", b"kept\n")
    repository.add()
    commit = repository.commit()
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},lib")
    repository.git("update-index", "--untracked-cache")
    missing = repository.git("rev-parse", ":kept.txt").decode().strip()
    (repository.root / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
    repository.write("edited.txt", b"new\n")
    repository.write("edited.bin", b"new\n")
    repository.write("new.txt")
    fill(repository)
    _configure(repository, markers, programs)
    return HostileRepository(repository, markers)


def _configure(repository: Repository, markers: Path, programs: Path) -> None:
    elsewhere = programs / "elsewhere"
    elsewhere.mkdir(parents=True)
    (programs / "exclude").write_text("*\n")
    (programs / "attributes").write_text("* filter=evil\n")
    for name in (*_PROGRAMS, *(f"hook/{hook}" for hook in _HOOKS)):
        _program(programs / name, markers)
    included = programs / "included"
    repository.git(
        "config", "--file", str(included), "core.fsmonitor", str(_program(programs / "include.path", markers))
    )
    settings = {name: value.format(programs / name) for name, value in _PROGRAMS.items()} | {
        "core.attributesFile": str(programs / "attributes"),
        "core.excludesFile": str(programs / "exclude"),
        "core.hooksPath": str(programs / "hook"),
        "core.repositoryFormatVersion": "1",
        "core.untrackedCache": "true",
        "core.worktree": str(elsewhere),
        "extensions.partialClone": "origin",
        "filter.evil.required": "true",
        "filter.slow.required": "true",
        "include.path": str(included),
        "includeIf.gitdir:/.path": str(included),
        "init.templateDir": str(programs / "hook"),
        "log.showSignature": "true",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "protocol.file.allow": "always",
        "remote.origin.promisor": "true",
        "remote.origin.url": str(elsewhere),
        "submodule.lib.url": f"ext::{programs / 'core.gitProxy'}",
        "submodule.recurse": "true",
    }
    config = repository.root / ".git" / "config"
    for name, value in settings.items():
        repository.git("config", "--file", str(config), name, value)


def _program(path: Path, markers: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n: > '{markers}/{path.name}'\nexit 0\n")
    path.chmod(0o755)
    return path
