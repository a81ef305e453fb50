"""What ``sgleaks baseline`` does: findings of a run become entries, entries that fit nothing go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sgleaks.errors import ToolError
from sgleaks.files import write
from sgleaks.triage.baseline import Baseline, Entry, read, written

if TYPE_CHECKING:
    from sgleaks.model import Report


class Changed(NamedTuple):
    """How a baseline changed: entries that came, that went, and all that it has now."""

    added: int
    dropped: int
    entries: int


def update(file: Path, report: Report, root: Path, reason: str, expires: date | None) -> Changed:
    """Accepts every finding of a report that counts and is not ignored yet. Raises ToolError."""
    known = read(file) if file.exists() else []
    baseline = Baseline(file, known, root, date.today())  # noqa: DTZ011  # the day where the user is
    new = {baseline.entry_of(finding, reason, expires) for finding in report.findings if finding.counts}
    renewed = {(entry.path, entry.rule, entry.fingerprint) for entry in new}
    kept = [entry for entry in known if (entry.path, entry.rule, entry.fingerprint) not in renewed]
    return _write(file, known, [*kept, *new])


def prune(file: Path, report: Report, root: Path) -> Changed:
    """Drops the entries that fit no finding of a report on everything they speak of. Raises ToolError."""
    known = read(file)
    baseline = Baseline(file, known, root, date.today())  # noqa: DTZ011  # the day where the user is
    if report.incomplete:
        raise ToolError(str(file), "the scan was incomplete, so nothing can be said to be gone", "mend what it names")
    for _ in baseline.ignored(replace(finding, ignored=None) for finding in report.findings):
        pass
    return _write(file, known, baseline.used)


def _write(file: Path, before: Iterable[Entry], after: Iterable[Entry]) -> Changed:
    old, new = set(before), set(after)
    if old != new or not file.exists():
        write(file, [written(new)], "the baseline", mode=0o644)
    return Changed(len(new - old), len(old - new), len(new))
