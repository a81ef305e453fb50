"""Control 3.3, at L3: whether mail may leave without TLS."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.audit import Context, Issue

LEAST = 1.2


def check(context: Context) -> Iterator[Issue]:
    setting = context.account.row("enforced TLS")
    version = setting.get("version")
    if setting.get("require_tls") is not True:
        yield Issue("user/settings/enforced_tls", "TLS is not required")
    elif isinstance(version, int | float) and version < LEAST:
        yield Issue("user/settings/enforced_tls", f"TLS {version} is enough")
