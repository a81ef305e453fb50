"""Findings about the lives of secrets: from what a history knows of each that HEAD still holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sgleaks.matchers.timeline import Life, note
from sgleaks.triage import paths

if TYPE_CHECKING:
    from sgleaks.git.trace import Trace
    from sgleaks.history.merge import Entry
    from sgleaks.model import Commit, Finding, Rule

SHORT = 10  # digits of a commit's id in a sentence


@dataclass(frozen=True, slots=True)
class Timeline:
    """Judges lives by the rules with the matcher ``timeline``, as of ``now``."""

    rules: Sequence[Rule]
    limit: int  # days after which a key is to be replaced
    now: datetime
    shallow: bool

    def findings(
        self, finding: Finding, entries: Sequence[Entry], trace: Trace | None, commits: Mapping[str, Commit]
    ) -> Iterator[Finding]:
        """The finding, where its life matters to its rule at all, and what other rules say of it if it is an API key.

        What is wrong with what HEAD holds is told at the place it has there.
        """
        if finding.rule.kind == "credentials":
            yield finding
        life, here = self._life(trace, commits), at_head(finding, entries, trace)
        if life:
            yield from (said for rule in self.rules for said in lived(rule, here, life))
        if finding.rule.kind == "misconfiguration" and finding.rule.match["matcher"] != "timeline":
            yield here

    def _life(self, trace: Trace | None, commits: Mapping[str, Commit]) -> Life | None:
        first = commits.get(trace.first or "") if trace else None
        if trace is None or first is None or not trace.head:
            return None
        came = datetime.fromisoformat(first.date)
        days = max((self.now - came).days, 0)
        returned = trace.returned[:SHORT] if trace.returned else ""
        return Life(days, self.limit, f"{first.id[:SHORT]} of {came.date()}", returned, self.shallow)


def lived(rule: Rule, finding: Finding, life: Life) -> Iterator[Finding]:
    """What a rule says of the life of what was found: of its own finding, or of an API key."""
    said = note(rule, life)
    if not said:
        return
    if finding.rule.id == rule.id:
        yield replace(finding, note=said)
    elif "predicate" not in rule.match and _is_key_in_use(finding):
        mark = rule.fingerprint(finding.fingerprint)
        yield replace(finding, rule=rule, security_severity=rule.severity, fingerprint=mark, note=said)


def _is_key_in_use(finding: Finding) -> bool:
    # A test or an example holds a made-up key as long as it likes.
    is_key = finding.secret is not None and finding.secret.is_key and finding.rule.kind == "credentials"
    return is_key and finding.counts and not paths.is_lesser(finding.origin.path)


def at_head(finding: Finding, entries: Sequence[Entry], trace: Trace | None) -> Finding:
    """The finding at the place where HEAD has it, others in ``also``; unchanged where HEAD has it not."""
    held = set(trace.head) if trace else set()
    first = next((each.finding for each in entries if (each.finding.origin.path, each.oid) in held), None)
    if first is None:
        return finding
    others = ((finding.origin, finding.region), *finding.also)
    also = tuple((origin, region) for origin, region in others if origin.path != first.origin.path)
    return replace(finding, origin=first.origin, region=first.region, excerpt=first.excerpt, also=also)
