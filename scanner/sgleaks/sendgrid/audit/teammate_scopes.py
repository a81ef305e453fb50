"""Control 3.2: administrators' powers in other hands."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.sendgrid.audit import Context, Issue
from sgleaks.sendgrid.audit.teammates import detailed, is_administrator, name_of
from sgleaks.sendgrid.scopes import powers

WORK = ("mail-send", "marketing")  # critical in a leaked key, and yet what people are there for


def check(context: Context) -> Iterator[Issue]:
    for teammate, scopes in detailed(context.account):
        if is_administrator(teammate):
            continue
        beyond = sorted({p.category for p in powers(scopes) if p.risk == "critical" and p.category not in WORK})
        if beyond:
            yield Issue(f"teammates/{name_of(teammate)}", f"may change {', '.join(beyond)}")
