"""Mirrors repositories of strangers, and tells what their refs are. A network is used here, and by `fetch`.

A token goes into the environment of one git process, as a header for one origin: never into arguments, addresses or
files, where others could read it, and never along a redirect. What is cloned brings no configuration with it; no hook,
filter or submodule of it runs, for nothing is checked out.
"""

from __future__ import annotations

import hashlib
import os
import select
import shutil
import signal
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import IO

from sgleaks.errors import ToolError
from sgleaks.git.hardening import environment
from sgleaks.git.run import SAID_BYTES, executable, printable

PROTOCOLS = "https:http:ssh"  # not `ext`, which is a command, not `file`, not `git`, which anyone on the way can alter
SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=",
    "fetch.recurseSubmodules=false",
    "fetch.unpackLimit=1",  # a pack is searched faster than loose objects
    "gc.auto=0",
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=120",  # seconds without a byte: also a git whose parent was killed ends
    "maintenance.auto=false",
    "submodule.recurse=false",
    "transfer.bundleURI=false",  # a forge could name another host
)
ALL_REFS = "+refs/*:refs/*"  # pull requests too: what was pushed to one stays readable
PACKET = (
    b"packet:"  # of git's protocol; git takes any web page for an empty repository of its oldest one, which has none
)
MAX_SAID = 256 << 20  # bytes of what git prints; four million refs
FREE = 2 << 30  # bytes that are left to others
TICK = 1.0  # seconds between two looks at what git does
GROUPS = hasattr(os, "killpg")  # of processes, ended and waited for as one; Windows has none
REFS_SECONDS = 120  # a million refs are some 60 MB


@dataclass(frozen=True, slots=True)
class Access:
    """A token for one ``origin`` (``https://host``): the variable of the environment that has it, and its user."""

    origin: str
    variable: str
    user: str

    @property
    def header(self) -> str:
        """The value of the header ``Authorization``."""
        token = os.environ.get(self.variable, "")
        return f"Basic {b64encode(f'{self.user}:{token}'.encode()).decode()}"

    def settings(self) -> list[tuple[str, str]]:
        """Settings for git. Nothing configured elsewhere gives another password; no redirect is followed."""
        header = (f"http.{self.origin}/.extraHeader", f"Authorization: {self.header}")
        return [header, ("http.followRedirects", "false"), ("credential.helper", "")]


class CloneError(ToolError):
    """A repository could not be brought. ``why`` is what git said."""


class Late(CloneError):
    """It took too long."""


def refs_at(address: str, access: Access | None) -> str:
    """A digest of all refs there, and of where HEAD leads: the same as long as nothing is pushed. Raises CloneError."""
    # The first version of the protocol tells all refs in one request, the second needs two.
    args = ["-c", "protocol.version=0", "ls-remote", "--symref", "--quiet", "--", address]
    listed = _git(args, access, REFS_SECONDS)
    if not listed and PACKET not in _run(args, access, REFS_SECONDS, trace=True).stderr:
        raise CloneError("git ls-remote", "what answers there is no git server")
    return digest_of(listed.split(b"\n")[:-1])


def digest_of(lines: Iterable[bytes]) -> str:
    """A digest of what ``git ls-remote --symref`` lists, in whatever order."""
    return hashlib.sha256(b"\n".join(sorted(lines))).hexdigest()


def has_http_settings() -> bool:
    """Whether the user has configured how git speaks HTTP, or where to: then nobody else can do it in its place."""
    done = _run(["config", "--show-scope", "--get-regexp", r"^(http|url)\."], None, REFS_SECONDS)
    others = [line for line in done.stdout.splitlines() if not line.startswith(b"command\t")]  # ours are of the command
    return bool(others) or done.returncode not in (0, 1)  # else it cannot be read


def mirror(address: str, folder: Path, access: Access | None, seconds: float) -> None:
    """Clones with all refs into ``folder``, or brings the mirror up to date that is there. Raises CloneError, `Late`.

    A fetch is whole or not at all; a new clone is made beside its place first.
    """
    if (folder / "HEAD").exists():
        args = ["fetch", "--quiet", "--prune", "--force", "--no-write-fetch-head", "--no-tags", "--", address, ALL_REFS]
        _git(args, access, seconds, folder)
        _move_head(address, folder, access)
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = folder.with_name(f"{folder.name}.new")
    _git(["clone", "--mirror", "--quiet", "--template=", "--", address, str(new)], access, seconds)
    new.rename(folder)


def _move_head(address: str, folder: Path, access: Access | None) -> None:
    """The default branch may be another one by now."""
    listed = _git(["ls-remote", "--symref", "--quiet", "--", address, "HEAD"], access, REFS_SECONDS)
    first = listed.split(b"\n", 1)[0]
    if first.startswith(b"ref: refs/heads/"):
        name = os.fsdecode(first[len(b"ref: ") :].partition(b"\t")[0])
        _git(["symbolic-ref", "HEAD", name], None, REFS_SECONDS, folder)


def _git(args: Sequence[str], access: Access | None, seconds: float, git_dir: Path | None = None) -> bytes:
    done = _run(args, access, seconds, git_dir)
    if done.returncode:
        raise CloneError(f"git {_name(args)}", printable(done.stderr) or f"it ended with code {done.returncode}")
    return done.stdout


def _name(args: Sequence[str]) -> str:
    return args[2] if args[0] == "-c" else args[0]


def _run(
    args: Sequence[str], access: Access | None, seconds: float, git_dir: Path | None = None, *, trace: bool = False
) -> subprocess.CompletedProcess[bytes]:
    """git, ended when it is late, says too much or fills the disk: whoever answers it may be hostile."""
    command = [executable(), *(word for setting in SETTINGS for word in ("-c", setting)), *args]
    variables = {**_environment(access, git_dir), **({"GIT_TRACE_PACKET": "1"} if trace else {})}
    ends, held = os.pipe()  # held by git and what it starts: readable when they have all ended
    with open(ends, "rb", buffering=0), tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                command, env=variables, stdin=subprocess.DEVNULL, stdout=out, stderr=said, start_new_session=True,
                pass_fds=(held,) if GROUPS else (),
            )  # fmt: skip
        finally:
            os.close(held)
        with process:
            try:
                _watch(process, ends, args, seconds, (out, said), Path(args[-1]) if "clone" in args else git_dir)
            except BaseException:
                if GROUPS:
                    os.killpg(process.pid, signal.SIGKILL)  # with the programs it started, which hold the connection
                else:
                    process.kill()
                raise
        out.seek(0)
        said.seek(0)
        return subprocess.CompletedProcess(command, process.returncode, out.read(), said.read(SAID_BYTES))


def _watch(
    process: subprocess.Popen[bytes], ends: int, args: Sequence[str], seconds: float, files: Sequence[IO[bytes]],
    folder: Path | None,
) -> None:  # fmt: skip
    """Waits until the process has ended. Raises CloneError when that takes too long or too much."""
    deadline = monotonic() + seconds
    while not _has_ended(process, ends, max(min(TICK, deadline - monotonic()), 0)):
        if monotonic() >= deadline:
            raise Late(f"git {_name(args)}", f"it did not end within {seconds:g} seconds", "raise --timeout")
        if any(os.fstat(file.fileno()).st_size > MAX_SAID for file in files):
            raise CloneError(f"git {_name(args)}", "what answers there does not end")
        if folder and is_full(folder.parent):
            raise CloneError("the disk", "it is nearly full", "make room, or give --state on another one")


def _has_ended(process: subprocess.Popen[bytes], ends: int, seconds: float) -> bool:
    """Whether git and what it started end within ``seconds``; where there are no process groups, git alone."""
    if GROUPS:
        return bool(select.select([ends], [], [], seconds)[0])
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def is_full(folder: Path) -> bool:
    """Whether little of the disk is left: a twentieth, and no more than ``FREE`` bytes."""
    usage = shutil.disk_usage(folder)
    return usage.free < min(usage.total // 20, FREE)


def _environment(access: Access | None, git_dir: Path | None) -> Mapping[str, str]:
    """The user's own configuration counts, for proxies and certificates; nothing ever asks."""
    settings = access.settings() if access else []
    variables = {"GIT_ALLOW_PROTOCOL": PROTOCOLS, "GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings):
        variables |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    ssh = ("GIT_SSH_COMMAND", "GIT_SSH", "GIT_SSH_VARIANT")
    if not any(name in os.environ for name in ssh):
        variables["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
    return environment(git_dir, user_config=True, keep=ssh, variables=variables)
