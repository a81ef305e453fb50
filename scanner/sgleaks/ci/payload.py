"""Values of an event, which others write: each is what it should be, or absent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sgleaks.errors import ToolError
from sgleaks.git.ids import is_id

MAX_BYTES = 64 << 20  # GitHub caps payloads at 25 MB
_REF = re.compile(r"[^\x00-\x20\x7f~^:?*\[\\]+")  # what git-check-ref-format(1) allows at most


def read(path: str) -> Mapping[str, Any]:
    """The event as JSON. Raises ToolError."""
    try:
        with Path(path).open("rb") as file:
            payload = json.loads(file.read(MAX_BYTES))
    except OSError as error:
        raise ToolError(path, f"the event cannot be read: {error.strerror}", "run it in a job of a workflow") from None
    except (ValueError, RecursionError):
        raise ToolError(path, "the event is not valid JSON", "run it in a job of a workflow") from None
    return payload if isinstance(payload, dict) else {}


def text_at(payload: Mapping[str, Any], *names: str) -> str:
    """The text that these names lead to, "" if there is none."""
    value: Any = payload
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def id_or_none(text: str) -> str:
    """The id of a commit, "" for one of zeros, which stands for nothing, and for what is no id."""
    return text if is_id(text) and text.strip("0") else ""


def ref_or_none(text: str) -> str:
    """The name of a ref, "" for what cannot be one."""
    return text if _REF.fullmatch(text) and not text.startswith("-") and ".." not in text else ""


def needed(commit: str, what: str) -> str:
    """The id. Raises ToolError where an event has none."""
    if not commit:
        raise ToolError("the event", f"it does not say {what}", "give --head and --base, or --scope tree")
    return commit
