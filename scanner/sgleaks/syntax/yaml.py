"""YAML, line by line: what is indented belongs together, and a line that makes no sense costs only itself.

Not by tree-sitter: its YAML grammar overflows a buffer at some 500 levels of indentation and ends the process (0.7.2),
and of a Helm template it leaves little. Shapes are those of ``nesting``; further:

- ``yes``, ``no``, ``on`` and ``off`` are booleans where they are not quoted, as in YAML 1.1; keys are texts always.
- ``!Ref X`` and its likes (``REFERENCES``) are references, ``X``; other tags are passed over, ``!!str`` is obeyed.
- An alias of a scalar is that scalar, where it is used; of a list or mapping a reference, ``*name``.
- ``<<: *name`` adds the settings of the mapping that are no mappings; their offsets are where they were written.
- ``{{ … }}`` of Helm and Jinja, ``{% … %}`` and ``<% … %>`` are covered while the structure is read; a line of nothing
  else is not there.
- Commands under the keys of CI services (``SHELL``) are calls, in the mapping that they stand in.
"""

from __future__ import annotations

import re
from textwrap import dedent

from sgleaks.syntax.draft import Draft, TooDeep
from sgleaks.syntax.facts import Facts, Setting, Value
from sgleaks.syntax.flow import Dialect, read_flow
from sgleaks.syntax.json import unquoted
from sgleaks.syntax.nesting import Nesting
from sgleaks.syntax.placeholders import covered
from sgleaks.syntax.shell import scripts

REFERENCES = frozenset(
    ("!Ref", "!GetAtt", "!ImportValue", "!Condition", "!secret", "!env_var", "!env", "!ENV", "!keyvault")
)
MAX_MERGED = 10_000  # settings that merge keys may add to a file: thousands of them could each name the same mapping
TOO_MANY = f"its merge keys add more than {MAX_MERGED:,} settings"

DOUBLE = rb"\"(?:[^\"\\]|\\.)*+\""
SINGLE = rb"'(?:[^']|'')*+'"
QUOTED = re.compile(rb"(?s)" + DOUBLE + rb"|" + SINGLE)
KEY_END = re.compile(rb":(?=[ \t\r\n]|\Z)|(?<=[ \t])#|\n")
AFTER_KEY = re.compile(rb"[ \t]*:(?=[ \t\r\n]|\Z)")
PROPERTY = re.compile(rb"(?:(?P<anchor>&[^\s,\[\]{}]+)|(?P<tag>!<[^>\s]*>|![^\s,\[\]{}]*))(?:[ \t]+|(?=[\r\n]|\Z))")
ALIAS = re.compile(rb"\*([^\s,\[\]{}]+)")
BLOCK_SCALAR = re.compile(rb"([|>])[-+0-9]*[ \t]*(?:#[^\n]*)?\r?(?=\n|\Z)")
DASH = re.compile(rb"-(?=[ \t\r\n]|\Z)")
QUESTION = re.compile(rb"\?(?=[ \t])")
MARKER = re.compile(rb"(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
SPACE = re.compile(rb"[ \t\r]*")
COMMENTED = re.compile(rb"[ \t]+#")
LINE_END = re.compile(rb"(?<=[ \t])#|\n|\Z")
FOLD = re.compile(r"\s*\n\s*")
FLOW_TOKEN = re.compile(
    rb"(?s)(?P<comment>(?<![^\s])\#[^\n]*)|(?P<scalar>"
    + DOUBLE
    + rb"|"
    + SINGLE
    + rb"|[^\s\[\]{},:\"'#](?:[^\n\[\]{},:#]"
    rb"|:(?![\s,\[\]{}\"']|\Z)|(?<!\s)\#)*)|(?P<mark>[\[\]{},:])"
)


def read(data: bytes, language: str) -> Facts:
    lines = _Lines(Draft(data, language))
    try:
        lines.read()
    except TooDeep as deep:
        lines.end_document()
        lines.draft.facts.cut = str(deep)
    scripts(lines.draft)
    return lines.draft.facts


class _Lines:
    """One pass over a file: the open levels, the anchors met so far, and where the last thing ended."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.shown = covered(draft.data)  # shows the structure
        self.nesting = Nesting(draft, draft.root())
        self.anchors: dict[str, tuple[Setting | list[Value], int]] = {}
        self.merged = 0
        self.last = 0
        self.flow = Dialect(FLOW_TOKEN, b":", self._flow_key, self._flow_scalar)

    def read(self) -> None:
        at = 0
        while at < len(self.shown):
            at = self._line(at)
        self.end_document()
        if len(self.draft.facts.roots) > 1 and not self.nesting.root.settings:
            self.draft.facts.roots.pop()  # after a last marker

    def end_document(self) -> None:
        self.nesting.close_all(self.last)
        self.nesting.root.end = max(self.nesting.root.start, self.last)

    def _line(self, at: int) -> int:
        """Reads the line that begins at an offset and all that its last value takes; gives where the next begins."""
        start = self._space(at)
        if start == at:
            if marker := MARKER.match(self.shown, at):
                self._new_document(at)
                start = self._space(marker.end())
            elif self.shown[at : at + 1] == b"%" and not self.nesting.root.settings:
                return self._next(at)
        return self._rest(start) if self._ends(start) else self._content(start, at)

    def _new_document(self, at: int) -> None:
        self.end_document()
        if self.nesting.root.settings:
            self.nesting = Nesting(self.draft, self.draft.root(at))
        self.anchors = {}

    def _content(self, start: int, line: int) -> int:
        while dash := DASH.match(self.shown, start) or QUESTION.match(self.shown, start):
            if dash.re is DASH:
                self._item(start - line, start)
            self.last = dash.end()
            start = self._space(dash.end())
            if self._ends(start):
                return self._rest(start)
        anchor, tag, inner = self._properties(start)
        end = self._key_end(inner)
        if end < 0:
            return self._value(inner, anchor, tag)
        self._mapping(start - line, start)
        self.nesting.key(self._flow_key(self.draft, inner, end), inner, end)
        self.last = self.shown.index(b":", end) + 1
        return self._value(*self._after_key(self.last))

    def _after_key(self, at: int) -> tuple[int, str, str]:
        anchor, tag, start = self._properties(self._space(at))
        return start, anchor, tag

    def _mapping(self, column: int, start: int) -> None:
        """A key at a column: of the mapping that is open there, or of one that opens."""
        nesting = self.nesting
        while nesting.top.indent > column or (nesting.top.items is not None and nesting.top.indent == column):
            nesting.close(self.last)
        if nesting.top.indent < column or nesting.top.value is None:
            nesting.open_mapping(start, column)

    def _item(self, column: int, start: int) -> None:
        """A dash at a column: of the list that is open there, or of one that opens; a list may stand below its key."""
        nesting = self.nesting
        while nesting.top.indent > column:
            nesting.close(self.last)
        if nesting.top.items is None or nesting.top.indent < column:
            nesting.open_list(start, column)

    def _properties(self, at: int) -> tuple[str, str, int]:
        """Anchor and tag at an offset, and what comes after them."""
        anchor = tag = ""
        while found := PROPERTY.match(self.shown, at):
            anchor = found["anchor"][1:].decode(errors="replace") if found["anchor"] else anchor
            tag = found["tag"].decode(errors="replace") if found["tag"] else tag
            at = found.end()
        return anchor, tag, at

    def _key_end(self, start: int) -> int:
        """Where the key ends that starts at an offset; -1 where none does."""
        first = self.shown[start : start + 1]
        if first in b"\"'" and (quoted := QUOTED.match(self.shown, start)):
            return quoted.end() if AFTER_KEY.match(self.shown, quoted.end()) else -1
        if first in b"[{|>*#":
            return -1
        found = KEY_END.search(self.shown, start)
        return found.start() if found and found.group() == b":" else -1

    def _value(self, start: int, anchor: str, tag: str) -> int:
        """The value at an offset, where it is wanted; gives where the line after it begins."""
        top = self.nesting.top
        slot = top.setting if top.items is None else top.items
        if anchor and slot is not None:
            self.anchors[anchor] = slot, len(top.items or ())
        if self._ends(start):
            return self._rest(start)
        if self.shown[start] in b"{[":
            self.last = read_flow(self.nesting, self.flow, start, self.shown)
        else:
            value = self._scalar(start, tag)
            self.last = value.end
            self.nesting.place(value)
        if isinstance(slot, Setting):
            if tag in REFERENCES and slot.value.kind == "list":
                name = ".".join(each.text for each in slot.value.items)
                slot.value = self.draft.reference(name, slot.value.start, slot.value.end)
            if slot.keys == ("<<",):
                self._merge(slot, start)
        return self._rest(self._space(self.last))

    def _scalar(self, start: int, tag: str) -> Value:
        if header := BLOCK_SCALAR.match(self.shown, start):
            return self._block_scalar(start, header.end(), folded=header[1] == b">")
        quoted = QUOTED.match(self.shown, start) if self.shown[start] in b"\"'" else None
        if quoted and self._inside(start, quoted.end()):
            return self._scalar_of(start, quoted.end(), tag)
        return self._scalar_of(start, self._plain_end(start), tag)

    def _inside(self, start: int, end: int) -> bool:
        """Whether all lines of a quoted scalar are indented as they must be: else a quote was forgotten."""
        at = self.shown.find(b"\n", start, end)
        while at >= 0:
            column = self._space(at + 1)
            if column - at - 1 <= self.nesting.top.indent and not self._ends(column):
                return False
            at = self.shown.find(b"\n", column, end)
        return True

    def _plain_end(self, start: int) -> int:
        """Where a plain scalar ends; lines that are indented more belong to it, unless they look like another thing."""
        end = self._line_end(start)
        at = self._next(end)
        while not COMMENTED.match(self.shown, end) and at < len(self.shown):
            line = self._space(at)
            if not self._ends(line):
                other = line - at <= self.nesting.top.indent or DASH.match(self.shown, line) or self._key_end(line) >= 0
                if other or MARKER.match(self.shown, at):
                    break
                end = self._line_end(line)
            elif self.shown[line : line + 1] == b"#":
                break
            at = self._next(line)
        return end

    def _block_scalar(self, start: int, header: int, *, folded: bool) -> Value:
        begin = end = at = self._next(header)
        while at < len(self.shown):
            line = self._space(at)
            after = self._next(line)
            if self.shown[line : line + 1] not in (b"\n", b""):
                if line - at <= self.nesting.top.indent or MARKER.match(self.shown, at):
                    break
                end = after - (self.shown[after - 1 : after] == b"\n")
            at = after
        text = dedent(self.draft.source(begin, end).replace("\r\n", "\n"))
        return self.draft.text(FOLD.sub(" ", text) if folded else text, start, max(end, header))

    def _scalar_of(self, start: int, end: int, tag: str = "") -> Value:
        """The value of a scalar between two offsets, which are known not to hold a comment."""
        draft = self.draft
        source = draft.source(start, end)
        if alias := ALIAS.fullmatch(self.shown, start, end):
            return self._alias(alias[1].decode(errors="replace"), start, end)
        if tag in REFERENCES:
            return draft.reference(_text(source), start, end)
        if source[:1] in ('"', "'") or tag in ("!!str", "!vault"):
            return draft.text(_text(source), start, end)
        if source == "~":
            return Value("null", "null", start, end)
        return draft.plain(_text(source), start, end)

    def _alias(self, name: str, start: int, end: int) -> Value:
        value = self._anchored(name)
        if value is None or not (value.literal or value.kind in ("template", "reference")):
            return self.draft.reference(f"*{name}", start, end)
        return Value(value.kind, value.text, start, end, value.items)

    def _anchored(self, name: str) -> Value | None:
        slot, index = self.anchors.get(name, ([], 0))
        if isinstance(slot, Setting):
            return slot.value
        return slot[index] if index < len(slot) else None

    def _merge(self, setting: Setting, start: int) -> None:
        block = setting.block
        known = {each.keys for each in block.settings}
        for name in ALIAS.findall(self.shown, start, self.last):
            if self.merged >= MAX_MERGED:
                self.draft.facts.cut = TOO_MANY
                return
            value = self._anchored(name.decode(errors="replace"))
            if value is None or value.block is None or any(each is value.block for each in block.around()):
                continue
            for each in value.block.settings:
                if each.keys in known or not _flat(each.value):
                    continue
                if self.merged >= MAX_MERGED:
                    self.draft.facts.cut = TOO_MANY
                    return
                known.add(each.keys)
                self.merged += 1
                block.settings.append(Setting(each.keys, each.value, each.start, each.end, block))

    def _flow_key(self, draft: Draft, start: int, end: int) -> tuple[str, ...]:
        return (_text(draft.source(start, end).strip()),)

    def _flow_scalar(self, draft: Draft, start: int, end: int) -> Value | None:
        _, tag, inner = self._properties(start)
        end = start + len(draft.data[start:end].rstrip())
        return self._scalar_of(inner, end, tag) if inner < end else None

    def _space(self, at: int) -> int:
        found = SPACE.match(self.shown, at)
        return found.end() if found else at

    def _ends(self, at: int) -> bool:
        return self.shown[at : at + 1] in (b"\n", b"", b"#")

    def _next(self, at: int) -> int:
        """Where the line after an offset begins."""
        return self.shown.find(b"\n", at) + 1 or len(self.shown)

    def _line_end(self, at: int) -> int:
        """Where the text ends that a line has from an offset on: spaces and a comment are no part of it."""
        found = LINE_END.search(self.shown, at)
        return at + len(self.shown[at : found.start() if found else None].rstrip())

    def _rest(self, at: int) -> int:
        """Passes over what is left of a line, and notes its comment."""
        after = self._next(at)
        if self.shown[at : at + 1] == b"#":
            end = at + len(self.shown[at:after].rstrip())
            self.draft.facts.comments.append((at, end))
        return after


def _text(source: str) -> str:
    """What a plain or quoted scalar says; its lines are folded."""
    if source[:1] == '"':
        return unquoted(FOLD.sub(" ", source))
    if source[:1] == "'":
        return FOLD.sub(" ", source[1:-1].replace("''", "'"))
    return FOLD.sub(" ", source) if "\n" in source else source


def _flat(value: Value) -> bool:
    """No mapping, nor a list of any: shared, those could be nested without end."""
    return value.kind != "block" and all(item.kind not in ("block", "list") for item in value.items)
