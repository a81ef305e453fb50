"""What the ``[match]`` table of a ``setting`` rule says, checked: where to look, and which cases are wrong there.

Knows the shape of the table only; what is found with it is for ``setting``. docs/configuration.md explains the words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sgleaks.errors import suggestion
from sgleaks.matchers.given import CONFIDENCE, FLAG, NOTE, PATTERN, TABLES, TEXTS, compiled, table_of, wrong
from sgleaks.matchers.subjects.account import WRITING, catalogue, provider_facts
from sgleaks.model import Condition, Confidence, Rule
from sgleaks.table import Field, is_int, is_list, is_text, one_of

VIAS = ("terraform", "pulumi", "request")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OTHERWISE = ("drop", "advice")
PLACES = ("file", "module", "repository")
MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """One way to be wrong: a table of ``[[match.cases]]``. Patterns are of a whole literal, in any case of letters."""

    settings: tuple[str, ...]
    wrong: re.Pattern[str] | None  # `is`
    fine: re.Pattern[str] | None  # `not`
    mild: re.Pattern[str] | None
    absent: bool
    where: tuple[tuple[str, re.Pattern[str]], ...]
    unless: tuple[tuple[str, re.Pattern[str]], ...]
    needs: tuple[str, ...]
    lacks: tuple[str, ...]
    resources: tuple[str, ...]
    via: tuple[str, ...]
    methods: tuple[str, ...]
    provider: str
    provider_unknown: str
    advice: bool
    confidence: Confidence | None
    note: str
    beside: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """The ``[match]`` table of a rule."""

    resources: tuple[str, ...]
    blocks: re.Pattern[str] | None
    once: bool
    cases: tuple[Case, ...]


def read(rule: Rule) -> Query:
    """The ``[match]`` table of a rule, checked. Raises ToolError naming the rule and the key."""
    table = table_of(rule, "match", rule.match, MATCH)
    blocks = _pattern(rule, "match.blocks", table.get("blocks"))
    wanted = _resources(rule, "match", table)
    if (blocks is None) == (not wanted):
        raise wrong(rule, "match", "it says not where to look", "give either resources or blocks")
    cases = [_case(rule, f"match.cases {number}", each) for number, each in enumerate(table["cases"], 1)]
    return Query(wanted, blocks, table.get("once", False), tuple(cases))


def _case(rule: Rule, where: str, given: Mapping[str, Any]) -> Case:
    table = table_of(rule, where, given, CASE)
    names = table.get("setting", [])
    if "provider" in table:
        _known(rule, f"{where}.provider", table["provider"].removeprefix("not "), provider_facts())
    return Case(
        settings=(names,) if isinstance(names, str) else tuple(names),
        wrong=_pattern(rule, f"{where}.is", table.get("is")),
        fine=_pattern(rule, f"{where}.not", table.get("not")),
        mild=_pattern(rule, f"{where}.mild", table.get("mild")),
        absent=table.get("absent", False),
        where=_patterns(rule, f"{where}.where", table.get("where", {})),
        unless=_patterns(rule, f"{where}.unless", table.get("unless", {})),
        needs=tuple(table.get("needs", ())),
        lacks=tuple(table.get("lacks", ())),
        resources=_resources(rule, where, table),
        via=tuple(table.get("via", ())),
        methods=tuple(table.get("methods", WRITING)),
        provider=table.get("provider", ""),
        provider_unknown=table.get("provider_unknown", "drop"),
        advice=table.get("advice", False),
        confidence=table.get("confidence"),
        note=table.get("note", ""),
        beside=tuple(_condition(rule, f"{where}.beside", each) for each in table.get("beside", ())),
    )


def _resources(rule: Rule, where: str, table: Mapping[str, Any]) -> tuple[str, ...]:
    for name in table.get("resources", ()):
        _known(rule, f"{where}.resources", name, list(catalogue()["resources"]))
    return tuple(table.get("resources", ()))


def _condition(rule: Rule, where: str, given: Mapping[str, Any]) -> Condition:
    table = table_of(rule, where, given, BESIDE)
    return Condition(**{**table, "clues": tuple(table["clues"])})


def _patterns(rule: Rule, where: str, given: Mapping[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = ((name, _pattern(rule, f"{where}.{name}", text)) for name, text in given.items())
    return tuple((name, pattern) for name, pattern in found if pattern)


def _pattern(rule: Rule, where: str, text: str | None) -> re.Pattern[str] | None:
    return None if text is None else compiled(rule, where, text, re.VERBOSE | re.IGNORECASE)


def _known(rule: Rule, where: str, name: str, known: list[str]) -> None:
    if name not in known:
        why = f'there is no such name, "{name}"{suggestion(name, known)}'
        raise wrong(rule, where, why, f"use one of {', '.join(known)}")


def _is_patterns(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(is_text, value.values()))


def _is_text_or_texts(value: Any) -> bool:
    return is_text(value) or is_list(value, is_text)


def _some_of(*names: str) -> Field:
    return Field(lambda value: is_list(value, names.__contains__), f"a list of {', '.join(names)}", required=False)


PATTERNS = Field(_is_patterns, "a table of patterns by the names of settings", required=False)
COUNT = Field(lambda value: is_int(value, 0, MANY), "a number from 0 on", required=False)
MATCH: Mapping[str, Field] = {
    "matcher": Field(is_text, '"setting"'),
    "words": TEXTS,
    "resources": TEXTS,
    "blocks": PATTERN,
    "once": FLAG,
    "cases": TABLES._replace(must="at least one [[match.cases]]"),
}
CASE: Mapping[str, Field] = {
    "resources": TEXTS,
    "setting": Field(
        lambda value: is_text(value) or is_list(value, is_text), "a name, or a list of names", required=False
    ),
    "is": PATTERN,
    "not": PATTERN,
    "mild": PATTERN,
    "absent": FLAG,
    "where": PATTERNS,
    "unless": PATTERNS,
    "needs": TEXTS,
    "lacks": TEXTS,
    "via": _some_of(*VIAS),
    "methods": _some_of(*METHODS),
    "provider": Field(is_text, 'a fact of rules/providers.toml, or "not" and a fact', required=False),
    "provider_unknown": one_of(*OTHERWISE)._replace(required=False),
    "advice": FLAG,
    "confidence": CONFIDENCE,
    "note": NOTE,
    "beside": TABLES._replace(must="a list of tables with clues", required=False),
}
BESIDE: Mapping[str, Field] = {
    "clues": TEXTS._replace(required=True),
    "within": one_of(*PLACES)._replace(required=False),
    "least": COUNT,
    "most": COUNT,
    "otherwise": one_of(*OTHERWISE)._replace(required=False),
}
