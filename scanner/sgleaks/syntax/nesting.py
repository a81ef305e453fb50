"""Mappings and lists that open and close: the common shape of JSON, YAML and the inline values of TOML.

A mapping under a key is a Block labelled by the key, in the Block of the mapping that it stands in; its Setting has a
Value of kind block. A mapping in a list is a Block without a label, in the Block of the mapping that has the list. What
stands alone in a document, without a key, is the setting ``""`` of its root.
"""

from __future__ import annotations

from dataclasses import dataclass

from sgleaks.syntax.draft import MAX_DEPTH, Draft, TooDeep
from sgleaks.syntax.facts import Block, Setting, Value


@dataclass(slots=True)
class Level:
    """A mapping or list that is open, or a document. ``indent`` is a column where indentation means something."""

    block: Block
    value: Value | None = None
    items: list[Value] | None = None
    setting: Setting | None = None
    indent: int = -1

    @property
    def mapping(self) -> bool:
        return self.value is not None and self.items is None


class Nesting:
    """The levels of one document; each thing that is read is put where the innermost one wants it."""

    def __init__(self, draft: Draft, root: Block) -> None:
        self.draft = draft
        self.root = root
        self.levels = [Level(root)]

    @property
    def top(self) -> Level:
        return self.levels[-1]

    def key(self, keys: tuple[str, ...], start: int, end: int) -> None:
        """A key in the innermost mapping; null until its value comes."""
        null = Value("null", "null", end, end)
        self.top.setting = self.draft.set(self.top.block, keys, null, start)

    def place(self, value: Value) -> None:
        """A value where one is wanted; of two, the first is it."""
        top = self.top
        if top.items is not None:
            top.items.append(value)
        elif top.setting:
            if top.setting.value.kind == "null":
                top.setting.value = value
                top.setting.end = value.end
        elif top.value is None:
            self.draft.set(self.root, ("",), value, value.start)

    def open_mapping(self, start: int, indent: int = -1) -> None:
        top = self.top
        if top.value is None:  # the document
            block = self.root
            value = Value("block", "", start, start, block=block)
        else:
            labels = top.setting.keys if top.setting else ()
            block = self.draft.block(top.block, labels, top.setting.start if top.setting else start)
            value = Value("block", "", start, start, block=block)
            self.place(value)
        self._push(Level(block, value, indent=indent))

    def open_list(self, start: int, indent: int = -1) -> None:
        value = Value("list", "", start, start)
        self.place(value)
        self._push(Level(self.top.block, value, [], indent=indent))

    def close(self, end: int) -> None:
        """The innermost level ends; a document never does."""
        if len(self.levels) == 1:
            return
        level = self.levels.pop()
        value = level.value
        if value is None:
            return
        value.end = max(value.start, end)
        if level.items is not None:
            value.items = tuple(level.items)
        elif level.block is not self.root:
            level.block.end = value.end
        if self.top.setting and self.top.setting.value is value:
            self.top.setting.end = value.end

    def close_all(self, end: int, down_to: int = 1) -> None:
        while len(self.levels) > down_to:
            self.close(end)

    def _push(self, level: Level) -> None:
        if len(self.levels) > MAX_DEPTH:
            raise TooDeep
        self.levels.append(level)
