"""A finding's life in a history as one line: since when, until when, and what still leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sgleaks.model import Commit, Exposure, Finding

MAX_REFS = 3  # named on one line
DAY = 10  # characters of an ISO 8601 date without its time


def exposed(finding: Finding) -> str:
    """``in 3 places since 2024-05-01, removed 2024-06-02, 32 days; still reachable from refs/pull/7/head``."""
    exposure = finding.exposure
    if exposure is None:
        return ""
    places = len(finding.also) + 1
    told = f"in {places:,} {'place' if places == 1 else 'places'}"
    return f"{told}{''.join(_times(exposure))}; {_held(exposure)}"


def _times(exposure: Exposure) -> Iterator[str]:
    if exposure.first_seen is None:
        return
    yield f" since {exposure.first_seen.date[:DAY]}"
    if exposure.removed_in:
        yield f", removed {exposure.removed_in.date[:DAY]}"
        if (days := _days(exposure.first_seen, exposure.removed_in)) is not None:
            yield f", {days:,} {'day' if days == 1 else 'days'}"


def _held(exposure: Exposure) -> str:
    if exposure.at_head:
        return "still at HEAD"
    if not exposure.reachable:
        return "no ref leads to it, and it is still stored"
    if not exposure.refs:  # a saved report does not name them
        return "still reachable"
    more = len(exposure.refs) - MAX_REFS
    return f"still reachable from {', '.join(exposure.refs[:MAX_REFS])}{f' and {more:,} more' if more > 0 else ''}"


def _days(first: Commit, last: Commit) -> int | None:
    """Whole days between two commits; None where a clock was wrong."""
    try:
        days = (date.fromisoformat(last.date[:DAY]) - date.fromisoformat(first.date[:DAY])).days
    except ValueError:
        return None
    return days if days >= 0 else None
