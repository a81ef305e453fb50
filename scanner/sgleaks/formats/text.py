"""Findings for people: a frame each, in the manner of compilers. Counts and what was not scanned are the summary's."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from sgleaks.formats import Style, validity
from sgleaks.formats.exposure import exposed
from sgleaks.formats.frame import draw, gutter
from sgleaks.formats.outcome import outcome_lines
from sgleaks.formats.plain import TextStyle, clip, styled, visible
from sgleaks.formats.selection import is_told
from sgleaks.model import Commit, Finding, Origin, Region, Report, Rule, Severity

MARKS: dict[Severity, TextStyle] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "note",
    "note": "note",
}
MAX_ALSO = 3  # other places of the same finding, on one line; with -v all of them, a line each
WIDTH = 100  # columns of what a rule says
MAX_NOTE = 200  # characters of a text that a file or a commit brought


def render(report: Report, style: Style) -> Iterator[str]:
    """One frame a piece, in the order of the report; with ``-v`` the guide's controls after them.

    Why and what to do are told once a rule, at its first finding.
    """
    told: set[str] = set()
    for finding in report.findings:
        if is_told(finding, style):
            advice = () if finding.rule.id in told else tuple(_advice(finding.rule, style))
            told.add(finding.rule.id)
            yield "".join(f"{line}\n" for line in (*_frame(finding, style), *_notes(finding, advice, style), ""))
    if style.verbosity > 0:
        yield from (f"{line}\n" for line in outcome_lines(report, style))


def _frame(finding: Finding, style: Style) -> Iterator[str]:
    color, mark = style.color, MARKS[finding.severity]
    name = styled(f"{finding.severity}[{visible(finding.rule.id)}]", mark, color=color)
    yield f"{name}{styled(': ' + visible(finding.rule.message), 'strong', color=color)}"
    yield f"{gutter(finding)}{styled('-->', 'frame', color=color)} {place(finding.origin, finding.region)}"
    yield from draw(finding, mark, color=color)


def _notes(finding: Finding, advice: tuple[tuple[str, str], ...], style: Style) -> Iterator[str]:
    lead = f"{gutter(finding)} {styled('=', 'frame', color=style.color)}"
    told = [(label, [text]) for label, text in facts(finding, style)]
    for label, lines in (*told, *((label, _wrapped(finding, label, text)) for label, text in advice)):
        yield f"{lead} {styled(label + ':', 'strong', color=style.color)} {lines[0]}"
        yield from lines[1:]


def _wrapped(finding: Finding, label: str, text: str) -> list[str]:
    """What a rule says, in lines; all but the first as far to the right as that begins. Never what strangers wrote."""
    left = len(f"{gutter(finding)} = {label}: ")
    lines = textwrap.wrap(text, WIDTH - left, break_long_words=False, break_on_hyphens=False) or [""]
    return [lines[0], *(" " * left + line for line in lines[1:])]


def facts(finding: Finding, style: Style) -> Iterator[tuple[str, str]]:
    """What else there is to say of a finding, ``visible``, each after its label."""
    if finding.secret and finding.secret.is_key:
        yield "key", visible(finding.secret.redacted)
    if finding.validity:
        yield "verified", validity.told(finding.validity)
    if finding.validity and finding.validity.reach:
        yield "reaches", validity.reached(finding.validity)
    if finding.via:
        yield "via", visible(" > ".join(finding.via))
    if finding.note:
        yield "note", clip(visible(finding.note), MAX_NOTE)
    if finding.confidence != "high":
        yield "confidence", finding.confidence
    if finding.origin.repo:
        yield "repository", visible(finding.origin.repo)
    if finding.origin.commit:
        yield "commit", _commit(finding.origin.commit)
    if finding.exposure:
        yield "exposed", clip(visible(exposed(finding)), MAX_NOTE)
    yield from _also(finding, style)
    if finding.ignored:
        reason = f": {finding.ignored.reason}" if finding.ignored.reason else ""
        yield "ignored", clip(visible(f"{finding.ignored.kind}{reason}"), MAX_NOTE)


def _advice(rule: Rule, style: Style) -> Iterator[tuple[str, str]]:
    if rule.why:
        yield "why", visible(rule.why)
    if rule.fix:
        yield "fix", visible(rule.fix)
    if style.verbosity > 0:
        yield from (("see", visible(reference)) for reference in rule.references)


def place(origin: Origin, region: Region) -> str:
    """``path:line:column``, ``visible``."""
    return f"{visible(origin.place)}:{region.line}:{region.column}"


def _also(finding: Finding, style: Style) -> Iterator[tuple[str, str]]:
    places = [place(origin, region) for origin, region in finding.also]
    if style.verbosity > 0:
        yield from (("also", each) for each in places)
    elif places:
        more = len(places) - MAX_ALSO
        yield "also", ", ".join(places[:MAX_ALSO]) + (f" and {more:,} more (see -v)" if more > 0 else "")


def _commit(commit: Commit) -> str:
    told = f"{commit.id[:12]} {commit.date} {commit.author}: {commit.subject}"
    return clip(visible(told), MAX_NOTE)
