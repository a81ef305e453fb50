"""What the ``[match]`` table of a ``regex`` rule says, checked: patterns, and the conditions they name.

Knows the shape of the table only; what is found with it is for ``regex``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sgleaks.errors import ToolError, suggestion
from sgleaks.matchers.assignment import assignment
from sgleaks.model import CONFIDENCES, Confidence, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

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
        try:
            return re.compile(self.text.encode(), self._flags)
        except (re.error, OverflowError, RecursionError) as error:
            why = f"it is no regular expression: {error}"
            raise _wrong(self._rule, self._where, why, "mend it; white space needs [ ]") from None

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
    table = _table(rule, "match", rule.match, MATCH)
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
    table = _table(rule, where, value, CONDITION)
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
    table = _table(rule, where, value, PATTERN)
    find = _search(rule, where, "pattern", table)
    groups = find.groups
    if "pattern" in table and "secret" not in groups:
        _ = find.compiled  # a syntax error is told first
        raise _wrong(rule, f"{where}.pattern", "no group holds the credential", "name one: (?P<secret>…)")
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
            raise _wrong(rule, where, why, f"name one of: {', '.join(conditions)}")
        if conditions[name].find is None and name not in (*groups, "secret"):
            raise _wrong(
                rule, where, f'"{name}" says not what to look for', f"give it find, or the pattern a group {name}"
            )
    return tuple((name, conditions[name]) for name in names)


def _search(rule: Rule, where: str, key: str, table: Mapping[str, Any]) -> Regex:
    if (key in table) == ("setting" in table):
        raise _wrong(rule, f"{where}.{key}", f"there must be one of {key} and setting", "give the one that fits")
    begins = _lowered(table.get("begins", []))
    if "setting" in table:
        text = assignment(table["setting"])
        return Regex(rule, f"{where}.setting", text, re.VERBOSE | re.MULTILINE | re.IGNORECASE, begins)
    return Regex(rule, f"{where}.{key}", table[key], re.VERBOSE | re.MULTILINE, begins)


def _regex(rule: Rule, where: str, text: str | None) -> Regex | None:
    return None if text is None else Regex(rule, where, text, re.VERBOSE | re.MULTILINE)


def _table(rule: Rule, where: str, value: object, fields: Mapping[str, Callable[[Any], bool]]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(rule, where, "it is no table", f"give it keys: {', '.join(fields)}")
    for key, entry in value.items():
        if key not in fields:
            why = f"there is no such key{suggestion(key, list(fields))}"
            raise _wrong(rule, f"{where}.{key}", why, f"use one of {', '.join(fields)}")
        if not fields[key](entry):
            raise _wrong(rule, f"{where}.{key}", "its value is wrong", MUST[key])
    if fields is MATCH and "patterns" not in value:
        raise _wrong(rule, f"{where}.patterns", "it is missing", MUST["patterns"])
    return value


def _wrong(rule: Rule, where: str, why: str, mend: str) -> ToolError:
    return ToolError(f"rule {rule.id}: {where}", why, mend)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(_is_text(each) for each in value)


def _is_lines(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 200


def _is_confidence(value: Any) -> bool:
    return value in CONFIDENCES


MATCH: Mapping[str, Callable[[Any], bool]] = {
    "matcher": _is_text,
    "within": _is_lines,
    "except": _is_text,
    "near": lambda value: isinstance(value, dict),
    "patterns": lambda value: isinstance(value, list) and bool(value),
}
CONDITION: Mapping[str, Callable[[Any], bool]] = {
    "find": _is_text,
    "setting": _is_text,
    "begins": _is_names,
    "is": _is_text,
    "not": _is_text,
    "side": lambda value: value in SIDES,
    "within": _is_lines,
    "otherwise": _is_confidence,
    "note": _is_text,
}
PATTERN: Mapping[str, Callable[[Any], bool]] = {
    "pattern": _is_text,
    "setting": _is_text,
    "near": _is_names,
    "if_near": _is_names,
    "confidence": _is_confidence,
    "note": _is_text,
    "comments": lambda value: isinstance(value, bool),
    "words": _is_names,
    "begins": _is_names,
}
_A_REGEX = "give a regular expression (verbose syntax)"
MUST: Mapping[str, str] = {
    **dict.fromkeys(("find", "setting", "is", "not", "pattern", "except"), _A_REGEX),
    **dict.fromkeys(("within",), "give a number of lines from 0 to 200"),
    **dict.fromkeys(("confidence", "otherwise"), f"give one of {', '.join(CONFIDENCES)}"),
    "near": "give names of [match.near.NAME] tables in a pattern, such tables in [match]",
    "if_near": "give names of [match.near.NAME] tables",
    "patterns": "give at least one [[match.patterns]]",
    "matcher": 'give the name of a matcher, such as "regex"',
    "side": f"give one of {', '.join(SIDES)}",
    "note": "give one sentence",
    "comments": "give true or false",
    **dict.fromkeys(("words", "begins"), "give a list of texts"),
}
