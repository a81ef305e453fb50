"""Ruby.

A method that is called without arguments is a reference like any other, ``config.action_mailer``, but for ``new`` and
names that end in ``!`` or ``?``. A block is a function given to its call.
"""

from __future__ import annotations

from sgleaks.syntax import code
from sgleaks.syntax.code import Grammar, Link, Walk
from sgleaks.syntax.facts import Facts, Function, Value
from sgleaks.syntax.shapes import (
    assignment,
    binary,
    boolean,
    call,
    comment,
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
    symbol,
    transparent,
    unary,
    updated,
)
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
_plain_call = call("receiver", method="method")


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


_assign, _change = assignment(), updated()


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


_text = string(heredoc=True)
_pair = pair("key", "value")
_method = function(blocks={"body_statement"})

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
        "string": string(single_raw=True),
        "bare_string": string(raw=True),
        "chained_string": joined,
        "subshell": string(),
        "heredoc_beginning": _heredoc,
        "heredoc_body": _heredoc_body,
        "interpolation": transparent(),
        "simple_symbol": symbol,
        "bare_symbol": symbol,
        "delimited_symbol": symbol,
        "integer": number,
        "float": number,
        "true": boolean,
        "false": boolean,
        "nil": null,
        "array": sequence,
        "string_array": sequence,
        "symbol_array": sequence,
        "right_assignment_list": sequence,
        "hash": mapping,
        "pair": pairs(_pair),
        "binary": binary,
        "unary": unary,
        "parenthesized_statements": transparent(),
        "call": _call,
        "assignment": _assign,
        "operator_assignment": _update,
        "optional_parameter": default(),
        "keyword_parameter": default(),
        "method_parameters": parameters,
        "block_parameters": parameters,
        "lambda_parameters": parameters,
        "method": _method,
        "singleton_method": _method,
        "lambda": function("", blocks={"block", "do_block"}, bare=True),
        "class": scope(),
        "module": scope(),
        "regex": ignore,
        "comment": comment,
    },
)
