"""What is exposed, told once however many repositories hold it: "this key is in 14 repositories, 3 still at HEAD".

Findings of one secret are one here; where there is no secret, those with one fingerprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sgleaks.formats.validity import state
from sgleaks.model import SEVERITIES, Finding, Report, Rule, Severity
from sgleaks.secret import Secret
from sgleaks.validity import LOGIN, UNREAD, Validity


@dataclass(frozen=True, slots=True)
class Exposed:
    """One secret, or one thing set up unsafely, with all its findings.

    ``repositories`` and ``owners`` are sorted; ``at_head`` are the repositories in which it still is at HEAD. Dates are
    ISO 8601, "" where no commit tells one. ``places`` counts files.
    """

    rule: Rule  # the worst of those that speak of it
    secret: Secret | None
    severity: Severity
    repositories: tuple[str, ...]
    owners: tuple[str, ...]
    at_head: tuple[str, ...]
    first_seen: str
    last_seen: str
    places: int
    findings: tuple[Finding, ...]

    @property
    def name(self) -> str:
        """``SG.<id>.…``, or what it is called otherwise."""
        return self.secret.redacted if self.secret and self.secret.is_key else self.rule.id

    @property
    def validity(self) -> Validity | None:
        """What SendGrid said of it, where it was asked."""
        return next((finding.validity for finding in self.findings if finding.validity), None)

    @property
    def account(self) -> str:
        """The login of the account that the key opens, where it was seen what it gets at; else ""."""
        login = dict(self.validity.reach).get(LOGIN, "") if self.validity else ""
        return "" if login.startswith(UNREAD) else login

    @property
    def is_at_head(self) -> bool:
        """Whether it still is in what is checked out: a finding of no history is."""
        return any(finding.exposure is None or finding.exposure.at_head for finding in self.findings)


def exposed(report: Report, *, all_of_them: bool = False) -> list[Exposed]:
    """Worst first, then what is in most repositories. Only what can fail a run, unless ``all_of_them``."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in report.findings:
        if finding.counts or all_of_them:
            groups.setdefault(_identity(finding), []).append(finding)
    found = [_exposed(group) for group in groups.values()]
    return sorted(
        found, key=lambda one: (SEVERITIES.index(one.severity), -len(one.repositories), one.first_seen, one.name,
                                one.findings[0].fingerprint)
    )  # fmt: skip


class Account(NamedTuple):
    """The login of a SendGrid account, the ids of the keys that open it, the repositories that hold them; sorted."""

    login: str
    keys: tuple[str, ...]
    repositories: tuple[str, ...]


def accounts(groups: Sequence[Exposed]) -> list[Account]:
    """Those that keys were seen to open, by login."""
    found = []
    for login in sorted({one.account for one in groups} - {""}):
        mine = [one for one in groups if one.account == login]
        keys = {one.secret.key_id for one in mine if one.secret and one.secret.key_id}
        names = {name for one in mine for name in one.repositories}
        found.append(Account(login, tuple(sorted(keys)), tuple(sorted(names))))
    return found


def owner_of(repository: str) -> str:
    """``host/owner`` of ``host/owner/name``."""
    return repository.rpartition("/")[0] or repository


def told(one: Exposed) -> str:
    """``in 14 repositories, active, full access, first seen 2023-04-02, 3 still at HEAD``."""
    count = len(one.repositories)
    where = f"{count:,} repositories" if count > 1 else one.repositories[0] if count else "1 repository"
    if not one.repositories:
        where = f"{one.places:,} places" if one.places > 1 else "1 place"
    answer = f", {state(one.validity)}" if one.validity else ""
    seen = f", first seen {one.first_seen[:10]}" if one.first_seen else ""
    return f"in {where}{answer}{seen}, {_head(one)}"


def _head(one: Exposed) -> str:
    if len(one.repositories) > 1:
        return f"{len(one.at_head):,} still at HEAD"
    return "still at HEAD" if one.is_at_head else "not at HEAD"


def _identity(finding: Finding) -> tuple[str, str]:
    # A key is one thing, however many rules speak of it.
    key = finding.secret.sha256 if finding.secret else None
    return ("", key) if key else (finding.rule.id, finding.fingerprint)


def _exposed(group: Sequence[Finding]) -> Exposed:
    lives = [(finding.origin.repo or "", finding.exposure) for finding in group]
    dates = sorted(life.first_seen.date for _, life in lives if life and life.first_seen)
    ends = sorted(life.last_seen.date for _, life in lives if life and life.last_seen)
    repositories = sorted({name for name, _ in lives if name})
    worst = max(group, key=lambda finding: finding.security_severity)
    return Exposed(
        worst.rule,
        worst.secret,
        min((finding.severity for finding in group), key=SEVERITIES.index),
        tuple(repositories),
        tuple(sorted({owner_of(name) for name in repositories})),
        tuple(sorted({name for name, life in lives if name and (life is None or life.at_head)})),
        dates[0] if dates else "",
        ends[-1] if ends else "",
        len({origin.place for finding in group for origin in (finding.origin, *(other for other, _ in finding.also))}),
        tuple(group),
    )
