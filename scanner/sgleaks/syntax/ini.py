"""INI and what looks like it: sections, ``key = value`` or ``key: value``, ``key value`` (msmtp), braces (nginx, HOCON).

A section is a Block labelled by its name as it stands between the brackets, a line that ends with ``{`` opens one
labelled by its words; what is before the first is in the root. Lines that are indented more than their key continue its
value. ``; comment`` and ``# comment`` after a space are comments.
"""

from __future__ import annotations

import re

from sgleaks.syntax.draft import MAX_DEPTH, Draft
from sgleaks.syntax.facts import Block, Facts, Setting, Value

LINE = re.compile(rb"(?m)^(?P<space>[ \t]*)(?P<text>[^\s][^\n]*)")
SECTION = re.compile(rb"\[([^\]\n]*)\]\s*(?:[;#].*)?")
OPENING = re.compile(rb"([^{}\n]*?)[ \t]*[=:]?[ \t]*\{\s*(?:[;#].*)?")
SPLIT = re.compile(
    rb"(?P<key>[^\s=:]+)[ \t]*(?:=>?|:(?![^\s=:]*//))[ \t]*|(?P<words>\w+(?:[ \t]\w+){1,3})[ \t]*=[ \t]*"
)
WORDS = re.compile(rb"(?P<key>\S+)(?:[ \t]+|\Z)")
REMARK = re.compile(rb"[ \t][;#]")
QUOTED = re.compile(rb"\"[^\"\n]*\"|'[^'\n]*'")


def read(data: bytes, language: str) -> Facts:
    reader = _Reader(Draft(data, language))
    for line in LINE.finditer(data):
        reader.line(line)
    for block in reader.open:
        block.end = len(data)
    return reader.draft.facts


class _Reader:
    """The blocks that are open, innermost last, and the setting that an indented line would continue."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.open = [draft.root()]
        self.last: Setting | None = None
        self.indent = 0
        self.line_end = 0

    def line(self, line: re.Match[bytes]) -> None:
        draft = self.draft
        start = line.start("text")
        end = start + len(line["text"].rstrip())
        blank = b"\n" in draft.data[self.line_end : line.start()].removeprefix(b"\r").removeprefix(b"\n")
        self.line_end = line.end()
        if draft.data[start] in b"#;":
            draft.facts.comments.append((start, end))
        elif self.last and len(self.open) < 3 and len(line["space"]) > self.indent and not blank:
            self._continue(self.last, start, end)
        elif section := SECTION.fullmatch(draft.data, start, end):
            self._section(section)
        elif draft.data[start:end].rstrip(b";, \t") == b"}":
            self._close(end)
        elif opening := OPENING.fullmatch(draft.data, start, end):
            self._braces(opening)
        else:
            self._setting(start, end)
            self.indent = len(line["space"])

    def _section(self, section: re.Match[bytes]) -> None:
        self.last = None
        for block in self.open[1:]:
            block.end = section.start()
        name = self.draft.source(*section.span(1)).strip()
        self.open[1:] = [self.draft.block(self.open[0], (name,), section.start(), section.end())]

    def _braces(self, opening: re.Match[bytes]) -> None:
        self.last = None
        labels = tuple(self.draft.source(*opening.span(1)).replace('"', "").split())
        if len(self.open) <= MAX_DEPTH:
            self.open.append(self.draft.block(self.open[-1], labels, opening.start(), opening.end()))

    def _close(self, end: int) -> None:
        self.last = None
        if len(self.open) > 1:
            self.open.pop().end = end

    def _setting(self, start: int, end: int) -> None:
        data = self.draft.data
        split = None if data[start] == 0x5B else SPLIT.match(data, start, end)
        split = split or WORDS.match(data, start, end)
        if not split:
            return
        key = self.draft.source(*split.span(split.lastgroup or 0))
        self.last = self.draft.set(self.open[-1], (key.strip("\"'"),), self._value(split.end(), end), start)
        self.open[-1].end = max(self.open[-1].end, self.last.end)

    def _value(self, start: int, end: int) -> Value:
        draft = self.draft
        remark = REMARK.search(draft.data, start - 1, end)
        quoted = QUOTED.match(draft.data, start, end)
        if remark and not (quoted and quoted.end() > remark.start()):
            draft.facts.comments.append((remark.end() - 1, end))
            end = max(start, remark.start())
        end = start + len(
            draft.data[start:end].rstrip(b" \t\r,;" if len(self.open) > 1 and self._braced() else b" \t\r")
        )
        if QUOTED.fullmatch(draft.data, start, end):
            return draft.text(draft.source(start + 1, end - 1), start, end)
        return draft.plain(draft.source(start, end), start, end)

    def _braced(self) -> bool:
        return self.draft.data[self.open[-1].start] != 0x5B

    def _continue(self, setting: Setting, start: int, end: int) -> None:
        value = setting.value
        text = f"{value.text}\n{self.draft.source(start, end)}".lstrip("\n")
        if value.kind in ("text", "template"):
            self.draft.facts.strings.pop()
        setting.value = self.draft.text(text, value.start, end)
        setting.end = self.open[-1].end = end
