"""Swift. ``a["x"]`` is parsed like a call, and read as the name it is."""

from __future__ import annotations

from sgleaks.syntax import code
from sgleaks.syntax.code import Grammar, Link, Walk, first
from sgleaks.syntax.facts import Facts, Value
from sgleaks.syntax.shapes import (
    annotation,
    assignment,
    binary,
    boolean,
    callee_of,
    closure,
    comment,
    function,
    ignore,
    null,
    number,
    pair,
    part,
    scope,
    sequence,
    string,
    transparent,
    unary,
)
from sgleaks.syntax.strings import unescaped
from sgleaks.syntax.tree import Node


def read(data: bytes, language: str) -> Facts:
    """What a source file says."""
    return code.read(data, language, GRAMMAR)


def _spelled(name: str) -> str:
    return name.strip(".?!")


def _decoded(text: str) -> str:
    """Escapes resolved, but for the one that interpolates: ``\\(…)`` stays as written."""
    return "\\(".join(map(unescaped, text.split("\\(")))


def _subscript(node: Node) -> bool:
    suffix = part(node, "call_suffix")
    arguments = part(suffix, "value_arguments") if suffix else None
    return bool(arguments and arguments.children and arguments.children[0].type == "[")


def _call(walk: Walk, node: Node) -> Value:
    if _subscript(node):
        return walk.reference(node)
    parts, items = callee_of(walk, first(node), None)
    suffix = part(node, "call_suffix")
    arguments: list[Node] = []
    for child in suffix.named_children if suffix else ():
        arguments += child.named_children if child.type == "value_arguments" else [child]
    call = walk.call(node, ".".join(filter(None, parts)), arguments)
    return Value("call", call.name, call.start, call.end, items, call=call)


def _lambda(walk: Walk, node: Node) -> Value:
    body = part(node, "statements")
    return closure(walk, node, body.named_children if body else [])


def _dictionary(walk: Walk, node: Node) -> Value:
    block = walk.open(node)
    for key, value in zip(node.children_by_field_name("key"), node.children_by_field_name("value"), strict=False):
        walk.pair(key, value, block)
    return Value("block", "", node.start_byte, node.end_byte, block=block)


def _bindings(walk: Walk, node: Node) -> None:
    """``let a = b, c = d``, alone or as a condition: each value is that of the name before it."""
    name: Node | None = None
    for position, child in enumerate(node.children):
        field = node.field_name_for_child(position)
        if field in ("name", "bound_identifier"):
            name = first(child) if child.type == "pattern" else child
        elif child.is_named and field in ("value", "condition") and name and child.type != "value_binding_pattern":
            walk.assign(name, child)
            name = None
        elif child.is_named:
            walk.read(child)
    walk.decorators.clear()


def _import(walk: Walk, node: Node) -> None:
    name = part(node, "identifier")
    if name:
        walk.facts.imports.append(walk.text(name))


_function = function(blocks={"function_body"})

GRAMMAR = Grammar(
    names=frozenset({"simple_identifier", "self_expression", "super_expression"}),
    links={
        "navigation_expression": Link("target", "suffix"),
        "call_expression": Link(quoted=True, only=_subscript),
        "directly_assignable_expression": Link(name=None),
        "prefix_expression": Link("target", None),
        "postfix_expression": Link(name=None),
        "optional_chain_expression": Link(name=None),
        "try_expression": Link("expr", None),
        "await_expression": Link("expr", None),
    },
    pairs={"value_argument": pair("name", "value")},
    spelled=_spelled,
    readers={
        "line_string_literal": string(decode=_decoded),
        "multi_line_string_literal": string(decode=_decoded, heredoc=True),
        "raw_string_literal": string(raw=True),
        "interpolated_expression": transparent("value"),
        "integer_literal": number,
        "real_literal": number,
        "boolean_literal": boolean,
        "nil": null,
        "nil_literal": null,
        "array_literal": sequence,
        "dictionary_literal": _dictionary,
        "additive_expression": binary,
        "prefix_expression": unary,
        "postfix_expression": transparent(),
        "try_expression": transparent("expr"),
        "await_expression": transparent("expr"),
        "call_expression": _call,
        "call_suffix": transparent(),
        "value_arguments": transparent(),
        "value_argument": transparent("value"),
        "lambda_literal": _lambda,
        "assignment": assignment("target", "result"),
        "property_declaration": _bindings,
        "if_statement": _bindings,
        "guard_statement": _bindings,
        "value_binding_pattern": ignore,
        "parameter": ignore,
        "function_declaration": _function,
        "init_declaration": _function,
        "class_declaration": scope(),
        "protocol_declaration": scope(),
        "attribute": annotation("", ""),
        "user_type": ignore,
        "type_annotation": ignore,
        "inheritance_specifier": ignore,
        "import_declaration": _import,
        "comment": comment,
        "multiline_comment": comment,
    },
)
