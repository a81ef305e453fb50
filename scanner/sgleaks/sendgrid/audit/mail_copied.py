"""Control 4.3: settings that hand mail to somebody else."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.account import Unavailable
from sgleaks.sendgrid.audit import Context, Issue

MILD = 3.9


def check(context: Context) -> Iterator[Issue]:
    settings = {str(row.get("name")): row.get("enabled") for row in context.account.rows("mail settings")}
    if settings.get("bcc") is True:
        yield Issue("mail_settings/bcc", "a copy of all mail goes to somebody")
    if settings.get("forward_bounce") is True:
        yield Issue("mail_settings/forward_bounce", "bounced mail is forwarded", MILD)
    if settings.get("forward_spam") is True:
        target = str(context.account.row("forwarded spam").get("email", "")).rpartition("@")[2].lower()
        if not target:
            raise Unavailable("SendGrid does not tell where spam reports are forwarded to")
        own = {str(each.get("domain", "")).lower() for each in context.account.rows("domains")}
        if not any(target == domain or target.endswith(f".{domain}") for domain in own):
            yield Issue("mail_settings/forward_spam", f"mail to abuse@ and postmaster@ is forwarded to {target}")
