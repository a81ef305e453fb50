"""Faults of the machine, wherever they happen: no bugs, and told as what the user can mend."""

from __future__ import annotations

import errno
import os

from sgleaks.errors import ToolError

OUT_OF_MEMORY = ToolError("out of memory", "nothing is reported", "give it more, fewer --jobs, or less to scan at once")
ROOM = "make room or raise the limit, and run it again"
DISK = "see whether the disk answers, and run it again"
NOT_LOADED = ("failed to map segment", "cannot allocate memory", "Cannot allocate memory")  # dlopen(3) in glibc, musl
MENDS = {
    errno.ENOSPC: ROOM,
    errno.EFBIG: ROOM,
    errno.EMFILE: ROOM,
    errno.ENFILE: ROOM,
    errno.EAGAIN: ROOM,  # no more processes
    getattr(errno, "EDQUOT", errno.ENOSPC): ROOM,
    errno.EIO: DISK,
    errno.EROFS: DISK,
    getattr(errno, "ESTALE", errno.EIO): DISK,
}


def failure_of(error: OSError | ImportError) -> ToolError | None:
    """What to say of an error that nothing foresaw; None where it is not the machine's, but a bug."""
    if isinstance(error, ImportError):
        return _not_imported(error)
    if error.errno == errno.ENOMEM:
        return OUT_OF_MEMORY
    if isinstance(error, FileNotFoundError) and _is_nowhere():
        return ToolError("this folder", "it was removed", "change into one that is there")
    if isinstance(error, FileNotFoundError) and "temporary directory" in (error.strerror or ""):
        return ToolError("there is no temporary folder that can be written", "", "name one in TMPDIR")
    mend = MENDS.get(error.errno or 0)
    return ToolError("the system failed", f"{error.strerror}; nothing is reported", mend) if mend else None


def _not_imported(error: ImportError) -> ToolError | None:
    package = (error.name or "").partition(".")[0]
    if isinstance(error, ModuleNotFoundError) and package not in ("", "sgleaks"):
        return ToolError(f"the Python package {package} is not installed", "", "install sgleaks once more")
    return OUT_OF_MEMORY if any(words in str(error) for words in NOT_LOADED) else None


def _is_nowhere() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False
