"""Shell scripts, and commands in other files.

A command is a call, its words are texts, or templates where anything is substituted. Every word is among the strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sgleaks.syntax import code
from sgleaks.syntax.code import Grammar, Walk, first
from sgleaks.syntax.facts import Block, Call, Facts, Function, Setting, Value
from sgleaks.syntax.literals import string
from sgleaks.syntax.shapes import comment, sequence
from sgleaks.syntax.strings import unescaped
from sgleaks.syntax.tree import Node, root

QUOTED = re.compile(r"\\([\"\\$`\n])")  # what a backslash escapes in double quotes
WORD = re.compile(r"\\(.)", re.DOTALL)
# Destinations of an output that are still seen.
SEEN = frozenset({"/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/fd/1", "/dev/fd/2", "/proc/1/fd/1"})


def read(data: bytes, language: str) -> Facts:
    """What a script says."""
    return code.read(data, language, GRAMMAR)


def commands(data: bytes, start: int, end: int, block: Block) -> list[Call]:
    """The commands in a part of some bytes, in a block. Their offsets are those of the whole."""
    return embed(Facts("bash", data), start, end, block)


def embed(facts: Facts, start: int, end: int, block: Block) -> list[Call]:
    """The commands in a part of a file, which with all else that is said there are added to its facts.

    Variables that are set there go to a block of their own in the one given, so that they are none of its settings.
    """
    mark = len(facts.calls)
    variables = Block((), start, end, block)
    walk = Walk(facts, GRAMMAR, block)
    walk.root = variables
    walk.run(root(facts.data, "bash", start, end))
    if variables.settings:
        block.blocks.append(variables)
    return facts.calls[mark:]


def _command(walk: Walk, node: Node) -> Value:
    name = node.child_by_field_name("name")
    title = first(name) if name else None
    call = walk.call(node, _name(walk, title) if title else "", ())
    words = []
    for child in node.named_children:
        if child.type == "variable_assignment":
            _set(walk, child, call.named)
        elif child.type == "herestring_redirect":
            words += _words(walk, child.named_children)
        elif child != name:
            words += _words(walk, [child])
    call.arguments = tuple(words)
    if call.named.settings:
        walk.block.blocks.append(call.named)
    return Value("call", call.name, call.start, call.end, call=call)


def _name(walk: Walk, node: Node) -> str:
    if node.type == "word":
        return WORD.sub(r"\1", walk.text(node))
    value = walk.value(node)
    return value.text if value.kind in ("text", "template") else walk.source(node)


def _words(walk: Walk, nodes: Iterable[Node]) -> list[Value]:
    """Words as texts or templates; what else a command has, as a redirection, is read for itself."""
    words = []
    for node in nodes:
        value = walk.known(node)
        if value and value.kind not in ("text", "list"):
            value = _template(walk, node, (value,)) if value.kind != "template" else value
        if value:
            words.append(value)
    return words


def _template(walk: Walk, node: Node, items: tuple[Value, ...]) -> Value:
    value = Value("template", walk.source(node), node.start_byte, node.end_byte, items)
    walk.facts.strings.append(value)
    return value


def _word(walk: Walk, node: Node) -> Value:
    value = Value("text", WORD.sub(r"\1", walk.text(node)), node.start_byte, node.end_byte)
    walk.facts.strings.append(value)
    return value


def _concatenation(walk: Walk, node: Node) -> Value:
    """Quoted and other parts side by side are one word."""
    mark = len(walk.facts.strings)
    values = walk.values(node.named_children)
    parts = {id(value) for value in values}
    text = "".join(
        value.text
        if value.kind in ("text", "template")
        else walk.data[value.start : value.end].decode("utf-8", "replace")
        for value in values
    )
    items = tuple(
        item
        for value in values
        for item in (value.items if value.kind == "template" else (value,) if value.kind != "text" else ())
    )
    word = Value("template" if items else "text", text, node.start_byte, node.end_byte, items)
    walk.facts.strings[mark:] = [word, *(each for each in walk.facts.strings[mark:] if id(each) not in parts)]
    return word


def _expansion(walk: Walk, node: Node) -> Value:
    """``$X`` and ``${X:-default}`` read X."""
    name, *rest = node.named_children or [node]
    if name.type == "subscript":
        name = first(name) or name
    value = Value("reference", walk.text(name), node.start_byte, node.end_byte, walk.values(rest))
    walk.facts.references.append(value)
    return value


def _captured(walk: Walk, node: Node) -> Value:
    """``$(…)``: the output of what is in it is not seen."""
    before, walk.redirected = walk.redirected, True
    value = walk.expression(node)
    walk.redirected = before
    return value


def _redirected(walk: Walk, node: Node) -> None:
    """A statement with redirections, or with a text that comes after its line."""
    body = node.child_by_field_name("body")
    redirects = [child for child in node.named_children if child != body]
    inner = [child for each in redirects if each.type == "heredoc_redirect" for child in each.named_children]
    before = walk.redirected
    walk.redirected = before or any(_elsewhere(walk, each) for each in [*redirects, *inner])
    mark = len(walk.facts.calls)
    if body:
        walk.read(body)
    walk.redirected = before
    made = walk.facts.calls[mark] if len(walk.facts.calls) > mark else None
    for each in [*redirects, *inner]:
        if each.type in ("heredoc_body", "word", "string", "raw_string", "concatenation") and made:
            made.arguments += tuple(_words(walk, [each]))
        elif each.type == "herestring_redirect" and made:
            made.arguments += tuple(_words(walk, each.named_children))
        elif each.type not in ("heredoc_redirect", "heredoc_start", "heredoc_end"):
            walk.read(each)


def _elsewhere(walk: Walk, node: Node) -> bool:
    """Whether a redirection sends the output to a file or a pipe."""
    if node.type == "pipeline":
        return True
    if node.type != "file_redirect":
        return False
    descriptor, target = node.child_by_field_name("descriptor"), node.child_by_field_name("destination")
    operator = next((child.type for child in node.children if not child.is_named), "")
    if target is None or operator not in (">", ">>", "&>", "&>>", ">|", ">&"):
        return False
    number = walk.text(descriptor) if descriptor else "1"
    to = walk.text(target)
    return number == "1" and to not in SEEN and not (operator == ">&" and (to.isdecimal() or to == "-"))


def _pipeline(walk: Walk, node: Node) -> None:
    """Of the commands of a pipeline only the last one's output is seen."""
    before, walk.redirected = walk.redirected, True
    *firsts, final = node.named_children or [node]
    for each in firsts:
        walk.read(each)
    walk.redirected = before
    if final != node:
        walk.read(final)


def _assignment(walk: Walk, node: Node) -> None:
    _set(walk, node, walk.root)


def _set(walk: Walk, node: Node, block: Block) -> None:
    """``X=value``; ``X=`` is the empty text, and ``X+=value`` does not say what X is."""
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None or any(child.type == "+=" for child in node.children):
        walk.visit(node)
        return
    words = _words(walk, [value]) if value else [Value("text", "", node.end_byte, node.end_byte)]
    keys = (walk.text(name),)
    block.settings += [Setting(keys, word, name.start_byte, word.end, block) for word in words]


def _declaration(walk: Walk, node: Node) -> None:
    """``export X=value``: a setting, and a call of ``export`` with the words that are none."""
    opening = node.children[0]
    call = walk.call(node, opening.type if not opening.is_named else walk.text(opening), ())
    words = []
    for child in node.named_children:
        if child.type == "variable_assignment":
            _assignment(walk, child)
        elif child.type == "variable_name":
            words.append(_word(walk, child))
        else:
            words += _words(walk, [child])
    call.arguments = tuple(words)


def _function(walk: Walk, node: Node) -> None:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    walk.facts.functions.append(Function(walk.text(name) if name else "", (), node.start_byte, node.end_byte))
    for child in node.named_children:
        if child != name:
            walk.read(child) if child != body else walk.visit(child)


_quoted = string(decode=lambda text: QUOTED.sub(lambda found: found[1].strip("\n"), text))
_ansi = string(decode=unescaped)

GRAMMAR = Grammar(
    names=frozenset(),
    links={},
    pairs={},
    readers={
        "word": _word,
        "number": _word,
        "raw_string": string(raw=True),
        "ansi_c_string": _ansi,
        "string": _quoted,
        "translated_string": _quoted,
        "heredoc_body": string(raw=True, heredoc=True),
        "concatenation": _concatenation,
        "simple_expansion": _expansion,
        "expansion": _expansion,
        "command_substitution": _captured,
        "process_substitution": _captured,
        "array": sequence,
        "command": _command,
        "redirected_statement": _redirected,
        "pipeline": _pipeline,
        "variable_assignment": _assignment,
        "declaration_command": _declaration,
        "unset_command": _declaration,
        "function_definition": _function,
        "comment": comment,
    },
)
