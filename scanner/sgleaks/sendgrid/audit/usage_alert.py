"""Control 2.4: the two alerts that there are."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.audit import Context, Issue

MOST = 90  # percent of the plan; SendGrid's own default since 2015
MILD = 3.1


def check(context: Context) -> Iterator[Issue]:
    alerts = context.account.rows("alerts")
    limits = [each.get("percentage") for each in alerts if each.get("type") == "usage_limit"]
    if not limits:
        yield Issue("alerts", "no alert on usage")
    elif not any(isinstance(limit, int | float) and limit <= MOST for limit in limits):
        yield Issue("alerts", f"no alert on usage comes at {MOST} percent or before")
    if not any(each.get("type") == "stats_notification" for each in alerts):
        yield Issue("alerts", "no statistics are sent to anybody", MILD)
