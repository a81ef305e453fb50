"""Groovy: pipelines of Jenkins and builds of Gradle.

``name { … }`` and ``name('x') { … }`` are blocks, labelled ``("name",)`` and ``("name", "x")``; what is assigned inside
is set there. The commands of ``sh`` are calls too.
"""

from __future__ import annotations

from sgleaks.syntax import bash, code, literals, shapes
from sgleaks.syntax.code import Grammar, Link, Walk
from sgleaks.syntax.facts import Facts, Value
from sgleaks.syntax.tree import Node

SHELLS = ("sh", "bat", "powershell", "pwsh")  # steps that run a script; other shells' commands look the same


def read(data: bytes, language: str) -> Facts:
    """What a script says."""
    return code.read(data, language, GRAMMAR)


def _call(walk: Walk, node: Node) -> Value:
    """``a.b(c) { … }`` and ``a b, c``."""
    name, owner = node.child_by_field_name("name"), node.child_by_field_name("object")
    inner = node.child_by_field_name("arguments") or node.child_by_field_name("args")
    body = node.child_by_field_name("body")
    parts, items = shapes.callee_of(walk, owner, name)
    call = walk.call(node, ".".join(filter(None, parts)), inner.named_children if inner else ())
    if call.name in SHELLS:
        script = call.named.get("script")
        for value in (*call.arguments[:1], *([script.value] if script else ())):
            if value.kind in ("text", "template"):
                quote = 3 if walk.data[value.start : value.start + 3] in (b'"""', b"'''") else 1
                bash.embed(walk.facts, value.start + quote, value.end - quote, walk.block)
    if body:
        labels = (call.name, *(value.text for value in call.arguments if value.kind == "text"))
        _inside(walk, node, body, labels)
    return Value("call", call.name, call.start, call.end, items, call=call)


def _inside(walk: Walk, node: Node, body: Node, labels: tuple[str, ...]) -> None:
    outer, around = walk.root, walk.block
    walk.root = walk.block = walk.open(node, labels)
    walk.visit(body)
    walk.root, walk.block = outer, around


def _import(walk: Walk, node: Node) -> None:
    names = [walk.text(child) for child in node.named_children if "comment" not in child.type]
    walk.facts.imports.append(".".join(names))


_item = shapes.pair("key", "value")
_string = literals.dollars(literals.string(), dotted=True)
_function = shapes.function(blocks={"closure", "block"})

GRAMMAR = Grammar(
    names=frozenset({"identifier", "scoped_identifier", "this", "super"}),
    links={
        "field_access": Link("object", "field"),
        "array_access": Link("array", "index", quoted=True),
        "parenthesized_expression": Link(name=None),
    },
    pairs={"map_item": _item, "element_value_pair": _item},
    readers={
        "string_literal": _string,
        "character_literal": _string,
        "decimal_integer_literal": literals.number,
        "hex_integer_literal": literals.number,
        "decimal_floating_point_literal": literals.number,
        "true": literals.boolean,
        "false": literals.boolean,
        "null_literal": literals.null,
        "array_literal": shapes.sequence,
        "map_literal": shapes.mapping,
        "map_item": shapes.pairs(_item),
        "element_value_pair": shapes.pairs(_item),
        "binary_expression": literals.binary,
        "unary_expression": literals.unary,
        "parenthesized_expression": shapes.transparent(),
        "cast_expression": shapes.transparent("value"),
        "method_invocation": _call,
        "juxt_function_call": _call,
        "object_creation_expression": shapes.construct(),
        "assignment_expression": shapes.assignment(),
        "variable_declarator": shapes.assignment("name", "value"),
        "field_declaration": shapes.scope(""),
        "local_variable_declaration": shapes.scope(""),
        "function_definition": _function,
        "method_declaration": _function,
        "constructor_declaration": shapes.function(blocks={"constructor_body"}),
        "lambda_expression": shapes.function("", blocks={"block"}, bare=True),
        "formal_parameters": shapes.ignore,
        "annotation": shapes.annotation(),
        "marker_annotation": shapes.annotation(),
        "class_declaration": shapes.scope(),
        "import_declaration": _import,
        "line_comment": shapes.comment,
        "block_comment": shapes.comment,
        "groovydoc_comment": shapes.comment,
    },
)
