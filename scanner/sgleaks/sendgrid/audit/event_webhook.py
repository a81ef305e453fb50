"""Control 4.2: whether events are collected, all that matter, in a way that nobody can forge."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.account import Row
from sgleaks.sendgrid.audit import Context, Issue
from sgleaks.sendgrid.audit.addresses import flaw

# What the guide asks to collect.
EVENTS = ("processed", "dropped", "delivered", "bounce", "open", "click", "spam_report")
MILD = 3.9


def check(context: Context) -> Iterator[Issue]:
    enabled = [each for each in context.account.rows("event webhooks") if each.get("enabled") is True]
    if not enabled:
        yield Issue("user/webhooks/event", "no event webhook is enabled")
    for hook in enabled:
        yield from _flaws(hook)
    missing = [name for name in EVENTS if enabled and not any(hook.get(name) is True for hook in enabled)]
    if missing:
        yield Issue("user/webhooks/event", f"events that no webhook gets: {', '.join(missing)}", MILD)


def _flaws(hook: Row) -> Iterator[Issue]:
    subject = f"user/webhooks/event/{hook.get('friendly_name') or hook.get('id') or 'the only one'}"
    if wrong := flaw(str(hook.get("url", ""))):
        yield Issue(subject, f"its address {wrong}")
    if not hook.get("public_key") and not hook.get("oauth_client_id"):
        yield Issue(subject, "neither signed nor protected by OAuth")
