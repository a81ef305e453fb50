"""JavaScript and TypeScript, with JSX.

The name of what ``require("x")`` gives is ``require.x``: ``require("sendgrid")(user, pass)`` calls
``require.sendgrid``.
"""

from __future__ import annotations

from sgleaks.syntax import code, literals, shapes
from sgleaks.syntax.code import Grammar, Link, Walk
from sgleaks.syntax.facts import Facts, Setting, Value
from sgleaks.syntax.tree import Node


def read(data: bytes, language: str) -> Facts:
    """What a module says; JavaScript's grammar knows JSX, of TypeScript's two only ``tsx`` does."""
    return code.read(data, language, GRAMMAR)


def _call(walk: Walk, node: Node) -> Value:
    """A call; a tagged template is one of its template."""
    parts, items = shapes.callee_of(walk, node.child_by_field_name("function"), None)
    inner = node.child_by_field_name("arguments")
    arguments = [] if inner is None else [inner] if inner.type == "template_string" else inner.named_children
    call = walk.call(node, ".".join(filter(None, parts)), arguments)
    value = Value("call", call.name, call.start, call.end, items, call=call)
    if call.name in ("require", "import", "require.resolve") and call.arguments and call.arguments[0].kind == "text":
        module = call.arguments[0].text
        walk.facts.imports.append(module)
        value.text = f"require.{module}"
    return value


def _import(walk: Walk, node: Node) -> None:
    """``import {a} from "b"`` is ``b`` and ``b.a``; an export from another module too."""
    source = node.child_by_field_name("source")
    if source is None:
        walk.visit(node)
        return
    module = walk.value(source).text
    walk.facts.imports.append(module)
    for child in node.named_children:
        for clause in [child, *child.named_children]:
            for each in clause.named_children if clause.type in ("named_imports", "export_clause") else ():
                name = each.child_by_field_name("name")
                if name:
                    walk.facts.imports.append(f"{module}.{walk.text(name)}")


def _declared(walk: Walk, node: Node) -> Value | None:
    """``const a = b``; ``const {x} = process.env`` sets ``x`` to ``process.env.x``."""
    target, source = node.child_by_field_name("name"), node.child_by_field_name("value")
    if target is None or source is None:
        return None
    if target.type not in ("object_pattern", "array_pattern"):
        return walk.assign(target, source)
    value = walk.value(source)
    walk.visit(target)
    for each in target.named_children if value.kind in ("reference", "call") else ():
        key, name = each, each
        if each.type == "pair_pattern":
            key, name = each.child_by_field_name("key") or each, each.child_by_field_name("value") or each
        elif each.type != "shorthand_property_identifier_pattern":
            continue
        part = Value("reference", f"{value.text}.{walk.text(key)}", each.start_byte, each.end_byte)
        walk.facts.references.append(part)
        walk.root.settings.append(Setting((walk.text(name),), part, part.start, part.end, walk.root))
    return value


def _itself(node: Node) -> tuple[Node, Node]:
    """``{a}`` is ``{a: a}``."""
    return node, node


_function = shapes.function(blocks={"statement_block"})
_callback = shapes.function(blocks={"statement_block"}, bare=True)

GRAMMAR = Grammar(
    names=frozenset({"identifier", "this", "super", "import", "meta_property", "shorthand_property_identifier"}),
    links={
        "member_expression": Link("object", "property"),
        "subscript_expression": Link("object", "index", quoted=True),
        "parenthesized_expression": Link(name=None),
        "non_null_expression": Link(name=None),
        "await_expression": Link(name=None),
        "as_expression": Link(name=None),
    },
    pairs={"pair": shapes.pair("key", "value"), "shorthand_property_identifier": _itself},
    readers={
        "string": literals.string(),
        "template_string": literals.string(),
        "template_substitution": shapes.transparent(),
        "number": literals.number,
        "true": literals.boolean,
        "false": literals.boolean,
        "null": literals.null,
        "undefined": literals.null,
        "array": shapes.sequence,
        "object": shapes.mapping,
        "computed_property_name": shapes.transparent(),
        "binary_expression": literals.binary,
        "unary_expression": literals.unary,
        "parenthesized_expression": shapes.transparent(),
        "non_null_expression": shapes.transparent(),
        "await_expression": shapes.transparent(),
        "as_expression": shapes.transparent(),
        "satisfies_expression": shapes.transparent(),
        "type_assertion": shapes.transparent(),
        "call_expression": _call,
        "new_expression": shapes.construct("constructor"),
        "variable_declarator": _declared,
        "assignment_expression": shapes.assignment(),
        "augmented_assignment_expression": shapes.updated(),
        "public_field_definition": shapes.assignment("name", "value"),
        "field_definition": shapes.assignment("property", "value"),
        "enum_assignment": shapes.assignment("name", "value"),
        "required_parameter": shapes.default("pattern"),
        "optional_parameter": shapes.default("pattern"),
        "assignment_pattern": shapes.default("left", "right"),
        "object_assignment_pattern": shapes.default("left", "right"),
        "pair_pattern": shapes.ignore,
        "formal_parameters": shapes.parameters,
        "function_declaration": _function,
        "function_expression": _callback,
        "generator_function_declaration": _function,
        "generator_function": _callback,
        "arrow_function": _callback,
        "method_definition": _function,
        "class_declaration": shapes.scope(),
        "abstract_class_declaration": shapes.scope(),
        "class": shapes.scope(),
        "decorator": shapes.decorator,
        "import_statement": _import,
        "import_require_clause": _import,
        "export_statement": _import,
        "type_annotation": shapes.ignore,
        "type_arguments": shapes.ignore,
        "type_parameters": shapes.ignore,
        "interface_declaration": shapes.ignore,
        "type_alias_declaration": shapes.ignore,
        "regex": shapes.ignore,
        "comment": shapes.comment,
        "html_comment": shapes.comment,
        "hash_bang_line": shapes.comment,
    },
)  # fmt: skip
