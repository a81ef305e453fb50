"""Runs git, always hardened, and turns its failures into ours.

What git says on standard error is foreign text: it is shown in printable characters only, and shortened.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

from sgleaks.errors import ToolError
from sgleaks.git.hardening import Options, environment, flags

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import Popen
    from threading import Event, Timer

MINIMUM = (2, 31)  # Debian 12 brings 2.39, Ubuntu 22.04 2.34; older ones are not tried
VERSION_SECONDS = 10  # `git version` reads nothing
SAID_BYTES = 1 << 20  # of standard error: some 10,000 warnings
REASON_CHARACTERS = 300  # of standard error in one message
CHUNK_BYTES = 1 << 16  # what a pipe holds on Linux; asking for more gains nothing


class GitError(ToolError):
    """git ran and failed. ``why`` is what it said."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How git ended. ``said`` is the start of its standard error, raw: to be parsed, never shown."""

    command: str
    code: int
    out: bytes
    said: bytes

    def checked(self) -> bytes:
        """The standard output. Raises `GitError` if git failed, plain `ToolError` if that is because it is too old."""
        if self.code:
            raise _failure(self.command, self.code, self.said)
        return self.out


def run(
    args: list[str], *, git_dir: Path | None, stdin: bytes | None = None, timeout: float, **options: Unpack[Options]
) -> bytes:
    """The standard output of ``git args``. Raises `ToolError`: git missing, too old, failed, over ``timeout`` (s)."""
    return ask(args, git_dir=git_dir, stdin=stdin, timeout=timeout, **options).checked()


def ask(
    args: list[str], *, git_dir: Path | None, stdin: bytes | None = None, timeout: float, **options: Unpack[Options]
) -> Answer:
    """As `run`, but a failure of git is part of the answer. The output is held in memory; long ones want `stream`."""
    import subprocess  # 9 ms, which a scan outside a work tree need not pay

    try:
        done = subprocess.run(
            _command(args, options),
            input=stdin or b"",  # never the terminal
            capture_output=True,
            timeout=timeout,
            check=False,
            cwd=_folder(options),
            env=environment(git_dir, **options),
        )
    except subprocess.TimeoutExpired:
        raise _too_slow(args[0], timeout) from None
    except OSError as error:
        raise _not_started(error) from None
    return Answer(args[0], done.returncode, done.stdout, done.stderr[:SAID_BYTES])


def stream(
    args: list[str], *, git_dir: Path | None, stdin: bytes | None = None, timeout: float, **options: Unpack[Options]
) -> Iterator[bytes]:
    """As `run`, in chunks of at most ``CHUNK_BYTES`` as git writes them; a failure is raised after the last one.

    ``timeout`` is for the whole stream, the reader's own time included. Closing the iterator ends git.
    """
    import subprocess
    import tempfile
    from threading import Event, Timer

    command, folder, variables = _command(args, options), _folder(options), environment(git_dir, **options)
    # Files, not pipes: git never waits for its errors to be read, nor we for our input to be.
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as said:
        source.write(stdin or b"")
        source.seek(0)
        pipe = subprocess.PIPE
        try:
            process = subprocess.Popen(command, stdin=source, stdout=pipe, stderr=said, cwd=folder, env=variables)
        except OSError as error:
            raise _not_started(error) from None
        with process:
            late = Event()
            timer = Timer(timeout, _end, (process, late))
            timer.daemon = True  # whatever interrupts us, the end of this process waits for none
            try:
                _start(timer)
                while process.stdout and (chunk := os.read(process.stdout.fileno(), CHUNK_BYTES)):
                    yield chunk
                code = process.wait()
            finally:
                timer.cancel()
                process.kill()  # nothing to one that has ended
        if late.is_set():
            raise _too_slow(args[0], timeout)
        said.seek(0)
        Answer(args[0], code, b"", said.read(SAID_BYTES)).checked()


def require() -> None:
    """Raises `ToolError` where git is missing or too old."""
    if too_old := _too_old():
        raise too_old


def version() -> tuple[int, int]:
    """The version of the git that would run, (0, 0) when it does not say. Raises `ToolError` when there is none."""
    found = re.match(rb"git version (\d+)\.(\d+)", ask(["version"], git_dir=None, timeout=VERSION_SECONDS).out)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def printable(said: bytes) -> str:
    """What git said, as one short line: no control characters, no user or password of an address."""
    text = " ".join(said[: 4 * REASON_CHARACTERS].decode(errors="replace").split())
    text = "".join(character if character.isprintable() else "?" for character in text)
    text = re.sub(r"://\S*@", "://…@", text)
    return text if len(text) <= REASON_CHARACTERS else text[: REASON_CHARACTERS - 1] + "…"


def _start(timer: Timer) -> None:
    try:
        timer.start()
    except RuntimeError:  # "can't start new thread"
        raise ToolError("git could not be watched", "there is no room for a thread", "give it more memory") from None


def _end(process: Popen[bytes], late: Event) -> None:
    late.set()
    process.kill()


def _command(args: list[str], options: Options) -> list[str]:
    return [executable(), *flags(user_config=options.get("user_config", False)), *args]


def executable() -> str:
    """Where git is. Raises ToolError."""
    import shutil

    # A relative entry of PATH would run a `git` that the scanned tree brings along.
    folders = [folder for folder in os.get_exec_path() if os.path.isabs(folder)]
    found = shutil.which("git", path=os.pathsep.join(folders))
    if not found or not os.path.isabs(found):
        raise ToolError("git was not found", "no folder of PATH holds it", "install git, or add its folder to PATH")
    return found


def _folder(options: Options) -> Path | None:
    return options.get("cwd") or options.get("work_tree")


def _failure(command: str, code: int, said: bytes) -> ToolError:
    if too_old := _too_old():
        return too_old
    ended = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    return GitError(f"git {command} failed", printable(said) or ended, "run `git fsck` in the repository")


def _too_old() -> ToolError | None:
    if not (0, 0) < (present := version()) < MINIMUM:
        return None
    shown, needed = (f"{major}.{minor}" for major, minor in (present, MINIMUM))
    return ToolError(f"git {shown} is too old", f"sgleaks needs git {needed} or later", "install a newer git")


def _not_started(error: OSError) -> ToolError:
    return ToolError("git could not be started", error.strerror or "", "see whether the folder can be entered")


def _too_slow(command: str, timeout: float) -> ToolError:
    return ToolError(
        f"git {command} was stopped",
        f"it did not end within {timeout:g} seconds",
        "see whether the disk answers, and scan smaller folders",
    )
