"""Literals and what joins them, as readers of nodes: numbers, strings with holes, texts put together."""

from __future__ import annotations

import re
from collections.abc import Callable

from sgleaks.syntax.code import Reader, Walk
from sgleaks.syntax.facts import Value, ValueKind
from sgleaks.syntax.strings import unescaped, unquoted
from sgleaks.syntax.tree import Node

# The nodes in a string that are no interpolation, in all grammars.
PLAIN = frozenset({
    "bare_string_content", "character_literal_content", "escape_sequence", "heredoc_content", "heredoc_end",
    "heredoc_start", "interpolation_quote", "interpolation_start", "interpreted_string_literal_content",
    "line_str_text", "multi_line_str_text", "multiline_string_fragment", "nowdoc_string", "raw_str_end_part",
    "raw_str_interpolation_start", "raw_str_part", "raw_string_content", "raw_string_end",
    "raw_string_literal_content", "raw_string_start", "str_escaped_char", "string_content", "string_end",
    "string_fragment", "string_literal_content", "string_literal_encoding", "string_start", "text",
})  # fmt: skip
RAW = frozenset("rR@")  # letters before a quote which leave backslashes alone
JOINS = ("+", ".", "..", "&")  # operators that put texts together


def number(walk: Walk, node: Node) -> Value:
    """A number, as written."""
    return Value("number", walk.text(node), node.start_byte, node.end_byte)


def boolean(walk: Walk, node: Node) -> Value:
    """``true`` or ``false``."""
    return Value("boolean", walk.text(node).lower(), node.start_byte, node.end_byte)


def null(walk: Walk, node: Node) -> Value:  # noqa: ARG001  # a reader
    """Nothing, whatever it is called."""
    return Value("null", "null", node.start_byte, node.end_byte)


def symbol(walk: Walk, node: Node) -> Value:
    """A word that stands for itself, as ``:plain``."""
    return Value("text", walk.text(node).strip(":\"'"), node.start_byte, node.end_byte)


def string(
    *, raw: bool = False, single_raw: bool = False, heredoc: bool = False, decode: Callable[[str], str] = unescaped
) -> Reader:
    """A string literal, or a template where something is interpolated. ``single_raw``: in single quotes a backslash
    escapes only itself and the quote. ``heredoc``: its first line's end does not count. ``decode`` resolves escapes."""

    def read(walk: Walk, node: Node) -> Value:
        start, end = _inside(node)
        head = walk.data[node.start_byte : start].decode("utf-8", "replace")
        literally = raw or not RAW.isdisjoint(head)
        holes = [child for child in node.named_children if child.type not in PLAIN] if node.child_count else []
        parts: list[str] = []
        at = start
        bare = start == node.start_byte and not heredoc and walk.data[start : start + 1] in b"\"'#"  # quotes inside
        for hole in [*holes, None]:
            text = walk.data[at : hole.start_byte if hole else end].decode("utf-8", "replace")
            if bare and not holes:
                text = unquoted(text)
            elif bare:
                text = text[at == start :] if hole else text[:-1]
            if single_raw and head == "'":
                text = text.replace("\\'", "'").replace("\\\\", "\\")
            elif not literally:
                text = decode(text)
            parts.append(text)
            if hole:
                parts.append(walk.source(hole))
                at = hole.end_byte
        text = "".join(parts)
        value = Value(
            "template" if holes else "text",
            text.removeprefix("\n") if heredoc else text,
            node.start_byte,
            node.end_byte,
        )
        walk.facts.strings.append(value)
        if holes:
            value.items = walk.values(holes)
        return value

    return read


# In languages whose grammar does not tell: ``${expression}`` and ``$dotted.name``, unless escaped.
DOLLAR = re.compile(
    r"(?<!\\)\$(?:\{(?P<inner>[^{}\n]*)\}|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*))"
)
DOTTED = re.compile(r"[A-Za-z_]\w*(?:\??\.[A-Za-z_]\w*)*")


def dollars(read: Reader, *, dotted: bool) -> Reader:
    """A string in which ``$`` interpolates, for a grammar that does not know; ``dotted``: also ``$a.b``."""

    def templates(walk: Walk, node: Node) -> Value | None:
        value = read(walk, node)
        if value is None or "$" not in value.text or walk.data[node.start_byte : node.start_byte + 1] == b"'":
            return value
        items = list(value.items)
        for found in DOLLAR.finditer(walk.data[node.start_byte : node.end_byte].decode("latin-1")):
            inner = found["inner"] or found["name"] or ""
            name = inner if dotted or found["inner"] else inner.partition(".")[0]
            at = node.start_byte + found.start()
            if any(item.start <= at < item.end or item.start == at + 2 for item in value.items):
                continue
            if DOTTED.fullmatch(name):
                item = Value("reference", name.replace("?", ""), at, node.start_byte + found.end())
                walk.facts.references.append(item)
            else:
                item = Value("expression", name, at, node.start_byte + found.end())
            items.append(item)
        value.items = tuple(items)
        value.kind = "template" if items else value.kind
        return value

    return templates


def _inside(node: Node) -> tuple[int, int]:
    """Where the content of a string is: between its first and its last child, where those are its quotes."""
    children = node.children
    end = children[-1].start_byte if children and children[-1].type == "heredoc_end" else node.end_byte
    if len(children) < 2 or (children[0].is_named and not children[0].type.endswith("_start")):
        return node.start_byte, end
    opening = children[1] if children[0].type == "interpolation_start" else children[0]
    return opening.end_byte, max(opening.end_byte, children[-1].start_byte)


def joined(walk: Walk, node: Node) -> Value:
    """Literals that stand side by side, as one text or template."""
    mark = len(walk.facts.strings)
    return _together(walk, node, walk.values(node.named_children), mark)


def _together(walk: Walk, node: Node, values: tuple[Value, ...], mark: int) -> Value:
    """One text of several, in the place of theirs among the strings."""
    kinds = {value.kind for value in values}
    if not values or not kinds <= {"text", "template"}:
        return Value("expression", walk.source(node), node.start_byte, node.end_byte, values)
    kind: ValueKind = "text" if kinds == {"text"} else "template"
    items = tuple(item for value in values for item in value.items)
    value = Value(kind, "".join(value.text for value in values), node.start_byte, node.end_byte, items)
    parts = {id(part) for part in values}
    walk.facts.strings[mark:] = [value, *(each for each in walk.facts.strings[mark:] if id(each) not in parts)]
    return value


def binary(walk: Walk, node: Node) -> Value:
    """Two operands, or a chain of them under one operator; literals put together are one text."""
    operator = _operator(node)
    operands: list[Node] = []
    inner = node
    while inner.type == node.type and _operator(inner) == operator and inner.named_child_count > 1:
        left, *rest = inner.named_children
        operands.extend(each for each in reversed(rest) if not each.type.endswith("operator"))
        inner = left
    operands.append(inner)
    operands.reverse()
    mark = len(walk.facts.strings)
    if inner.id == node.id:
        return walk.expression(node)
    values = walk.values(operands)
    if operator in JOINS and all(value.kind == "text" for value in values):
        return _together(walk, node, values, mark)
    return Value("expression", walk.source(node), node.start_byte, node.end_byte, values)


def _operator(node: Node) -> str:
    found = node.child_by_field_name("operator") or (node.child(1) if node.child_count > 1 else None)
    return (found.text or b"").decode("utf-8", "replace") if found else ""


def unary(walk: Walk, node: Node) -> Value:
    """An operand with a sign or another operator before it; of a number it is a number."""
    value = walk.expression(node)
    if len(value.items) == 1 and value.items[0].kind == "number" and value.text[:1] in "-+":
        return Value("number", value.text, value.start, value.end)
    return value
