"""Java properties, and what is written alike: Postfix's main.cf, Xcode's xcconfig.

All settings are in the root; ``spring.mail.host=x`` is one of the keys ``("spring", "mail", "host")``. A value goes on
after a backslash at the end of its line (Java), and on an indented line without ``=`` (Postfix).
"""

from __future__ import annotations

import re

from sgleaks.syntax.draft import Draft
from sgleaks.syntax.facts import Facts

LINE = re.compile(
    rb"""(?mx)^(?P<space>[ \t\f]*)(?:
        (?P<comment>[\#!][^\n]*|//[^\n]*)
        | (?P<key>(?:\\.|\[[^\]\n]*\]|[^\s=:\\\[]|\[)+)(?P<separator>[ \t]*[=:][ \t]*|[ \t]+|(?=\r?$))
          (?P<value>(?:[^\\\n]|\\\r?\n|\\[^\r\n]|\\)*)
    )"""
)
REMARK = re.compile(rb"[ \t]//[^\n]*")  # of Xcode; nothing else has two slashes after a space
CONTINUED = re.compile(r"\\\r?\n[ \t\f]*")
ESCAPE = re.compile(r"\\(?:u([\da-fA-F]{4})|(.))")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
DOT = re.compile(r"\.(?![^\[]*\])")


def read(data: bytes, language: str) -> Facts:
    draft = Draft(data, language)
    root = draft.root()
    for line in LINE.finditer(data):
        if line["comment"]:
            draft.facts.comments.append(line.span("comment"))
            continue
        if line["space"] and root.settings and b"=" not in line["separator"]:
            last = root.settings[-1]
            start, end = last.value.start, line.end() - _blank(line.group())
            text = last.value.text + "\n" + _unescaped(draft.source(line.start("key"), end))
            last.value, last.end = draft.text(text.lstrip("\n"), start, end), end
            continue
        start, end = line.span("value")
        if remark := REMARK.search(data, start, end):
            draft.facts.comments.append((remark.start() + 1, end))
            end = remark.start()
        end -= _blank(data[start:end])
        value = draft.plain(_unescaped(draft.source(start, end)), start, end)
        draft.set(root, tuple(DOT.split(_unescaped(draft.source(*line.span("key"))))), value, line.start("key"))
    return draft.facts


def _blank(data: bytes) -> int:
    """How many bytes at the end are spaces."""
    return len(data) - len(data.rstrip())


def _unescaped(source: str) -> str:
    if "\\" not in source:
        return source
    source = CONTINUED.sub("", source)
    return ESCAPE.sub(lambda each: chr(int(each[1], 16)) if each[1] else ESCAPES.get(each[2], each[2]), source)
