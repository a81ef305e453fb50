"""JSON as people write it: comments, trailing commas, single quotes and bare keys are read as JSON5 has them.

Shapes are those of ``nesting``. Several values one after another (JSON Lines) are several roots.
"""

from __future__ import annotations

import json
import re

from sgleaks.syntax.draft import Draft, TooDeep
from sgleaks.syntax.facts import Facts, Value
from sgleaks.syntax.flow import Dialect, read_flow
from sgleaks.syntax.nesting import Nesting

STRING = rb"\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?"
TOKEN = re.compile(
    rb"(?s)(?P<comment>//[^\n]*|/\*.*?\*/|/\*.*|\#[^\n]*)"
    rb"|(?P<scalar>" + STRING + rb"|[^\s\[\]{}:,\"'#]+)|(?P<mark>[\[\]{}:,])"
)
ESCAPE = re.compile(r"(?s)\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2})|U000([\da-fA-F]{5})|(.))")  # YAML and TOML have more
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}


def read(data: bytes, language: str) -> Facts:
    draft = Draft(data, language)
    at = 0
    try:
        while at < len(data):
            first = _first(draft, at)
            if first >= len(data):
                break
            at = read_flow(Nesting(draft, draft.root(first)), DIALECT, first)
            draft.facts.roots[-1].end = at
    except TooDeep as deep:
        draft.facts.cut = str(deep)
    if not draft.facts.roots:
        draft.root()
    return draft.facts


def _first(draft: Draft, at: int) -> int:
    """Where the next value begins; the comments before it are noted."""
    for token in TOKEN.finditer(draft.data, at):
        if token.lastgroup == "comment":
            draft.facts.comments.append(token.span())
        elif token.group() not in (b",", b"]", b"}", b":"):
            return token.start()
    return len(draft.data)


def unquoted(source: str) -> str:
    """What a string in quotes says; without a closing quote, up to the end of its line."""
    inner = source[1:-1] if len(source) > 1 and source[-1] == source[0] else source[1:]
    if "\\" not in inner:
        return inner
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError:
        return ESCAPE.sub(_character, inner)


def _character(escape: re.Match[str]) -> str:
    if escape[4]:
        return ESCAPES.get(escape[4], escape[4])
    return chr(int(escape[1] or escape[2] or escape[3], 16))


def _keys(draft: Draft, start: int, end: int) -> tuple[str, ...]:
    source = draft.source(start, end)
    return (unquoted(source) if source[0] in "\"'" else source,)


def _scalar(draft: Draft, start: int, end: int) -> Value:
    source = draft.source(start, end)
    if source[0] in "\"'":
        return draft.text(unquoted(source), start, end)
    return draft.plain(source, start, end, words=False)


DIALECT = Dialect(TOKEN, b":", _keys, _scalar)
