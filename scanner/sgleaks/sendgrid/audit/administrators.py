"""Control 3.1: how many may do everything, and who is about to."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.audit import Context, Issue
from sgleaks.sendgrid.audit.teammates import is_administrator

FEW, MANY = 2, 3  # what the guide asks for
TOO_MANY = 5
MILD = 4.0


def check(context: Context) -> Iterator[Issue]:
    count = sum(map(is_administrator, context.account.rows("teammates")))
    if count < FEW:
        yield Issue(
            "teammates", f"{count or 'no'} administrator{'' if count == 1 else 's'}: nobody else can step in", MILD
        )
    elif count > MANY:
        yield Issue("teammates", f"{count} administrators", None if count > TOO_MANY else MILD)
    invited = sum(each.get("is_admin") is True for each in context.account.rows("invitations"))
    if invited:
        yield Issue("teammates/pending", f"{invited} invited to be administrators")
