"""Settings, however a file writes them: assignments, pairs of ``name`` and ``value``, ``NAME=value`` in a list, calls.

What one format says with a mapping another says with a list of pairs (Kubernetes, Helm, ``appSettings``), a call
(``props.put("mail.smtp.host", …)``, ``define('X', …)``, ``setHost(…)``) or the switches of a command. Names are
compared without case and separators: ``EnableSsl``, ``enable_ssl`` and ``ENABLE-SSL`` are ``enablessl``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from sgleaks.once import once
from sgleaks.syntax import Block, Call, Facts, Value

NAMES = ("name", "key", "Name", "Key", "variable")
VALUES = ("value", "Value", "")
PAIR = re.compile(r"(?s)([A-Za-z_][\w.-]{0,80})=(.*)")
PUT = re.compile(
    r"(?:.*[.:>])?(?:put|set|add|define|store|setProperty|setOption|setdefault|putIfAbsent|property|SetDefault)"
)
SETTER = re.compile(r"(?:.*[.:>])?[sS]et(?P<name>[A-Z]\w{1,60})")
SWITCH = re.compile(r"--?[A-Za-z][\w-]{0,60}(?:=.*)?")
COMMANDS = ("bash", "dockerfile", "make", "powershell", "yaml", "groovy")  # languages with commands in them
# Functions that give a variable, or what else they are told; casts around them.
READERS = re.compile(
    r"(?i)(?:.*[.:>])?(?:get|getenv|get_env|fetch|env|config|value|setting|property|optional|coalesce)"
    r"|(?:.*\b(?:env|config|settings|decouple)\b.*[.:>])?(?:get_?)?(?:bool|boolean|int|str|string)"
)
CASTS = re.compile(r"(?i)(?:.*[.:])?(?:bool|int|str|string|boolean|number|parseInt|strtobool|tostring|tobool)")
CHOICE = re.compile(r"\|\||\?\?|\?:|\bor\b")
VARIABLE = re.compile(r"\$\{[\w.-]{1,80}:[-=]?(?![?+])(?P<default>[^{}]*)\}")
MAX_NAME = 300  # characters of a name or a path that are looked at
MAX_HOPS = 4  # `bool(int(env("X", default=0)))`


class Entry(NamedTuple):
    """One setting: its last name and its whole path squashed (see ``squash``), and where it is written.

    ``block`` is what its neighbours stand in; ``prefix`` what it is set on: ``app.config`` of ``app.config["X"]``.
    """

    name: str
    path: str
    value: Value
    start: int
    end: int
    block: Block
    prefix: tuple[str, ...] = ()


class Told(NamedTuple):
    """What a value says, in lower case; ``sure`` unless something else may be put in its place."""

    text: str
    sure: bool


def squash(name: str) -> str:
    """A name without case and separators; of a long one its end."""
    return re.sub(r"[^a-z0-9*]", "", name[-MAX_NAME:].lower())


@once
def entries(facts: Facts) -> tuple[Entry, ...]:
    """Every entry of a file, in its order."""
    found: list[Entry] = []
    for root in facts.roots:
        _of_block(root, "", found)
    for call in facts.calls:
        found += _of_call(call, facts.language)
    return tuple(sorted(found, key=lambda entry: entry.start))


def _of_block(root: Block, path: str, found: list[Entry]) -> None:
    open_blocks = [(root, path)]
    while open_blocks:
        block, path = open_blocks.pop()
        found += _of_settings(block, path)
        starts = [setting.start for setting in block.settings]
        for inner in block.blocks:
            labels = "".join(inner.labels)
            if not inner.labels and (at := bisect_right(starts, inner.start)):
                labels = "".join(block.settings[at - 1].keys) if block.settings[at - 1].end >= inner.end else ""
            found += _of_pair(inner, path)
            open_blocks.append((inner, (path + squash(labels))[-MAX_NAME:]))


def _of_settings(block: Block, path: str) -> Iterator[Entry]:
    for setting in block.settings:
        name, value = setting.name, setting.value
        if name == "" and block.labels and block.parent:  # the text of an element
            yield Entry(squash(block.labels[-1]), path, value, setting.start, setting.end, block.parent)
            continue
        whole = path + squash("".join(setting.keys))
        if value.kind == "list":
            for item in value.items:
                if pair := PAIR.fullmatch(item.text) if item.kind in ("text", "template") else None:
                    part = Value(item.kind, pair[2], item.start, item.end, item.items)
                    yield Entry(squash(pair[1]), whole + squash(pair[1]), part, item.start, item.end, block)
        if value.kind != "block":
            yield Entry(squash(name), whole, value, setting.start, setting.end, block, setting.keys[:-1])


def _of_pair(block: Block, path: str) -> Iterator[Entry]:
    """``<add key="X" value="y"/>``, ``- name: X`` with ``value: y``; also ``<smtpHost value="y"/>``."""
    if not block.parent or len(block.settings) > 8:
        return
    value = next((setting for key in VALUES if (setting := block.get(key))), None)
    if value is None:
        return
    name = next((setting for key in NAMES if (setting := block.get(key)) and setting.value.kind == "text"), None)
    if name:
        text = name.value.text
    elif len(block.settings) == 1 and value.name and block.labels:
        text = block.labels[-1]
    else:
        return
    last = re.split(r"[.:/]|__", text)[-1]
    yield Entry(squash(last), path + squash(text), value.value, value.start, value.end, block.parent)


def _of_call(call: Call, language: str) -> Iterator[Entry]:
    arguments = call.arguments
    if language in COMMANDS and not call.name.startswith("$"):
        for word, after in zip(arguments, (*arguments[1:], None), strict=False):
            if word.kind in ("text", "template") and SWITCH.fullmatch(word.text):
                name, equals, text = word.text.partition("=")
                value = Value("text", text, word.start, word.end) if equals else after
                value = value or Value("boolean", "true", word.start, word.end)
                yield Entry(squash(name), squash(name), value, word.start, word.end, call.named)
            elif pair := PAIR.fullmatch(word.text) if word.kind in ("text", "template") else None:  # -e NAME=value
                part = Value(word.kind, pair[2], word.start, word.end, word.items)
                yield Entry(squash(pair[1]), squash(pair[1]), part, word.start, word.end, call.named)
    if len(arguments) == 2 and arguments[0].kind == "text" and PUT.fullmatch(call.name):
        text = arguments[0].text
        if len(text) < 100:
            last = re.split(r"[.:/]", text)[-1]
            yield Entry(squash(last), squash(text), arguments[1], call.start, call.end, call.block)
    elif arguments and (setter := SETTER.fullmatch(call.name)):
        name = squash(setter["name"])
        yield Entry(name, name, arguments[0], call.start, call.end, call.block, tuple(call.name.split(".")[:-1]))


@once
def _assigned(facts: Facts) -> dict[str, Value | None]:
    """What names stand for that a file assigns exactly once; None for those it assigns more often."""
    given: dict[str, Value | None] = {}
    for root in facts.roots:
        for setting in root.settings:
            name = ".".join(setting.keys).removeprefix("$")
            given[name] = None if name in given else setting.value
    return given


def told(facts: Facts, value: Value, hops: int = MAX_HOPS) -> Told | None:
    """What a value says, looking through variables and defaults; None where that is only known when it runs."""
    if value.literal:
        return Told(value.text.strip().lower(), sure=True)
    if not hops:
        return None
    if value.kind == "reference":
        known = _assigned(facts).get(value.text.removeprefix("$"))
        return told(facts, known, hops - 1) if known else None
    if value.kind == "template":
        whole = VARIABLE.fullmatch(value.text)
        return Told(whole["default"].strip().lower(), sure=False) if whole else None
    default = _default(value)
    found = told(facts, default, hops - 1) if default else None
    return found and Told(
        found.text, sure=found.sure and value.kind == "call" and default is not None and _is_cast(value)
    )


def _default(value: Value) -> Value | None:
    """What stands in for a variable, or what a cast is given."""
    if value.kind == "expression" and len(value.items) > 1 and CHOICE.search(value.text[:400]):
        return value.items[-1] if value.items[-1].kind != "reference" else None
    call = value.call if value.kind == "call" else None
    if call is None or len(call.name) > 200:
        return None
    if _is_cast(value) and call.arguments and call.arguments[0].kind in ("call", "expression", "number", "boolean"):
        return call.arguments[0]
    if READERS.fullmatch(call.name):
        named = call.named.get("default") or call.named.get("default_value")
        return named.value if named else call.arguments[1] if len(call.arguments) > 1 else None
    return None


def _is_cast(value: Value) -> bool:
    return bool(value.call and CASTS.fullmatch(value.call.name) and not value.call.named.settings)
