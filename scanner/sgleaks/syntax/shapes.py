"""The shapes that languages share, as readers of nodes; what differs are the names of types and fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from sgleaks.syntax.code import Pair, Reader, Walk, first, last
from sgleaks.syntax.facts import Function, Value, ValueKind
from sgleaks.syntax.strings import unescaped, unquoted
from sgleaks.syntax.tree import Node

# The nodes in a string that are no interpolation, in all grammars.
PLAIN = frozenset({
    "bare_string_content", "character_literal_content", "escape_sequence", "heredoc_content", "heredoc_end",
    "heredoc_start", "interpolation_quote", "interpolation_start", "interpreted_string_literal_content",
    "line_str_text", "multi_line_str_text", "multiline_string_fragment", "nowdoc_string", "raw_str_end_part",
    "raw_str_interpolation_start", "raw_str_part", "raw_string_content", "raw_string_end",
    "raw_string_literal_content", "raw_string_start", "str_escaped_char", "string_content", "string_end",
    "string_fragment", "string_literal_content", "string_literal_encoding", "string_start", "text",
})  # fmt: skip
RAW = frozenset("rR@")  # letters before a quote which leave backslashes alone
JOINS = ("+", ".", "..", "&")  # operators that put texts together


def ignore(walk: Walk, node: Node) -> None:  # a reader
    """Nothing: a type, a label."""


def comment(walk: Walk, node: Node) -> None:
    """A comment."""
    walk.facts.comments.append((node.start_byte, node.end_byte))


def number(walk: Walk, node: Node) -> Value:
    """A number, as written."""
    return Value("number", walk.text(node), node.start_byte, node.end_byte)


def boolean(walk: Walk, node: Node) -> Value:
    """``true`` or ``false``."""
    return Value("boolean", walk.text(node).lower(), node.start_byte, node.end_byte)


def null(walk: Walk, node: Node) -> Value:  # noqa: ARG001  # a reader
    """Nothing, whatever it is called."""
    return Value("null", "null", node.start_byte, node.end_byte)


def symbol(walk: Walk, node: Node) -> Value:
    """A word that stands for itself, as ``:plain``."""
    return Value("text", walk.text(node).strip(":\"'"), node.start_byte, node.end_byte)


def string(
    *, raw: bool = False, single_raw: bool = False, heredoc: bool = False, decode: Callable[[str], str] = unescaped
) -> Reader:
    """A string literal, or a template where something is interpolated. ``single_raw``: in single quotes a backslash
    escapes only itself and the quote. ``heredoc``: its first line's end does not count. ``decode`` resolves escapes."""

    def read(walk: Walk, node: Node) -> Value:
        start, end = _inside(node)
        head = walk.data[node.start_byte : start].decode("utf-8", "replace")
        literally = raw or not RAW.isdisjoint(head)
        holes = [child for child in node.named_children if child.type not in PLAIN] if node.child_count else []
        parts: list[str] = []
        at = start
        bare = start == node.start_byte and not heredoc and walk.data[start : start + 1] in b"\"'#"  # quotes inside
        for hole in [*holes, None]:
            text = walk.data[at : hole.start_byte if hole else end].decode("utf-8", "replace")
            if bare and not holes:
                text = unquoted(text)
            elif bare:
                text = text[at == start :] if hole else text[:-1]
            if single_raw and head == "'":
                text = text.replace("\\'", "'").replace("\\\\", "\\")
            elif not literally:
                text = decode(text)
            parts.append(text)
            if hole:
                parts.append(walk.source(hole))
                at = hole.end_byte
        text = "".join(parts)
        value = Value(
            "template" if holes else "text",
            text.removeprefix("\n") if heredoc else text,
            node.start_byte,
            node.end_byte,
        )
        walk.facts.strings.append(value)
        if holes:
            value.items = walk.values(holes)
        return value

    return read


# In languages whose grammar does not tell: ``${expression}`` and ``$dotted.name``, unless escaped.
DOLLAR = re.compile(
    r"(?<!\\)\$(?:\{(?P<inner>[^{}\n]*)\}|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*))"
)
DOTTED = re.compile(r"[A-Za-z_]\w*(?:\??\.[A-Za-z_]\w*)*")


def dollars(read: Reader, *, dotted: bool) -> Reader:
    """A string in which ``$`` interpolates, for a grammar that does not know; ``dotted``: also ``$a.b``."""

    def templates(walk: Walk, node: Node) -> Value | None:
        value = read(walk, node)
        if value is None or "$" not in value.text or walk.data[node.start_byte : node.start_byte + 1] == b"'":
            return value
        items = list(value.items)
        for found in DOLLAR.finditer(walk.data[node.start_byte : node.end_byte].decode("latin-1")):
            inner = found["inner"] or found["name"] or ""
            name = inner if dotted or found["inner"] else inner.partition(".")[0]
            at = node.start_byte + found.start()
            if any(item.start <= at < item.end or item.start == at + 2 for item in value.items):
                continue
            if DOTTED.fullmatch(name):
                item = Value("reference", name.replace("?", ""), at, node.start_byte + found.end())
                walk.facts.references.append(item)
            else:
                item = Value("expression", name, at, node.start_byte + found.end())
            items.append(item)
        value.items = tuple(items)
        value.kind = "template" if items else value.kind
        return value

    return templates


def _inside(node: Node) -> tuple[int, int]:
    """Where the content of a string is: between its first and its last child, where those are its quotes."""
    children = node.children
    end = children[-1].start_byte if children and children[-1].type == "heredoc_end" else node.end_byte
    if len(children) < 2 or (children[0].is_named and not children[0].type.endswith("_start")):
        return node.start_byte, end
    opening = children[1] if children[0].type == "interpolation_start" else children[0]
    return opening.end_byte, max(opening.end_byte, children[-1].start_byte)


def joined(walk: Walk, node: Node) -> Value:
    """Literals that stand side by side, as one text or template."""
    mark = len(walk.facts.strings)
    return _together(walk, node, walk.values(node.named_children), mark)


def _together(walk: Walk, node: Node, values: tuple[Value, ...], mark: int) -> Value:
    """One text of several, in the place of theirs among the strings."""
    kinds = {value.kind for value in values}
    if not values or not kinds <= {"text", "template"}:
        return Value("expression", walk.source(node), node.start_byte, node.end_byte, values)
    kind: ValueKind = "text" if kinds == {"text"} else "template"
    items = tuple(item for value in values for item in value.items)
    value = Value(kind, "".join(value.text for value in values), node.start_byte, node.end_byte, items)
    parts = {id(part) for part in values}
    walk.facts.strings[mark:] = [value, *(each for each in walk.facts.strings[mark:] if id(each) not in parts)]
    return value


def binary(walk: Walk, node: Node) -> Value:
    """Two operands, or a chain of them under one operator; literals put together are one text."""
    operator = _operator(node)
    operands: list[Node] = []
    inner = node
    while inner.type == node.type and _operator(inner) == operator and inner.named_child_count > 1:
        left, *rest = inner.named_children
        operands.extend(each for each in reversed(rest) if not each.type.endswith("operator"))
        inner = left
    operands.append(inner)
    operands.reverse()
    mark = len(walk.facts.strings)
    if inner.id == node.id:
        return walk.expression(node)
    values = walk.values(operands)
    if operator in JOINS and all(value.kind == "text" for value in values):
        return _together(walk, node, values, mark)
    return Value("expression", walk.source(node), node.start_byte, node.end_byte, values)


def _operator(node: Node) -> str:
    found = node.child_by_field_name("operator") or (node.child(1) if node.child_count > 1 else None)
    return (found.text or b"").decode("utf-8", "replace") if found else ""


def unary(walk: Walk, node: Node) -> Value:
    """An operand with a sign or another operator before it; of a number it is a number."""
    value = walk.expression(node)
    if len(value.items) == 1 and value.items[0].kind == "number" and value.text[:1] in "-+":
        return Value("number", value.text, value.start, value.end)
    return value


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
