"""Kotlin. ``"a" to b`` among arguments is one that is named; a lambda after a call is one of its arguments."""

from __future__ import annotations

from sgleaks.syntax import code, literals, shapes
from sgleaks.syntax.code import Grammar, Link, Walk, first
from sgleaks.syntax.facts import Facts, Value
from sgleaks.syntax.tree import Node


def read(data: bytes, language: str) -> Facts:
    """What a source file or build script says."""
    return code.read(data, language, GRAMMAR)


def _identifier(walk: Walk, node: Node) -> Value:
    """A name; the grammar takes ``true`` and ``null`` for some."""
    text = walk.text(node)
    if text in ("true", "false"):
        return literals.boolean(walk, node)
    return literals.null(walk, node) if text == "null" else walk.reference(node)


def _argument(node: Node) -> tuple[Node, Node] | None:
    """``name = value``."""
    name, value = first(node), shapes.after(node, "=")
    if name and name.type == "infix_expression" and not value:
        return _to(name)
    return (name, value) if name and value else None


def _to(node: Node) -> tuple[Node, Node] | None:
    parts = node.named_children
    return (parts[0], parts[2]) if len(parts) == 3 and parts[1].text == b"to" else None


def _call(walk: Walk, node: Node) -> Value:
    arguments: list[Node] = []
    inner = node
    while (last := inner.named_children[-1:]) and last[0].type in ("annotated_lambda", "value_arguments"):
        kind = last[0].type
        arguments[:0] = last[0].named_children
        callee = first(inner)
        if callee is None or callee.type != "call_expression" or kind == "value_arguments":
            break
        inner = callee
    parts, items = shapes.callee_of(walk, first(inner), None)
    call = walk.call(node, ".".join(filter(None, parts)), arguments)
    return Value("call", call.name, call.start, call.end, items, call=call)


def _lambda(walk: Walk, node: Node) -> Value:
    return shapes.closure(walk, node, [child for child in node.named_children if child.type != "lambda_parameters"])


def _property(walk: Walk, node: Node) -> None:
    declared, value = shapes.part(node, "variable_declaration"), shapes.after(node, "=")
    name = first(declared) if declared else None
    if name and value:
        walk.assign(name, value)
    else:
        walk.visit(node)
    walk.decorators.clear()


def _parameters(walk: Walk, node: Node) -> None:
    """The defaults of parameters, which follow them."""
    name: Node | None = None
    for child in node.named_children:
        if child.type in ("parameter", "parameter_modifiers"):
            name = first(child)
        elif name:
            walk.assign(name, child)


def _class_parameter(walk: Walk, node: Node) -> None:
    name, value = shapes.part(node, "identifier"), shapes.after(node, "=")
    if name and value:
        walk.assign(name, value)


def _annotation(walk: Walk, node: Node) -> None:
    for child in node.named_children:
        kind = shapes.part(child, "user_type") if child.type == "constructor_invocation" else child
        arguments = shapes.part(child, "value_arguments")
        value = Value("reference", walk.text(kind) if kind else "", child.start_byte, child.end_byte)
        if arguments:
            value.kind, value.call = "call", walk.call(child, value.text, arguments.named_children)
        walk.decorators.append(value)


def _import(walk: Walk, node: Node) -> None:
    """As written, with its ``.*``."""
    name = first(node)
    if name:
        walk.facts.imports.append(walk.text(name) + (".*" if node.children[-1].type == "*" else ""))


_string = literals.dollars(literals.string(), dotted=False)
_function = shapes.function(body="function_body", blocks={"function_body"})

GRAMMAR = Grammar(
    names=frozenset({"identifier", "qualified_identifier", "this_expression", "super_expression"}),
    links={
        "navigation_expression": Link(),
        "index_expression": Link(quoted=True),
        "parenthesized_expression": Link(name=None),
        "unary_expression": Link(name=None),
        "as_expression": Link(name=None),
    },
    pairs={"value_argument": _argument, "infix_expression": _to},
    readers={
        "identifier": _identifier,
        "string_literal": _string,
        "multiline_string_literal": literals.dollars(literals.string(raw=True), dotted=False),
        "interpolation": shapes.transparent(),
        "character_literal": literals.string(),
        "number_literal": literals.number,
        "float_literal": literals.number,
        "collection_literal": shapes.sequence,
        "binary_expression": literals.binary,
        "unary_expression": literals.unary,
        "parenthesized_expression": shapes.transparent(),
        "as_expression": shapes.transparent(),
        "value_argument": shapes.transparent(),
        "call_expression": _call,
        "lambda_literal": _lambda,
        "annotated_lambda": shapes.transparent(),
        "assignment": shapes.assignment(),
        "property_declaration": _property,
        "function_value_parameters": _parameters,
        "class_parameter": _class_parameter,
        "infix_expression": shapes.pairs(_to),
        "function_declaration": _function,
        "anonymous_function": shapes.function("", body="function_body", blocks={"function_body"}, bare=True),
        "secondary_constructor": shapes.function("", body="block", blocks={"block"}),
        "class_declaration": shapes.scope(),
        "object_declaration": shapes.scope(),
        "companion_object": shapes.scope(),
        "annotation": _annotation,
        "user_type": shapes.ignore,
        "nullable_type": shapes.ignore,
        "package_header": shapes.ignore,
        "import": _import,
        "line_comment": shapes.comment,
        "block_comment": shapes.comment,
    },
)
