"""Control 1.2: whether logins go through an identity provider, and whether that works."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sgleaks.sendgrid.account import Row
from sgleaks.sendgrid.audit import Context, Issue

SOON = timedelta(days=30)  # in which a certificate should be replaced
MILD = 4.0


def check(context: Context) -> Iterator[Issue]:
    enabled = [each for each in context.account.rows("integrations") if each.get("enabled") is True]
    if not enabled:
        yield Issue("sso", "no identity provider is enabled")
    for integration in enabled:
        yield from _flaws(context, integration)


def _flaws(context: Context, integration: Row) -> Iterator[Issue]:
    subject = f"sso/{integration.get('name') or integration.get('id')}"
    if integration.get("completed_integration") is False:
        yield Issue(subject, "enabled, and its set-up is not complete")
    for name in ("signin_url", "signout_url"):
        if str(integration.get(name) or "").lower().startswith("http:"):
            yield Issue(subject, f"{name} is not https")
    certificates = context.account.rows("certificates", str(integration.get("id")))
    now = context.now.timestamp()
    ends = [each["not_after"] for each in certificates if _holds(each, now)]
    if not ends:
        yield Issue(subject, "no certificate is valid now")
    elif max(ends) < now + SOON.total_seconds():
        yield Issue(subject, f"the last certificate expires within {SOON.days} days", MILD)


def _holds(certificate: Row, now: float) -> bool:
    begin, end = certificate.get("not_before"), certificate.get("not_after")
    return isinstance(begin, int | float) and isinstance(end, int | float) and begin <= now < end
