"""Tells the stand-in that Git LFS leaves in a repository from the file it stands for."""

from __future__ import annotations

# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: the version comes first, a pointer is under 1024 bytes.
_FIRST_LINE = b"version https://git-lfs.github.com/spec/v1"
POINTER_BYTES = 1024


def is_lfs_pointer(data: bytes) -> bool:
    """Whether ``data``, a whole file, only points to content that LFS keeps elsewhere."""
    return len(data) < POINTER_BYTES and data.startswith(_FIRST_LINE) and data[len(_FIRST_LINE) :][:1] in (b"\n", b"\r")
