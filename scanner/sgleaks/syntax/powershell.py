"""PowerShell. Names have no ``$``: ``env.X``, ``m.EnableSsl``; ``New-Object T(…)`` is a constructor of ``T``.

What follows a parameter of a cmdlet, ``-Body $x``, is named; one that nothing follows is true. Other programs have no
parameters in this sense: all their words are arguments, as in a shell.
"""

from __future__ import annotations

import re

from sgleaks.syntax import code, literals, shapes
from sgleaks.syntax.code import Grammar, Link, Walk, first, last
from sgleaks.syntax.facts import Call, Facts, Function, Setting, Value
from sgleaks.syntax.tree import Node

# The grammar wraps every value in a node for each level of precedence, which means nothing where it has one child.
WRAPPERS = frozenset({
    "additive_argument_expression", "additive_expression", "argument_expression", "array_literal_expression",
    "bitwise_argument_expression", "bitwise_expression", "comparison_argument_expression", "comparison_expression",
    "expression_with_unary_operator", "format_argument_expression", "format_expression", "integer_literal",
    "key_expression", "left_assignment_expression", "logical_argument_expression", "logical_expression",
    "multiplicative_argument_expression", "multiplicative_expression", "parenthesized_expression", "pipeline",
    "pipeline_chain", "range_argument_expression", "range_expression", "string_literal", "unary_expression",
})  # fmt: skip
CMDLET = re.compile(r"[A-Za-z]+-[A-Za-z]+")
BACKTICK = re.compile(r"`(.)|\"\"", re.DOTALL)
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


def read(data: bytes, language: str) -> Facts:
    """What a script says."""
    return code.read(data, language, GRAMMAR)


def _spelled(name: str) -> str:
    return name.strip("$[]{}").replace(":", ".").strip(".")


def _decoded(text: str) -> str:
    return BACKTICK.sub(lambda found: CONTROLS.get(found[1], found[1]) if found[1] else '"', text)


def _only(node: Node) -> bool:
    return node.named_child_count == 1


def _inmost(node: Node) -> Node:
    """What is in all the wrappers."""
    while node.type in WRAPPERS and node.named_child_count == 1 and (inner := first(node)):
        node = inner
    return node


def _wrapped(walk: Walk, node: Node) -> Value | None:
    inner = _inmost(node)
    if inner.type not in WRAPPERS:
        return walk.known(inner)
    if inner.type in ("pipeline", "pipeline_chain"):
        return _pipeline(walk, inner)
    if inner.type == "array_literal_expression":
        return shapes.sequence(walk, inner)
    return literals.binary(walk, inner) if inner.named_child_count > 1 else walk.expression(inner)


def _statements(walk: Walk, node: Node) -> Value | None:
    """One statement is a value."""
    inner = first(node)
    if inner and _only(node):
        return walk.known(inner)
    walk.visit(node)
    return None


def _pipeline(walk: Walk, node: Node) -> Value | None:
    """Of the commands of a pipeline only the last one's output is seen."""
    before = walk.redirected
    *firsts, final = node.named_children or [node]
    walk.redirected = True
    for each in firsts:
        walk.read(each)
    walk.redirected = before
    return walk.known(final) if final != node else None


def _variable(walk: Walk, node: Node) -> Value:
    name = walk.text(node).lower()
    if name in ("$true", "$false"):
        return Value("boolean", name[1:], node.start_byte, node.end_byte)
    return literals.null(walk, node) if name == "$null" else walk.reference(node)


def _word(walk: Walk, node: Node) -> Value:
    value = Value("text", walk.text(node), node.start_byte, node.end_byte)
    walk.facts.strings.append(value)
    return value


def _command(walk: Walk, node: Node) -> Value:
    title, elements = node.child_by_field_name("command_name"), shapes.part(node, "command_elements")
    name = walk.text(title) if title else ""
    children = [child for child in elements.named_children if child.type != "command_argument_sep"] if elements else []
    if name.lower() == "new-object" and children and children[0].type == "generic_token":
        call = walk.call(node, walk.text(children[0]), (), new=True)
        children = children[1:]
    else:
        call = walk.call(node, name, ())
    call.redirected = call.redirected or any(child.type == "redirections" for child in children)
    if CMDLET.fullmatch(name):
        _parameters(walk, call, children)
    else:
        call.arguments = tuple(value for child in children for value in _argument(walk, child))
    if name.lower() in ("import-module", "using"):
        walk.facts.imports += [value.text for value in call.arguments if value.kind == "text"]
    return Value("call", call.name, call.start, call.end, call=call)


def _argument(walk: Walk, node: Node) -> tuple[Value, ...]:
    """A word, or the arguments in parentheses."""
    if node.type == "command_parameter":
        return (_word(walk, node),)
    if node.type == "argument_list":
        inner = first(node)
        return walk.values(inner.named_children) if inner else ()
    return walk.values([node])


def _parameters(walk: Walk, call: Call, children: list[Node]) -> None:
    rest: list[Value] = []
    waiting: Node | None = None
    for child in [*children, None]:
        if waiting and (child is None or child.type == "command_parameter"):
            flag = Value("boolean", "true", waiting.start_byte, waiting.end_byte)
            name = walk.text(waiting).strip("-:")
            call.named.settings.append(Setting((name,), flag, flag.start, flag.end, call.named))
        elif waiting and child:
            around, walk.block = walk.block, call.named
            walk.set((walk.text(waiting).strip("-:"),), waiting.start_byte, child, call.named)
            walk.block = around
            walk.give(call, call.named.settings[-1].value)
            child = None
        waiting = child if child and child.type == "command_parameter" else None
        if child and not waiting:
            for value in _argument(walk, child):
                walk.give(call, value)
                rest.append(value)
    call.arguments = tuple(rest)
    if call.named.settings:
        walk.block.blocks.append(call.named)


def _method(walk: Walk, node: Node) -> Value:
    """``$a.B(c)`` and ``[A]::B(c)``."""
    owner, name, arguments = first(node), shapes.part(node, "member_name"), shapes.part(node, "argument_list")
    parts, items = walk.path(owner) if owner else ([], ())
    title = ".".join(filter(None, [*parts, walk.text(name) if name else ""]))
    new = title.endswith(".new")
    call = walk.call(node, title.removesuffix(".new"), (), new=new)
    call.arguments = _argument(walk, arguments) if arguments else ()
    if owner and parts and parts[0] and not items:
        items = (Value("reference", ".".join(parts), owner.start_byte, owner.end_byte),)
        walk.facts.references += items
    return Value("call", call.name, call.start, call.end, items, call=call)


def _assign(walk: Walk, node: Node) -> Value | None:
    """``$a.b = c``; the scope of a variable is a part of its name: ``env``, ``X``."""
    target, value = first(node), node.child_by_field_name("value")
    if target is None or value is None:
        return None
    parts, _ = walk.path(_inmost(target))
    keys = (*(parts[0].split(".") if parts else ()), *parts[1:])
    return walk.set(tuple(filter(None, keys)) or (walk.source(target),), target.start_byte, value, walk.root)


def _entry(node: Node) -> tuple[Node, Node] | None:
    key, value = first(node), last(node)
    return (_inmost(key), value) if key and value and key != value else None


def _hash(walk: Walk, node: Node) -> Value:
    body = shapes.part(node, "hash_literal_body")
    return walk.mapping(node, body.named_children if body else ())


def _array(walk: Walk, node: Node) -> Value:
    """``@(…)``, in which the values are one list or statements of their own."""
    values = [value for child in node.named_children for value in walk.values(child.named_children)]
    items = values[0].items if len(values) == 1 and values[0].kind == "list" else tuple(values)
    return Value("list", "", node.start_byte, node.end_byte, items)


def _default(walk: Walk, node: Node) -> None:
    name, value = shapes.part(node, "variable"), shapes.part(node, "script_parameter_default")
    if name and value:
        walk.assign(name, value)


def _function(walk: Walk, node: Node) -> None:
    name = shapes.part(node, "function_name")
    walk.facts.functions.append(Function(walk.text(name) if name else "", (), node.start_byte, node.end_byte))
    walk.visit(node)


def _block(walk: Walk, node: Node) -> Value:
    inner = node
    while len(inner.named_children) == 1 and inner.type != "statement_list":
        inner = inner.named_children[0]
    return shapes.closure(walk, node, inner.named_children)


def _here(walk: Walk, node: Node) -> Value | None:
    """``@"…"@`` and ``@'…'@``, on lines of their own."""
    value = _literal(walk, node)
    if value:
        value.text = value.text.strip("@").strip("\"'").strip("\r\n")
    return value


_literal = literals.string(decode=_decoded)

GRAMMAR = Grammar(
    names=frozenset({"variable", "simple_name", "type_literal", "member_name"}),
    links={
        "member_access": Link(),
        "element_access": Link(quoted=True),
        **dict.fromkeys(WRAPPERS, Link(name=None, only=_only)),
    },
    pairs={"hash_entry": _entry},
    spelled=_spelled,
    readers={
        **dict.fromkeys(WRAPPERS, _wrapped),
        "variable": _variable,
        "expandable_string_literal": _literal,
        "verbatim_string_characters": literals.string(raw=True),
        "expandable_here_string_literal": _here,
        "verbatim_here_string_characters": _here,
        "sub_expression": shapes.transparent(),
        "statement_list": _statements,
        "generic_token": _word,
        "decimal_integer_literal": literals.number,
        "hexadecimal_integer_literal": literals.number,
        "real_literal": literals.number,
        "hash_literal_expression": _hash,
        "array_expression": _array,
        "script_parameter_default": shapes.transparent(),
        "cast_expression": lambda walk, node: walk.known(inner) if (inner := last(node)) else None,
        "command": _command,
        "invokation_expression": _method,
        "assignment_expression": _assign,
        "script_parameter": _default,
        "function_statement": _function,
        "script_block_expression": _block,
        "type_literal": shapes.ignore,
        "comment": shapes.comment,
    },
)
