"""Facts in the making: what every reader of a configuration format does alike.

Nothing here knows a format.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sgleaks.syntax.facts import Block, Facts, Setting, Value
from sgleaks.syntax.interpolation import interpolations

# Blocks within blocks; no configuration in the corpus has 20. What is deeper is not read.
MAX_DEPTH = 100

BOOLEANS = {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}
NULLS = ("", "~", "null")
NUMBER = re.compile(r"[-+]?(?:0x[\da-fA-F_]+|0o[0-7_]+|(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)")


class TooDeep(Exception):
    """A file is nested deeper than anybody writes by hand."""

    def __init__(self) -> None:
        super().__init__(f"it is nested deeper than {MAX_DEPTH} levels")


class Draft:
    """Facts that grow: blocks, settings and values are made here and listed where they belong."""

    def __init__(self, data: bytes, language: str) -> None:
        self.data = data
        self.facts = Facts(language, data)

    def root(self, start: int = 0, end: int | None = None) -> Block:
        block = Block((), start, len(self.data) if end is None else end)
        self.facts.roots.append(block)
        return block

    def block(self, parent: Block, labels: tuple[str, ...], start: int, end: int = 0) -> Block:
        block = Block(labels, start, end or start, parent)
        parent.blocks.append(block)
        return block

    def set(self, block: Block, keys: tuple[str, ...], value: Value, start: int) -> Setting:
        setting = Setting(keys, value, start, max(start, value.end), block)
        block.settings.append(setting)
        return setting

    def lengthen(self, setting: Setting, more: Sequence[str], end: int) -> None:
        """A text goes on over further lines, up to an offset."""
        if more:
            text = "\n".join((*filter(None, (setting.value.text,)), *more))
            setting.value = self.text(text, setting.value.start, end)
            setting.end = end

    def source(self, start: int, end: int) -> str:
        return self.data[start:end].decode(errors="replace")

    def text(
        self, text: str, start: int, end: int, *, bare: bool = False, parts: tuple[Value, ...] | None = None
    ) -> Value:
        """A text, or a template where something is put into it: ``parts``, if the format has a way of its own."""
        if parts is None:
            parts = interpolations(self.data, start, end, bare=bare)
            self.facts.references += (each for part in parts for each in part.walk() if each.kind == "reference")
        value = Value("template" if parts else "text", text, start, end, parts)
        self.facts.strings.append(value)
        return value

    def reference(self, name: str, start: int, end: int) -> Value:
        value = Value("reference", name, start, end)
        self.facts.references.append(value)
        return value

    def plain(self, text: str, start: int, end: int, *, bare: bool = False, words: bool = True) -> Value:
        """An unquoted scalar: a boolean, null, number or text. ``words``: yes, no, on and off are booleans too."""
        lower = text.lower()
        if lower in BOOLEANS and (words or lower in ("true", "false")):
            return Value("boolean", BOOLEANS[lower], start, end)
        if lower == "null":
            return Value("null", "null", start, end)
        if NUMBER.fullmatch(text):
            return Value("number", text, start, end)
        return self.text(text, start, end, bare=bare)
