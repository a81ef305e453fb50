"""What works here and what does not, each with the mend: git, the engines, the repository, its settings and hooks."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from sgleaks import settings
from sgleaks.errors import ToolError

if TYPE_CHECKING:
    from sgleaks.git.repository import Repository

State = Literal["good", "note", "bad"]

# What each compiled package is for, and what is lost without it.
ENGINES = {
    "stringzilla": ("searches at the speed of memory", "searching is slower, and finds the same"),
    "isal": ("inflates packs", "histories are read by git, more slowly"),
    "dulwich": ("rebuilds packed objects", "histories are read by git, more slowly"),
    "numpy": ("reads indexes of packs", "histories are read by git, more slowly"),
}
GRAMMAR = "tree-sitter-"  # how the wheel of a grammar is called, before its language


class Answer(NamedTuple):
    """One thing looked at. ``mend`` says what to do where it is not good."""

    state: State
    what: str
    said: str
    mend: str = ""


def answers(path: Path) -> Iterator[Answer]:
    """What there is to say of this machine, and of the repository around ``path``."""
    yield Answer("good", "Python", ".".join(map(str, sys.version_info[:3])))
    yield _git()
    yield from _engines()
    yield from _packages()
    yield _asking()
    yield from _settings(path)
    yield from _repository(path)


def _git() -> Answer:
    from sgleaks.git.run import MINIMUM
    from sgleaks.git.run import version as git_version

    needed = ".".join(map(str, MINIMUM))
    try:
        found = git_version()
    except ToolError as error:
        return Answer("bad", "git", str(error).splitlines()[0], f"install git {needed} or later")
    said = ".".join(map(str, found))
    return Answer("good", "git", said) if found >= MINIMUM else Answer("bad", "git", said, f"install {needed} or later")


def _engines() -> Iterator[Answer]:
    for name, (use, loss) in ENGINES.items():
        if find_spec(name):
            yield Answer("good", name, use)
        else:
            yield Answer("note", name, f"is not here: {loss}", f"pip install {name}")


def _packages() -> Iterator[Answer]:
    """Of what an installation needs, all that is not here and has no line of its own."""
    try:
        needed = [re.match(r"[\w.-]+", line) for line in requires("sgleaks") or () if "extra ==" not in line]
    except PackageNotFoundError:  # run from a checkout that is not installed
        return
    for name in (found[0] for found in needed if found and found[0] not in ENGINES):
        try:
            version(name)
        except PackageNotFoundError:
            loss = f"files of {name.removeprefix(GRAMMAR)} are not parsed" if name.startswith(GRAMMAR) else "needed"
            yield Answer("bad", name, f"is not here: {loss}", f"pip install {name}")


def _asking() -> Answer:
    if find_spec("sendgrid"):
        return Answer("good", "asking SendGrid", "the extra `verify` is here")
    return Answer("note", "asking SendGrid", "not possible", "pip install 'sgleaks[verify]'")


def _settings(path: Path) -> Iterator[Answer]:
    found = settings.find(path.absolute())
    try:
        if found:
            settings.load(found)
        yield Answer("good", "configuration", str(found) if found else "none; defaults hold")
    except ToolError as error:
        yield Answer("bad", "configuration", str(error).splitlines()[0], "mend the file, or use --no-config")
    baseline = settings.find_baseline(path.absolute())
    if not baseline:
        yield Answer("good", "baseline", "none")
        return
    from sgleaks.triage.baseline import read

    try:
        yield Answer("good", "baseline", f"{baseline}, {len(read(baseline)):,} accepted")
    except ToolError as error:
        yield Answer("bad", "baseline", str(error).splitlines()[0], "mend the line")


def _repository(path: Path) -> Iterator[Answer]:
    from sgleaks.git.repository import find

    repository = find(path, outside=True)
    if repository is None:
        yield Answer("note", "repository", "this is in none", "run it in one to see its hooks")
        return
    yield Answer("good", "repository", str(repository.root or repository.git_dir))
    if repository.shallow:
        yield Answer("note", "history", "the clone is shallow: older commits are not here", "git fetch --unshallow")
    if repository.partial:
        yield Answer("note", "history", "the clone is partial: objects may be missing", "git fetch --refetch")
    yield from _hooks(repository)


def _hooks(repository: Repository) -> Iterator[Answer]:
    from sgleaks.install import hooks_folder

    folder = hooks_folder(repository)
    for name in ("pre-receive",) if repository.bare else ("pre-commit", "pre-push"):
        try:
            calls = b"sgleaks" in (folder / name).read_bytes() or b"pre-commit" in (folder / name).read_bytes()
        except OSError:
            calls = False
        if calls:
            yield Answer("good", f"hook {name}", str(folder / name))
        else:
            yield Answer("note", f"hook {name}", "not installed", "sgleaks install")
