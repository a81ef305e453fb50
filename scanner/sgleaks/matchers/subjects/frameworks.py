"""``rules/smtp.toml``: how each framework that sends mail names its settings, and which values leave TLS out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sgleaks.matchers.subjects.entries import Entry, squash, told
from sgleaks.rule import builtin_rules
from sgleaks.syntax import Facts, Value

TRUE = frozenset(("true", "1", "yes", "on", "y", "t", "enabled", "enable"))
FALSE = frozenset(("false", "0", "no", "off", "n", "f", "disabled", "disable", "null", "none", ""))
ENUM = re.compile(r"[.:][A-Z]\w*$")  # SecureSocketOptions.None, PHPMailer::ENCRYPTION_SMTPS


class Spec(NamedTuple):
    """One ``name=value|value`` of smtp.toml: ``how`` is "" for the last name, "*" for the end of the path, "~" for a
    part of the last name, "()" for a call."""

    name: str
    how: str
    values: frozenset[str] = frozenset()

    def names(self, entry: Entry) -> bool:
        if self.how == "*":
            return entry.path.endswith(self.name)
        return self.name in entry.name if self.how == "~" else not self.how and entry.name == self.name

    def holds(self, facts: Facts, value: Value) -> bool | None:
        """Whether a value is one of these; None where only the running program knows."""
        if not self.values:
            return True
        if value.kind == "reference" and ENUM.search(value.text) and any(each.startswith("@") for each in self.values):
            return f"@{squash(re.split(r'[.:]', value.text)[-1])}" in self.values
        says = told(facts, value)
        return None if says is None else says.text in self.values or ("any" in self.values and says.text not in FALSE)


@dataclass(frozen=True, slots=True)
class Framework:
    """One ``[[framework]]`` of smtp.toml, whose first comment says what each key means."""

    name: str
    host: tuple[Spec, ...]
    inside: str
    beside: tuple[Spec, ...]
    languages: frozenset[str]
    imports: tuple[str, ...]
    foreign: tuple[str, ...]
    calls: Mapping[str, Sequence[str]]
    on: tuple[Spec, ...]
    off: tuple[Spec, ...]
    default: str
    judged: frozenset[str]
    proof: tuple[Spec, ...]
    attempts: tuple[Spec, ...]
    requires: tuple[Spec, ...]
    scope: str

    def suits(self, facts: Facts) -> bool:
        """Whether the language and the imports of a file are those of the framework."""
        imports = " ".join(facts.imports).lower()
        return (
            (not self.languages or facts.language in self.languages)
            and (not self.imports or any(each in imports for each in self.imports))
            and not any(each in imports for each in self.foreign)
        )

    def is_host(self, entry: Entry) -> bool:
        """Whether an entry is called like the framework's server, and stands where it stands."""
        within = entry.path.removesuffix(entry.name)
        inside = within.endswith(self.inside[:-1]) if self.inside.endswith("$") else self.inside in within
        return inside and any(spec.names(entry) for spec in self.host)


@dataclass(frozen=True, slots=True)
class Table:
    """All of smtp.toml."""

    frameworks: tuple[Framework, ...]
    user: tuple[Spec, ...]
    port: tuple[Spec, ...]
    near: tuple[Spec, ...]
    named: tuple[Spec, ...]
    logins: Mapping[str, Sequence[str]]


@cache
def table() -> Table:
    """What smtp.toml says."""
    data = tomllib.loads((builtin_rules() / "smtp.toml").read_text("utf-8"))
    return Table(
        frameworks=tuple(_framework(each) for each in data["framework"]),
        user=_specs(data["names"]["user"]),
        port=_specs(data["names"]["port"]),
        near=_specs(data["unverified"]["near"]),
        named=_specs(data["unverified"]["named"]),
        logins={squash(name): roles for name, roles in data["logins"].items()},
    )


def _framework(data: dict[str, Any]) -> Framework:
    inside = data.get("inside", "")
    specs = {key: _specs(data.get(key, ())) for key in ("host", "beside", "proof", "on", "off", "attempts", "requires")}
    return Framework(
        name=data["name"],
        inside=squash(inside) + "$" * inside.endswith("$"),
        languages=frozenset(data.get("languages", ())),
        judged=frozenset(data.get("judged", ())),
        imports=tuple(data.get("imports", ())),
        foreign=tuple(data.get("foreign", ())),
        calls=data.get("calls", {}),
        default=data["default"],
        scope=data.get("scope", "structure"),
        **specs,
    )


def _specs(texts: Iterable[str]) -> tuple[Spec, ...]:
    return tuple(_spec(text) for text in texts)


def _spec(text: str) -> Spec:
    name, equals, right = text.partition("=")
    values: set[str] = set()
    for value in right.split("|") if equals else ():
        if value in ("true", "false"):
            values |= TRUE if value == "true" else FALSE
        else:
            values.add(f"@{squash(value)}" if value.startswith("@") else value)
    how = "()" if name.endswith("()") else name[0] if name[0] in "*~" else ""
    return Spec(squash(name).lstrip("*"), how, frozenset(values))
