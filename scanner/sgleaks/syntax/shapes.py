"""The shapes that languages share, as readers of nodes; what differs are the names of types and fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sgleaks.syntax.code import Pair, Reader, Walk, first, last
from sgleaks.syntax.facts import Function, Value
from sgleaks.syntax.tree import Node


def ignore(walk: Walk, node: Node) -> None:  # a reader
    """Nothing: a type, a label."""


def comment(walk: Walk, node: Node) -> None:
    """A comment."""
    walk.facts.comments.append((node.start_byte, node.end_byte))


def transparent(field: str = "") -> Reader:
    """A node that stands for one field, or for the first value in it: parentheses, a cast."""

    def read(walk: Walk, node: Node) -> Value | None:
        inner = [node.child_by_field_name(field)] if field else node.named_children
        return next((value for child in inner if child and (value := walk.known(child))), None)

    return read


def sequence(walk: Walk, node: Node) -> Value:
    """A list."""
    return Value("list", "", node.start_byte, node.end_byte, walk.values(node.named_children))


def mapping(walk: Walk, node: Node) -> Value:
    """A mapping; what is in it without a key is walked through."""
    return walk.mapping(node, node.named_children)


def pair(key: str = "", value: str = "") -> Pair:
    """A pair of two fields; an empty name is the first or last child, which are two."""

    def both(node: Node) -> tuple[Node, Node] | None:
        count = node.named_child_count
        left = node.child_by_field_name(key) if key else first(node)
        right = node.child_by_field_name(value) if value else last(node) if count > 1 else None
        return (left, right) if left and right and left != right else None

    return both


def pairs(read_pair: Pair) -> Reader:
    """A pair where no mapping is expected: an argument of a decorator, the rest of a broken file."""

    def read(walk: Walk, node: Node) -> Value | None:
        both = read_pair(node)
        if both:
            walk.pair(*both, walk.block)
            return None
        walk.visit(node)
        return None

    return read


def assignment(target: str = "left", value: str = "right") -> Reader:
    """A name that is set; its value is that of the assignment. Without a value it is a declaration, and nothing."""
    both = pair(target, value)

    def read(walk: Walk, node: Node) -> Value | None:
        found = both(node)
        return walk.assign(*found) if found else None

    return read


def default(name: str = "name", value: str = "value") -> Reader:
    """A parameter: a setting where it has a default."""
    return assignment(name, value)


def parameters(walk: Walk, node: Node) -> None:
    """The parameters of a function, of which only the defaults are read."""
    for child in node.named_children:
        if child.type not in walk.grammar.names:
            walk.read(child)


def updated(value: str = "right") -> Reader:
    """``x += y``, which does not say what ``x`` is."""

    def read(walk: Walk, node: Node) -> Value | None:
        inner = node.child_by_field_name(value)
        return walk.known(inner) if inner else None

    return read


def call(function: str, arguments: str = "arguments", *, method: str = "", new: bool = False) -> Reader:
    """A call of what a field says: a dotted name, or the object of a method that another field names.

    The value's item is what the method is called on.
    """

    def read(walk: Walk, node: Node) -> Value:
        callee = node.child_by_field_name(function)
        parts, items = callee_of(walk, callee, node.child_by_field_name(method) if method else None)
        inner = node.child_by_field_name(arguments) if arguments else None
        made = walk.call(node, ".".join(filter(None, parts)), inner.named_children if inner else (), new=new)
        return Value("call", made.name, made.start, made.end, items, call=made)

    return read


def callee_of(walk: Walk, callee: Node | None, method: Node | None) -> tuple[list[str], tuple[Value, ...]]:
    """The parts of the name of what is called, and what it is called on. That is read: ``key`` in ``key.trim()``."""
    if callee is None:
        return ([walk.text(method)] if method else []), ()
    parts, items = walk.path(callee)
    if method:
        receiver: Node | None = callee
        parts.append(walk.text(method))
    else:
        link = walk.grammar.links.get(callee.type)
        receiver = link.parts(callee)[0] if link else None
    before = parts[:-1]
    if receiver and before and before[0] and not items:
        value = Value("reference", ".".join(before), receiver.start_byte, receiver.end_byte)
        walk.facts.references.append(value)
        items = (value,)
    return parts, items


def function(name: str = "name", *, body: str = "body", blocks: Iterable[str] = (), bare: bool = False) -> Reader:
    """A function. Its body's value is an item of its own where it is an expression and none of the ``blocks``.

    ``bare``: it can have no decorators, so that those which wait are not its own.
    """
    statements = frozenset(blocks)

    def read(walk: Walk, node: Node) -> Value:
        header = node.child_by_field_name(name) if name else None
        inner = part(node, body)
        names = walk.grammar.names
        made = Function(walk.text(header) if header else "", (), node.start_byte, node.end_byte)
        walk.facts.functions.append(made)
        for child in node.named_children:
            if inner and child.start_byte >= inner.start_byte:
                break
            if child.type not in names:
                walk.read(child)
        if not bare:
            made.decorators = take_decorators(walk)
        items: tuple[Value, ...] = ()
        if inner and inner.type in statements:
            walk.visit(inner)
        elif inner:
            items = walk.values([inner])
        walk.anonymous[made.start] = made
        return Value("expression", walk.source(node), made.start, made.end, items)

    return read


def part(node: Node, name: str) -> Node | None:
    """The child in a field, or else of a type, of this name."""
    field = node.child_by_field_name(name)
    return field or next((child for child in node.named_children if child.type == name), None)


def after(node: Node, sign: str) -> Node | None:
    """The named child that follows a token, in a grammar that has no field for it."""
    found = False
    for child in node.children:
        if found and child.is_named:
            return child
        found = found or child.type == sign
    return None


def closure(walk: Walk, node: Node, statements: Sequence[Node]) -> Value:
    """A function without a name; its only statement is an item of its value."""
    made = Function("", (), node.start_byte, node.end_byte)
    walk.facts.functions.append(made)
    items = walk.values(statements) if len(statements) == 1 else ()
    if len(statements) > 1:
        for statement in statements:
            walk.read(statement)
    walk.anonymous[made.start] = made
    return Value("expression", walk.source(node), made.start, made.end, items)


def take_decorators(walk: Walk) -> tuple[Value, ...]:
    """The decorators that waited for what is read now."""
    decorators = tuple(walk.decorators)
    walk.decorators.clear()
    return decorators


def decorator(walk: Walk, node: Node) -> None:
    """A decorator of the next function: a reference, or a call."""
    walk.decorators += walk.values(node.named_children)


def scope(name: str = "name") -> Reader:
    """A class or another declaration: its decorators are not those of its first method, its name is not read."""

    def read(walk: Walk, node: Node) -> None:
        header = node.child_by_field_name(name) if name else None
        for child in node.named_children:
            walk.decorators.clear()
            if child != header:
                walk.read(child)
        walk.decorators.clear()

    return read


def annotation(name: str = "name", arguments: str = "arguments") -> Reader:
    """An annotation or attribute of the next function: a reference, or a call where it has arguments."""

    def read(walk: Walk, node: Node) -> None:
        title = node.child_by_field_name(name) if name else first(node)
        inner = node.child_by_field_name(arguments) if arguments else last(node)
        if title is None:
            return
        text = type_name(walk, title)
        value = Value("reference", text, node.start_byte, node.end_byte)
        if inner and inner != title:
            value.kind, value.call = "call", walk.call(node, text, inner.named_children)
        walk.decorators.append(value)

    return read


def type_name(walk: Walk, node: Node) -> str:
    """The dotted name of a type, without what it is generic over."""
    return walk.grammar.spelled(walk.source(node).partition("<")[0].strip())


def construct(kind: str = "type", arguments: str = "arguments") -> Reader:
    """A constructor: the name is that of the type. What else is in it, as the body of an anonymous class, is read."""

    def read(walk: Walk, node: Node) -> Value:
        title, inner = node.child_by_field_name(kind), node.child_by_field_name(arguments)
        name = type_name(walk, title) if title else ""
        made = walk.call(node, name, inner.named_children if inner else (), new=True)
        for child in node.named_children:
            if child not in (title, inner):
                walk.read(child)
        return Value("call", name, made.start, made.end, call=made)

    return read


def mapping_or_list(walk: Walk, node: Node) -> Value:
    """A mapping where anything in it has a key, else a list."""
    pairs = walk.grammar.pairs
    if any(child.type in pairs and pairs[child.type](child) for child in node.named_children):
        return mapping(walk, node)
    return sequence(walk, node)
