"""Control 2.3: what each key may do. A question a key; an account has 100 of them at most."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.account import Unavailable
from sgleaks.sendgrid.audit import Context, Issue
from sgleaks.sendgrid.scopes import access, powers

MAX_KEYS = 200
FULL = 8.1


def check(context: Context) -> Iterator[Issue]:
    keys = context.account.rows("keys")
    for row in keys[:MAX_KEYS]:
        key = str(row.get("api_key_id", ""))
        scopes = context.account.row("key", key).get("scopes")
        if not isinstance(scopes, list):
            raise Unavailable("SendGrid does not tell the scopes of a key")
        held = [scope for scope in scopes if isinstance(scope, str)]
        subject = f"api_keys/{key} ({row.get('name') or 'no name'})"
        critical = sorted({power.category for power in powers(held) if power.risk == "critical"})
        if access(held) == "full":
            yield Issue(subject, "full access", FULL)
        elif len(critical) > 1:
            yield Issue(subject, f"several jobs at once: {', '.join(critical)}")
        elif critical and critical != ["mail-send"]:
            yield Issue(subject, f"rights of an administrator: {critical[0]}")
    if len(keys) > MAX_KEYS:
        raise Unavailable(f"only {MAX_KEYS} of {len(keys):,} keys were asked about", mendable=False)
