"""DNS zone files (RFC 1035, section 5), and fragments of them.

A record is a Block in the root, labelled by its owner and its type, with the settings ``name``, ``ttl`` (where it is
written), ``type`` and ``value``. Names are absolute, in lower case and without the last dot, as far as the file has an
``$ORIGIN``; without one they stay as they are, ``@`` too. The strings of a TXT record are joined; of another record
``value`` is what follows its type, the last name in it made absolute. ``$ORIGIN`` and ``$TTL`` are settings of the
root.
"""

from __future__ import annotations

import re

from sgleaks.syntax.draft import Draft
from sgleaks.syntax.facts import Block, Facts, Value

TOKEN = re.compile(
    rb"(?P<comment>;[^\n]*)|(?P<line>\n)|(?P<bracket>[()])|(?P<space>[^\S\n]+)"
    rb"|(?P<word>\"(?:[^\"\\\n]|\\.)*+\"?|(?:[^\s\"();\\]|\\.)+|\\)",
    re.DOTALL,
)
CLASSES = frozenset(("IN", "CH", "HS", "CS"))
TTL = re.compile(r"\d[\dsmhdw]*", re.IGNORECASE)
TYPE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
NAMED = frozenset(("CNAME", "NS", "MX", "PTR", "DNAME", "SRV"))  # the last field is a name
STRINGS = frozenset(("TXT", "SPF"))
ESCAPE = re.compile(r"\\(?:(\d{3})|(.))", re.DOTALL)

Span = tuple[int, int]


def read(data: bytes, language: str) -> Facts:
    reader = _Reader(Draft(data, language))
    words: list[Span] = []
    blank, brackets = False, 0
    for token in TOKEN.finditer(data):
        match token.lastgroup:
            case "comment":
                reader.draft.facts.comments.append(token.span())
            case "word":
                words.append(token.span())
            case "bracket":
                brackets += 1 if token.group() == b"(" else -bool(brackets)
            case "space":
                blank = blank or (not words and data[token.start() - 1 : token.start()] in (b"", b"\n"))
            case _ if not brackets:
                reader.entry(words, blank=blank)
                words, blank = [], False
    reader.entry(words, blank=blank)
    return reader.draft.facts


class _Reader:
    """What one entry leaves to the next: the origin, and the last owner."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.root: Block = draft.root()
        self.origin = ""
        self.owner: Span | None = None

    def entry(self, words: list[Span], *, blank: bool) -> None:
        if not words:
            return
        first = self.draft.source(*words[0])
        if first.startswith("$"):
            if len(words) > 1:
                value = self.draft.source(*words[1])
                if first.upper() == "$ORIGIN":
                    self.origin = value = self._absolute(value)
                self.draft.set(self.root, (first.upper(),), Value("text", value, *words[1]), words[0][0])
            return
        if not blank:
            self.owner = words[0]
            words = words[1:]
        if self.owner:
            self._record(self.owner, words, self.owner[0] if not blank else words[0][0])

    def _record(self, owner: Span, words: list[Span], start: int) -> None:
        ttl: Span | None = None
        while words and (
            self.draft.source(*words[0]).upper() in CLASSES or TTL.fullmatch(self.draft.source(*words[0]))
        ):
            ttl = words[0] if self.draft.source(*words[0]).upper() not in CLASSES else ttl
            words = words[1:]
        if len(words) < 2 or not TYPE.fullmatch(kind := self.draft.source(*words[0]).upper()):
            return
        name = self._absolute(self.draft.source(*owner))
        block = self.draft.block(self.root, (name, kind), start, words[-1][1])
        self.draft.set(block, ("name",), Value("text", name, *owner), owner[0])
        if ttl:
            self.draft.set(block, ("ttl",), Value("text", self.draft.source(*ttl), *ttl), ttl[0])
        self.draft.set(block, ("type",), Value("text", kind, *words[0]), words[0][0])
        value = Value("text", self._data(kind, words[1:]), words[1][0], words[-1][1])
        self.draft.set(block, ("value",), value, value.start)
        self.draft.facts.strings.append(value)

    def _data(self, kind: str, words: list[Span]) -> str:
        fields = [self.draft.source(*word) for word in words]
        if kind in STRINGS:
            return "".join(_string(each) for each in fields)
        if kind in NAMED:
            fields[-1] = self._absolute(fields[-1])
        return " ".join(_string(each) for each in fields)

    def _absolute(self, name: str) -> str:
        name = name.lower()
        if name.endswith("."):
            return name[:-1]
        if not self.origin:
            return name
        return self.origin if name == "@" else f"{name}.{self.origin}"


def _string(source: str) -> str:
    if source[:1] == '"':
        source = source[1:-1] if len(source) > 1 and source[-1] == '"' else source[1:]
    return ESCAPE.sub(lambda each: chr(int(each[1])) if each[1] else each[2], source)
