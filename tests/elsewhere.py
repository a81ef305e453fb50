"""sgleaks as it is where something is missing: modules that have no wheel, what only POSIX has. A process of its own.

    python elsewhere.py posix scan .
    python elsewhere.py tree_sitter_ruby,numpy scan .

Of ``posix`` everything is taken away that Windows does not have and that the standard library can live without once it
is loaded; links cannot be made, as by a user of Windows who is no administrator.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import pkgutil
import select
import signal
import sys
from typing import Any, NoReturn

NO_MODULES = ("fcntl", "grp", "posix", "pwd", "resource", "termios")
NO_NAMES: dict[Any, tuple[str, ...]] = {
    os: (
        "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "fork", "getuid", "geteuid", "getpgid", "killpg",
        "mkfifo", "pread", "preadv", "readv", "register_at_fork", "sched_getaffinity", "setsid", "wait",
    ),
    signal: (
        "ITIMER_REAL", "SIGALRM", "SIGHUP", "SIGPIPE", "SIGQUIT", "SIGUSR1", "alarm", "getitimer",
        "setitimer",
    ),
    select: ("poll", "epoll"),
}  # fmt: skip


def _refused(*_: object, **__: object) -> NoReturn:
    raise OSError(1314, "A required privilege is not held by the client")


def without_posix() -> None:
    """Takes it away, after what the standard library asks for itself."""
    for name in ("multiprocessing", "random", "selectors", "shutil", "socket", "subprocess", "tempfile", "threading"):
        importlib.import_module(name)
    multiprocessing.set_start_method("spawn")  # the only one of Windows
    multiprocessing.get_all_start_methods = lambda: ["spawn"]
    for name in NO_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]  # what makes an import fail
    for module, names in NO_NAMES.items():
        for name in names:
            vars(module).pop(name, None)
    for functions in (os.supports_dir_fd, os.supports_follow_symlinks):
        functions.clear()
    os.symlink = _refused
    vars(importlib.import_module("shutil"))["_use_fd_functions"] = False  # what it finds out when Windows loads it


def main() -> None:
    """Runs sgleaks, or with ``import`` for a command imports all of it and prints how many modules those are."""
    _, missing, *arguments = sys.argv
    if missing == "posix":
        without_posix()
    else:
        sys.modules.update(dict.fromkeys(missing.split(",")))  # type: ignore[arg-type]
    if arguments == ["import"]:
        import sgleaks

        names = [module.name for module in pkgutil.walk_packages(sgleaks.__path__, "sgleaks.")]
        for name in names:
            if not name.endswith("__main__"):
                importlib.import_module(name)
        sys.stdout.write(f"{len(names)}\n")
        return
    sys.argv = ["sgleaks", *arguments]
    from sgleaks.cli import main as run

    run()


if __name__ == "__main__":
    main()
