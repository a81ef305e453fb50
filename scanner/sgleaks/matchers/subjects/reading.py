"""Values read as a person reads them: a name is what was last assigned to it, JSON in a text is what it says.

Follows a few hops inside one file, and says so where something stays unknown. Knows nothing of SendGrid.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from sgleaks.matchers.subjects.json_text import json_block
from sgleaks.once import once
from sgleaks.syntax import Block, Call, Facts, Function, Setting, Value

HOPS = 6  # from a name to what it stands for: a buffer of JSON of a mapping is four
LONGEST = 1000  # characters of a text that is put together; addresses have a hundred
UNKNOWN = "{}"
MOST = 200  # settings of a structure that is read; requests to SendGrid have twenty

# Calls that only change the form of what they are given, by their last name in lower case.
WRAPPERS = frozenset({
    "asjson", "byte", "bytes", "bytesio", "create", "dict", "dump", "dumps", "encode", "encodetostring", "from",
    "fromjson", "generate", "hash", "json", "json_decode", "json_encode", "jsoncontent", "jsonencode", "jsonify",
    "loads", "map", "marshal", "marshalindent", "newbuffer", "newbufferstring", "newreader", "object", "of",
    "ofstring", "parse", "serialize", "serializeobject", "string", "stringcontent", "stringify", "to_json",
    "to_string", "tojson", "tojsonstring", "tostring", "writevalueasstring",
})  # fmt: skip
# Calls that give the text they are given.
TEXT_WRAPPERS = ("uri", "url", "parse", "create", "string", "rstrip", "trimend")
HOLE = re.compile(r"\$?\{\{[^{}]*\}\}|[$#]\{[^{}]*\}|\$\([^()]*\)|\{[^{}]*\}|\$\w+(?:->\w+)?|%[sdv@]|\\\([^()]*\)")
WITH_ERROR = re.compile(rb"(\w{1,60}), *\w{1,60} *:?= *\Z")
SPREAD = re.compile(rb"\.\.\.|\*\*|<<")
BARE = re.compile(rb"[{,]\s*[A-Za-z_][\w.]*\s*[,}]")  # new { name } of C#, whose members are not read


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A structure that a value stands for; ``whole`` where all of its settings are known."""

    block: Block
    whole: bool = True


@dataclass(slots=True)
class Reading:
    """What is needed to read the values of one file; offsets are in ascending order in each list."""

    facts: Facts
    named: dict[str, list[Setting]] = field(default_factory=lambda: defaultdict(list))  # by dotted name
    parts: dict[str, list[Setting]] = field(default_factory=lambda: defaultdict(list))  # `x.y = 1` by x
    calls: dict[str, list[Call]] = field(default_factory=lambda: defaultdict(list))  # `x.y(1)` by x
    makers: dict[tuple[int, int], str] = field(default_factory=dict)  # the name of what a call makes, by its place
    functions: list[Function] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    bodies: dict[int, Body] = field(default_factory=dict)  # by the identity of their block
    documents: dict[int, tuple[Value, Block | None]] = field(default_factory=dict)  # JSON in texts
    outer: list[int] = field(default_factory=list)

    def function_at(self, offset: int) -> int:
        """The index of the innermost function around an offset, or -1."""
        at = bisect_right(self.starts, offset) - 1
        while at >= 0 and self.functions[at].end <= offset:
            at = self.outer[at]
        return at

    def is_function(self, value: Value) -> bool:
        """Whether a value is a function, such as a callback."""
        at = bisect_left(self.starts, value.start)
        return value.kind == "expression" and at < len(self.starts) and self.starts[at] == value.start

    def assigned(self, name: str, before: int) -> Setting | None:
        """What a name was last given before an offset: in the functions around it, or outside of any."""
        settings = self.named.get(name, ())
        at = bisect_left(settings, before, key=lambda each: each.start)
        around = {-1, *self._around(before)}
        for setting in reversed(settings[max(0, at - 8) : at]):
            if self.function_at(setting.start) in around:
                return setting
        # A constant may stand below the function that uses it.
        return settings[0] if len(settings) == 1 and self.function_at(settings[0].start) == -1 else None

    def _around(self, offset: int) -> Iterator[int]:
        at = self.function_at(offset)
        while at >= 0:
            yield at
            at = self.outer[at]

    def resolved(self, value: Value, hops: int = HOPS) -> Value:
        """What a value stands for: itself, or what its name was last given."""
        while value.kind == "reference" and hops:
            setting = self.assigned(plain(value.text), value.start)
            if setting is None or setting.value is value:
                break
            value, hops = setting.value, hops - 1
        return value

    def text(self, value: Value) -> str:
        """The text a value stands for, ``{}`` in it for what is not known."""
        return _collapsed("".join(self._texts(value, HOPS, [64]))[:LONGEST])

    def _texts(self, value: Value, hops: int, budget: list[int]) -> Iterator[str]:
        budget[0] -= 1
        value = self.resolved(value) if hops else value
        if budget[0] < 0 or not hops:
            yield UNKNOWN
        elif value.literal:
            yield value.text[:LONGEST] if value.kind != "null" else ""
        elif value.kind == "template":
            yield from self._filled(value.text, value.items, hops, budget)
        elif value.kind == "expression" and self._is_sum(value):
            for item in value.items:
                yield from self._texts(item, hops - 1, budget)
        elif value.kind == "call" and value.call:
            yield from self._called(value, value.call, hops, budget)
        else:
            yield UNKNOWN

    def _filled(self, text: str, items: Sequence[Value], hops: int, budget: list[int]) -> Iterator[str]:
        text = text[:LONGEST]
        at, left = 0, list(items[:MOST])
        for hole in HOLE.finditer(text):
            yield text[at : hole.start()]
            at = hole.end()
            if left:
                yield from self._texts(left.pop(0), hops - 1, budget)
            else:
                yield UNKNOWN
        yield text[at:]

    def _called(self, value: Value, call: Call, hops: int, budget: list[int]) -> Iterator[str]:
        last = _last(call.name)
        if last in ("format", "sprintf") and value.items and value.items[0].literal:
            yield from self._filled(value.items[0].text, call.arguments, hops, budget)
        elif last in ("format", "sprintf", "interpolate", "concat") and call.arguments:
            first = self.resolved(call.arguments[0])
            rest = call.arguments[1:]
            if first.kind == "text" and HOLE.search(first.text):
                yield from self._filled(first.text, rest, hops, budget)
            else:
                for argument in call.arguments:
                    yield from self._texts(argument, hops - 1, budget)
        elif last in TEXT_WRAPPERS:
            inner = call.arguments or value.items
            yield from self._texts(inner[0], hops - 1, budget) if inner else (UNKNOWN,)
        else:
            yield UNKNOWN

    def _is_sum(self, value: Value) -> bool:
        """Whether an expression puts texts together: nothing but ``+`` or ``.`` is between its parts."""
        data = self.facts.data
        between = [data[a.end : b.start].strip(b" \t\r\n()\\") for a, b in pairwise(value.items)]
        return bool(between) and all(each in (b"+", b".", b"..", b"&", b"") for each in between)

    def body(self, value: Value, hops: int = HOPS) -> Body | None:
        """The structure a value stands for: a mapping, or JSON in a text, in whatever form; None for any other."""
        if not hops or self.is_function(value):
            return None
        if value.block and value.kind in ("block", "call"):
            return self._body(value.block)
        if value.kind == "template" and len(value.items) == 1 and HOLE.fullmatch(value.text):
            inner = self.body(value.items[0], hops - 1)  # "$BODY"
            if inner:
                return inner
        if value.kind in ("text", "template"):
            return self._body(self._json(value))
        if value.kind == "reference":
            return self._named_body(value, hops)
        if value.kind == "call" and value.call and value.call.name == "ConvertTo-Json":
            return self._piped(value.call)
        if value.kind == "call" and value.call and _last(value.call.name) in WRAPPERS:
            if value.call.named.settings and (not value.call.arguments or _last(value.call.name) == "dict"):
                body = self._body(value.call.named)
                return Body(body.block, body.whole and not value.call.arguments) if body else None
            parts = (*value.call.arguments, *value.items)
            return next((body for each in parts[:3] if (body := self.body(each, hops - 1))), None)
        if value.kind in ("expression", "list") and len(value.items) == 1:
            return self.body(value.items[0], hops - 1)
        return None

    def _piped(self, call: Call) -> Body | None:
        """The mapping of PowerShell that is given to a command through a pipe."""
        for block in reversed(call.block.blocks[-20:]):
            if block.end <= call.start and self.facts.data[block.end : call.start].strip(b" \t\r\n)") == b"|":
                return self._body(block)
        return None

    def _body(self, block: Block | None) -> Body | None:
        """A block as a body; each is looked at once."""
        if block is None or len(block.settings) > MOST:
            return None
        if id(block) not in self.bodies:
            self.bodies[id(block)] = Body(block, not self._is_open(block))
        return self.bodies[id(block)]

    def _json(self, value: Value) -> Block | None:
        if id(value) not in self.documents:
            self.documents[id(value)] = value, json_block(value, self.facts.data)  # kept, so that none has its identity
        return self.documents[id(value)][1]

    def _named_body(self, value: Value, hops: int) -> Body | None:
        name = plain(value.text)
        setting = self.assigned(name, value.start)
        body = self.body(setting.value, hops - 1) if setting else None
        if not setting or not body:
            return None
        added = self.parts_between(name, setting.end, value.start)
        changed = self.calls_between(name, setting.end, value.start)
        if not added:
            return Body(body.block, body.whole and not changed)
        block = body.block
        both = Block(block.labels, block.start, block.end, block.parent, [*block.settings, *added], block.blocks)
        return Body(both, body.whole and not changed)

    def name_of(self, call: Call) -> str:
        """The name that is given what a call makes, or ""."""
        return self.makers.get((call.start, call.end), "")

    def next_assigned(self, name: str, after: int) -> int:
        """Where a name is given something again, or the end of the file."""
        settings = self.named.get(name, ())
        at = bisect_left(settings, after, key=lambda each: each.start)
        return settings[at].start if at < len(settings) else len(self.facts.data)

    def parts_between(self, name: str, start: int, end: int) -> list[Setting]:
        """What is set inside of what a name stands for: ``x.y = 1``, ``x["y"] = 1``."""
        return _between(self.parts.get(name, ()), start, end)

    def calls_between(self, name: str, start: int, end: int) -> list[Call]:
        """The methods that are called on what a name stands for."""
        return _between(self.calls.get(name, ()), start, end)

    def _is_open(self, block: Block) -> bool:
        """Whether another mapping is spread into this one: ``{...x}``, ``{**x}``."""
        hidden = BARE if self.facts.language == "c_sharp" else SPREAD
        at = block.start
        for setting in sorted(block.settings, key=lambda each: each.start):
            if hidden.search(self.facts.data, at, max(at, setting.start)):
                return True
            at = max(at, setting.end)
        return hidden.search(self.facts.data, at, block.end) is not None


@once
def reading(facts: Facts) -> Reading:
    """How the values of a file are read."""
    made = Reading(facts)
    for setting in sorted(_assignments(facts), key=lambda each: each.start):
        keys = [plain(key) for key in setting.keys]
        made.named[".".join(keys)].append(setting)
        if setting.value.call:
            made.makers[setting.value.start, setting.value.end] = ".".join(keys)
        if len(keys) > 1:
            made.parts[".".join(keys[:-1])].append(setting)
    for call in facts.calls:
        receiver, dot, _ = call.name.rpartition(".")
        if dot:
            made.calls[plain(receiver)].append(call)
    made.functions = sorted(facts.functions, key=lambda each: (each.start, -each.end))
    made.starts = [each.start for each in made.functions]
    open_ones: list[int] = []
    for index, function in enumerate(made.functions):
        while open_ones and made.functions[open_ones[-1]].end <= function.start:
            open_ones.pop()
        made.outer.append(open_ones[-1] if open_ones else -1)
        open_ones.append(index)
    return made


def _assignments(facts: Facts) -> Iterator[Setting]:
    """What gives a name a value: assignments, variables of the environment in YAML, and what calls of Go give beside an
    error, as in ``body, err := json.Marshal(…)``."""
    for root in facts.roots:
        yield from root.settings
    for block in facts.blocks() if facts.language == "yaml" else ():
        yield from block.settings if block.labels[-1:] in (("env",), ("environment",), ("variables",)) else ()
    for call in facts.calls if facts.language == "go" else ():
        names = WITH_ERROR.search(facts.data, max(0, call.start - 100), call.start)
        if names:
            value = Value("call", call.name, call.start, call.end, call=call)
            yield Setting((names[1].decode(),), value, names.start(1), call.end, call.block)


Placed = TypeVar("Placed", Setting, Call)


def _between(placed: Sequence[Placed], start: int, end: int) -> list[Placed]:
    first = bisect_left(placed, start, key=lambda each: each.start)
    last = bisect_left(placed, end, key=lambda each: each.start)
    return list(placed[max(first, last - MOST) : last])


def plain(name: str) -> str:
    """A name without what marks it as a variable or a member: ``$x``, ``@x``, ``this.x``, ``self.x``."""
    return name.removeprefix("$").removeprefix("@").removeprefix("this.").removeprefix("self.")


def _last(name: str) -> str:
    return re.split(r"[.:]", name)[-1].lower()


def _collapsed(text: str) -> str:
    return re.sub(r"(?:\{\}){2,}", UNKNOWN, text)
