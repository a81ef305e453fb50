"""C#.

What an object is initialised with is a block labelled by its type, and the block of the value of its constructor.
"""

from __future__ import annotations

from sgleaks.syntax import code, literals, shapes
from sgleaks.syntax.code import Grammar, Link, Walk, last
from sgleaks.syntax.facts import Facts, Value
from sgleaks.syntax.tree import Node


def read(data: bytes, language: str) -> Facts:
    """What a compilation unit says."""
    return code.read(data, language, GRAMMAR)


def _spelled(name: str) -> str:
    return name.partition("<")[0].lstrip("@")


def _argument(node: Node) -> tuple[Node, Node] | None:
    """``name: value``, and ``Name = value`` of an attribute."""
    name, value = node.child_by_field_name("name"), last(node)
    return (name, value) if name and value and name != value else None


def _new(walk: Walk, node: Node) -> Value:
    """``new T(…) {…}``, ``new(…) {…}``, ``new T {…}``."""
    title = node.child_by_field_name("type")
    parts = {child.type: child for child in node.named_children}
    arguments, initial = parts.get("argument_list"), parts.get("initializer_expression")
    name = shapes.type_name(walk, title) if title else ""
    made = walk.call(node, name, arguments.named_children if arguments else (), new=True)
    value = Value("call", name, made.start, made.end, call=made)
    if initial:
        given = shapes.mapping_or_list(walk, initial)
        value.block, value.items = given.block, given.items
        if value.block and name:
            value.block.labels = (name,)
    return value


def _anonymous(walk: Walk, node: Node) -> Value:
    """``new { A = 1, B }``, whose names and values stand side by side."""
    block = walk.open(node)
    around, walk.block = walk.block, block
    children = node.children
    for name, sign, value in zip(children, children[1:], children[2:], strict=False):
        if sign.type == "=":
            walk.pair(name, value, block)
    walk.block = around
    return Value("block", "", node.start_byte, node.end_byte, block=block)


def _property(walk: Walk, node: Node) -> None:
    """A property: a setting where it has a value, else its accessors are read."""
    if node.child_by_field_name("value"):
        _initial(walk, node)
    else:
        _members(walk, node)
    walk.decorators.clear()


_initial, _members = shapes.assignment("name", "value"), shapes.scope()


def _verbatim(walk: Walk, node: Node) -> Value | None:
    value = _raw(walk, node)
    if value:
        inner = value.text.removeprefix('@"').removesuffix('"') if value.text.startswith('@"') else value.text
        value.text = inner.replace('""', '"')
    return value


_raw = literals.string(raw=True)


def _using(walk: Walk, node: Node) -> None:
    """``using A.B``, ``using static A.B`` and ``using C = A.B`` are ``A.B``."""
    if names := node.named_children:
        walk.facts.imports.append(walk.text(names[-1]))


_method = shapes.function(blocks={"block"})

GRAMMAR = Grammar(
    names=frozenset(
        {"identifier", "qualified_name", "generic_name", "this", "base", "this_expression", "base_expression"}
    ),
    links={
        "member_access_expression": Link("expression", "name"),
        "element_access_expression": Link("expression", "subscript", quoted=True),
        "parenthesized_expression": Link(name=None),
        "postfix_unary_expression": Link(name=None),
        "await_expression": Link(name=None),
        "cast_expression": Link("value", None),
    },
    pairs={
        "argument": _argument,
        "attribute_argument": _argument,
        "assignment_expression": shapes.pair("left", "right"),
    },
    spelled=_spelled,
    readers={
        "string_literal": literals.string(),
        "verbatim_string_literal": _verbatim,
        "raw_string_literal": _raw,
        "interpolated_string_expression": literals.string(),
        "interpolation": shapes.transparent(),
        "interpolation_brace": shapes.ignore,
        "character_literal": literals.string(),
        "integer_literal": literals.number,
        "real_literal": literals.number,
        "boolean_literal": literals.boolean,
        "null_literal": literals.null,
        "collection_expression": shapes.sequence,
        "initializer_expression": shapes.mapping_or_list,
        "element_binding_expression": shapes.transparent(),
        "bracketed_argument_list": shapes.transparent(),
        "argument": shapes.transparent(),
        "attribute_argument": shapes.transparent(),
        "implicit_array_creation_expression": shapes.transparent(),
        "array_creation_expression": shapes.transparent(),
        "binary_expression": literals.binary,
        "prefix_unary_expression": literals.unary,
        "postfix_unary_expression": shapes.transparent(),
        "parenthesized_expression": shapes.transparent(),
        "await_expression": shapes.transparent(),
        "cast_expression": shapes.transparent("value"),
        "invocation_expression": shapes.call("function"),
        "object_creation_expression": _new,
        "implicit_object_creation_expression": _new,
        "anonymous_object_creation_expression": _anonymous,
        "assignment_expression": shapes.assignment(),
        "variable_declarator": shapes.assignment("name", ""),
        "property_declaration": _property,
        "field_declaration": shapes.scope(""),
        "parameter": shapes.default(value=""),
        "parameter_list": shapes.parameters,
        "implicit_parameter": shapes.ignore,
        "method_declaration": _method,
        "local_function_statement": _method,
        "constructor_declaration": _method,
        "lambda_expression": shapes.function("", blocks={"block"}, bare=True),
        "anonymous_method_expression": shapes.function("", blocks={"block"}, bare=True),
        "arrow_expression_clause": shapes.transparent(),
        "attribute": shapes.annotation("name", ""),
        "class_declaration": shapes.scope(),
        "struct_declaration": shapes.scope(),
        "record_declaration": shapes.scope(),
        "interface_declaration": shapes.scope(),
        "enum_declaration": shapes.scope(),
        "namespace_declaration": shapes.scope(),
        "file_scoped_namespace_declaration": shapes.scope(),
        "predefined_type": shapes.ignore,
        "implicit_type": shapes.ignore,
        "array_type": shapes.ignore,
        "using_directive": _using,
        "comment": shapes.comment,
    },
)
