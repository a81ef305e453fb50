"""Python."""

from __future__ import annotations

from sgleaks.syntax import code
from sgleaks.syntax.code import Grammar, Link, Walk, first
from sgleaks.syntax.facts import Facts, Value
from sgleaks.syntax.shapes import (
    assignment,
    binary,
    boolean,
    call,
    comment,
    decorator,
    default,
    function,
    ignore,
    joined,
    mapping,
    null,
    number,
    pair,
    pairs,
    parameters,
    scope,
    sequence,
    string,
    transparent,
    unary,
    updated,
)
from sgleaks.syntax.tree import Node


def read(data: bytes, language: str) -> Facts:
    """What a module says."""
    return code.read(data, language, GRAMMAR)


def _import(walk: Walk, node: Node) -> None:
    """``import a.b as c`` is ``a.b``; ``from a import b`` is ``a`` and ``a.b``, however many dots ``a`` begins with."""
    module = node.child_by_field_name("module_name")
    base = walk.text(module) if module else ""
    if base:
        walk.facts.imports.append(base)
    for each in node.children_by_field_name("name"):
        name = walk.text(each.child_by_field_name("name") or each)
        walk.facts.imports.append(f"{base.rstrip('.')}.{name}" if base else name)


def _as(walk: Walk, node: Node) -> Value | None:
    """``with value as name``."""
    value, alias = first(node), node.child_by_field_name("alias")
    name = first(alias) if alias else None
    return walk.assign(name, value) if name and value else None


def _statement(walk: Walk, node: Node) -> None:
    """A string that stands alone is a docstring: what people write there is prose, as in a comment."""
    only = first(node)
    if only and only.type in ("string", "concatenated_string") and node.named_child_count == 1:
        comment(walk, only)
    else:
        walk.visit(node)


_keyword = pair("name", "value")

GRAMMAR = Grammar(
    names=frozenset({"identifier"}),
    links={
        "attribute": Link("object", "attribute"),
        "subscript": Link("value", "subscript", quoted=True),
        "parenthesized_expression": Link(name=None),
        "await": Link(name=None),
    },
    pairs={"keyword_argument": _keyword, "pair": pair("key", "value")},
    patterns=frozenset({"pattern_list", "tuple_pattern", "expression_list"}),
    readers={
        "expression_statement": _statement,
        "string": string(),
        "concatenated_string": joined,
        "interpolation": transparent("expression"),
        "integer": number,
        "float": number,
        "true": boolean,
        "false": boolean,
        "none": null,
        "list": sequence,
        "tuple": sequence,
        "set": sequence,
        "expression_list": sequence,
        "dictionary": mapping,
        "keyword_argument": pairs(_keyword),
        "binary_operator": binary,
        "boolean_operator": binary,
        "unary_operator": unary,
        "parenthesized_expression": transparent(),
        "await": transparent(),
        "call": call("function"),
        "assignment": assignment(),
        "augmented_assignment": updated(),
        "named_expression": assignment("name", "value"),
        "as_pattern": _as,
        "default_parameter": default(),
        "typed_default_parameter": default(),
        "parameters": parameters,
        "lambda_parameters": parameters,
        "function_definition": function(blocks={"block"}),
        "lambda": function(blocks=(), bare=True),
        "list_splat_pattern": ignore,
        "dictionary_splat_pattern": ignore,
        "class_definition": scope(),
        "decorator": decorator,
        "import_statement": _import,
        "import_from_statement": _import,
        "future_import_statement": ignore,
        "type": ignore,
        "comment": comment,
    },
)
