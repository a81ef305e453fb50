"""Puts git hooks into a repository, beside what is there, and takes them out again.

A hook that was there is kept as ``NAME.before-sgleaks`` and run first. Where another program manages the hooks (husky,
lefthook, a folder in the work tree), nothing is written: the line to add there is told.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sgleaks.errors import ToolError
from sgleaks.files import write
from sgleaks.git.repository import find
from sgleaks.git.run import ask

if TYPE_CHECKING:
    from sgleaks.git.repository import Repository

HOOKS = ("pre-commit", "pre-push", "pre-receive")
BEFORE = ".before-sgleaks"
MARK = "# Written by `sgleaks install`; `sgleaks uninstall` takes it out."
CONFIG_SECONDS = 10
MANAGERS = (  # files of the work tree that tell who manages hooks, and how to add ours there
    (".husky", "husky", "add the line `sgleaks hook {name}{args}` to .husky/{name}"),
    (
        "lefthook.yml",
        "lefthook",
        "add to lefthook.yml: {name}: {{commands: {{sgleaks: {{run: sgleaks hook {name}{lefthook}}}}}}}",
    ),
    (
        ".lefthook.yml",
        "lefthook",
        "add to .lefthook.yml: {name}: {{commands: {{sgleaks: {{run: sgleaks hook {name}{lefthook}}}}}}}",
    ),
)


class Done(NamedTuple):
    """What became of one hook: its file, and a sentence about it."""

    file: Path
    told: str


def install(path: Path, names: Sequence[str], *, force: bool) -> Iterator[Done]:
    """Writes hooks into the repository around ``path``, each whole or not at all. Raises ToolError."""
    repository = _repository(path)
    folder = hooks_folder(repository)
    if not force:
        _refuse_outside(repository, folder)
        _refuse_where_managed(repository, folder, names)
    for name in names:
        yield _written(folder, name)


def uninstall(path: Path) -> Iterator[Done]:
    """Takes out every hook that `install` wrote, and puts back what was there before. Raises ToolError."""
    folder = hooks_folder(_repository(path))
    for name in HOOKS:
        file, before = folder / name, folder / (name + BEFORE)
        if not _is_ours(file):
            continue
        try:
            if before.exists():
                before.replace(file)
                yield Done(file, "put back as it was before")
            else:
                file.unlink()
                yield Done(file, "taken out")
        except OSError as error:
            raise ToolError(str(file), f"cannot be taken out: {error.strerror}", "see who may write there") from None


def hooks_folder(repository: Repository) -> Path:
    """Where git looks for this repository's hooks: `core.hooksPath`, or its own folder."""
    named = _configured(repository, "core.hooksPath")
    if not named:
        return repository.common_dir / "hooks"
    return Path(os.path.abspath((repository.root or repository.git_dir) / Path(named).expanduser()))


def _repository(path: Path) -> Repository:
    if found := find(path, outside=True):
        return found
    raise ToolError(str(path), "it is not in a git repository", "name a repository, or run it in one")


def _configured(repository: Repository, key: str, scopes: Sequence[str] = ("--local", "--global", "--system")) -> str:
    """What git would obey, the nearest first; reading a configuration runs nothing of it."""
    for scope in scopes:
        args = ["config", scope, "--get", key]
        answer = ask(args, git_dir=repository.git_dir, timeout=CONFIG_SECONDS, user_config=True)
        if said := os.fsdecode(answer.out.strip()):
            return said
    return ""


def _refuse_outside(repository: Repository, folder: Path) -> None:
    """A repository may say where its own hooks are, not where else on this machine programs are to be put."""
    real = Path(os.path.realpath(folder))
    inside = [repository.common_dir, *([repository.root] if repository.root else [])]
    own = folder == repository.common_dir / "hooks" or _configured(repository, "core.hooksPath", ("--local",))
    if own and not any(real.is_relative_to(place) for place in inside):
        raise ToolError(
            str(folder),
            f"this repository's own configuration or a link leads out of it for hooks, to {real}",
            "see who set it (`git config --local core.hooksPath`); or use --force",
        )


def _refuse_where_managed(repository: Repository, folder: Path, names: Sequence[str]) -> None:
    root = repository.root
    if root is None:
        return
    manager = next((each for each in MANAGERS if (root / each[0]).exists()), None)
    if manager is None and not folder.is_relative_to(root):
        return
    if manager is None and folder.is_relative_to(repository.common_dir):
        return
    _, who, how = manager or (
        "",
        f"core.hooksPath ({folder})",
        "add the line `sgleaks hook {name}{args}` to {name} there",
    )
    said = "; ".join(
        how.format(
            name=name,
            args=' "$@"' if name == "pre-push" else "",
            lefthook=" {1} {2}, use_stdin: true" if name == "pre-push" else "",
        )
        for name in names
    )
    raise ToolError(
        f"{who} manages the hooks here", "a hook written beside it would not run", f"{said}; or use --force"
    )


def _written(folder: Path, name: str) -> Done:
    file, before = folder / name, folder / (name + BEFORE)
    told = "written"
    if _is_ours(file):
        told = "written anew"
    elif file.exists() or file.is_symlink():
        if before.exists():
            raise ToolError(
                str(before), "an older hook is kept there already", "put it where it belongs, and try again"
            )
        told = f"written; the hook that was there is {before.name}, and runs first"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if told.startswith("written;"):
            file.replace(before)
    except OSError as error:
        raise ToolError(str(file), f"cannot be written: {error.strerror}", "see who may write there") from None
    write(file, [_script(name, before)], "the hook", mode=0o755)
    return Done(file, told)


def _script(name: str, before: Path) -> str:
    # By its interpreter: the PATH of an editor that commits is not that of a shell.
    python = shlex.quote(sys.executable)
    then = f" --then {shlex.quote(str(before))}"
    return f"""#!/bin/sh
{MARK}
{python} -c 'import sgleaks' 2>/dev/null || {{
    echo "sgleaks: not found, so nothing was scanned; SGLEAKS_ALLOW_MISSING=1 goes on" >&2
    exit "$((${{SGLEAKS_ALLOW_MISSING:-0}} ? 0 : 1))"
}}
exec {python} -m sgleaks hook {name}{then} "$@"
"""


def _is_ours(file: Path) -> bool:
    try:
        return MARK in file.read_text("utf-8", "replace")
    except OSError:
        return False
