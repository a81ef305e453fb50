"""The environment and flags under which git runs nothing that a repository configures.

A repository's configuration may name programs: hooks, a file system monitor, helpers for ssh and passwords. Each is
taken away here. What has no switch the caller must avoid: filters, which run when git compares files with the index
(``status``, ``diff``, ``ls-files -m``), and textconv and external diffs without ``--no-ext-diff --no-textconv``.
`isolation` goes further: there git never reads the target's configuration. Nothing here runs git.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypedDict, Unpack

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

INDEX = ("GIT_INDEX_FILE",)  # `commit -a` and `commit FILE` hand hooks an index of their own
QUARANTINE = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH")  # of pre-receive

_SINGLE_PATHS = frozenset({"GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_QUARANTINE_PATH"})
_USER_CONFIG = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
_NO_USER_CONFIG = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_VARIABLES = {
    "GIT_ALLOW_PROTOCOL": "none",  # `-c protocol.allow=never` loses against a repository's `protocol.file.allow`
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_LITERAL_PATHSPECS": "1",  # a file may be called `:!*`
    "GIT_NO_LAZY_FETCH": "1",  # a missing object would start the program of a promisor remote
    "GIT_NO_REPLACE_OBJECTS": "1",  # refs/replace could hide what is there
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",  # warnings are parsed in `worktree`
}

FLAGS = ("--no-pager", "--no-optional-locks", "--no-replace-objects")
SETTINGS = (
    "advice.graftFileDeprecated=false",  # we name a file of grafts, and it would be the first that git says
    "core.alternateRefsCommand=",
    "core.askPass=",
    f"core.attributesFile={os.devnull}",
    "core.editor=false",
    "core.fsmonitor=",  # not `false`: before 2.36 that would be the name of a program
    "core.gitProxy=",
    f"core.hooksPath={os.devnull}",
    "core.pager=cat",
    "core.sshCommand=false",
    "core.untrackedCache=false",  # an index may bring one that hides files
    "credential.helper=",
    "diff.external=",
    "diff.ignoreSubmodules=all",
    f"diff.orderFile={os.devnull}",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "gpg.program=false",
    "gpg.ssh.program=false",
    "gpg.x509.program=false",
    "interactive.diffFilter=",
    "log.showSignature=false",
    "maintenance.auto=false",
    "submodule.recurse=false",
)


class Options(TypedDict, total=False):
    """What every way to run git takes besides the repository."""

    work_tree: Path | None
    cwd: Path | None  # where git runs; the work tree if not given
    keep: tuple[str, ...]  # names of inherited variables that count here: INDEX, QUARANTINE
    variables: Mapping[str, str]  # these have the last word
    user_config: bool  # read the user's and the system's configuration too: ignore files, proxies, credentials


def environment(git_dir: Path | None, **options: Unpack[Options]) -> dict[str, str]:
    """The whole environment for git. Every inherited ``GIT_*`` is dropped but those that ``options`` keep.

    With ``git_dir`` given, git neither searches for a repository nor asks who owns it: no ``safe.directory`` is needed.
    """
    inherited = os.environ
    result = {name: value for name, value in inherited.items() if not name.startswith(("GIT_", "SSH_ASKPASS"))}
    result |= _VARIABLES
    kept = options.get("keep", ())
    if options.get("user_config"):
        kept += _USER_CONFIG
    else:
        result |= _NO_USER_CONFIG
    result |= {name: _absolute(name, inherited[name]) for name in kept if name in inherited}
    if git_dir:
        result["GIT_DIR"] = str(git_dir)
    if work_tree := options.get("work_tree"):
        result["GIT_WORK_TREE"] = str(work_tree)
    return result | dict(options.get("variables", {}))


def flags(*, user_config: bool = False) -> list[str]:
    """What stands between ``git`` and the subcommand. ``-c`` wins over every configuration file."""
    settings = SETTINGS if user_config else (*SETTINGS, f"core.excludesFile={os.devnull}")
    return [*FLAGS, *(word for setting in settings for word in ("-c", setting))]


def _absolute(name: str, value: str) -> str:
    # git gives hooks paths relative to the folder the hook starts in, and we may run elsewhere.
    return os.path.abspath(value) if name in _SINGLE_PATHS else value
