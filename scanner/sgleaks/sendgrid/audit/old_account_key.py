"""Control 2.2: how old keys are, by a ledger of when each was seen first: the API does not tell."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.secret import KEY_ID
from sgleaks.sendgrid.account import Account, Unavailable
from sgleaks.sendgrid.audit import Context, Issue


def check(context: Context) -> Iterator[Issue]:
    """A key that was there at the first look may be older than it was seen for: that says nothing in its favour."""
    if context.ledger is None:
        raise Unavailable("the API tells no age of a key: keep a ledger of first sights with --ledger", mendable=False)
    today = context.now.date()
    ledger = context.ledger.seen(ids_of(context.account), today)
    unknown = 0
    for key, day in ledger.keys.items():
        if (today - day).days > context.rotation_days:
            yield Issue(f"api_keys/{key}", f"seen since {day}, for more than {context.rotation_days} days")
        unknown += day == ledger.since and (today - day).days <= context.rotation_days
    if unknown:
        why = f"of {unknown} keys the age is not known: they were there at the first look, on {ledger.since}"
        raise Unavailable(why, mendable=False)


def ids_of(account: Account) -> list[str]:
    """The ids of all keys. Raises Unavailable."""
    ids = [row.get("api_key_id") for row in account.rows("keys")]
    return [key for key in ids if isinstance(key, str) and KEY_ID.fullmatch(key)]
