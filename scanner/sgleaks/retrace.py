"""The keys of a saved report, found again: a report names a key by its id and SHA-256, and never holds it.

What the report names is read where it is, below a root; what is not there any more is looked for in the history of the
repository, and in everything else below the root. A key that is in none of these cannot be asked about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from sgleaks.errors import ToolError
from sgleaks.model import Report
from sgleaks.secret import KEY_ID, Secret
from sgleaks.settings import Settings

MAX_REPORT = 1 << 28  # bytes; a history with 100,000 findings takes less
SHA256 = re.compile(r"[0-9a-f]{64}")


class Trace(NamedTuple):
    """A key as a report names it, and where; ``past`` where only a history has that place."""

    key_id: str
    sha256: str
    path: str
    past: bool


def read(path: Path) -> bytes:
    """The bytes of a report. Raises ToolError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_REPORT + 1)
    except OSError as error:
        raise ToolError(str(path), f"cannot be read: {error.strerror}", "name a report in JSON") from None
    if len(data) > MAX_REPORT:
        raise ToolError(str(path), f"larger than {MAX_REPORT >> 20} MiB", "name a report in JSON")
    return data


def traces(data: bytes, name: str) -> tuple[Trace, ...]:
    """The API keys of a report in JSON, each place of each. Raises ToolError for what is no such report."""
    try:
        document = json.loads(data)
        findings = document["findings"]
        if document["version"] != 1 or not isinstance(findings, list):
            raise ValueError
        return tuple(trace for finding in findings for trace in _traces(finding))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        mend = "give a report of `sgleaks scan --format json` or `sgleaks history --format json`"
        raise ToolError(name, "it is no report in JSON, version 1", mend) from None


def _traces(finding: Any) -> Iterable[Trace]:
    secret = finding["secret"] or {}
    if not secret.get("sha256"):
        return
    key_id, digest = str(secret["key_id"]), str(secret["sha256"])
    if not (KEY_ID.fullmatch(key_id) and SHA256.fullmatch(digest)):
        raise ValueError
    for place in (finding, *finding["also"]):
        yield Trace(key_id, digest, str(place["path"]), bool(place["commit"] or finding["exposure"]))


def keys(wanted: Sequence[Trace], root: Path) -> dict[str, Secret]:
    """Those of the keys that are still below ``root`` or in its history, by SHA-256."""
    found: dict[str, Secret] = {}
    missing = {trace.sha256 for trace in wanted}
    for report in _reports(wanted, root, missing):
        for finding in report.findings:
            if (secret := finding.secret) and secret.is_key and secret.sha256 in missing:
                found[secret.sha256] = secret
        missing -= found.keys()
    return found


def _reports(wanted: Sequence[Trace], root: Path, missing: set[str]) -> Iterable[Report]:
    """Scans from the nearest to the widest, each only while something is ``missing``."""
    from sgleaks import history, pipeline
    from sgleaks.git.repository import find

    settings = Settings(only="credentials")
    named = sorted({place for trace in wanted if not trace.past and (place := _place(root, trace.path))})
    if missing and named:
        yield pipeline.scan(named, settings)
    if missing and find(root):
        yield history.scan([root], settings)
    if missing and root.exists():
        yield pipeline.scan([root], settings)


def _place(root: Path, path: str) -> Path | None:
    """The file a report means, or the archive around it; none for a name that leads out of the root."""
    for name in (path, path.partition("!")[0]):
        parts = PurePosixPath(name).parts
        if parts and ".." not in parts and not name.startswith("/") and "\0" not in name and (root / name).is_file():
            return root / name
    return None
