"""Finds calls by their name, their arguments, and the file they stand in.

``[match]`` says which, in tables ``[[match.calls]]``: a call that fits one of them is found. Arguments are judged by
what they stand for, too: a variable by what it was last given. Knows nothing of SendGrid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from sgleaks.matchers import Find
from sgleaks.matchers.file import File, Hit, check_keys, on_files
from sgleaks.matchers.given import CONFIDENCE, FLAG, NOTE, PATTERN, TEXTS, compiled, table_of, wrong
from sgleaks.matchers.subjects.reading import reading
from sgleaks.model import Confidence, Rule
from sgleaks.syntax import Call, Value
from sgleaks.syntax.facts import ValueKind
from sgleaks.table import Field, is_int, is_list, is_text

KINDS = get_args(ValueKind)
MAX_TEXT = 1000  # characters of a value that patterns are tried on


@dataclass(frozen=True, slots=True)
class Wish:
    """What an argument must be. Of the values that it may mean, one must fit ``accept``, and none ``reject``."""

    accept: re.Pattern[str] | None
    reject: re.Pattern[str] | None
    kinds: tuple[str, ...]
    not_kinds: tuple[str, ...]
    missing: bool

    def met(self, found: list[tuple[str, str]]) -> bool:
        """Whether the kinds and texts of what was found for an argument fit; nothing is found for a missing one."""
        if self.missing or not found:
            return self.missing and not found
        kinds = [kind for kind, _ in found]
        return (
            (not self.kinds or any(kind in self.kinds for kind in kinds))
            and not any(kind in self.not_kinds for kind in kinds)
            and (not self.accept or any(self.accept.search(text) for _, text in found))
            and (not self.reject or not any(self.reject.search(text) for _, text in found))
        )


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a call, as a table ``[[match.calls]]`` says it."""

    name: re.Pattern[str]
    languages: tuple[str, ...]
    imports: re.Pattern[str] | None
    path: re.Pattern[str] | None
    not_path: re.Pattern[str] | None
    contains: re.Pattern[str] | None
    at_least: int
    arguments: Mapping[str, Wish]
    at: str
    note: str
    confidence: Confidence | None
    advice: bool

    def may_be_in(self, file: File) -> bool:
        facts = file.facts
        return (
            (not self.languages or facts.language in self.languages)
            and (not self.imports or any(map(self.imports.fullmatch, facts.imports)))
            and (not self.path or bool(self.path.search(file.path)))
            and not (self.not_path and self.not_path.search(file.path))
        )

    def fits(self, call: Call, file: File) -> bool:
        return (
            len(call.arguments) >= self.at_least
            and bool(self.name.fullmatch(call.name))
            and (not self.contains or bool(self.contains.search(_source(file, call.start, call.end))))
            and all(wish.met(_meanings(file, call, name)) for name, wish in self.arguments.items())
        )


def prepare(rule: Rule, *, checked: bool = False) -> Find:
    """The rule's search. Raises ToolError naming the rule and the key of ``[match]`` that is wrong."""
    if not checked:
        check_keys(rule, ("calls",))
        forms(rule)
    read: list[tuple[Form, ...]] = []  # once, when the first file asks: most rules never look at a file

    def look(file: File) -> Iterator[Hit]:
        if not read:
            read.append(forms(rule))
        here = [form for form in read[0] if form.may_be_in(file)]
        for call in file.facts.calls if here else ():
            form = next((form for form in here if form.fits(call, file)), None)
            if form:
                start, end = _place(call, form.at)
                yield Hit(start, end, form.note, form.confidence, form.advice)

    return on_files(rule, look)


def forms(rule: Rule) -> tuple[Form, ...]:
    """The forms of calls that a rule finds. Raises ToolError."""
    tables = rule.match.get("calls")
    if not isinstance(tables, list) or not tables:
        raise wrong(rule, "match.calls", "it is missing", "give at least one [[match.calls]]")
    return tuple(_form(rule, f"match.calls {number}", table) for number, table in enumerate(tables, 1))


def _meanings(file: File, call: Call, name: str) -> list[tuple[str, str]]:
    """The kinds and texts of the argument ``name``: as written, and as what it stands for."""
    first, *keys = name.split(".")
    values = _arguments(call, first)
    for key in keys:
        values = [found for value in values if (found := _inside(file, value, key))]
    stand_for = [reading(file.facts).resolved(value) for value in values]
    return [(value.kind, _text(file, value)) for value in (*values, *stand_for)]


def _arguments(call: Call, name: str) -> list[Value]:
    if name == "any":
        return [*call.arguments, *(setting.value for setting in call.named.settings)]
    if name.isdigit():
        return [_bare(value) for value in call.arguments[int(name) - 1 : int(name)]]
    return [setting.value for setting in call.named.settings if setting.name == name]


def _inside(file: File, value: Value, key: str) -> Value | None:
    body = reading(file.facts).body(value)
    setting = body.block.get(key) if body else None
    return setting.value if setting else None


def _bare(value: Value) -> Value:
    """An argument without what some grammars put around it."""
    return (
        value.items[0]
        if value.kind == "expression" and len(value.items) == 1 and value.start == value.items[0].start
        else value
    )


def _text(file: File, value: Value) -> str:
    return (
        value.text[:MAX_TEXT] if value.literal or value.kind == "reference" else _source(file, value.start, value.end)
    )


def _source(file: File, start: int, end: int) -> str:
    return file.facts.data[start : min(end, start + MAX_TEXT)].decode("utf-8", "replace")


def _place(call: Call, at: str) -> tuple[int, int]:
    values = _arguments(call, at) if at else []
    return (values[0].start, values[0].end) if values else (call.start, call.end)


def _form(rule: Rule, where: str, value: object) -> Form:
    table = table_of(rule, where, value, FORM)
    arguments = {
        name: _wish(rule, f"{where}.argument.{name}", each) for name, each in table.get("argument", {}).items()
    }
    return Form(
        name=_pattern(rule, where, "name", table) or re.compile(""),
        languages=tuple(table.get("languages", ())),
        imports=_pattern(rule, where, "imports", table),
        path=_pattern(rule, where, "path", table),
        not_path=_pattern(rule, where, "not_path", table),
        contains=_pattern(rule, where, "contains", table),
        at_least=table.get("at_least", 0),
        arguments=arguments,
        at=table.get("at", ""),
        note=table.get("note", ""),
        confidence=table.get("confidence"),
        advice=table.get("advice", False),
    )


def _wish(rule: Rule, where: str, value: object) -> Wish:
    table = table_of(rule, where, value, WISH)
    return Wish(
        accept=_pattern(rule, where, "is", table),
        reject=_pattern(rule, where, "not", table),
        kinds=tuple(table.get("kind", ())),
        not_kinds=tuple(table.get("not_kind", ())),
        missing=table.get("missing", False),
    )


def _pattern(rule: Rule, where: str, key: str, table: Mapping[str, Any]) -> re.Pattern[str] | None:
    return compiled(rule, f"{where}.{key}", table[key], re.VERBOSE) if key in table else None


KIND = Field(lambda value: is_list(value, KINDS.__contains__), f"a list of some of {', '.join(KINDS)}", required=False)
AN_ARGUMENT = 'a position from 1, the name of a named argument, or "any", and behind dots keys inside it'
FORM: Mapping[str, Field] = {
    "name": PATTERN._replace(required=True),
    "languages": TEXTS._replace(must='a list of languages, such as ["python"]'),
    "imports": PATTERN,
    "path": PATTERN,
    "not_path": PATTERN,
    "contains": PATTERN,
    "at_least": Field(lambda value: is_int(value, 0, 99), "a number of arguments from 0 to 99", required=False),
    "argument": Field(
        lambda value: isinstance(value, dict), f"tables [match.calls.argument.X], X being {AN_ARGUMENT}", required=False
    ),
    "at": Field(is_text, AN_ARGUMENT, required=False),
    "note": NOTE,
    "confidence": CONFIDENCE,
    "advice": FLAG,
}
WISH: Mapping[str, Field] = {"is": PATTERN, "not": PATTERN, "kind": KIND, "not_kind": KIND, "missing": FLAG}
