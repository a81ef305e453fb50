"""Ruby.

A method that is called without arguments is a reference like any other, ``config.action_mailer``, but for ``new`` and
names that end in ``!`` or ``?``. A block is a function given to its call.
"""

from __future__ import annotations

from sgleaks.syntax import code, literals, shapes
from sgleaks.syntax.code import Grammar, Link, Walk
from sgleaks.syntax.facts import Facts, Function, Value
from sgleaks.syntax.tree import Node


def read(data: bytes, language: str) -> Facts:
    """What a script says."""
    return code.read(data, language, GRAMMAR)


def _attribute(node: Node) -> bool:
    method = node.child_by_field_name("method")
    if method is None or node.child_by_field_name("arguments") or node.child_by_field_name("block"):
        return False
    return (
        bool(node.child_by_field_name("receiver"))
        and method.text not in _CALLED
        and (method.text or b"")[-1:] not in b"!?"
    )


_CALLED = (b"new", b"call", b"perform", b"save", b"deliver", b"deliver_now", b"deliver_later")
_plain_call = shapes.call("receiver", method="method")


def _call(walk: Walk, node: Node) -> Value | None:
    if _attribute(node):
        return walk.reference(node)
    value = _plain_call(walk, node)
    made = value.call if value else None
    block = node.child_by_field_name("block")
    if made and block:
        walk.facts.functions.append(Function("", (), block.start_byte, block.end_byte, made))
        walk.visit(block)
    if made and made.name in ("require", "require_relative", "load", "import"):
        walk.facts.imports += [argument.text for argument in made.arguments if argument.kind == "text"]
    return value


def _update(walk: Walk, node: Node) -> Value | None:
    """``a ||= b`` is a default, and sets it; ``a += b`` does not say what it is."""
    operator = node.child_by_field_name("operator")
    return (_assign if operator and operator.type == "||=" else _change)(walk, node)


_assign, _change = shapes.assignment(), shapes.updated()


def _heredoc(walk: Walk, node: Node) -> Value:
    """``<<~X``: its text comes after the line, and is put here when it is read."""
    value = Value("text", "", node.start_byte, node.end_byte)
    walk.heredocs.append(value)
    walk.facts.strings.append(value)
    return value


def _heredoc_body(walk: Walk, node: Node) -> None:
    mark = len(walk.facts.strings)
    body = _text(walk, node)
    if body and walk.heredocs:
        del walk.facts.strings[mark]
        value = walk.heredocs.pop(0)
        value.kind, value.text, value.items, value.start, value.end = (
            body.kind,
            body.text,
            body.items,
            body.start,
            body.end,
        )


_text = literals.string(heredoc=True)
_pair = shapes.pair("key", "value")
_method = shapes.function(blocks={"body_statement"})

GRAMMAR = Grammar(
    names=frozenset({"identifier", "constant", "instance_variable", "class_variable", "global_variable", "self"}),
    links={
        "call": Link("receiver", "method", only=_attribute),
        "scope_resolution": Link("scope", "name"),
        "element_reference": Link("object", quoted=True),
        "parenthesized_statements": Link(name=None),
    },
    pairs={"pair": _pair},
    patterns=frozenset({"left_assignment_list", "right_assignment_list"}),
    readers={
        "string": literals.string(single_raw=True),
        "bare_string": literals.string(raw=True),
        "chained_string": literals.joined,
        "subshell": literals.string(),
        "heredoc_beginning": _heredoc,
        "heredoc_body": _heredoc_body,
        "interpolation": shapes.transparent(),
        "simple_symbol": literals.symbol,
        "bare_symbol": literals.symbol,
        "delimited_symbol": literals.symbol,
        "integer": literals.number,
        "float": literals.number,
        "true": literals.boolean,
        "false": literals.boolean,
        "nil": literals.null,
        "array": shapes.sequence,
        "string_array": shapes.sequence,
        "symbol_array": shapes.sequence,
        "right_assignment_list": shapes.sequence,
        "hash": shapes.mapping,
        "pair": shapes.pairs(_pair),
        "binary": literals.binary,
        "unary": literals.unary,
        "parenthesized_statements": shapes.transparent(),
        "call": _call,
        "assignment": _assign,
        "operator_assignment": _update,
        "optional_parameter": shapes.default(),
        "keyword_parameter": shapes.default(),
        "method_parameters": shapes.parameters,
        "block_parameters": shapes.parameters,
        "lambda_parameters": shapes.parameters,
        "method": _method,
        "singleton_method": _method,
        "lambda": shapes.function("", blocks={"block", "do_block"}, bare=True),
        "class": shapes.scope(),
        "module": shapes.scope(),
        "regex": shapes.ignore,
        "comment": shapes.comment,
    },
)
