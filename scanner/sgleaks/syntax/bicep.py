"""Bicep.

There is no wheel of its grammar, so tokens are read here: a declaration is a block, ``("param", name)``,
``("resource", name, "Type@version")``, and its decorators are settings in it: ``@secure()`` is ``secure`` = true. What
it is set to is its ``default`` if it is a parameter, ``value`` if it is a variable or an output, else the block itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sgleaks.syntax.facts import Block, Facts, Setting, Value, ValueKind
from sgleaks.syntax.strings import unescaped

MAX_DEPTH = 60  # nested objects; what is deeper is not read
TOKEN = re.compile(
    rb"""(?xs)
    (?P<comment>//[^\n]* | /\*.*?(?:\*/|\Z))
    | (?P<text>'''.*?(?:'''|\Z) | '(?:[^'\\\n]|\\.)*(?:'|\Z|(?=\n)))
    | (?P<number>\d+)
    | (?P<name>[A-Za-z_]\w*)
    | (?P<end>\n)
    | (?P<sign>[^\s])
    """
)
HOLE = re.compile(r"\$\{([^{}]*)\}")
DECLARATIONS = frozenset({b"param", b"var", b"output", b"resource", b"module"})


def read(data: bytes, language: str) -> Facts:
    """What a template says."""
    root = Block((), 0, len(data))
    facts = Facts(language, data, [root])
    tokens = []
    for found in TOKEN.finditer(data):
        if found.lastgroup == "comment":
            facts.comments.append(found.span())
        else:
            tokens.append(found)
    Reader(facts, tokens).declarations(root)
    return facts


@dataclass
class Reader:
    """Reads declarations from tokens; ``at`` is the next one."""

    facts: Facts
    tokens: list[re.Match[bytes]]
    at: int = 0
    decorators: list[Setting] = field(default_factory=list)

    def sign(self, *signs: bytes) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at][0] in signs

    def declarations(self, root: Block) -> None:
        fresh = True  # at the start of a line
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if fresh and token[0] == b"@":
                self.decorator(root)
            elif fresh and token[0] in DECLARATIONS:
                self.declaration(root)
            else:
                self.at += 1
            fresh = token[0] == b"\n" or self.sign(b"\n")

    def decorator(self, root: Block) -> None:
        self.at += 1
        start, name = self.at, ""
        while self.at < len(self.tokens) and (self.tokens[self.at].lastgroup == "name" or self.sign(b".")):
            name = self.tokens[self.at][0].decode()
            self.at += 1
        if self.at == start:
            return
        begin, end = self.tokens[start].start(), self.tokens[self.at - 1].end()
        value = Value("boolean", "true", begin, end)
        if self.sign(b"("):
            self.at += 1
            if not self.sign(b")"):
                value = self.value(root, 0)
            self.close(b")")
        self.decorators.append(Setting((name,), value, begin, max(end, value.end), root))

    def declaration(self, root: Block) -> None:
        kind = self.tokens[self.at]
        labels = [kind[0].decode()]
        self.at += 1
        block = Block((), kind.start(), kind.end(), root)
        root.blocks.append(block)
        if self.at < len(self.tokens) and self.tokens[self.at].lastgroup == "name":
            labels.append(self.tokens[self.at][0].decode())
            self.at += 1
        header: list[re.Match[bytes]] = []
        while self.at < len(self.tokens) and not self.sign(b"=", b"\n"):
            header.append(self.tokens[self.at])
            self.at += 1
        if header and kind[0] in (b"resource", b"module"):
            labels.append(self.literal(header[0]).text)
        elif header:
            start, end = header[0].start(), header[-1].end()
            text = self.facts.data[start:end].decode("utf-8", "replace")
            block.settings.append(Setting(("type",), Value("text", text, start, end), start, end, block))
        block.labels = tuple(labels)
        for setting in self.decorators:
            setting.block = block
            block.settings.append(setting)
        self.decorators.clear()
        if self.sign(b"="):
            self.at += 1
            self.given(block, kind[0])
        block.end = self.tokens[min(self.at, len(self.tokens)) - 1].end()

    def given(self, block: Block, kind: bytes) -> None:
        """What a declaration is set to."""
        if kind in (b"resource", b"module"):
            while self.at < len(self.tokens) and not self.sign(b"{", b"\n"):
                self.at += 1
            if self.sign(b"{"):
                self.fill(block, 0)
            return
        value = self.value(block, 0)
        name = "default" if kind == b"param" else "value"
        if value.block:
            value.block.labels = (name,)
        block.settings.append(Setting((name,), value, value.start, value.end, block))

    def value(self, block: Block, depth: int) -> Value:
        """The value that begins here, up to the end of its line."""
        if self.at >= len(self.tokens):
            return Value("expression", "", len(self.facts.data), len(self.facts.data))
        start = self.tokens[self.at]
        if start[0] == b"{" and depth < MAX_DEPTH:
            inner = Block((), start.start(), start.end(), block)
            block.blocks.append(inner)
            self.fill(inner, depth + 1)
            return Value("block", "", inner.start, inner.end, block=inner)
        if start[0] == b"[" and depth < MAX_DEPTH:
            return self.list(block, depth + 1)
        if start[0] in (b"{", b"["):
            self.facts.cut = f"it is nested deeper than {MAX_DEPTH} levels"
        return self.expression()

    def fill(self, block: Block, depth: int) -> None:
        """The pairs of an object, from its brace to its other."""
        self.at += 1
        while self.at < len(self.tokens) and not self.sign(b"}"):
            key = self.tokens[self.at]
            self.at += 1
            if key.lastgroup in ("name", "text") and self.sign(b":"):
                self.at += 1
                name = self.literal(key).text if key.lastgroup == "text" else key[0].decode()
                value = self.value(block, depth)
                if value.block:
                    value.block.labels, value.block.start = (name,), key.start()
                block.settings.append(Setting((name,), value, key.start(), max(value.end, key.end()), block))
        self.at += 1
        block.end = self.tokens[min(self.at, len(self.tokens)) - 1].end()

    def list(self, block: Block, depth: int) -> Value:
        start = self.tokens[self.at].start()
        self.at += 1
        items = []
        while self.at < len(self.tokens) and not self.sign(b"]"):
            if self.sign(b"\n", b","):
                self.at += 1
            else:
                before = self.at
                items.append(self.value(block, depth))
                self.at += self.at == before
        self.at += 1
        return Value("list", "", start, self.tokens[min(self.at, len(self.tokens)) - 1].end(), tuple(items))

    def expression(self) -> Value:
        """Tokens up to the end of the line, or of what it is in; brackets in it may span lines."""
        first, open_brackets = self.at, 0
        items: list[Value] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if not open_brackets and token[0] in (b"\n", b",", b"]", b"}", b")"):
                break
            open_brackets += (token[0] in (b"(", b"[", b"{")) - (token[0] in (b")", b"]", b"}"))
            if token.lastgroup in ("text", "number"):
                items.append(self.literal(token))
            elif token.lastgroup == "name" and (name := self.name()):
                items.append(name)
            self.at += 1
        if first == self.at:
            at = self.tokens[first].start() if first < len(self.tokens) else len(self.facts.data)
            return Value("expression", "", at, at)
        start, end = self.tokens[first].start(), self.tokens[self.at - 1].end()
        if len(items) == 1 and items[0].start == start and items[0].end == end:
            return items[0]
        return Value("expression", self.facts.data[start:end].decode("utf-8", "replace"), start, end, tuple(items))

    def name(self) -> Value | None:
        """A dotted name: a reference, or a word that is a literal; what is called is none."""
        start = self.tokens[self.at]
        words = [start[0].decode()]
        while (
            self.at + 2 < len(self.tokens)
            and self.tokens[self.at + 1][0] == b"."
            and self.tokens[self.at + 2].lastgroup == "name"
        ):
            self.at += 2
            words.append(self.tokens[self.at][0].decode())
        end = self.tokens[self.at].end()
        text = ".".join(words)
        if self.at + 1 < len(self.tokens) and self.tokens[self.at + 1][0] == b"(":
            return None
        if text in ("true", "false", "null"):
            return Value("null" if text == "null" else "boolean", text, start.start(), end)
        value = Value("reference", text, start.start(), end)
        self.facts.references.append(value)
        return value

    def literal(self, token: re.Match[bytes]) -> Value:
        written = token[0].decode("utf-8", "replace")
        if token.lastgroup == "number":
            return Value("number", written, *token.span())
        if written.startswith("'''"):
            text, holes = written[3:].removesuffix("'''").removeprefix("\n"), []
        else:
            text = unescaped(written[1:].removesuffix("'"))
            holes = [
                hole
                for hole in HOLE.finditer(token[0].decode("latin-1"))
                if token[0][hole.start() - 1 : hole.start()] != b"\\"
            ]
        items = []
        for hole in holes:
            start, end = token.start() + hole.start(), token.start() + hole.end()
            kind: ValueKind = "reference" if re.fullmatch(r"[\w.]+", hole[1]) else "expression"
            items.append(Value(kind, hole[1], start, end))
        self.facts.references += [item for item in items if item.kind == "reference"]
        value = Value("template" if items else "text", text, *token.span(), tuple(items))
        self.facts.strings.append(value)
        return value

    def close(self, sign: bytes) -> None:
        """Goes on after a sign, on this line or not."""
        while self.at < len(self.tokens) and not self.sign(sign):
            self.at += 1
        self.at += 1
