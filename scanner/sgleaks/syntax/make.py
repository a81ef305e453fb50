"""Makefiles: variables, and the commands of recipes.

Line by line: no grammar is needed for what is read here. To the shell ``$(X)`` of make would be a command, and ``$$X``
not a variable, so its parser is shown ``${X}`` and ``\\1$X``: as long, so that offsets stay.
"""

from __future__ import annotations

import re

from sgleaks.syntax import bash
from sgleaks.syntax.facts import Block, Facts, Setting, Value

# (?x) a logical line: backslashes join lines
LINE = re.compile(rb"(?:[^\n\\]|\\.|\\\n)+|\\", re.DOTALL)
ASSIGNMENT = re.compile(
    rb"[ ]*(?:(?:export|override)[ ]+)*(?P<name>[A-Za-z_][\w.-]*)[ \t]*(?:\?|::?:?)?=[ \t]*(?P<value>.*)", re.DOTALL
)
FOR_SHELL = re.compile(rb"\$\(([\w.-]+)\)|\$(\$)")
FILLER = "\1"  # for what make takes away
VARIABLE = re.compile(r"\$[({](?P<name>[\w.-]+)[)}]")
COMMENT = re.compile(rb"[ ]*#")


def read(data: bytes, language: str) -> Facts:
    """What a makefile says."""
    block = Block((), 0, len(data))
    facts = Facts(language, data, [block])
    lists = (facts.calls, facts.functions, facts.strings, facts.references, facts.imports, facts.comments)
    shell = Facts("bash", FOR_SHELL.sub(_shown, data), facts.roots, *lists)
    for line in LINE.finditer(data):
        start, end = line.span()
        if data[start : start + 1] == b"\t":
            while start < end and data[start : start + 1] in (b"\t", b" ", b"@", b"-", b"+"):
                start += 1
            bash.embed(shell, start, end, block)
        elif COMMENT.match(line[0]):
            facts.comments.append((start, end))
        elif found := ASSIGNMENT.fullmatch(line[0]):
            _set(facts, start + found.start("name"), found["name"], start + found.start("value"), found["value"])
    for value in facts.strings:
        value.text = value.text.replace(FILLER, "")
    return facts


def _shown(found: re.Match[bytes]) -> bytes:
    return b"${%s}" % found[1] if found[1] else FILLER.encode() + b"$"


def _set(facts: Facts, name_at: int, name: bytes, at: int, text: bytes) -> None:
    written = text.rstrip().decode("utf-8", "replace")
    end = at + len(text.rstrip())
    value = Value("text", written, at, end)
    items = [
        Value("reference", found["name"], at + found.start(), at + found.end())
        for found in VARIABLE.finditer(text.decode("latin-1"))
    ]
    if items:
        value.kind, value.items = "template", tuple(items)
    facts.references += items
    facts.strings.append(value)
    root = facts.roots[0]
    root.settings.append(Setting((name.decode(),), value, name_at, end, root))
