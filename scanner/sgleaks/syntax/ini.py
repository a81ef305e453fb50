"""INI and what looks like it: sections, ``key = value``, ``key: value`` or ``key value`` (msmtp), braces (nginx).

A section is a Block labelled by its name as it stands between the brackets, a line that ends with ``{`` opens one
labelled by its words; what is before the first is in the root. Lines that are indented more than their key continue its
value. ``; comment`` and ``# comment`` after a space are comments.
"""

from __future__ import annotations

import re

from sgleaks.syntax.draft import MAX_DEPTH, Draft
from sgleaks.syntax.facts import Facts, Setting, Value

LINE = re.compile(rb"(?m)^(?P<space>[ \t]*)(?P<text>[^\s][^\n]*)")
SECTION = re.compile(rb"\[([^\]\n]*)\]\s*(?:[;#].*)?")
OPENING = re.compile(rb"([^{}\n]*+)\{\s*(?:[;#].*)?")
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
    reader.done()
    for block in reader.open:
        block.end = len(data)
    return reader.draft.facts


class _Reader:
    """The blocks that are open, innermost last, and the setting that an indented line would continue."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.open = [draft.root()]
        self.last: Setting | None = None
        self.more: list[str] = []
        self.indent = 0
        self.line_end = 0

    def line(self, line: re.Match[bytes]) -> None:
        start = line.start("text")
        end = start + len(line["text"].rstrip())
        empty = self.draft.data.count(b"\n", self.line_end, start) > 1
        if self.draft.data[start] in b"#;":
            self.draft.facts.comments.append((start, end))
        elif self.last and not self._braced and len(line["space"]) > self.indent and not empty:
            self.more.append(self.draft.source(start, end))
            self.line_end = end
        else:
            self.done()
            self._structure(start, end)
            self.indent = len(line["space"])
            self.line_end = end

    def _structure(self, start: int, end: int) -> None:
        data = self.draft.data
        if section := SECTION.fullmatch(data, start, end):
            self._section(section)
        elif data[start:end].rstrip(b";, \t") == b"}":
            if len(self.open) > 1:
                self.open.pop().end = end
        elif opening := OPENING.fullmatch(data, start, end):
            self._braces(opening)
        else:
            self._setting(start, end)

    def _section(self, section: re.Match[bytes]) -> None:
        for block in self.open[1:]:
            block.end = section.start()
        name = self.draft.source(*section.span(1)).strip()
        self.open[1:] = [self.draft.block(self.open[0], (name,), section.start(), section.end())]

    def _braces(self, opening: re.Match[bytes]) -> None:
        labels = tuple(self.draft.source(*opening.span(1)).replace('"', "").rstrip("\t =:").split())
        if len(self.open) <= MAX_DEPTH:
            self.open.append(self.draft.block(self.open[-1], labels, opening.start(), opening.end()))

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
        end = start + len(draft.data[start:end].rstrip(b" \t\r,;" if self._braced else b" \t\r"))
        if QUOTED.fullmatch(draft.data, start, end):
            return draft.text(draft.source(start + 1, end - 1), start, end)
        return draft.plain(draft.source(start, end), start, end)

    @property
    def _braced(self) -> bool:
        return len(self.open) > 1 and self.draft.data[self.open[-1].start] != 0x5B

    def done(self) -> None:
        """The last value has all its lines."""
        if self.last:
            self.draft.lengthen(self.last, self.more, self.line_end)
            self.open[-1].end = max(self.open[-1].end, self.last.end)
        self.last, self.more = None, []
