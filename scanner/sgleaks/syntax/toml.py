"""TOML: tables are Blocks labelled by the parts of their names, in the root; ``[a.b]`` has ``("a", "b")``.

So have the tables of an array, ``[[a.b]]``. Dotted keys are the keys of one setting. Arrays and inline tables are as in
``nesting``. A line that makes no sense costs only itself.
"""

from __future__ import annotations

import re

from sgleaks.syntax.draft import Draft, TooDeep
from sgleaks.syntax.facts import Block, Facts, Value
from sgleaks.syntax.flow import Dialect, read_flow
from sgleaks.syntax.json import unquoted
from sgleaks.syntax.nesting import Level, Nesting

LONG = rb"\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+\"{3,5}|'''(?:[^']|'(?!''))*+'{3,5}"
SHORT = rb"\"(?:[^\"\\\n]|\\[^\n])*+\"?|'[^'\n]*'?"
PART = rb"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\[^\n])*+\"|'[^'\n]*')"
KEY = PART + rb"(?:[ \t]*\.[ \t]*" + PART + rb")*+"
LINE = re.compile(
    rb"[^\S\n]*(?:(?P<comment>\#[^\n]*)|\[\[?[ \t]*(?P<table>"
    + KEY
    + rb")[ \t]*\]\]?|(?P<key>"
    + KEY
    + rb")[ \t]*=[ \t]*)"
)
TOKEN = re.compile(
    rb"(?s)(?P<comment>\#[^\n]*)|(?P<scalar>" + LONG + rb"|" + SHORT + rb"|[^\s\[\]{}=,\"'#]+)|(?P<mark>[\[\]{}=,])"
)
NAME = re.compile(PART)
VALUE = re.compile(rb"[^\s#]")
NUMBERS = re.compile(r"[-+]?(?:inf|nan)")


def read(data: bytes, language: str) -> Facts:
    draft = Draft(data, language)
    root = table = draft.root()
    at = 0
    try:
        while at < len(data):
            line = LINE.match(data, at)
            at = data.find(b"\n", at) + 1 or len(data)
            if not line:
                continue
            at = max(at, line.end())
            if line["comment"]:
                draft.facts.comments.append(line.span("comment"))
                at = line.end()
            elif line["table"]:
                table = draft.block(root, _keys(draft, *line.span("table")), data.index(b"[", line.start()), line.end())
                at = line.end()
            else:
                at = _setting(draft, table, line)
                table.end = max(table.end, at)
    except TooDeep as deep:
        draft.facts.cut = str(deep)
    return draft.facts


def _setting(draft: Draft, table: Block, line: re.Match[bytes]) -> int:
    """A key and its value; gives where the value ends."""
    nesting = Nesting(draft, table)
    nesting.levels.append(Level(table, Value("block", "", table.start, table.end, block=table)))
    nesting.key(_keys(draft, *line.span("key")), *line.span("key"))
    if not VALUE.match(draft.data, line.end()):
        return line.end()
    return read_flow(nesting, DIALECT, line.end())


def _keys(draft: Draft, start: int, end: int) -> tuple[str, ...]:
    parts = (draft.source(*part.span()) for part in NAME.finditer(draft.data, start, end))
    return tuple(unquoted(part) if part[0] == '"' else part.strip("'") for part in parts) or (draft.source(start, end),)


def _scalar(draft: Draft, start: int, end: int) -> Value:
    source = draft.source(start, end)
    for quotes in ('"""', "'''", '"', "'"):
        if source.startswith(quotes):
            inner = source.removeprefix(quotes).removesuffix(quotes)
            inner = inner.removeprefix("\n") if len(quotes) > 1 else inner
            return draft.text(unquoted(f'"{inner}"') if '"' in quotes else inner, start, end)
    if NUMBERS.fullmatch(source):
        return Value("number", source, start, end)
    return draft.plain(source, start, end, words=False)


DIALECT = Dialect(TOKEN, b"=", _keys, _scalar)
