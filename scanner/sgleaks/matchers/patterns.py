"""What the ``[match]`` table of a ``regex`` rule says, checked: patterns, and the conditions they name.

Knows the shape of the table only; what is found with it is for ``regex``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sgleaks.errors import suggestion
from sgleaks.matchers.assignment import assignment
from sgleaks.matchers.given import CONFIDENCE, FLAG, NOTE, PATTERN, TEXTS, compiled, table_of, wrong
from sgleaks.model import Confidence, Rule
from sgleaks.table import Field, is_int, is_text, one_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WITHIN = 8  # lines: the settings of one mail server in the longest block of the corpus
GROUP = re.compile(r"\(\?P<(\w+)>")
SIDES = ("before", "after", "either")


class Regex:
    """A regular expression, compiled when it is first used: most patterns of most rules never are.

    ``begins``: in lower case, texts with one of which, in any case, all that it finds begins.
    """

    def __init__(self, rule: Rule, where: str, text: str, flags: int, begins: tuple[bytes, ...] = ()) -> None:
        self.text, self.begins = text, begins
        self._rule, self._where, self._flags = rule, where, flags

    @cached_property
    def compiled(self) -> re.Pattern[bytes]:
        """Raises ToolError naming the rule and the key."""
        return compiled(self._rule, self._where, self.text.encode(), self._flags)

    @property
    def groups(self) -> list[str]:
        """The names of its groups."""
        return GROUP.findall(self.text)


@dataclass(frozen=True, slots=True)
class Condition:
    """What the nearest neighbour of a kind must be (``accept``) and must not be (``reject``).

    Where a pattern has a group of the condition's name, that group is judged instead (``secret``: the credential).
    With ``otherwise`` a failure lowers the confidence to it and adds ``note``; without, there is no match.
    """

    find: Regex | None
    accept: Regex | None
    reject: Regex | None
    side: str
    within: int  # lines
    otherwise: Confidence | None
    note: str

    def holds(self, value: bytes) -> bool:
        if self.accept and not self.accept.compiled.search(value):
            return False
        return not (self.reject and self.reject.compiled.search(value))


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way in which a rule's credential is written. ``near`` names what must stand by, ``if_near`` what may."""

    find: Regex
    near: tuple[tuple[str, Condition], ...]
    if_near: tuple[tuple[str, Condition], ...]
    confidence: Confidence
    note: str
    comments: bool  # whether a commented line counts
    words: tuple[bytes, ...]  # lower case; where none of them is near, the pattern is not tried


def read(rule: Rule) -> tuple[tuple[Pattern, ...], Regex | None]:
    """The patterns of a rule, and what a credential must not be. Raises ToolError naming the rule and the key.

    What a regular expression says is not looked at until it is used; see ``check``.
    """
    table = table_of(rule, "match", rule.match, MATCH)
    conditions = {
        name: _condition(rule, f"match.near.{name}", each, table.get("within", WITHIN))
        for name, each in table.get("near", {}).items()
    }
    patterns = [
        _pattern(rule, f"match.patterns {number}", each, conditions) for number, each in enumerate(table["patterns"], 1)
    ]
    return tuple(patterns), _regex(rule, "match.except", table.get("except"))


def check(patterns: Iterable[Pattern], never: Regex | None) -> None:
    """Compiles every regular expression. Raises ToolError naming the rule and the key of one that is wrong."""
    conditions = [each for pattern in patterns for _, each in (*pattern.near, *pattern.if_near)]
    regexes = [*(pattern.find for pattern in patterns), never]
    for condition in conditions:
        regexes += [condition.find, condition.accept, condition.reject]
    for regex in regexes:
        _ = regex and regex.compiled


def _condition(rule: Rule, where: str, value: object, within: int) -> Condition:
    table = table_of(rule, where, value, CONDITION)
    return Condition(
        find=_search(rule, where, "find", table) if table.keys() & {"find", "setting"} else None,
        accept=_regex(rule, f"{where}.is", table.get("is")),
        reject=_regex(rule, f"{where}.not", table.get("not")),
        side=table.get("side", "either"),
        within=table.get("within", within),
        otherwise=table.get("otherwise"),
        note=table.get("note", ""),
    )


def _pattern(rule: Rule, where: str, value: object, conditions: Mapping[str, Condition]) -> Pattern:
    table = table_of(rule, where, value, PATTERNS)
    find = _search(rule, where, "pattern", table)
    groups = find.groups
    if "pattern" in table and "secret" not in groups:
        _ = find.compiled  # a syntax error is told first
        raise wrong(rule, f"{where}.pattern", "no group holds the credential", "name one: (?P<secret>…)")
    return Pattern(
        find=find,
        near=_named(rule, f"{where}.near", table.get("near", []), conditions, groups),
        if_near=_named(rule, f"{where}.if_near", table.get("if_near", []), conditions, groups),
        confidence=table.get("confidence", rule.confidence),
        note=table.get("note", ""),
        comments=table.get("comments", True),
        words=_lowered(table.get("words", [])),
    )


def _lowered(texts: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(text.lower().encode() for text in texts)


def _named(
    rule: Rule, where: str, names: list[str], conditions: Mapping[str, Condition], groups: Sequence[str]
) -> tuple[tuple[str, Condition], ...]:
    for name in names:
        if name not in conditions:
            why = f"there is no [match.near.{name}]{suggestion(name, list(conditions))}"
            raise wrong(rule, where, why, f"name one of: {', '.join(conditions)}")
        if conditions[name].find is None and name not in (*groups, "secret"):
            raise wrong(
                rule, where, f'"{name}" says not what to look for', f"give it find, or the pattern a group {name}"
            )
    return tuple((name, conditions[name]) for name in names)


def _search(rule: Rule, where: str, key: str, table: Mapping[str, Any]) -> Regex:
    if (key in table) == ("setting" in table):
        raise wrong(rule, f"{where}.{key}", f"there must be one of {key} and setting", "give the one that fits")
    begins = _lowered(table.get("begins", []))
    if "setting" in table:
        text = assignment(table["setting"])
        return Regex(rule, f"{where}.setting", text, re.VERBOSE | re.MULTILINE | re.IGNORECASE, begins)
    return Regex(rule, f"{where}.{key}", table[key], re.VERBOSE | re.MULTILINE, begins)


def _regex(rule: Rule, where: str, text: str | None) -> Regex | None:
    return None if text is None else Regex(rule, where, text, re.VERBOSE | re.MULTILINE)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(is_text(each) for each in value)


NAMES = Field(_is_names, "a list of names of [match.near.NAME] tables", required=False)
LINES = Field(lambda value: is_int(value, 0, 200), "a number of lines from 0 to 200", required=False)
MATCH: Mapping[str, Field] = {
    "matcher": Field(is_text, '"regex"'),
    "within": LINES,
    "except": PATTERN,
    "near": Field(lambda value: isinstance(value, dict), "tables [match.near.NAME]", required=False),
    "patterns": Field(lambda value: isinstance(value, list) and bool(value), "at least one [[match.patterns]]"),
}
CONDITION: Mapping[str, Field] = {
    "find": PATTERN,
    "setting": PATTERN,
    "begins": TEXTS,
    "is": PATTERN,
    "not": PATTERN,
    "side": one_of(*SIDES)._replace(required=False),
    "within": LINES,
    "otherwise": CONFIDENCE,
    "note": NOTE,
}
PATTERNS: Mapping[str, Field] = {
    "pattern": PATTERN,
    "setting": PATTERN,
    "near": NAMES,
    "if_near": NAMES,
    "confidence": CONFIDENCE,
    "note": NOTE,
    "comments": FLAG,
    "words": TEXTS,
    "begins": TEXTS,
}
