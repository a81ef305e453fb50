"""Swift. ``a["x"]`` is parsed like a call, and read as the name it is."""

from __future__ import annotations

from sgleaks.syntax import code, literals, shapes
from sgleaks.syntax.code import Grammar, Link, Walk, first
from sgleaks.syntax.facts import Facts, Value
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
    suffix = shapes.part(node, "call_suffix")
    arguments = shapes.part(suffix, "value_arguments") if suffix else None
    return bool(arguments and arguments.children and arguments.children[0].type == "[")


def _call(walk: Walk, node: Node) -> Value:
    if _subscript(node):
        return walk.reference(node)
    parts, items = shapes.callee_of(walk, first(node), None)
    suffix = shapes.part(node, "call_suffix")
    arguments: list[Node] = []
    for child in suffix.named_children if suffix else ():
        arguments += child.named_children if child.type == "value_arguments" else [child]
    call = walk.call(node, ".".join(filter(None, parts)), arguments)
    return Value("call", call.name, call.start, call.end, items, call=call)


def _lambda(walk: Walk, node: Node) -> Value:
    body = shapes.part(node, "statements")
    return shapes.closure(walk, node, body.named_children if body else [])


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
    name = shapes.part(node, "identifier")
    if name:
        walk.facts.imports.append(walk.text(name))


_function = shapes.function(blocks={"function_body"})

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
    pairs={"value_argument": shapes.pair("name", "value")},
    spelled=_spelled,
    readers={
        "line_string_literal": literals.string(decode=_decoded),
        "multi_line_string_literal": literals.string(decode=_decoded, heredoc=True),
        "raw_string_literal": literals.string(raw=True),
        "interpolated_expression": shapes.transparent("value"),
        "integer_literal": literals.number,
        "real_literal": literals.number,
        "boolean_literal": literals.boolean,
        "nil": literals.null,
        "nil_literal": literals.null,
        "array_literal": shapes.sequence,
        "dictionary_literal": _dictionary,
        "additive_expression": literals.binary,
        "prefix_expression": literals.unary,
        "postfix_expression": shapes.transparent(),
        "try_expression": shapes.transparent("expr"),
        "await_expression": shapes.transparent("expr"),
        "call_expression": _call,
        "call_suffix": shapes.transparent(),
        "value_arguments": shapes.transparent(),
        "value_argument": shapes.transparent("value"),
        "lambda_literal": _lambda,
        "assignment": shapes.assignment("target", "result"),
        "property_declaration": _bindings,
        "if_statement": _bindings,
        "guard_statement": _bindings,
        "value_binding_pattern": shapes.ignore,
        "parameter": shapes.ignore,
        "function_declaration": _function,
        "init_declaration": _function,
        "class_declaration": shapes.scope(),
        "protocol_declaration": shapes.scope(),
        "attribute": shapes.annotation("", ""),
        "user_type": shapes.ignore,
        "type_annotation": shapes.ignore,
        "inheritance_specifier": shapes.ignore,
        "import_declaration": _import,
        "comment": shapes.comment,
        "multiline_comment": shapes.comment,
    },
)
