"""Dart.

Its grammar has no node for ``a.b(c)[d]``: a primary and its selectors stand side by side, and are put together here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sgleaks.syntax import literals, shapes
from sgleaks.syntax.code import Grammar, Reader, Walk, first
from sgleaks.syntax.facts import Block, Facts, Value
from sgleaks.syntax.tree import Node, root

SELECTORS = frozenset({
    "argument_part", "conditional_assignable_selector", "index_selector", "selector",
    "unconditional_assignable_selector",
})  # fmt: skip


def read(data: bytes, language: str) -> Facts:
    """What a library says."""
    block = Block((), 0, len(data))
    facts = Facts(language, data, [block])
    tree = root(data, language)
    walk = Selecting(facts, GRAMMAR, block)
    walk.selectors = _selectors(tree)
    walk.run(tree)
    return facts


class Selecting(Walk):
    """A walk that knows the selectors after each primary, by its id."""

    selectors: Mapping[int, Sequence[Node]]


def _selectors(tree: Node) -> dict[int, list[Node]]:
    """Asking a node for its sibling takes as long as it is deep, so all are found at once."""
    found: dict[int, list[Node]] = {}
    waiting = [tree]
    while waiting:
        primary: Node | None = None
        for child in waiting.pop().named_children:
            if child.type not in SELECTORS:
                primary = child
            elif primary:
                found.setdefault(primary.id, []).append(child)
            if child.child_count:
                waiting.append(child)
    return found


def _after(walk: Walk, node: Node) -> Sequence[Node]:
    return walk.selectors.get(node.id, ()) if isinstance(walk, Selecting) else ()


def _primary(walk: Walk, node: Node) -> Value:
    """A name with the selectors after it: a reference, or a call."""
    value = Value("reference", walk.text(node), node.start_byte, node.end_byte)
    return _selected(walk, value, node)


def _chained(read_primary: Reader) -> Reader:
    """Another primary, which has no name, with the selectors after it."""

    def read(walk: Walk, node: Node) -> Value | None:
        value = read_primary(walk, node)
        if value is None or not _after(walk, node):
            return value
        return _selected(walk, Value("expression", "", node.start_byte, node.end_byte, (value,)), node)

    return read


def _selected(walk: Walk, value: Value, node: Node) -> Value:
    """What a value is after the selectors that follow its node."""
    for selector in _after(walk, node):
        inner = first(selector) if selector.type == "selector" else selector
        end = selector.end_byte
        if inner and inner.type == "argument_part":
            value = _call(walk, value, inner)
        elif inner and (name := first(inner) if inner.type != "index_selector" else inner):
            member = _subscript(walk, name) if name.type == "index_selector" else walk.text(name)
            items = (value,) if value.call else value.items
            value = Value("reference", ".".join(filter(None, (value.text, member))), value.start, end, items)
        value.end = end
    if value.kind == "reference":
        if value.items and not value.items[0].call:
            value.kind, value.text = "expression", walk.data[value.start : value.end].decode("utf-8", "replace")
        else:
            walk.facts.references.append(value)
    return value


def _call(walk: Walk, callee: Value, node: Node) -> Value:
    arguments = first(node)
    call = walk.call(node, callee.text, arguments.named_children if arguments else ())
    call.start = call.named.start = callee.start
    owner = callee.text.rpartition(".")[0]
    items = callee.items
    if owner and not items:
        items = (Value("reference", owner, callee.start, callee.start + len(owner.encode())),)
        walk.facts.references += items
    return Value("call", call.name, call.start, call.end, items, call=call)


def _subscript(walk: Walk, node: Node) -> str:
    inner = first(node)
    value = walk.value(inner) if inner else None
    return (value.text if value.literal else f"[{value.text}]") if value else "[]"


def _assign(walk: Walk, node: Node) -> Value | None:
    """``a.b["c"] = d``; the target is read for its parts, and is no reference."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return None
    name = first(left) if left.type == "assignable_expression" else left
    parts = [walk.text(name)] if name else []
    for child in left.named_children[1:] if name != left else ():
        selector = first(child) if child.type == "selector" else child
        inner = first(selector) if selector else None
        if inner:
            parts.append(_subscript(walk, inner) if inner.type == "index_selector" else walk.text(inner))
    return walk.set(tuple(parts), left.start_byte, right, walk.root)


def _declare(walk: Walk, node: Node) -> None:
    """``name = value``, whose selectors follow it."""
    children = node.named_children
    if len(children) > 1 and children[0].type == "identifier":
        walk.assign(children[0], children[1])


def _new(walk: Walk, node: Node) -> Value:
    """``new A.b(…)`` and ``const A(…)``."""
    names = [walk.text(child) for child in node.named_children if child.type in ("type_identifier", "identifier")]
    arguments = shapes.part(node, "arguments")
    call = walk.call(node, ".".join(names), arguments.named_children if arguments else (), new=True)
    return Value("call", call.name, call.start, call.end, call=call)


def _import(walk: Walk, node: Node) -> None:
    mark = len(walk.facts.strings)
    walk.visit(node)
    walk.facts.imports += [value.text for value in walk.facts.strings[mark:][:1]]


def _signature(walk: Walk, node: Node) -> None:
    """The head of a function; its body follows it, and ends it."""
    _head(walk, node)


def _body(walk: Walk, node: Node) -> None:
    before = walk.facts.functions[-1:]
    if before and before[0].end <= node.start_byte:
        before[0].end = node.end_byte
    walk.visit(node)


_head = shapes.function(body="", blocks=())


def _named(node: Node) -> tuple[Node, Node] | None:
    """``label: value``, whose selectors follow it."""
    children = node.named_children
    name = first(children[0]) if children else None
    return (name, children[1]) if name and len(children) > 1 else None


GRAMMAR = Grammar(
    names=frozenset({"identifier"}),
    links={},
    pairs={"named_argument": _named, "pair": shapes.pair("key", "value")},
    readers={
        "identifier": _primary,
        "identifier_dollar_escaped": _primary,
        "this": _primary,
        "super": _primary,
        "selector": shapes.ignore,
        "string_literal": _chained(literals.string()),
        "template_substitution": shapes.transparent(),
        "decimal_integer_literal": literals.number,
        "hex_integer_literal": literals.number,
        "decimal_floating_point_literal": literals.number,
        "true": literals.boolean,
        "false": literals.boolean,
        "null_literal": literals.null,
        "list_literal": _chained(shapes.sequence),
        "set_or_map_literal": _chained(shapes.mapping_or_list),
        "parenthesized_expression": _chained(shapes.transparent()),
        "additive_expression": literals.binary,
        "unary_expression": literals.unary,
        "new_expression": _chained(_new),
        "const_object_expression": _chained(_new),
        "argument": shapes.transparent(),
        "named_argument": shapes.pairs(_named),
        "await_expression": shapes.transparent(),
        "assignment_expression": _assign,
        "static_final_declaration": _declare,
        "initialized_identifier": _declare,
        "initialized_variable_definition": shapes.assignment("name", "value"),
        "function_signature": _signature,
        "function_body": _body,
        "function_expression": shapes.function("", bare=True),
        "function_expression_body": shapes.transparent(),
        "formal_parameter_list": shapes.ignore,
        "annotation": shapes.annotation(),
        "class_definition": shapes.scope(),
        "import_specification": _import,
        "type_arguments": shapes.ignore,
        "comment": shapes.comment,
        "documentation_comment": shapes.comment,
    },
)
