"""One walk over the syntax tree of any programming language, driven by a table of its grammar.

A ``Grammar`` says what a type of node is: a name, a link of a dotted name, a pair, or whatever a reader makes of it.
The readers that languages share are in ``shapes``; a language module is its table and what only that language has. A
node of no known type is walked through, so a construct that a table does not know hides nothing that is inside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sgleaks.syntax.facts import Block, Call, Facts, Function, Setting, Value
from sgleaks.syntax.tree import Node, root

# Levels of the tree that are read as one. What is nested deeper (only generated code is) stands for itself: its
# strings, calls and references are found, and what it stands in has an expression without items there. A level takes
# up to four of Python's thousand frames.
MAX_DEPTH = 120
MAX_SOURCE = 4096  # bytes of an expression's text: a callback can be a whole file, and stand in other callbacks

# Reads a node: adds to the facts, and gives its value if it has one.
Reader = Callable[["Walk", Node], Value | None]
# The key and the value of a node that has both; None of one that has not.
Pair = Callable[[Node], tuple[Node, Node] | None]


@dataclass(frozen=True, slots=True)
class Link:
    """The fields of a node that adds one part to a dotted name: ``object.name``, ``object[name]``; without ``name`` it
    adds nothing, as ``(object)`` does. An empty field name is the first or last child.

    ``quoted``: the name is a value, as in a subscript. ``only``: which nodes of the type are links.
    """

    object: str = ""
    name: str | None = ""
    quoted: bool = False
    only: Callable[[Node], bool] | None = None

    def parts(self, node: Node) -> tuple[Node | None, Node | None]:
        """The node of the object, and the one of the name."""
        inner = node.child_by_field_name(self.object) if self.object else first(node)
        if self.name is None:
            return inner, None
        if self.name:
            return inner, node.child_by_field_name(self.name)
        return inner, last(node) if node.named_child_count > 1 else None


@dataclass(frozen=True)
class Grammar:
    """What the types of nodes are. ``patterns`` are lists of targets, ``spelled`` gives a name without its sigils."""

    names: frozenset[str]
    links: Mapping[str, Link]
    pairs: Mapping[str, Pair]
    readers: Mapping[str, Reader]
    patterns: frozenset[str] = frozenset()
    spelled: Callable[[str], str] = str
    all_readers: dict[str, Reader] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        references = dict.fromkeys([*self.names, *self.links], Walk.reference)
        object.__setattr__(self, "all_readers", {**references, **self.readers})


def first(node: Node) -> Node | None:
    """The first named child."""
    return node.named_child(0) if node.named_child_count else None


def last(node: Node) -> Node | None:
    """The last named child."""
    count = node.named_child_count
    return node.named_child(count - 1) if count else None


def read(data: bytes, language: str, grammar: Grammar) -> Facts:
    """What some bytes say in a language."""
    block = Block((), 0, len(data))
    facts = Facts(language, data, [block])
    Walk(facts, grammar, block).run(root(data, language))
    return facts


class Walk:
    """One walk: where it is, and the facts so far. ``root`` is where assignments go, ``block`` the innermost block.

    ``redirected``: the output of commands here goes elsewhere.
    ``decorators`` wait for their function; ``anonymous`` functions by their offset, for what they are assigned or given
    to; ``heredocs`` for their text.
    """

    def __init__(self, facts: Facts, grammar: Grammar, block: Block) -> None:
        self.facts = facts
        self.data = facts.data
        self.grammar = grammar
        self.readers = grammar.all_readers
        self.root = self.block = block
        self.depth = 0
        self.redirected = False
        self.later: list[Node] = []
        self.decorators: list[Value] = []
        self.anonymous: dict[int, Function] = {}
        self.heredocs: list[Value] = []

    def run(self, node: Node) -> None:
        """Reads all of a tree."""
        self.visit(node)
        if not self.later:
            return
        while self.later:
            node = self.later.pop()
            self.depth, self.block = 0, self.root
            self.read(node)
        for found in (self.facts.calls, self.facts.functions, self.facts.strings, self.facts.references):
            found.sort(key=lambda each: each.start)

    def visit(self, node: Node) -> None:
        """Reads what is inside a node, as statements: for the facts, not for a value."""
        if self.depth >= MAX_DEPTH:
            self.later.append(node)
            return
        self.depth += 1
        readers = self.readers
        for child in node.named_children:
            reader = readers.get(child.type)
            if reader:
                reader(self, child)
            elif child.child_count:
                self.visit(child)
        self.depth -= 1

    def read(self, node: Node) -> None:
        """Reads a node as a statement."""
        reader = self.readers.get(node.type)
        if reader:
            reader(self, node)
        else:
            self.visit(node)

    def value(self, node: Node) -> Value:
        """The value of a node; one of which nothing is known is an expression."""
        value = self.known(node)
        return value or Value("expression", self.source(node), node.start_byte, node.end_byte)

    def values(self, nodes: Iterable[Node]) -> tuple[Value, ...]:
        """The values of some nodes, without what has none, as a comment."""
        return tuple(value for node in nodes if (value := self.known(node)))

    def known(self, node: Node) -> Value | None:
        if self.depth >= MAX_DEPTH:
            self.later.append(node)
            return None
        self.depth += 1
        reader = self.readers.get(node.type)
        value = reader(self, node) if reader else self.expression(node)
        self.depth -= 1
        return value

    def expression(self, node: Node) -> Value:
        """A node as an expression of its children."""
        items = self.values(node.named_children) if node.child_count else ()
        return Value("expression", self.source(node), node.start_byte, node.end_byte, items)

    def text(self, node: Node) -> str:
        """The source of a node, which is short: a name, a number."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def source(self, node: Node) -> str:
        """The source of a node, cut at MAX_SOURCE."""
        start = node.start_byte
        return self.data[start : min(node.end_byte, start + MAX_SOURCE)].decode("utf-8", "replace")

    # Names

    def path(self, node: Node) -> tuple[list[str], tuple[Value, ...]]:
        """The parts of a dotted name, subscripts included, and the values inside it that are no plain parts.

        The first part is missing where the name starts with a value that has no name, as in ``"a".join(b)``; a call in
        it counts by its name: ``app.route`` in ``app.route("/x").post``. A subscript that is not constant is ``[…]``.
        """
        parts: list[str] = []
        items: list[Value] = []
        links, names, spelled = self.grammar.links, self.grammar.names, self.grammar.spelled
        inner: Node | None = node
        while inner:
            kind = inner.type
            if kind in names:
                parts.append(spelled(self.text(inner)))
                break
            link = links.get(kind)
            if link is None or (link.only and not link.only(inner)):
                value = self.value(inner)
                items.append(value)
                parts.append(value.text if value.kind in ("reference", "call") else "")
                break
            inner, name = link.parts(inner)
            if name is not None:
                parts.append(self._subscript(name, items) if link.quoted else spelled(self.text(name)))
        parts.reverse()
        return parts, tuple(items)

    def _subscript(self, name: Node, items: list[Value]) -> str:
        value = self.value(name)
        if value.literal:
            return value.text
        items.append(value)
        return f"[{value.text}]"

    def reference(self, node: Node) -> Value:
        """A name that is read; with a first part that has no name it is an expression."""
        parts, items = self.path(node)
        if not parts or not parts[0]:
            return Value("expression", self.source(node), node.start_byte, node.end_byte, items)
        value = Value("reference", ".".join(parts), node.start_byte, node.end_byte, items)
        self.facts.references.append(value)
        return value

    # Settings

    def assign(self, target: Node, node: Node, block: Block | None = None) -> Value:
        """The value of a node, which is set under the name that a target is: in a block, or in the root."""
        block = block or self.root
        if target.type in self.grammar.patterns:
            return self._assign_each(target, node, block)
        parts, _ = self.path(target)
        return self.set((*filter(None, parts),) or (self.source(target),), target.start_byte, node, block)

    def _assign_each(self, target: Node, node: Node, block: Block) -> Value:
        targets = target.named_children
        nodes = node.named_children if node.type in self.grammar.patterns or len(targets) > 1 else [node]
        if len(targets) != len(nodes):
            return self.value(node)
        items = tuple(self.assign(each, value, block) for each, value in zip(targets, nodes, strict=True))
        return items[0] if len(items) == 1 else Value("list", "", node.start_byte, node.end_byte, items)

    def pair(self, key: Node, node: Node, block: Block) -> None:
        """Sets the value of a node in a block, under a key that is a name or a value."""
        if key.type not in self.grammar.names and key.type in self.readers:
            value = self.value(key)
            name = value.text if value.literal or value.kind == "reference" else f"[{value.text}]"
        else:
            name = self.grammar.spelled(self.text(key))
        around, self.block = self.block, block
        self.set((name,), key.start_byte, node, block)
        self.block = around

    def set(self, keys: tuple[str, ...], start: int, node: Node, block: Block) -> Value:
        """Sets the value of a node in a block. A mapping and a function are called by these keys."""
        value = self.value(node)
        if value.block and not value.block.labels:
            value.block.labels, value.block.start = keys, start
        function = self.anonymous.pop(value.start, None)
        if function and not function.name:
            function.name = ".".join(keys)
        block.settings.append(Setting(keys, value, start, max(start, value.end), block))
        return value

    def mapping(self, node: Node, nodes: Iterable[Node], labels: tuple[str, ...] = ()) -> Value:
        """The block of a node whose pairs are among some nodes."""
        block = self.open(node, labels)
        self.fill(block, nodes)
        return Value("block", "", node.start_byte, node.end_byte, block=block)

    def open(self, node: Node, labels: tuple[str, ...] = ()) -> Block:
        """A new block in the innermost one."""
        block = Block(labels, node.start_byte, node.end_byte, self.block)
        self.block.blocks.append(block)
        return block

    def fill(self, block: Block, nodes: Iterable[Node]) -> tuple[Value, ...]:
        """Sets the pairs among some nodes in a block, and gives the values of the others."""
        rest: list[Value] = []
        around, self.block = self.block, block
        for node in nodes:
            pair = self.grammar.pairs.get(node.type)
            both = pair(node) if pair else None
            if both:
                self.pair(*both, block)
            elif value := self.known(node):
                rest.append(value)
        self.block = around
        return tuple(rest)

    # Calls

    def call(self, node: Node, name: str, arguments: Iterable[Node], *, new: bool = False) -> Call:
        """A call, whose pairs among its arguments are named."""
        start, end = node.start_byte, node.end_byte
        call = Call(name, (), Block((), start, end, self.block), start, end, self.block, new, self.redirected)
        self.facts.calls.append(call)
        rest: list[Value] = []
        for argument in arguments:
            pair = self.grammar.pairs.get(argument.type)
            both = pair(argument) if pair else None
            if both:
                self.pair(*both, call.named)
                self.give(call, call.named.settings[-1].value)
            elif value := self.known(argument):
                self.give(call, value)
                rest.append(value)
        call.arguments = tuple(rest)
        if call.named.settings:
            self.block.blocks.append(call.named)
        return call

    def give(self, call: Call, value: Value) -> None:
        """Notes the call that a function was given to."""
        function = self.anonymous.pop(value.start, None)
        if function:
            function.given_to = call
