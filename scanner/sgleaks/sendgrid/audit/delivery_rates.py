"""Control 4.1: whether the account's mail is as healthy as providers ask."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.account import Unavailable
from sgleaks.sendgrid.audit import Context, Issue
from sgleaks.sendgrid.audit.statistics import DAYS, daily

# Shares. Mailbox providers ask for less than 0.3 percent spam reports; the bound for bounces is ours.
BOUNCES, SPAM = 0.05, 0.003
FEW = 100  # requests, below which a share says nothing


def check(context: Context) -> Iterator[Issue]:
    days = daily(context)
    requests, delivered = (sum(day.get(name, 0) for day in days.values()) for name in ("requests", "delivered"))
    if requests < FEW:
        raise Unavailable(f"too little was sent in {DAYS} days to judge", mendable=False)
    bounces = sum(day.get("bounces", 0) for day in days.values()) / requests
    spam = sum(day.get("spam_reports", 0) for day in days.values()) / max(delivered, 1)
    if bounces > BOUNCES:
        yield Issue("stats", f"more than {BOUNCES:.0%} of the mail bounced in {DAYS} days")
    if spam > SPAM:
        yield Issue("stats", f"more than {SPAM:.1%} of the mail was reported as spam in {DAYS} days")
