"""PHP. Names have no ``$``, and dots for namespaces: ``mail.Host``, ``SendGrid.Mail.Mail``."""

from __future__ import annotations

from sgleaks.syntax import code, literals, shapes
from sgleaks.syntax.code import Grammar, Link, Walk, first, last
from sgleaks.syntax.facts import Facts, Setting, Value
from sgleaks.syntax.tree import Node


def read(data: bytes, language: str) -> Facts:
    """What a script says, its HTML left out."""
    return code.read(data, language, GRAMMAR)


def _spelled(name: str) -> str:
    return name.strip("$\\{}").replace("\\", ".")


def _argument(node: Node) -> tuple[Node, Node] | None:
    """``name: value``; an argument without a name is no pair."""
    name, value = node.child_by_field_name("name"), last(node)
    return (name, value) if name and value else None


_plain_call = shapes.call("function")


def _call(walk: Walk, node: Node) -> Value | None:
    """A call; ``define("X", value)`` sets X."""
    value = _plain_call(walk, node)
    if value and value.call and value.call.name == "define" and len(value.call.arguments) > 1:
        name, given, *_ = value.call.arguments
        if name.kind == "text":
            walk.root.settings.append(Setting((name.text,), given, name.start, given.end, walk.root))
    return value


def _new(walk: Walk, node: Node) -> Value:
    """``new \\A\\B(…)``; what is not its name is its arguments, or the body of an anonymous class."""
    name, arguments = "", []
    for child in node.named_children:
        if child.type == "arguments":
            arguments = child.named_children
        elif not name and child.type != "declaration_list":
            name = ".".join(filter(None, walk.path(child)[0]))
        else:
            walk.read(child)
    made = walk.call(node, name, arguments, new=True)
    return Value("call", name, made.start, made.end, call=made)


def _statement_call(walk: Walk, node: Node) -> Value:
    """``echo`` and its like, which are calls without parentheses."""
    arguments = [
        each
        for child in node.named_children
        for each in (child.named_children if child.type == "sequence_expression" else [child])
    ]
    made = walk.call(node, node.type.split("_")[0], arguments)
    return Value("call", made.name, made.start, made.end, call=made)


def _use(walk: Walk, node: Node) -> None:
    """``use A\\B`` is ``A.B``; each of ``use A\\{B, C}`` is named in full."""
    prefix = next(
        (_spelled(walk.text(child)) + "." for child in node.named_children if child.type == "namespace_name"), ""
    )
    for child in node.named_children:
        for each in child.named_children if child.type == "namespace_use_group" else [child]:
            if each.type == "namespace_use_clause" and (name := first(each)):
                walk.facts.imports.append(prefix + _spelled(walk.text(name)))


def _require(walk: Walk, node: Node) -> Value:
    value = walk.expression(node)
    walk.facts.imports += [item.text for item in value.items if item.kind == "text"]
    return value


_function = shapes.function(blocks={"compound_statement"})

GRAMMAR = Grammar(
    names=frozenset(
        {"name", "variable_name", "qualified_name", "relative_name", "dynamic_variable_name", "relative_scope"}
    ),
    links={
        "member_access_expression": Link("object", "name"),
        "nullsafe_member_access_expression": Link("object", "name"),
        "class_constant_access_expression": Link(),
        "scoped_property_access_expression": Link("scope", "name"),
        "subscript_expression": Link(quoted=True),
        "parenthesized_expression": Link(name=None),
    },
    pairs={"argument": _argument, "array_element_initializer": shapes.pair()},
    spelled=_spelled,
    readers={
        "string": literals.string(single_raw=True),
        "encapsed_string": literals.string(),
        "shell_command_expression": literals.string(),
        "heredoc": shapes.transparent("value"),
        "heredoc_body": literals.string(heredoc=True),
        "nowdoc": shapes.transparent("value"),
        "nowdoc_body": literals.string(raw=True, heredoc=True),
        "integer": literals.number,
        "float": literals.number,
        "boolean": literals.boolean,
        "null": literals.null,
        "array_creation_expression": shapes.mapping_or_list,
        "array_element_initializer": shapes.transparent(),
        "argument": shapes.transparent(),
        "binary_expression": literals.binary,
        "unary_op_expression": literals.unary,
        "parenthesized_expression": shapes.transparent(),
        "cast_expression": shapes.transparent("value"),
        "function_call_expression": _call,
        "member_call_expression": shapes.call("object", method="name"),
        "nullsafe_member_call_expression": shapes.call("object", method="name"),
        "scoped_call_expression": shapes.call("scope", method="name"),
        "object_creation_expression": _new,
        "echo_statement": _statement_call,
        "print_intrinsic": _statement_call,
        "exit_statement": _statement_call,
        "assignment_expression": shapes.assignment(),
        "augmented_assignment_expression": shapes.updated(),
        "const_element": shapes.assignment("", ""),
        "property_element": shapes.assignment("name", "default_value"),
        "static_variable_declaration": shapes.assignment("name", "value"),
        "enum_case": shapes.assignment("name", "value"),
        "simple_parameter": shapes.default(value="default_value"),
        "property_promotion_parameter": shapes.default(value="default_value"),
        "formal_parameters": shapes.parameters,
        "function_definition": _function,
        "method_declaration": _function,
        "anonymous_function": shapes.function("", blocks={"compound_statement"}, bare=True),
        "arrow_function": shapes.function("", bare=True),
        "anonymous_function_use_clause": shapes.ignore,
        "class_declaration": shapes.scope(),
        "interface_declaration": shapes.scope(),
        "trait_declaration": shapes.scope(),
        "enum_declaration": shapes.scope(),
        "property_declaration": shapes.scope(""),
        "const_declaration": shapes.scope(""),
        "attribute": shapes.annotation("", "parameters"),
        "namespace_definition": shapes.scope(),
        "namespace_use_declaration": _use,
        "require_expression": _require,
        "require_once_expression": _require,
        "include_expression": _require,
        "include_once_expression": _require,
        "named_type": shapes.ignore,
        "optional_type": shapes.ignore,
        "union_type": shapes.ignore,
        "comment": shapes.comment,
    },
)
