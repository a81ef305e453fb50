"""What a file says, whatever language says it: blocks of settings, calls, functions, and the values in them.

Offsets are half-open byte offsets into the data that was parsed. A value is a literal, a reference or an expression,
and never taken for another: ``"${X}"`` is no literal, and ``X`` is no text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

ValueKind = Literal["text", "number", "boolean", "null", "reference", "template", "list", "block", "call", "expression"]


class Unparsed(Exception):
    """A file is too large, or takes too long, to be parsed; the text says so."""


@dataclass(slots=True, eq=False)
class Value:
    """One value.

    ``text`` of a literal is what it says, unquoted and unescaped (``true``, ``false`` and ``null`` in lower case in
    every language); of a reference its dotted name, subscripts included: ``process.env.X``, ``os.environ.X`` for
    ``os.environ["X"]``; of a template (an interpolated string) the literal text with each ``${…}`` as written; of an
    expression its source. ``items`` are the parts of a list, a template or an expression. A ``block`` is an object, a
    dict, a hash or an array with keys, a ``call`` the result of one.
    """

    kind: ValueKind
    text: str
    start: int
    end: int
    items: tuple[Value, ...] = ()
    block: Block | None = None
    call: Call | None = None

    @property
    def literal(self) -> bool:
        return self.kind in ("text", "number", "boolean", "null")

    def walk(self) -> Iterator[Value]:
        """The value and everything inside it, outermost first; also what is inside calls and blocks."""
        yield self
        for item in self.items:
            yield from item.walk()
        if self.call:
            for argument in self.call.arguments:
                yield from argument.walk()
            for setting in self.call.named.settings:
                yield from setting.value.walk()
        if self.block:
            for setting in self.block.settings:  # blocks in it are values of its settings, or of what is in those
                yield from setting.value.walk()


@dataclass(slots=True, eq=False)
class Setting:
    """A value under a name. ``keys`` is the name as written, split at its dots and subscripts: ``app.config["X"] = 1``
    has ``("app", "config", "X")``; most have one. ``start`` is where the name begins, ``end`` where the value ends."""

    keys: tuple[str, ...]
    value: Value
    start: int
    end: int
    block: Block = field(repr=False)

    @property
    def name(self) -> str:
        return self.keys[-1]

    @property
    def path(self) -> tuple[str, ...]:
        """From the root of the file: the labels of the blocks around it, then its keys."""
        return (*self.block.path, *self.keys)


@dataclass(slots=True, eq=False)
class Block:
    """A structure whose settings belong together: an HCL block, a mapping, an INI section, an object literal, the named
    arguments of a call, an XML element (its attributes are settings, its text is the setting ``""``), a whole file.

    ``labels`` is how it is introduced: ``("resource", "sendgrid_api_key", "main")`` in HCL, ``("sendgrid",)`` for a
    mapping under that key or an INI section, ``("network",)`` for an element; empty for a file, an item of a list, or
    an object in an expression. ``start`` is where that introduction begins (a mapping: its key), ``end`` where it ends.
    """

    labels: tuple[str, ...]
    start: int
    end: int
    parent: Block | None = field(default=None, repr=False)
    settings: list[Setting] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def get(self, name: str) -> Setting | None:
        """The last setting of exactly this name here; of several equal ones the last one counts in every format."""
        return next((setting for setting in reversed(self.settings) if setting.name == name), None)

    @property
    def path(self) -> tuple[str, ...]:
        return (*(self.parent.path if self.parent else ()), *self.labels)

    def walk(self) -> Iterator[Block]:
        """This block and all inside it, in the order of the file."""
        yield self
        for block in self.blocks:
            yield from block.walk()

    def around(self) -> Iterator[Block]:
        """This block, then those that it stands in, up to the file."""
        yield self
        if self.parent:
            yield from self.parent.around()


@dataclass(slots=True, eq=False)
class Call:
    """A call, a constructor (``new`` is left out of the name), a shell command, or an instruction of a Dockerfile.

    ``name`` is dotted: ``requests.post``, ``sg.client.api_keys.post``, ``SendGrid.API.new``, ``curl``. A command's
    arguments are its words, unquoted, templates where a variable is in them; ``VAR=x`` in front of it is in ``named``.
    ``redirected``: a command whose output goes to a file or into a pipe. ``block`` is the innermost block around it.
    """

    name: str
    arguments: tuple[Value, ...]
    named: Block
    start: int
    end: int
    block: Block = field(repr=False)
    new: bool = False
    redirected: bool = False


@dataclass(slots=True, eq=False)
class Function:
    """A function or method. ``decorators`` are decorators, annotations or attributes; a function given straight to a
    call, such as ``app.post("/x", (req, res) => …)``, has that call as ``given_to`` and often no name."""

    name: str
    decorators: tuple[Value, ...]
    start: int
    end: int
    given_to: Call | None = None


@dataclass(slots=True, eq=False)
class Facts:
    """All that was understood of one file, in its order.

    ``roots``: one block a document (YAML may have several). ``settings`` of a programming language are its assignments,
    constants and parameters with defaults: in the root block whatever function they stand in; pairs of object literals
    and named arguments are in blocks of their own. ``strings``: every string literal and template, wherever.
    ``references``: every dotted name that is read. ``imports``: what is imported or required, as named there.
    """

    language: str
    data: bytes = field(repr=False)
    roots: list[Block] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    strings: list[Value] = field(default_factory=list)
    references: list[Value] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)
    cut: str = ""  # why what follows was not read; nothing if all was
    known: dict[Any, Any] = field(default_factory=dict, repr=False)  # what `once` remembers

    def blocks(self) -> Iterator[Block]:
        for root in self.roots:
            yield from root.walk()

    def settings(self) -> Iterator[Setting]:
        for block in self.blocks():
            yield from block.settings

    def resolved(self, value: Value) -> Value:
        """What a bare name stands for where the file assigns it exactly once, one hop only; else the value itself."""
        if value.kind != "reference":
            return value
        name = value.text.removeprefix("$")
        given = [
            each.value for root in self.roots for each in root.settings if ".".join(each.keys).removeprefix("$") == name
        ]
        return given[0] if len(given) == 1 else value
