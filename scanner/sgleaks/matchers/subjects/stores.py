"""Where configuration keeps secrets of SendGrid: their names, the values beside them, and what they stand in.

One name is given a value in many ways: a pair of a mapping (``SENDGRID_API_KEY: x``), an item of a list
(``- SENDGRID_API_KEY=x``), a mapping of its own (``{name: SENDGRID_API_KEY, value: x}``), a line of a text
(``build-args: |``). Each of them is one ``Kept`` here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from sgleaks.matchers.file import Hit
from sgleaks.matchers.subjects.secret_name import is_secret_name
from sgleaks.once import once
from sgleaks.secret import KEY
from sgleaks.syntax import Block, Facts, Setting, Value

NAMES = ("name", "Name", "key", "Key", "variable_name", "option_name", "OptionName")
VALUES = ("value", "Value", "values", "default")
ASSIGNED = re.compile(rb"[\"']?([A-Za-z_][\w.-]{0,80}?)[\"']?[ \t]{0,8}[=:][ \t]{0,8}[\"']?")
ALONE = re.compile(r"[A-Za-z_]\w{0,80}=")
REFERENCE = re.compile(r"\$\{?[A-Za-z_({]|\$\(|\{\{|%\w+%|<%|#\{")
FALLBACK = re.compile(r"\$\{\w{1,80}:?-([^${}]{1,200})\}")
# Keys begin with `SG.`, so that what stands in a variable for one and says such a word was made up.
KEY_NAME = re.compile(r"(?i)(?:key|token)$")
MADE_UP = re.compile(
    r"(?i)(?:^|[\W_])(?:test(?:ing|s)?|fake|dummy|mock(?:ed)?|stub|ci|local|dev(?:elopment)?|sandbox|disabled|unused|foo|bar)"
    r"(?:[\W_]|$)"
)
STAND_IN = re.compile(
    r"(?i)your|change|example|placeholder|dummy|todo|x{3}|\*{3}|[<>{}$]|^(?:none|null|unset|test|key|secret)$"
)
SHORTEST = 6  # characters of a text that is hidden beside what is told


class Kept(NamedTuple):
    """A secret's name and value. ``place``: the keys around it, from the root, those of lists too; ``start``: where the
    name begins, or the mapping that gives it."""

    name: str
    value: Value
    start: int
    place: tuple[str, ...]
    block: Block

    @property
    def under(self) -> str:
        """The innermost key around it."""
        return self.place[-1] if self.place else ""


def literal(entry: Kept) -> Iterator[Hit]:
    """A hit where the value itself is written down: a literal, or what counts when a variable is not set."""
    value = entry.value
    text = value.text
    if value.kind == "template" or REFERENCE.search(text):
        fallback = FALLBACK.fullmatch(text)
        if fallback is None:
            return
        text = fallback[1]
    elif value.kind not in ("text", "number"):
        return
    yield from written(entry.name, text, value.start, value.end)


def written(name: str, text: str, start: int, end: int) -> Iterator[Hit]:
    """A hit for a text between two offsets that is written down as the value of a secret."""
    if not KEY_NAME.search(name) or KEY.search(text):
        yield Hit(start, end, secret=text)
    elif not MADE_UP.search(text):
        yield Hit(start, end, "Keys of SendGrid begin with SG., which this does not.", "medium", secret=text)


def told(facts: Facts, start: int, end: int, secret: tuple[int, int] | None, note: str = "") -> Hit:
    """A hit that does not ask for a literal, where there may be one on its line: then it is that, so that it is hidden.

    ``secret``: the half-open range of the literal. What stands in for one needs no hiding, and would drop the hit.
    """
    if secret and b"\n" not in facts.data[start : secret[0]]:
        text = facts.data[slice(*secret)].decode(errors="replace").strip("\"'")
        if len(text) >= SHORTEST and not STAND_IN.search(text):
            return Hit(*secret, note, secret=text)
    return Hit(start, end, note)


def is_made_up(name: str, text: str) -> bool:
    """Whether a text under the name of a key only stands for one."""
    return KEY_NAME.search(name) is not None and KEY.search(text) is None and MADE_UP.search(text) is not None


def keys_around(facts: Facts, block: Block) -> tuple[str, ...]:
    """The keys that lead from the root to a block, those of the lists it is in included."""
    lists = _lists(facts)
    keys: list[str] = []
    for each in block.around():
        keys[:0] = (*lists.get(id(each), ()), *each.labels)
    return tuple(keys)


@once
def kept(facts: Facts) -> tuple[Kept, ...]:
    """Every secret of SendGrid that a file names as configuration does, in its order."""
    found = (_named(entry) for block in facts.blocks() for entry in _in_block(facts, block))
    return tuple(sorted((entry for entry in found if entry), key=lambda entry: entry.value.start))


@once
def _lists(facts: Facts) -> dict[int, tuple[str, ...]]:
    """The keys of the list that a block is an item of, by the block's identity."""
    keys: dict[int, tuple[str, ...]] = {}
    for setting in facts.settings():
        waiting = [setting.value]
        while waiting:
            value = waiting.pop()
            for item in value.items if value.kind == "list" else ():
                waiting.append(item)
                if item.block:
                    keys[id(item.block)] = setting.keys
    return keys


def _in_block(facts: Facts, block: Block) -> Iterator[Kept]:
    around = keys_around(facts, block)
    name, value = _pair(block)
    if name and value:
        yield Kept(name.value.text, value.value, name.start, around, block)
    elif value and block.labels:  # NAME: {value: x, description: y}
        yield Kept(block.labels[-1], value.value, block.start, around[:-1], block)
    for setting in block.settings:
        if setting.value.kind == "block" or (name and setting in (name, value)):
            continue
        place = (*around, *setting.keys)
        if setting.value.kind == "list":
            for item in setting.value.items:
                if item.kind == "text" and re.fullmatch(r"[A-Za-z_]\w{0,80}", item.text):  # passed on from outside
                    yield Kept(item.text, replace(item, kind="null", text=""), item.start, place, block)
                yield from assigned(facts, item, place, block)
            continue
        yield Kept(setting.name, setting.value, setting.start, place[:-1], block)
        if b"\n" in facts.data[setting.value.start : setting.value.end] or ALONE.match(setting.value.text):
            yield from assigned(facts, setting.value, place, block)


def _pair(block: Block) -> tuple[Setting | None, Setting | None]:
    """The settings of a mapping that say a name and its value."""
    settings = {setting.name: setting for setting in block.settings}
    name = next((given for each in NAMES if (given := settings.get(each)) and given.value.kind == "text"), None)
    value = next((given for each in VALUES if (given := settings.get(each)) and given.value.kind != "block"), None)
    return name, value


def assigned(facts: Facts, value: Value, place: tuple[str, ...], block: Block) -> Iterator[Kept]:
    """``NAME=value`` in each line of a text; of any name."""
    if value.kind not in ("text", "template"):
        return
    line_start = value.start
    for line in facts.data[value.start : value.end].split(b"\n"):
        begin = line_start + len(line) - len(line.lstrip(b" \t\"'-"))
        found = ASSIGNED.match(line.lstrip(b" \t\"'-"))
        if found:
            end = line_start + len(line.rstrip(b" \t\r\"',"))
            start = min(begin + found.end(), end)
            text = facts.data[start:end].decode(errors="replace")
            part = replace(
                value, kind="template" if REFERENCE.search(text) else "text", text=text, start=start, end=end
            )
            yield Kept(found[1].decode(), part, begin, place, block)
        line_start += len(line) + 1


def _named(entry: Kept) -> Kept | None:
    """The entry, where its name means a secret of SendGrid, alone or with the key around it, or its value is one."""
    name, around = entry.name, entry.under
    if is_secret_name(name) or ("grid" in around.lower() and is_secret_name(f"{around}_{name}")):
        return entry
    return entry if KEY.search(entry.value.text) and entry.value.kind == "text" else None
