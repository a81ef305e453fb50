"""Control 4.3: who was refused lately. Addresses are told, places and people are not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sgleaks.sendgrid.audit import Context, Issue

LATELY = timedelta(days=7)


def check(context: Context) -> Iterator[Issue]:
    begin = (context.now - LATELY).timestamp()
    for row in context.account.rows("access activity"):
        last = row.get("last_at")
        if row.get("allowed") is False and isinstance(last, int | float) and last >= begin:
            method = str(row.get("auth_method") or "a way that is not told")
            yield Issue(
                f"access_settings/activity/{row.get('ip')}", f"refused in the last {LATELY.days} days, by {method}"
            )
