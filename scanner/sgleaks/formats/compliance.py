"""The guide's controls with both halves of what is known: what a scan found, and what the account says.

Neither half makes a control met: a repository shows a part, and the API does not tell everything.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sgleaks import guide
from sgleaks.account import Audit, Verdict
from sgleaks.formats.audit import STATUS
from sgleaks.formats.markup import prose, table
from sgleaks.formats.outcome import told
from sgleaks.formats.plain import styled, visible
from sgleaks.guide import Outcome
from sgleaks.model import Report

VERSION = 1
WIDTH, INDENT = 100, 8  # columns
NOTE = "No findings in a repository does not mean that a control is met; a pass is what the API can tell."


class Standing(NamedTuple):
    """A control, as it stands."""

    verdict: Verdict
    outcome: Outcome


def standings(audit: Audit, report: Report) -> tuple[Standing, ...]:
    """Each control of the audit's profile beside what a scan found; the report must know all rules that were run."""
    outcomes = {outcome.control.id: outcome for outcome in guide.outcomes(audit.guide, report)}
    return tuple(Standing(verdict, outcomes[verdict.control.id]) for verdict in audit.verdicts)


def text(audit: Audit, rows: Sequence[Standing], *, color: bool) -> Iterator[str]:
    """Lines: a paragraph a control."""
    for verdict, outcome in rows:
        control = verdict.control
        yield styled(f"{control.id:4}  {control.level}  {visible(control.title)}", "strong", color=color)
        seen = styled(told(outcome), "error" if outcome.findings else "faint", color=color)
        yield f"{' ' * INDENT}repository  {seen}"
        yield f"{' ' * INDENT}account     {styled(verdict.status, STATUS[verdict.status], color=color)}"
        why = "; ".join(_account(verdict))
        indent = " " * (INDENT + 12)
        yield from textwrap.wrap(
            visible(why), WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
        )
    yield f"{audit.guide.title} {audit.guide.version}, {audit.profile}. {NOTE}"


def markdown(audit: Audit, rows: Sequence[Standing]) -> str:
    """The same as a table."""
    head = ("control", "level", "CIS v8", "NIST 800-53 r5", "SOC 2", "repository", "account", "what the account says")
    lines = (
        (
            f"{verdict.control.id} {prose(verdict.control.title)}",
            verdict.control.level,
            *(", ".join(map(prose, names)) or "–" for names in _places(verdict)),
            told(outcome),
            verdict.status,
            "; ".join(map(prose, _account(verdict))),
        )
        for verdict, outcome in rows
    )
    title = f"# {prose(audit.guide.title)} {prose(audit.guide.version)}, {audit.profile}"
    return f"{title}\n\n{NOTE}\n\n{table(head, lines)}\n"


def as_json(audit: Audit, rows: Sequence[Standing]) -> str:
    """The same for programs, version 1."""
    controls = [
        {
            "id": verdict.control.id,
            "title": verdict.control.title,
            "level": verdict.control.level,
            "cis": verdict.control.cis,
            "nist": verdict.control.nist,
            "soc2": verdict.control.soc2,
            "repository": {
                "evaluated": outcome.evaluated,
                "complete": outcome.complete,
                "findings": outcome.findings,
                "silent": outcome.silent,
            },
            "account": {
                "status": verdict.status,
                "findings": len(verdict.findings),
                "reason": verdict.reason or None,
            },
        }
        for verdict, outcome in rows
    ]
    return json.dumps({"version": VERSION, "profile": audit.profile, "controls": controls}, indent=2) + "\n"


def _places(verdict: Verdict) -> tuple[tuple[str, ...], ...]:
    return verdict.control.cis, verdict.control.nist, verdict.control.soc2


def _account(verdict: Verdict) -> list[str]:
    """What is wrong, by check, or why nobody can tell."""
    found = dict.fromkeys(f"{finding.rule.title}: {finding.note}" for finding in verdict.findings)
    return list(found) or ([verdict.reason] if verdict.reason else [])
