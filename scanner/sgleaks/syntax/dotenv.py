"""dotenv: ``NAME=value``, with or without ``export``; a line that makes no sense costs only itself.

All settings are in the root. What is between single quotes is a text whatever is in it; elsewhere ``$X`` and ``${X}``
make a template, as most readers of these files have it. A value without quotes ends before a ``#`` after a space.
"""

from __future__ import annotations

import re

from sgleaks.syntax.draft import Draft
from sgleaks.syntax.facts import Facts, Value

NAME = rb"[A-Za-z_][\w.-]*"
LINE = re.compile(
    rb"(?m)^[ \t]*(?:(?P<comment>\#[^\n]*)|(?:export[ \t]+)?(?P<name>" + NAME + rb")[ \t]*[=:][ \t]*(?P<rest>[^\n]*))"
)
QUOTED = re.compile(rb"(?s)(?:\"(?:[^\"\\]|\\.)*+\"|'[^']*'|`[^`]*`)(?=[ \t\r]*(?:\#|\n|\Z))")
# A quoted value over several lines that holds such a line was not closed; a last line of Base64 is none.
ANOTHER = re.compile(
    rb"\n[ \t]*(?:export[ \t]+)?" + NAME + rb"=(?![=\s\"'])\S|\n[ \t]*(?:export[ \t]+)?" + NAME + rb"=[\"']"
)
COMMENT = re.compile(rb"(?:^|[ \t])\#")
ESCAPE = re.compile(r"(?s)\\(.)")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def read(data: bytes, language: str) -> Facts:
    draft = Draft(data, language)
    root = draft.root()
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while line := LINE.search(data, at):
        at = line.end()
        if line["comment"]:
            draft.facts.comments.append((line.start("comment"), at))
            continue
        value = _value(draft, line.start("rest"), at)
        at = max(at, value.end)
        draft.set(root, (line["name"].decode(),), value, line.start("name"))
    return draft.facts


def _value(draft: Draft, start: int, end: int) -> Value:
    quoted = QUOTED.match(draft.data, start)
    if quoted and not ANOTHER.search(draft.data, start, quoted.end()):
        inner = draft.source(start + 1, quoted.end() - 1)
        if draft.data[start : start + 1] == b'"':
            return draft.text(
                ESCAPE.sub(lambda each: ESCAPES.get(each[1], each[1]), inner), start, quoted.end(), bare=True
            )
        return draft.text(inner, start, quoted.end(), parts=())
    if comment := COMMENT.search(draft.data, start, end):
        draft.facts.comments.append((comment.end() - 1, end))
        end = comment.start()
    end = start + len(draft.data[start:end].rstrip())
    return draft.plain(draft.source(start, end), start, end, bare=True)
