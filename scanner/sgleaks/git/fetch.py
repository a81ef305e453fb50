"""Brings commits from the remote that a clone was made from: the one thing here that uses a network.

Only `sgleaks ci` asks for it, since CI clones are cut short. It is the user's own git with the user's own
configuration, which knows the way and the password. No hook runs, no submodule and no tag is touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sgleaks.errors import ToolError
from sgleaks.git.run import ask, printable

if TYPE_CHECKING:
    from sgleaks.git.repository import Repository

SECONDS = 600  # a large repository, whole
SETTINGS = (f"core.hooksPath={os.devnull}", "gc.auto=0", "maintenance.auto=false", "fetch.recurseSubmodules=false")
# Variables that would lead git to another repository; what carries credentials stays.
ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE")


def remote_of(repository: Repository) -> str:
    """``origin``, or the only remote there is; "" if none can be told."""
    names = ask(["remote"], git_dir=repository.git_dir, timeout=SECONDS).out.decode(errors="replace").split()
    return "origin" if "origin" in names else names[0] if len(names) == 1 else ""


def fetch(repository: Repository, remote: str, ids: Sequence[str], depth: str = "") -> str:
    """Brings the commits with these ids, as deep as an option such as ``--deepen=50`` says; without ids, all branches.

    Gives what went wrong, "" if nothing did.
    """
    options = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", *([depth] if depth else [])]
    code, _, said = _git(repository, ["fetch", *options, "--", remote, *ids])
    return (printable(said) or f"it ended with code {code}") if code else ""


def tip_of(repository: Repository, remote: str, ref: str) -> str:
    """The id that a ref has in the remote now, "" if it is not there or nobody answers."""
    code, out, _ = _git(repository, ["ls-remote", "--quiet", "--", remote, ref])
    lines = [line.split("\t") for line in out.decode(errors="replace").splitlines()]
    return next((words[0] for words in lines if not code and len(words) == 2 and words[1] == ref), "")


def _git(repository: Repository, args: Sequence[str]) -> tuple[int, bytes, bytes]:
    program = shutil.which(
        "git", path=os.pathsep.join(folder for folder in os.get_exec_path() if os.path.isabs(folder))
    )
    if program is None:
        raise ToolError("git was not found", "no folder of PATH holds it", "install git, or add its folder to PATH")
    variables = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    variables |= {"GIT_DIR": str(repository.git_dir), "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    try:
        done = subprocess.run(
            [program, *settings, *args],
            cwd=repository.root or repository.git_dir,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1, b"", f"it did not end within {SECONDS} seconds".encode()
    return done.returncode, done.stdout, done.stderr
