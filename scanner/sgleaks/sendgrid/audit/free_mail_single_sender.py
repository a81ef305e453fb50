"""Control 3.3: single senders at providers where anybody can have an address."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.audit import Context, Issue

FREE = frozenset(
    (
        "aol.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com", "icloud.com",
        "live.com", "mail.ru", "me.com", "msn.com", "outlook.com", "proton.me", "protonmail.com", "qq.com",
        "web.de", "yahoo.co.uk", "yahoo.com", "yahoo.fr", "yandex.com", "yandex.ru", "ymail.com", "zoho.com",
    )
)  # fmt: skip


def check(context: Context) -> Iterator[Issue]:
    for sender in context.account.rows("senders"):
        domain = str(sender.get("from_email", "")).rpartition("@")[2].lower()
        if domain in FREE:
            yield Issue(f"verified_senders/{sender.get('id')}", f"an address at {domain}")
