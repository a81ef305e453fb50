"""Object ids: what names an object is the digest of its header and content."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def started(object_format: Literal["sha1", "sha256"], kind: str, size: int) -> hashlib._Hash:
    """The digest of an object's header; with its ``size`` bytes of content it becomes the id."""
    return hashlib.new(object_format, b"%s %d\0" % (kind.encode(), size), usedforsecurity=False)


def is_id(text: str) -> bool:
    """Whether a text is a whole object id, of either format."""
    return ID.fullmatch(text) is not None
