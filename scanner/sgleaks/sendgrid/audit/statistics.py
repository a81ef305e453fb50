"""Numbers of mail, day by day."""

from __future__ import annotations

from datetime import timedelta

from sgleaks.sendgrid.account import Unavailable
from sgleaks.sendgrid.audit import Context

DAYS = 28  # that are looked at


def daily(context: Context) -> dict[str, dict[str, int]]:
    """The metrics of each day, by ISO date, in order. Raises Unavailable."""
    begin = (context.now - timedelta(days=DAYS)).date()
    rows = context.account.rows("statistics", start_date=begin.isoformat(), aggregated_by="day")
    try:
        days = {str(row["date"]): _numbers(row["stats"][0]["metrics"]) for row in rows if row["stats"]}
    except (LookupError, TypeError, AttributeError):
        raise Unavailable("the answer on statistics is not as SendGrid writes it") from None
    return dict(sorted(days.items()))


def _numbers(metrics: dict[str, object]) -> dict[str, int]:
    return {name: value for name, value in metrics.items() if isinstance(value, int)}
