"""Commits and tags as people know them: who, when, what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sgleaks.git.run import GitError
from sgleaks.model import Commit

if TYPE_CHECKING:
    from collections.abc import Collection

    from sgleaks.git.history import History

_FORMAT = "%H%x00%an%x00%ae%x00%at%x00%s"
_FIELDS = _FORMAT.count("%x00") + 1
_LOG = ["log", "--no-walk=unsorted", "--stdin", "-z", "--no-mailmap", "--no-show-signature", "--encoding=UTF-8"]


def commits_of(history: History, ids: Collection[str], *, emails: bool) -> dict[str, Commit]:
    """The commits with these ids: the author's name, with ``emails`` the address too; the author's time in UTC.

    One git process; one that cannot be read is left out.
    """
    if not ids:
        return {}
    try:
        out = history.ask([*_LOG, f"--format={_FORMAT}"], sorted(ids))
    except GitError:
        return _one_by_one(history, ids, emails=emails) if len(ids) > 1 else {}
    fields = [field.decode("utf-8", "replace") for field in out.split(b"\0")]
    rows = (fields[start : start + _FIELDS] for start in range(0, len(fields) - _FIELDS + 1, _FIELDS))
    return {
        oid: Commit(oid, f"{name} <{address}>" if emails else name, iso(seconds), subject)
        for oid, name, address, seconds, subject in rows
    }


def _one_by_one(history: History, ids: Collection[str], *, emails: bool) -> dict[str, Commit]:
    found: dict[str, Commit] = {}
    for oid in ids:
        found |= commits_of(history, [oid], emails=emails)
    return found


def iso(seconds: str) -> str:
    """Seconds since 1970 as ISO 8601 in UTC; a time that no calendar has as its beginning."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return "1970-01-01T00:00:00Z"
