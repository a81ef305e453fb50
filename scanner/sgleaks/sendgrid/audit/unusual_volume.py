"""Control 4.3: a burst of mail, as a stolen key makes it."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from sgleaks.sendgrid.account import Unavailable
from sgleaks.sendgrid.audit import Context, Issue
from sgleaks.sendgrid.audit.statistics import DAYS, daily

FACTOR = 5  # times the median of the days
ENOUGH = 7  # days with mail, below which there is no "usual"
FEW = 100  # requests of a day, which is never a burst


def check(context: Context) -> Iterator[Issue]:
    requests = {day: numbers.get("requests", 0) for day, numbers in daily(context).items()}
    sending = [count for count in requests.values() if count]
    if len(sending) < ENOUGH:
        raise Unavailable(
            f"mail was sent on fewer than {ENOUGH} of {DAYS} days, so none can be called usual", mendable=False
        )
    usual = median(sending)
    for day, count in requests.items():
        if count > max(FACTOR * usual, FEW):
            yield Issue(f"stats/{day}", f"{count:,} messages were asked for, where {usual:,.0f} are usual")
