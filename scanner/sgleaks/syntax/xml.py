"""XML, tolerant of what is not closed: elements are Blocks labelled by their names, attributes their settings.

A text is the setting ``""``, each run of it one; ``true``, ``false`` and numbers are taken for what they say. Property
lists: after ``<key>X</key>`` the next element is also the setting ``X`` of the Block of the ``dict``. Of entities only
the five that XML predefines and the numbered ones are resolved; a DOCTYPE is passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sgleaks.syntax.draft import MAX_DEPTH, Draft
from sgleaks.syntax.facts import Block, Facts, Value

TAG = re.compile(
    rb"<(?P<close>/)?(?P<name>[^\s<>/!?\"'=]+)(?P<attributes>(?:[^\"'<>/]|\"[^\"<]*+\"|'[^'<]*+'|/(?!>))*+)(?P<empty>/)?>"
)
ATTRIBUTE = re.compile(rb"(?P<name>[^\s\"'<>/=]+)\s*=\s*(?P<value>\"[^\"]*\"|'[^']*')")
ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
ELSE = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"), (b"<!", b">"))


@dataclass(slots=True)
class Element:
    """An element that is open: what a property list puts into it, and the last key that it told."""

    block: Block
    name: str = ""
    values: list[Value] = field(default_factory=list)
    key: tuple[str, int] | None = None


def read(data: bytes, language: str) -> Facts:
    reader = _Reader(Draft(data, language))
    at = 0
    while at < len(data):
        at = reader.step(at)
    while len(reader.open) > 1:
        reader.close(len(data), len(data))
    return reader.draft.facts


class _Reader:
    """The elements that are open, the document first."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.open = [Element(draft.root())]
        self.missing: set[bytes] = set()  # closings that come no more
        self.too_deep = 0

    def step(self, at: int) -> int:
        """Reads the text before the next tag, and the tag."""
        data = self.draft.data
        start = data.find(b"<", at)
        self._text(at, start if start >= 0 else len(data))
        if start < 0:
            return len(data)
        if tag := TAG.match(data, start):
            self._tag(tag)
            return tag.end()
        for opening, closing in ELSE:
            if data.startswith(opening, start) and closing not in self.missing:
                end = data.find(closing, start + len(opening))
                if end < 0:
                    self.missing.add(closing)
                    break
                return self._other(opening, start, end, end + len(closing))
        return start + 1

    def _other(self, opening: bytes, start: int, end: int, after: int) -> int:
        if opening == b"<!--":
            self.draft.facts.comments.append((start, after))
        elif opening == b"<![CDATA[":
            self._text(start + len(opening), end, raw=True)
        elif opening == b"<!" and (subset := self.draft.data.find(b"[", start, end)) >= 0:
            closing = self.draft.data.find(b"]", subset)
            return (self.draft.data.find(b">", closing) + 1 or after) if closing >= 0 else after
        return after

    def _text(self, start: int, end: int, *, raw: bool = False) -> None:
        source = self.draft.data[start:end]
        start += len(source) - len(source.lstrip())
        end -= len(source) - len(source.rstrip())
        if start >= end or self.too_deep:
            return
        text = self.draft.source(start, end)
        value = self.draft.plain(text if raw else resolved(text), start, end, words=False)
        self.draft.set(self.open[-1].block, ("",), value, start)
        self.open[-1].values.append(value)

    def _tag(self, tag: re.Match[bytes]) -> None:
        name = self.draft.source(*tag.span("name"))
        if tag["close"]:
            if self.too_deep:
                self.too_deep -= 1
            elif any(element.name == name for element in self.open):
                while self.open[-1].name != name:
                    self.close(tag.start(), tag.start())
                self.close(tag.start(), tag.end())
            return
        if len(self.open) > MAX_DEPTH:
            self.too_deep += not tag["empty"]
            return
        block = self.draft.block(self.open[-1].block, (name,), tag.start(), tag.end())
        for attribute in ATTRIBUTE.finditer(self.draft.data, *tag.span("attributes")):
            start, end = attribute.span("value")
            value = self.draft.plain(resolved(self.draft.source(start + 1, end - 1)), start, end, words=False)
            self.draft.set(block, (self.draft.source(*attribute.span("name")),), value, attribute.start())
        self.open.append(Element(block, name))
        if tag["empty"]:
            self.close(tag.end(), tag.end())

    def close(self, inner: int, end: int) -> None:
        """The innermost element ends; in a property list it may be the key or the value of a setting."""
        element = self.open.pop()
        element.block.end = end
        outer = self.open[-1]
        if outer.name not in ("dict", "array"):
            return
        if element.name == "key" and element.values:
            outer.key = element.values[0].text, element.block.start
            return
        value = self._plist_value(element, inner)
        outer.values.append(value)
        if outer.key:
            self.draft.set(outer.block, (outer.key[0],), value, outer.key[1])
            outer.key = None

    def _plist_value(self, element: Element, inner: int) -> Value:
        start, end = element.block.start, element.block.end
        match element.name:
            case "true" | "false":
                return Value("boolean", element.name, start, end)
            case "dict":
                return Value("block", "", start, end, block=element.block)
            case "array":
                return Value("list", "", start, end, tuple(element.values))
        if not element.values:
            return Value("text", "", inner, inner)
        return element.values[0]


def resolved(source: str) -> str:
    """A text with its numbered and predefined entities as characters; any other stays as written."""
    if "&" not in source:
        return source

    def character(entity: re.Match[str]) -> str:
        if entity[3]:
            return ENTITIES[entity[3]]
        number = int(entity[1]) if entity[1] else int(entity[2], 16)
        return chr(number) if 0 < number < 0x110000 else "\ufffd"

    return ENTITY.sub(character, source)
