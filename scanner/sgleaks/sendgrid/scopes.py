"""What the scopes of a key let its holder do: which kind of key it is, and what an attacker could do with it.

The scopes are data, ``rules/scopes.toml``. One that is not there is kept, and rated by its last word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

from sgleaks.rule import builtin_rules
from sgleaks.table import LINE, Field, check, is_list, read
from sgleaks.validity import RISKS, Access, Power

UNKNOWN = "unknown"
POWERLESS = "info"
# Only administrators and keys with full access have these: permissions that no restricted key can be given. Not
# `user.email.read`, which other keys have too.
FULL = frozenset(
    {"teammates.create", "user.password.update", "user.multifactor_authentication.update", "sso.settings.update"}
)
MAIL = ("mail.", "user.scheduled_sends.")  # what SendGrid gives with `mail.send`


@dataclass(frozen=True, slots=True)
class Category:
    """Scopes of one subject; ``powers`` are the worst first."""

    name: str
    title: str
    powers: tuple[Power, ...]


@cache
def categories() -> tuple[Category, ...]:
    """All that are known, the worst first. Raises ToolError for a file that is not as it should be."""
    path = builtin_rules() / "scopes.toml"
    return tuple(_category(f"{path}: {name}, ", name, table) for name, table in read(path).items())


def powers(scopes: Iterable[str]) -> tuple[Power, ...]:
    """What the scopes let one do, the worst first; scopes without any power are left out."""
    asked = set(scopes)
    known = chain.from_iterable(category.powers for category in categories())
    found = [
        Power(power.category, power.risk, power.can, held)
        for power in known
        if power.risk != POWERLESS and (held := tuple(scope for scope in power.scopes if scope in asked))
    ]
    strange = sorted(asked - {scope for category in categories() for each in category.powers for scope in each.scopes})
    found += [_strange(scope) for scope in strange]
    return tuple(sorted(found, key=lambda power: RISKS.index(power.risk)))


def access(scopes: Collection[str]) -> Access | None:
    """Which kind of key it is, by scopes that only such keys have; None where no scope gives any power."""
    acting = {scope for power in powers(scopes) for scope in power.scopes}
    if not acting:
        return None
    if FULL & acting:
        return "full"
    if any(scope.startswith("billing.") for scope in acting):
        return "billing"
    if "mail.send" in acting and all(scope.startswith(MAIL) for scope in acting):
        return "mail-only"
    return "restricted"


def _strange(scope: str) -> Power:
    reads = scope.rpartition(".")[2] == "read"
    can = f"do what the scope {scope} allows, which sgleaks does not know"
    return Power(UNKNOWN, "low" if reads else "medium", can, (scope,))


def _category(where: str, name: str, table: Mapping[str, Any]) -> Category:
    check(where, table, CATEGORY)
    for number, row in enumerate(table["powers"], 1):
        check(f"{where}powers {number}, ", row, POWER)
    rows = (Power(name, row["risk"], row["can"], tuple(row["scopes"])) for row in table["powers"])
    return Category(name, table["title"], tuple(rows))


CATEGORY: Mapping[str, Field] = {
    "title": LINE,
    "powers": Field(lambda value: is_list(value, lambda row: isinstance(row, dict)), "a list of tables"),
}
POWER: Mapping[str, Field] = {
    "risk": Field(lambda value: value in RISKS, f"one of {', '.join(RISKS)}"),
    "can": LINE,
    "scopes": Field(lambda value: is_list(value, lambda name: isinstance(name, str)), "a list of scopes"),
}
