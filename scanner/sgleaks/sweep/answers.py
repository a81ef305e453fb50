"""What SendGrid says of the keys of a sweep: each is asked about once, in the process that keeps the ledger.

The text of a key is known only while its repository is visited. It comes from the process that found it, through a
pipe, and is gone when it was asked about: a repository counts as done when all its keys were.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sgleaks.formats.validity import as_json
from sgleaks.saved import validity_of

if TYPE_CHECKING:
    from sgleaks.model import Report
    from sgleaks.sendgrid.verify import Verifier
    from sgleaks.sweep.ledger import Ledger
    from sgleaks.sweep.visit import Outcome

HOLDS = timedelta(days=1)  # an answer; a sweep that goes on does not ask again, next week's does


class Answers:
    """The answers that a ledger has, and those that ``verifier`` gets. Without one, none is asked for and none told."""

    def __init__(self, ledger: Ledger, verifier: Verifier | None) -> None:
        self._ledger, self._verifier = ledger, verifier
        self._settled: set[str] = set()  # by this sweep, whatever came of it, or lately
        if verifier:
            since = (datetime.now(UTC) - HOLDS).strftime("%Y-%m-%dT%H:%M:%SZ")
            self._settled = ledger.settled(since, far=verifier.blast_radius)

    def take(self, outcome: Outcome) -> Outcome:
        """Asks about the keys of a visit that have no answer; the outcome without their texts."""
        for key in outcome.keys if self._verifier else ():
            digest = key.sha256 or ""
            if self._verifier and digest not in self._settled:
                answer = self._verifier.ask([key])[key]
                self._ledger.answer(digest, answer, json.dumps(as_json(answer)), far=self._verifier.blast_radius)
                self._settled.add(digest)
        return replace(outcome, keys=())

    def wanted(self, name: str) -> bool:
        """Whether a repository has keys, as the ledger knows it, that are still to be asked about."""
        return self._verifier is not None and not self._settled.issuperset(self._ledger.keys(name))

    def told(self, report: Report) -> Report:
        """The report with the answers."""
        if not self._verifier:
            return report
        from sgleaks.sendgrid.verify import told

        return told(report, {digest: validity_of(json.loads(text)) for digest, text in self._ledger.answers()})
