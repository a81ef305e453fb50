"""An account against the guide: one check a module, which yields what is wrong, or says why it cannot tell.

A module is called like its check, ``rules/account/ID.toml``, and has ``check(context)``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import NamedTuple, Protocol

from sgleaks.account import Audit, Check, Verdict, load, serving
from sgleaks.guide import Control, Guide
from sgleaks.model import Finding, Origin, Region
from sgleaks.sendgrid.account import Account, Unavailable
from sgleaks.sendgrid.audit.ledger import Ledger
from sgleaks.settings import Profile

NOWHERE = Region(1, 1, 1, 2)  # of an account; SARIF wants some place


class Issue(NamedTuple):
    """What is wrong, and with what of the account (``api_keys/ID``, say); together they tell findings apart.

    ``severity`` where it is another than the check's.
    """

    subject: str
    text: str
    severity: float | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may ask. ``ledger`` knows since when keys were seen, None where nobody keeps one."""

    account: Account
    ledger: Ledger | None = None
    rotation_days: int = 90
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


class Module(Protocol):
    """What a module of this folder gives."""

    def check(self, context: Context) -> Iterator[Issue]:
        """Raises Unavailable where the account does not tell."""


class Outcome(NamedTuple):
    """Of a check. ``untold`` is why it could not tell all."""

    check: Check
    findings: tuple[Finding, ...]
    untold: Unavailable | None


def audit(context: Context, guide: Guide, profile: Profile, checks: Sequence[Check] | None = None) -> Audit:
    """A verdict on each control up to the level of ``profile``."""
    known = load() if checks is None else checks
    controls = [control for control in guide.controls if control.level <= profile]
    wanted = {check.rule.id: check for control in controls for check in serving(known, control, profile)}
    outcomes = {name: _outcome(check, context) for name, check in wanted.items()}
    served = {
        control.id: [outcomes[check.rule.id] for check in serving(known, control, profile)] for control in controls
    }
    return Audit(guide, profile, tuple(_verdict(control, served[control.id]) for control in controls))


def _outcome(check: Check, context: Context) -> Outcome:
    module: Module = import_module(f"{__name__}.{check.rule.id.replace('-', '_')}")
    findings: list[Finding] = []
    untold = None
    try:
        for issue in module.check(context):
            findings.append(_finding(check, issue))  # noqa: PERF401  # those before an Unavailable count
    except Unavailable as why:
        untold = why
    return Outcome(check, tuple(findings), untold)


def _finding(check: Check, issue: Issue) -> Finding:
    rule = check.rule
    score = rule.severity if issue.severity is None else issue.severity
    digest = hashlib.sha256("\0".join((rule.id, issue.subject, issue.text)).encode()).hexdigest()[:32]
    return Finding(rule, Origin(issue.subject), NOWHERE, None, "high", score, digest, "", note=issue.text)


def _verdict(control: Control, outcomes: Sequence[Outcome]) -> Verdict:
    """Fails where anything is wrong, and passes where everything that serves it could be asked and nothing is."""
    if not outcomes:
        return Verdict(
            control, "not-evaluated", reason=f"the API tells nothing of it. A repository does: {control.visible}"
        )
    findings = tuple(finding for outcome in outcomes for finding in outcome.findings)
    untold = [f"{outcome.check.rule.id}: {outcome.untold}" for outcome in outcomes if outcome.untold]
    mendable = any(outcome.untold and outcome.untold.mendable for outcome in outcomes)
    limits = [outcome.check.limits for outcome in outcomes if outcome.check.limits]
    if findings:
        return Verdict(control, "fail", findings, "; ".join(untold), mendable)
    if untold:
        return Verdict(control, "not-evaluated", (), "; ".join(untold), mendable)
    return Verdict(control, "pass", (), "; ".join(limits))
