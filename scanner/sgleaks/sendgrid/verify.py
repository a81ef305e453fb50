"""Asks SendGrid whether keys live and what they may do: one question a key, at each of its two addresses at most.

The owner of a key can see that it was asked about: a try from a foreign address is in the account's access activity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock

from sgleaks.model import CLEAN, FINDINGS, INCOMPLETE, Finding, Notice, Report
from sgleaks.secret import Secret
from sgleaks.sendgrid import reach
from sgleaks.sendgrid.api import AGENT, Api, require
from sgleaks.sendgrid.pace import Pace
from sgleaks.sendgrid.scopes import access, powers
from sgleaks.sendgrid.verdict import Heard, heard
from sgleaks.validity import Validity

AT_ONCE = 2  # questions; SendGrid blocks addresses from which too many bad ones come, and publishes no numbers
REFUSALS = 5  # in a row that leave their key unknown: by then it is SendGrid that does not want to be asked
# What a live key is worth to an attacker, by its worst power. All above what a mere find scores at most: it is real.
LIVE = {"critical": 9.8, "high": 8.5, "medium": 6.5, "low": 4.5, "info": 4.0}
FULL = 10.0
DEAD = 3.9  # the top of "low": a dead key is still to be cleaned away, and says what else may have leaked


@dataclass(slots=True)
class Verifier:
    """Asks about each key once in a run, however many reports it is given.

    ``say`` is told, before the first question, which address gets what; ``progress`` how many of how many are answered.
    Raises ToolError, before anything else, where the extra is not installed.
    """

    hosts: Sequence[str]
    say: Callable[[str], None]
    progress: Callable[[int, int], None] | None = None
    blast_radius: bool = False
    pace: Pace = field(default_factory=Pace)
    _known: dict[Secret, Validity] = field(default_factory=dict)
    _refused: int = 0  # in a row
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        require()

    def ask(self, keys: Iterable[Secret]) -> Mapping[Secret, Validity]:
        """What SendGrid says of each key, asked in this order."""
        keys = list(dict.fromkeys(keys))
        new = [key for key in keys if key not in self._known]
        if new:
            self.say(announcement(len(new), self.hosts, blast_radius=self.blast_radius))
            with ThreadPoolExecutor(AT_ONCE) as pool:
                try:
                    for done, (key, validity) in enumerate(zip(new, pool.map(self._one, new), strict=True), 1):
                        self._known[key] = validity
                        if self.progress:
                            self.progress(done, len(new))
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
        return {key: self._known[key] for key in keys}

    def report(self, report: Report) -> Report:
        """The report with an answer at every finding that is a key; scores follow the answers."""
        keyed = [finding for finding in report.findings if finding.secret and finding.secret.is_key]
        # Those that count come first: there may be no time for the others.
        ranked = sorted(keyed, key=lambda finding: (not finding.counts, -finding.security_severity))
        known = self.ask(finding.secret for finding in ranked if finding.secret)
        return told(report, {key.sha256 or "": validity for key, validity in known.items()})

    def _one(self, key: Secret) -> Validity:
        with self._lock:
            stopped = self._refused >= REFUSALS
        if stopped:
            return Validity("unknown", detail=f"not asked: the last {REFUSALS} keys got no clear answer either")
        validity = self._asked(key)
        with self._lock:
            self._refused = self._refused + 1 if validity.state == "unknown" else 0
        return replace(validity, checked=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))

    def _asked(self, key: Secret) -> Validity:
        """Each address in turn, until one knows the key; only when all refuse it, it is called inactive."""
        refused, elsewhere = "", ""
        for host in self.hosts:
            api = Api(host, key, self.pace)
            said = heard(api.get("scopes"))
            where = host.partition("//")[2]
            if said.what == "here":
                return self._alive(api, said, where)
            if said.what == "unclear":
                also = f"; {refused} does not know the key" if refused else ""
                return Validity("unknown", detail=f"{where}: {said.detail}{also}")
            if said.what == "elsewhere":
                elsewhere = f"{where}: {said.detail}"
            else:
                refused = where
        if elsewhere:
            return Validity("unknown", detail=elsewhere)
        return Validity(
            "inactive", detail=f"refused by {' and by '.join(each.partition('//')[2] for each in self.hosts)}"
        )

    def _alive(self, api: Api, said: Heard, where: str) -> Validity:
        kind, can = access(said.scopes), powers(said.scopes)
        found = reach.of(api, said.scopes) if self.blast_radius else ()
        return Validity("active" if can else "restricted", kind, said.scopes, "", f"known to {where}", can, found)


def told(report: Report, known: Mapping[str, Validity]) -> Report:
    """The report with the answers, which are known by the SHA-256 of their keys."""
    found = [
        verified(finding, known[digest])
        if finding.secret and (digest := finding.secret.sha256) and digest in known
        else finding
        for finding in report.findings
    ]
    notices = {*report.notices, *(_accepted(each) for each in found if each.ignored and _lives(each))}
    return replace(report, findings=tuple(found), notices=tuple(sorted(notices)))


def announcement(count: int | None, hosts: Sequence[str], *, blast_radius: bool = False) -> str:
    """Which address gets what; ``count`` is None where the keys are yet to be found."""
    first, *then = hosts
    keys = "each key that is found" if count is None else f"{count:,} {'key' if count == 1 else 'keys'}"
    text = f"asking {first} about {keys}: GET /v3/scopes, the key in the Authorization header, as {AGENT}"
    text += f"; what it refuses is asked of {then[0]} too" if then else ""
    text += "; of live keys further GETs, for what they get at" if blast_radius else ""
    return f"{text}. The owner can see it in the account's access activity."


def verified(finding: Finding, validity: Validity) -> Finding:
    """The finding with the answer: a live key is sure and severe, a dead one of low severity, all else as it was."""
    if validity.lives:
        worst = validity.powers[0].risk if validity.powers else "info"
        score = FULL if validity.access == "full" else LIVE[worst]
        return replace(finding, validity=validity, security_severity=score, confidence="high", advice=False)
    if validity.state == "inactive":
        return replace(finding, validity=validity, security_severity=min(finding.security_severity, DEAD))
    return replace(finding, validity=validity)


def exit_code(answers: Iterable[Validity]) -> int:
    """1 if a key lives, else 3 if nobody knows of one, else 0: what is not known never looks clean."""
    known = list(answers)
    if any(answer.lives for answer in known):
        return FINDINGS
    return INCOMPLETE if any(answer.state == "unknown" for answer in known) else CLEAN


def _lives(finding: Finding) -> bool:
    return finding.validity is not None and finding.validity.lives


def _accepted(finding: Finding) -> Notice:
    secret = finding.secret.redacted if finding.secret else ""
    return Notice(finding.origin.place, finding.region.line, f"{secret} is ignored here, and it lives")
