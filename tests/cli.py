"""Runs the command as its user does: a process of its own, with its exit code and both its streams."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple


class Done(NamedTuple):
    """What a run of sgleaks left."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.out)
        return report

    @property
    def places(self) -> list[tuple[str, int, int]]:
        """Path, line and column of every finding of a JSON report."""
        return [(finding["path"], finding["line"], finding["column"]) for finding in self.report["findings"]]


def sgleaks(*args: str | Path, cwd: Path, stdin: bytes = b"", env: dict[str, str] | None = None) -> Done:
    """A finished ``sgleaks`` with these arguments. Colours and the user's git configuration are kept out."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "FORCE_COLOR"))}
    done = subprocess.run(
        [sys.executable, "-m", "sgleaks", *map(str, args)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env={**clean, "GIT_CONFIG_GLOBAL": os.devnull, "COLUMNS": "100", **(env or {})},
        check=False,
        timeout=120,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def scan_json(*args: str | Path, cwd: Path, stdin: bytes = b"") -> Done:
    """``sgleaks scan --format json`` for credentials, without configuration."""
    return sgleaks("scan", "--format", "json", "--no-config", "--only", "credentials", *args, cwd=cwd, stdin=stdin)
