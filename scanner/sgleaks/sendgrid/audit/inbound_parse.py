"""Control 4.2: where inbound mail is posted to."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.audit import Context, Issue
from sgleaks.sendgrid.audit.addresses import flaw

MILD = 3.1


def check(context: Context) -> Iterator[Issue]:
    for setting in context.account.rows("inbound parse"):
        subject = f"user/webhooks/parse/{setting.get('hostname')}"
        if wrong := flaw(str(setting.get("url", ""))):
            yield Issue(subject, f"its address {wrong}")
        if setting.get("spam_check") is False:
            yield Issue(subject, "inbound mail is not checked for spam", MILD)
