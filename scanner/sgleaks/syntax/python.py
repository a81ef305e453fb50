"""Python."""

from __future__ import annotations

from sgleaks.syntax import code, literals, shapes
from sgleaks.syntax.code import Grammar, Link, Walk, first
from sgleaks.syntax.facts import Facts, Value
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
        shapes.comment(walk, only)
    else:
        walk.visit(node)


_keyword = shapes.pair("name", "value")

GRAMMAR = Grammar(
    names=frozenset({"identifier"}),
    links={
        "attribute": Link("object", "attribute"),
        "subscript": Link("value", "subscript", quoted=True),
        "parenthesized_expression": Link(name=None),
        "await": Link(name=None),
    },
    pairs={"keyword_argument": _keyword, "pair": shapes.pair("key", "value")},
    patterns=frozenset({"pattern_list", "tuple_pattern", "expression_list"}),
    readers={
        "expression_statement": _statement,
        "string": literals.string(),
        "concatenated_string": literals.joined,
        "interpolation": shapes.transparent("expression"),
        "integer": literals.number,
        "float": literals.number,
        "true": literals.boolean,
        "false": literals.boolean,
        "none": literals.null,
        "list": shapes.sequence,
        "tuple": shapes.sequence,
        "set": shapes.sequence,
        "expression_list": shapes.sequence,
        "dictionary": shapes.mapping,
        "keyword_argument": shapes.pairs(_keyword),
        "binary_operator": literals.binary,
        "boolean_operator": literals.binary,
        "unary_operator": literals.unary,
        "parenthesized_expression": shapes.transparent(),
        "await": shapes.transparent(),
        "call": shapes.call("function"),
        "assignment": shapes.assignment(),
        "augmented_assignment": shapes.updated(),
        "named_expression": shapes.assignment("name", "value"),
        "as_pattern": _as,
        "default_parameter": shapes.default(),
        "typed_default_parameter": shapes.default(),
        "parameters": shapes.parameters,
        "lambda_parameters": shapes.parameters,
        "function_definition": shapes.function(blocks={"block"}),
        "lambda": shapes.function(blocks=(), bare=True),
        "list_splat_pattern": shapes.ignore,
        "dictionary_splat_pattern": shapes.ignore,
        "class_definition": shapes.scope(),
        "decorator": shapes.decorator,
        "import_statement": _import,
        "import_from_statement": _import,
        "future_import_statement": shapes.ignore,
        "type": shapes.ignore,
        "comment": shapes.comment,
    },
)
