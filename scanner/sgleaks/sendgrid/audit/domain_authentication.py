"""Control 3.3: DKIM and SPF of the sending domains, as SendGrid saw them last."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.audit import Context, Issue

MILD = 3.1


def check(context: Context) -> Iterator[Issue]:
    domains = context.account.rows("domains")
    if not any(each.get("valid") is True for each in domains):
        yield Issue("whitelabel/domains", "no domain is authenticated")
    for each in domains:
        subject = f"whitelabel/domains/{each.get('domain')}"
        if each.get("valid") is not True:
            yield Issue(subject, "its DNS records are not valid")
        elif each.get("legacy") is True:
            yield Issue(subject, "set up in the old way", MILD)
        elif each.get("automatic_security") is False:
            yield Issue(subject, "automated security is off, so its DKIM keys are never rotated", MILD)
