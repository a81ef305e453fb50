"""Java."""

from __future__ import annotations

from sgleaks.syntax import code
from sgleaks.syntax.code import Grammar, Link, Walk
from sgleaks.syntax.facts import Facts
from sgleaks.syntax.shapes import (
    annotation,
    assignment,
    binary,
    boolean,
    call,
    comment,
    construct,
    function,
    ignore,
    null,
    number,
    pair,
    pairs,
    scope,
    sequence,
    string,
    transparent,
    unary,
)
from sgleaks.syntax.tree import Node


def read(data: bytes, language: str) -> Facts:
    """What a compilation unit says."""
    return code.read(data, language, GRAMMAR)


def _import(walk: Walk, node: Node) -> None:
    """As written, with its ``.*``."""
    names = [walk.text(child) for child in node.named_children if child.type != "comment"]
    walk.facts.imports.append(".".join(names))


_element = pair("key", "value")
_method = function(blocks={"block", "constructor_body"})

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
        "string_literal": string(),
        "character_literal": string(),
        "decimal_integer_literal": number,
        "hex_integer_literal": number,
        "octal_integer_literal": number,
        "binary_integer_literal": number,
        "decimal_floating_point_literal": number,
        "true": boolean,
        "false": boolean,
        "null_literal": null,
        "array_initializer": sequence,
        "element_value_array_initializer": sequence,
        "array_creation_expression": transparent("value"),
        "binary_expression": binary,
        "unary_expression": unary,
        "parenthesized_expression": transparent(),
        "cast_expression": transparent("value"),
        "method_invocation": call("object", method="name"),
        "object_creation_expression": construct(),
        "assignment_expression": assignment(),
        "variable_declarator": assignment("name", "value"),
        "element_value_pair": pairs(_element),
        "field_declaration": scope(""),
        "local_variable_declaration": scope(""),
        "method_declaration": _method,
        "constructor_declaration": _method,
        "compact_constructor_declaration": _method,
        "lambda_expression": function("", blocks={"block"}, bare=True),
        "formal_parameters": ignore,
        "inferred_parameters": ignore,
        "annotation": annotation(),
        "marker_annotation": annotation(),
        "class_declaration": scope(),
        "interface_declaration": scope(),
        "enum_declaration": scope(),
        "record_declaration": scope(),
        "annotation_type_declaration": scope(),
        "generic_type": ignore,
        "type_arguments": ignore,
        "type_parameters": ignore,
        "scoped_type_identifier": ignore,
        "package_declaration": ignore,
        "import_declaration": _import,
        "line_comment": comment,
        "block_comment": comment,
    },
)
