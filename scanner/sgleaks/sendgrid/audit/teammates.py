"""Teammates with their scopes: a question each, so there is a bound."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.account import Account, Row, Unavailable

MAX_ASKED = 200  # teammates; a question each, which 50 a second would still be polite


def detailed(account: Account) -> Iterator[tuple[Row, frozenset[str]]]:
    """Each teammate with their scopes. Raises Unavailable, for more than can be asked about only after those."""
    teammates = account.rows("teammates")
    for teammate in teammates[:MAX_ASKED]:
        told = account.row("teammate", name_of(teammate))
        scopes = told.get("scopes")
        known = scopes if isinstance(scopes, list) else []
        yield {**told, **teammate}, frozenset(scope for scope in known if isinstance(scope, str))
    if len(teammates) > MAX_ASKED:
        raise Unavailable(f"only {MAX_ASKED} of {len(teammates):,} teammates were asked about", mendable=False)


def name_of(teammate: Row) -> str:
    """The name that SendGrid knows a teammate by."""
    name = teammate.get("username") or teammate.get("email")
    if not isinstance(name, str):
        raise Unavailable("a teammate has no name")
    return name


def is_administrator(teammate: Row) -> bool:
    """Whether a teammate may do everything."""
    return teammate.get("is_admin") is True or is_owner(teammate) or teammate.get("user_type") == "admin"


def is_owner(teammate: Row) -> bool:
    """Whether it is the login that the account began with."""
    return teammate.get("user_type") == "owner"
