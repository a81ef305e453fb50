"""Control 3.3: whether links in mail are under a domain of the account."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.audit import Context, Issue


def check(context: Context) -> Iterator[Issue]:
    if not any(each.get("valid") is True for each in context.account.rows("links")):
        yield Issue("whitelabel/links", "no valid link branding")
