"""HCL: Terraform, OpenTofu, Packer; ``*.tf.json`` gives the same shapes.

A block is a Block with its type and labels: ``("resource", "sendgrid_api_key", "main")``. An object is one too,
labelled by the attribute or key that it is the value of. ``var.x``, ``data.a.b[0].c`` are references, ``data.a.b.0.c``;
a subscript that is no literal is ``*`` there. Of operators, conditions and ``for`` one gets an expression with its
operands as items.

Not by tree-sitter: its HCL grammar takes seconds for some broken files of 100 KB (1.2.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import dedent

from sgleaks.syntax import json
from sgleaks.syntax.draft import MAX_DEPTH, Draft, TooDeep
from sgleaks.syntax.facts import Block, Call, Facts, Value
from sgleaks.syntax.heredoc import Endings

SPACE = re.compile(rb"[^\S\n]*")
SPACES = re.compile(rb"\s*")
COMMENT = re.compile(rb"(?s)\#[^\n]*|//[^\n]*|/\*.*?\*/|/\*.*")
IDENTIFIER = re.compile(rb"[^\W\d][\w-]*(?:::[^\W\d][\w-]*)*")
STEP = re.compile(rb"\.([^\W\d][\w-]*|\*|\d+)")
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\w)")
LITERAL_INDEX = re.compile(rb"\[\s*(?:\"([^\"$%\\\n]*)\"|(\d+)|\*)\s*\]")
OPERATOR = re.compile(rb"[-+*/%&|!<>=?:.]+")
PART = re.compile(rb"(?s)\\.|\$\$\{|%%\{|[$%]\{~?|\"|\n")
HEREDOC = re.compile(rb"<<-?(\w+)[ \t]*\r?\n")
ESCAPE = re.compile(r"\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
FOR = re.compile(rb"[\[{]\s*for\s")
WORDS = frozenset(("for", "in", "if", "else", "endif", "endfor"))
LABELLED = {"resource": 2, "data": 2, "ephemeral": 2, "variable": 1, "output": 1, "provider": 1, "module": 1}


def read(data: bytes, language: str) -> Facts:
    if data.lstrip()[:1] == b"{":
        return _labelled(json.read(data, language))
    parser = _Parser(Draft(data, language))
    root = parser.draft.root()
    try:
        while parser.at < len(data):
            parser.body(root)
            parser.at += 1  # a brace that closes nothing
    except TooDeep as deep:
        parser.draft.facts.cut = str(deep)
    return parser.draft.facts


class _Parser:
    """Where it reads and up to where; every method goes on from ``at``, and none goes back."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.data = draft.data
        self.at = 0
        self.end = len(draft.data)
        self.depth = 0
        self.block = Block((), 0, 0)  # that an object, or a call, stands in
        self.name = ""  # of the attribute that is read
        self.endings = Endings(draft.data) if b"<<" in draft.data else None

    def body(self, block: Block) -> None:
        """Attributes and blocks, up to a closing brace."""
        while self._skip() not in (b"", b"}"):
            start = self.at
            word = IDENTIFIER.match(self.data, self.at, self.end)
            if not word:
                self.at += 1
                continue
            self.at = word.end()
            name = self.draft.source(start, self.at)
            if self._peek() == b"=":
                self.at += 1
                self._attribute(block, name, start)
                continue
            labels = [name, *self._labels()]
            if self._peek() == b"{":
                self._inner(self.draft.block(block, tuple(labels), start))

    def _labels(self) -> Iterator[str]:
        while self._peek() not in (b"{", b"\n", b"", b"="):
            if word := IDENTIFIER.match(self.data, self.at, self.end):
                self.at = word.end()
                yield self.draft.source(*word.span())
            elif self._peek() == b'"':
                start = self.at
                end = self.data.find(b'"', start + 1, self.end)
                line = self.data.find(b"\n", start, self.end)
                if end < 0 or 0 <= line < end:
                    return
                self.at = end + 1
                yield self.draft.source(start + 1, end)
            else:
                return

    def _inner(self, block: Block) -> None:
        self.at += 1
        with self._deeper():
            try:
                self.body(block)
            finally:
                self.at = min(self.at + 1, self.end)
                block.end = self.at

    def _attribute(self, block: Block, name: str, start: int) -> None:
        outer = self.block, self.name
        self.block, self.name = block, name
        at = self.at
        setting = self.draft.set(block, (name,), Value("null", "null", at, at), start)
        setting.value = self.expression(lines=True)
        setting.end = setting.value.end
        self.block, self.name = outer

    def expression(self, *, lines: bool) -> Value:
        """Operands and operators, up to what ends them: a comma, a closing bracket; with ``lines`` the line's end."""
        items: list[Value] = []
        operators = False
        with self._deeper():
            character = self._peek() if lines else self._skip()
            start = end = self.at
            while character not in (b"", b",", b")", b"]", b"}", b"\n"):
                operand = self._operand()
                if operand:
                    items.append(operand)
                elif operator := OPERATOR.match(self.data, self.at, self.end):
                    operators = True
                    self.at = operator.end()
                else:
                    self.at += 1
                end = self.at
                character = self._peek() if lines else self._skip()
        if len(items) == 1 and not operators:
            return items[0]
        if not items:
            return Value("null", "null", start, end) if start == end else self._expression(start, end, ())
        return self._expression(start, end, tuple(items))

    def _expression(self, start: int, end: int, items: tuple[Value, ...]) -> Value:
        return Value("expression", self.draft.source(start, end), start, end, items)

    def _operand(self) -> Value | None:
        match self.data[self.at : self.at + 1]:
            case b'"':
                return self._string()
            case b"[":
                return self._list()
            case b"{":
                return self._object()
            case b"(":
                self.at += 1
                value = self.expression(lines=False)
                self.at += self.data[self.at : self.at + 1] == b")"
                return value
            case b"<":
                return self._heredoc()
        if number := NUMBER.match(self.data, self.at, self.end):
            self.at = number.end()
            return Value("number", self.draft.source(*number.span()), *number.span())
        if word := IDENTIFIER.match(self.data, self.at, self.end):
            return self._named(word)
        return None

    def _named(self, word: re.Match[bytes]) -> Value | None:
        """A word and what hangs on it: a keyword, a call, a path."""
        start, self.at = word.span()
        name = self.draft.source(start, self.at)
        if name in WORDS:
            return None
        if name in ("true", "false"):
            return Value("boolean", name, start, self.at)
        if name == "null":
            return Value("null", name, start, self.at)
        if self._peek() == b"(":
            return self._call(name, start)
        end = word.end()
        self.at = end
        steps = [name]
        while True:
            if step := STEP.match(self.data, self.at, self.end) or LITERAL_INDEX.match(self.data, self.at, self.end):
                steps.append(next((each.decode(errors="replace") for each in step.groups() if each is not None), "*"))
                self.at = step.end()
            elif self.data[self.at : self.at + 1] == b"[":
                self._list()
                steps.append("*")
            else:
                return self.draft.reference(".".join(steps), start, self.at)

    def _call(self, name: str, start: int) -> Value:
        arguments = self._items()
        call = Call(name, arguments, Block((), start, self.at, self.block), start, self.at, self.block)
        self.draft.facts.calls.append(call)
        value = Value("call", self.draft.source(start, self.at), start, self.at, call=call)
        if self.data[self.at : self.at + 1] in b".[" and self.at < self.end:
            while step := STEP.match(self.data, self.at, self.end) or LITERAL_INDEX.match(self.data, self.at, self.end):
                self.at = step.end()
            return self._expression(start, self.at, (value,))
        return value

    def _list(self) -> Value:
        start = self.at
        items = self._items()
        if FOR.match(self.data, start, self.end):
            return self._expression(start, self.at, items)
        return Value("list", "", start, self.at, items)

    def _items(self) -> tuple[Value, ...]:
        """What stands between an opening bracket, which is here, and its closing one."""
        self.at += 1
        outer, self.name = self.name, ""
        items: list[Value] = []
        while self._skip() not in (b"", b")", b"]", b"}"):
            if self.data[self.at : self.at + 1] == b",":
                self.at += 1
                continue
            items.append(self.expression(lines=False))
        self.at += self.data[self.at : self.at + 1] in (b")", b"]")
        self.name = outer
        return tuple(items)

    def _object(self) -> Value:
        start = self.at
        self.at += 1
        if FOR.match(self.data, start, self.end):
            item = self.expression(lines=False)
            self.at += self.data[self.at : self.at + 1] == b"}"
            return self._expression(start, self.at, item.items or (item,))
        named = (self.name,) if self.name else ()
        block = self.draft.block(self.block, named, start)
        outer = self.block, self.name
        self.block, self.name = block, ""
        while self._skip() not in (b"", b"}", b")", b"]"):
            self._pair(block)
        self.at += self.data[self.at : self.at + 1] == b"}"
        block.end = self.at
        self.block, self.name = outer
        return Value("block", "", start, self.at, block=block)

    def _pair(self, block: Block) -> None:
        start = self.at
        if word := IDENTIFIER.match(self.data, self.at, self.end):
            self.at = word.end()
            name = self.draft.source(start, self.at)
        elif key := self._key():
            name = key.text if key.kind != "call" else self.draft.source(start, self.at)
        else:
            self.at = max(self.at, start + 1)
            return
        if self._peek() in (b"=", b":"):
            self.at += 1
            self._attribute(block, name, start)

    def _key(self) -> Value | None:
        with self._deeper():
            return self._operand()

    def _string(self) -> Value:
        start = self.at
        self.at += 1
        items = self._parts(quote=True)
        closed = self.data[self.at - 1 : self.at] == b'"' and self.at > start + 1
        text = self.draft.source(start + 1, self.at - closed)
        if not items and "\\" in text:
            text = ESCAPE.sub(_character, text)
        return self.draft.text(text, start, self.at, parts=tuple(items))

    def _parts(self, *, quote: bool) -> list[Value]:
        """What is put into a text, up to its end: a quote or the end of the line, else that of the here-document."""
        items: list[Value] = []
        while part := PART.search(self.data, self.at, self.end):
            self.at = part.end()
            if part.group()[:2] in (b"${", b"%{"):
                items.append(self.expression(lines=False))
                self.at += self.data[self.at : self.at + 1] in (b"}", b")", b"]", b",")
            elif quote and part.group() in (b'"', b"\n"):
                self.at -= part.group() == b"\n"
                return items
        self.at = self.end
        return items

    def _heredoc(self) -> Value | None:
        opening = HEREDOC.match(self.data, self.at, self.end)
        ending = self.endings.after(opening[1], opening.end()) if opening and self.endings else None
        if not opening or not ending or ending[1] > self.end:
            return None
        start, self.at = opening.span()
        outer, self.end = self.end, ending[0]
        items = self._parts(quote=False)
        self.at, self.end = ending[1], outer
        text = self.draft.source(opening.end(), ending[0])
        indented = self.data[start + 2 : start + 3] == b"-"
        return self.draft.text(dedent(text) if indented else text, start, self.at, parts=tuple(items))

    def _peek(self) -> bytes:
        """The next character of the line that is no space."""
        while True:
            self.at = _end(SPACE, self.data, self.at, self.end)
            comment = COMMENT.match(self.data, self.at, self.end)
            if not comment:
                return self.data[self.at : min(self.at + 1, self.end)]
            self.draft.facts.comments.append(comment.span())
            self.at = comment.end()

    def _skip(self) -> bytes:
        """The next character that is no space, on whatever line."""
        while (character := self._peek()) == b"\n":
            self.at = _end(SPACES, self.data, self.at, self.end)
        return character

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeep
        yield
        self.depth -= 1


def _end(pattern: re.Pattern[bytes], data: bytes, at: int, end: int) -> int:
    found = pattern.match(data, at, end)
    return found.end() if found else at


def _character(escape: re.Match[str]) -> str:
    if escape[3]:
        return ESCAPES.get(escape[3], escape[3])
    number = int(escape[1] or escape[2], 16)
    return chr(number) if number < 0x110000 else "\ufffd"


def _labelled(facts: Facts) -> Facts:
    """JSON in the shape of HCL: ``{"resource": {"type": {"name": {…}}}}`` is one block with three labels."""
    for root in facts.roots:
        for kind in [block for block in root.blocks if block.labels and block.labels[0] in LABELLED]:
            inner = [kind]
            for _ in range(LABELLED[kind.labels[0]]):
                inner = [block for each in inner for block in each.blocks]
            for block in inner:
                block.labels, block.parent = block.path, root
            root.blocks.remove(kind)
            root.blocks += inner
            root.settings = [setting for setting in root.settings if setting.keys != kind.labels]
    return facts
