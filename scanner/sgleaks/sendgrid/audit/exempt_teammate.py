"""Control 1.1: who may log in with a password alone. What SendGrid tells of it are two markers among the scopes."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.account import Unavailable
from sgleaks.sendgrid.audit import Context, Issue
from sgleaks.sendgrid.audit.teammates import detailed, name_of

EXEMPT, REQUIRED = "2fa_exempt", "2fa_required"


def check(context: Context) -> Iterator[Issue]:
    """People of single sign-on are left out: their identity provider asks for the second factor."""
    silent = 0
    for teammate, scopes in detailed(context.account):
        if teammate.get("is_sso") is True or REQUIRED in scopes:
            continue
        if EXEMPT in scopes:
            yield Issue(f"teammates/{name_of(teammate)}", "exempt from the second factor")
        else:
            silent += 1
    if silent:
        raise Unavailable(
            f"SendGrid does not say of {silent} teammates whether a second factor is asked", mendable=False
        )
