"""What a run covered and what it did not, for standard error. Two runs on the same input say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sgleaks.formats import Style
from sgleaks.formats.keys import exposed, told
from sgleaks.formats.plain import clip, styled, visible
from sgleaks.formats.selection import is_sure
from sgleaks.model import CONFIDENCES, SEVERITIES, SKIP_REASONS, Drop, Finding, Report, Skip
from sgleaks.validity import STATES

MAX_NAMED = 3  # skipped paths a reason is told with; all of them with -v
MAX_NOTICES = 5
MAX_KEYS = 20  # of a sweep; all of them are in every other format
MAX_DETAIL = 200  # characters of what the operating system or a decoder said


def summary(report: Report, style: Style) -> str:
    """Lines, the last of them the counts; before it what was not scanned and, with ``-v``, what was dropped.

    No newline at the end. Nothing at all with ``-q``.
    """
    if style.verbosity < 0:
        return ""
    lines = [*_detailed(report)] if style.verbosity > 0 else [*_named(report.skips)]
    return "\n".join((*_notices(report, style), *lines, *_across(report), _counts(report, style)))


def help_of(report: Report) -> str:
    """What to do next, in a line, for a person at a terminal; nothing where there is nothing to do."""
    first = next((finding for finding in report.findings if finding.counts), None)
    if first is None:
        return ""
    return (
        f'help: `sgleaks rules show {visible(first.rule.id)}` says more; `sgleaks baseline create --reason "…"` accepts'
    )


def _across(report: Report) -> Iterator[str]:
    """Of a sweep: the keys, those in most repositories first, and how many repositories there were."""
    if not report.repositories:
        return
    keys = [one for one in exposed(report) if one.secret]
    for one in keys[:MAX_KEYS]:
        yield f"{one.severity}: {visible(one.name)} is {visible(told(one))}"
    if more := len(keys) - MAX_KEYS:
        yield from [f"and {_number(more, 'more key')}"] if more > 0 else ()


def _notices(report: Report, style: Style) -> Iterator[str]:
    """What there is to mend about comments and baseline; the first few, all with ``-v``."""
    told = report.notices if style.verbosity > 0 else report.notices[:MAX_NOTICES]
    for notice in told:
        line = f":{notice.line}" if notice.line else ""
        yield f"note: {visible(notice.path)}{line}: {clip(visible(notice.text), MAX_DETAIL)}"
    if more := len(report.notices) - len(told):
        yield f"note: {_number(more, 'more note')} (see -v)"


def _detailed(report: Report) -> Iterator[str]:
    yield from map(_dropped, report.drops)
    for skip in report.skips:
        detail = f" ({clip(visible(skip.detail), MAX_DETAIL)})" if skip.detail else ""
        yield f"{_verb(skip)}: {visible(skip.path)}: {visible(skip.reason)}{detail}"


def _dropped(drop: Drop) -> str:
    return f"dropped: {visible(drop.path)}:{drop.line}:{drop.column}: {visible(drop.rule)}: {visible(drop.reason)}"


def _verb(skip: Skip) -> str:
    return "not scanned" if SKIP_REASONS[skip.reason] else "noted"


def _named(skips: Iterable[Skip]) -> Iterator[str]:
    """One line for what makes the scan incomplete; what is only noted is told with ``-v`` only."""
    paths: dict[str, list[str]] = {}
    for skip in skips:
        if SKIP_REASONS[skip.reason]:
            paths.setdefault(skip.reason, []).append(visible(skip.path))
    if paths:
        yield "not scanned: " + "; ".join(f"{reason}: {_first(paths[reason])}" for reason in _in_order(paths))


def _first(paths: list[str]) -> str:
    more = len(paths) - MAX_NAMED
    return ", ".join(paths[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _counts(report: Report, style: Style) -> str:
    parts = [f"sgleaks: {found(report, style)} in {coverage(report)}"]
    if not (report.skips or any((report.stats.files, report.stats.blobs, report.stats.commits, report.stats.refs))):
        parts.append("there was nothing to scan")
    if answers := _answers(report):
        parts.append(f"SendGrid says: {answers}")
    if hidden := ", ".join(_hidden(report, style)):
        parts.append(hidden + ("" if style.verbosity > 0 else " (see -v)"))
    if noted := [skip.reason for skip in report.skips if not SKIP_REASONS[skip.reason]]:
        parts.append(f"{len(noted):,} noted ({_tally(noted)})")
    if missed := [skip.reason for skip in report.skips if SKIP_REASONS[skip.reason]]:
        told = f"incomplete: {len(missed):,} not scanned ({_tally(missed)})"
        parts.append(styled(told, "warning", color=style.color))
    return "; ".join(parts)


def _answers(report: Report) -> str:
    """``1 active, 2 inactive``: of keys, each once."""
    known = {finding.secret: finding.validity.state for finding in report.findings if finding.validity}
    states = Counter(known.values())
    return ", ".join(f"{states[state]:,} {state}" for state in STATES if states[state])


def found(report: Report, style: Style) -> str:
    """``2 findings (1 critical, 1 low)``: those that can fail a run."""
    severities = Counter(finding.severity for finding in report.findings if finding.counts)
    if not severities:
        return styled("no findings", "good", color=style.color)
    told = ", ".join(f"{severities[name]:,} {name}" for name in SEVERITIES if severities[name])
    return f"{styled(_number(severities.total(), 'finding'), 'error', color=style.color)} ({told})"


def coverage(report: Report) -> str:
    """``1,204 files, 18.2 MB``: what was scanned."""
    stats = report.stats
    counted = (
        (len(report.repositories), "repository"),
        (stats.files, "file"),
        (stats.refs, "ref"),
        (stats.blobs, "blob"),
        (stats.commits, "commit"),
    )
    told = [_number(count, noun) for count, noun in counted if count] or ["0 files"]
    if stats.unreachable:
        told[-1] += f" ({stats.unreachable:,} unreachable)"
    return ", ".join((*told, _size(stats.bytes)))


def _hidden(report: Report, style: Style) -> Iterator[str]:
    if report.drops:
        yield f"{_number(len(report.drops), 'candidate')} dropped"
    if ignored := sum(finding.ignored is not None for finding in report.findings):
        yield f"{ignored:,} ignored"
    doubtful = Counter(finding.confidence for finding in report.findings if _is_doubtful(finding, style))
    yield from (f"{doubtful[name]:,} {name}-confidence" for name in CONFIDENCES if doubtful[name])


def _is_doubtful(finding: Finding, style: Style) -> bool:
    # What fails no run is named even when it is shown: the counts would not add up to the frames otherwise.
    sure = is_sure(finding.confidence, style.min_confidence) and finding.confidence != "low"
    return finding.ignored is None and not sure


def _tally(reasons: list[str]) -> str:
    counts = Counter(reasons)
    return ", ".join(f"{counts[reason]:,} {reason}" for reason in _in_order(counts))


def _in_order(reasons: Iterable[str]) -> list[str]:
    return sorted(reasons, key=list(SKIP_REASONS).index)


def _number(count: int, noun: str) -> str:
    if count != 1:
        noun = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
    return f"{count:,} {noun}"


def _size(count: int) -> str:
    for factor, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= factor:
            return f"{count / factor:,.1f} {unit}"
    return _number(count, "byte")
