"""Java."""

from __future__ import annotations

from sgleaks.syntax import code, literals, shapes
from sgleaks.syntax.code import Grammar, Link, Walk
from sgleaks.syntax.facts import Facts
from sgleaks.syntax.tree import Node


def read(data: bytes, language: str) -> Facts:
    """What a compilation unit says."""
    return code.read(data, language, GRAMMAR)


def _import(walk: Walk, node: Node) -> None:
    """As written, with its ``.*``."""
    names = [walk.text(child) for child in node.named_children if child.type != "comment"]
    walk.facts.imports.append(".".join(names))


_element = shapes.pair("key", "value")
_method = shapes.function(blocks={"block", "constructor_body"})

GRAMMAR = Grammar(
    names=frozenset({"identifier", "scoped_identifier", "this", "super"}),
    links={
        "field_access": Link("object", "field"),
        "array_access": Link("array", "index", quoted=True),
        "parenthesized_expression": Link(name=None),
        "cast_expression": Link("value", None),
    },
    pairs={"element_value_pair": _element},
    readers={
        "string_literal": literals.string(),
        "character_literal": literals.string(),
        "decimal_integer_literal": literals.number,
        "hex_integer_literal": literals.number,
        "octal_integer_literal": literals.number,
        "binary_integer_literal": literals.number,
        "decimal_floating_point_literal": literals.number,
        "true": literals.boolean,
        "false": literals.boolean,
        "null_literal": literals.null,
        "array_initializer": shapes.sequence,
        "element_value_array_initializer": shapes.sequence,
        "array_creation_expression": shapes.transparent("value"),
        "binary_expression": literals.binary,
        "unary_expression": literals.unary,
        "parenthesized_expression": shapes.transparent(),
        "cast_expression": shapes.transparent("value"),
        "method_invocation": shapes.call("object", method="name"),
        "object_creation_expression": shapes.construct(),
        "assignment_expression": shapes.assignment(),
        "variable_declarator": shapes.assignment("name", "value"),
        "element_value_pair": shapes.pairs(_element),
        "field_declaration": shapes.scope(""),
        "local_variable_declaration": shapes.scope(""),
        "method_declaration": _method,
        "constructor_declaration": _method,
        "compact_constructor_declaration": _method,
        "lambda_expression": shapes.function("", blocks={"block"}, bare=True),
        "formal_parameters": shapes.ignore,
        "inferred_parameters": shapes.ignore,
        "annotation": shapes.annotation(),
        "marker_annotation": shapes.annotation(),
        "class_declaration": shapes.scope(),
        "interface_declaration": shapes.scope(),
        "enum_declaration": shapes.scope(),
        "record_declaration": shapes.scope(),
        "annotation_type_declaration": shapes.scope(),
        "generic_type": shapes.ignore,
        "type_arguments": shapes.ignore,
        "type_parameters": shapes.ignore,
        "scoped_type_identifier": shapes.ignore,
        "package_declaration": shapes.ignore,
        "import_declaration": _import,
        "line_comment": shapes.comment,
        "block_comment": shapes.comment,
    },
)
