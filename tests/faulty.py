"""The command on a machine that fails: streams that are closed or full, limits, a git that does something else."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cli import Done

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM = f"{shlex.quote(sys.executable)} -m sgleaks"
# Sets a limit on itself and becomes the command. What it writes beyond is an error then, not the end of it.
LIMITED = """
import os, resource, signal, sys
name, limit, *command = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(getattr(resource, name), (int(limit), int(limit)))
os.execv(sys.executable, [sys.executable, "-m", "sgleaks", *command])
"""


def environment(**changes: str) -> dict[str, str]:
    """What the command is started with: nothing of git's, and ``changes``."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "FORCE_COLOR", "CI_"))}
    return clean | {"GIT_CONFIG_GLOBAL": os.devnull} | changes


def shell(line: str, cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """A line of shell in which ``sgleaks`` is the command."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"sgleaks() {{ {PROGRAM} \"$@\"; }}; {line}"],
        cwd=cwd, env=environment(**(env or {})), stdin=subprocess.DEVNULL, capture_output=True, check=False,
        timeout=120,
    )  # fmt: skip
    return Done(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def limited(name: str, limit: int, line: str, cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """The finished command under a limit of ``resource``."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, name, str(limit), *line.split()],
        cwd=cwd, env=environment(**(env or {})), stdin=subprocess.DEVNULL, capture_output=True, check=False,
        timeout=120,
    )  # fmt: skip
    return Done(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def other_git(folder: Path, script: str) -> str:
    """A value of PATH in whose first folder ``git`` is a shell script; ``$GIT`` in it is the real one."""
    folder.mkdir(exist_ok=True)
    real = shutil.which("git")
    (folder / "git").write_text(f"#!/bin/sh\nGIT={real}\n{script}\n")
    (folder / "git").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
