"""Go. The block of a composite literal is labelled by its type: ``tls.Config``; that of a map is not."""

from __future__ import annotations

from sgleaks.syntax import code, literals, shapes
from sgleaks.syntax.code import Grammar, Link, Walk, first
from sgleaks.syntax.facts import Facts, Value
from sgleaks.syntax.tree import Node


def read(data: bytes, language: str) -> Facts:
    """What a source file says."""
    return code.read(data, language, GRAMMAR)


def _import(walk: Walk, node: Node) -> None:
    path = node.child_by_field_name("path")
    if path:
        walk.facts.imports.append(walk.value(path).text)


def _composite(walk: Walk, node: Node) -> Value | None:
    kind, body = node.child_by_field_name("type"), node.child_by_field_name("body")
    if body is None:
        return None
    value = shapes.mapping_or_list(walk, body)
    if value.block and kind and kind.type in ("type_identifier", "qualified_type"):
        value.block.labels = tuple(walk.text(kind).split())
    return Value(value.kind, "", node.start_byte, node.end_byte, value.items, value.block)


def _keyed(node: Node) -> tuple[Node, Node] | None:
    key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
    name = first(key) if key else None
    return (name, value) if name and value else None


def _assign(walk: Walk, node: Node) -> Value | None:
    """``a, b = c, d``; where one call gives several values the first name is set to it: ``key, err := …``."""
    operator = node.child_by_field_name("operator")
    if operator and operator.type != "=":
        return _change(walk, node)
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left and right and right.named_child_count == 1 < left.named_child_count:
        name, value = first(left), first(right)
        return walk.assign(name, value) if name and value else None
    return _plain(walk, node)


_plain, _change = shapes.assignment(), shapes.updated()


def _declare(walk: Walk, node: Node) -> None:
    """``const a, b = c, d``."""
    values = node.child_by_field_name("value")
    names = [name for name in node.children_by_field_name("name") if name.is_named]
    for name, value in zip(names, values.named_children if values else (), strict=False):
        walk.assign(name, value)


def _unary(walk: Walk, node: Node) -> Value | None:
    """``&x`` and ``*x`` stand for x."""
    operator, operand = node.child_by_field_name("operator"), node.child_by_field_name("operand")
    return walk.known(operand) if operator and operand and operator.type in ("&", "*") else literals.unary(walk, node)


GRAMMAR = Grammar(
    names=frozenset({"identifier", "package_identifier", "field_identifier"}),
    links={
        "selector_expression": Link("operand", "field"),
        "index_expression": Link("operand", "index", quoted=True),
        "type_assertion_expression": Link("operand", None),
        "parenthesized_expression": Link(name=None),
    },
    pairs={"keyed_element": _keyed},
    patterns=frozenset({"expression_list"}),
    readers={
        "interpreted_string_literal": literals.string(),
        "raw_string_literal": literals.string(raw=True),
        "rune_literal": literals.string(),
        "int_literal": literals.number,
        "float_literal": literals.number,
        "true": literals.boolean,
        "false": literals.boolean,
        "nil": literals.null,
        "expression_list": shapes.sequence,
        "composite_literal": _composite,
        "literal_value": shapes.mapping_or_list,
        "literal_element": shapes.transparent(),
        "binary_expression": literals.binary,
        "unary_expression": _unary,
        "parenthesized_expression": shapes.transparent(),
        "type_assertion_expression": shapes.transparent("operand"),
        "call_expression": shapes.call("function"),
        "short_var_declaration": _assign,
        "assignment_statement": _assign,
        "const_spec": _declare,
        "var_spec": _declare,
        "function_declaration": shapes.function(blocks={"block"}),
        "method_declaration": shapes.function(blocks={"block"}),
        "func_literal": shapes.function("", blocks={"block"}),
        "parameter_list": shapes.ignore,
        "type_declaration": shapes.ignore,
        "pointer_type": shapes.ignore,
        "slice_type": shapes.ignore,
        "array_type": shapes.ignore,
        "map_type": shapes.ignore,
        "function_type": shapes.ignore,
        "struct_type": shapes.ignore,
        "interface_type": shapes.ignore,
        "channel_type": shapes.ignore,
        "generic_type": shapes.ignore,
        "qualified_type": shapes.ignore,
        "type_arguments": shapes.ignore,
        "package_clause": shapes.ignore,
        "import_spec": _import,
        "comment": shapes.comment,
    },
)
