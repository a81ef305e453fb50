"""Control 1.3: teammates who go round the identity provider."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.account import Unavailable
from sgleaks.sendgrid.audit import Context, Issue
from sgleaks.sendgrid.audit.teammates import is_owner, name_of


def check(context: Context) -> Iterator[Issue]:
    """The owner is left out: SendGrid keeps that login for when single sign-on fails."""
    if not any(each.get("enabled") is True for each in context.account.rows("integrations")):
        raise Unavailable("there is no single sign-on that teammates could use, see 1.2", mendable=False)
    silent = 0
    for teammate in context.account.rows("teammates"):
        if is_owner(teammate):
            continue
        if teammate.get("is_sso") is False:
            yield Issue(f"teammates/{name_of(teammate)}", "logs in with a password")
        silent += not isinstance(teammate.get("is_sso"), bool)
    if silent:
        raise Unavailable(f"SendGrid does not say of {silent} teammates how they log in", mendable=False)
