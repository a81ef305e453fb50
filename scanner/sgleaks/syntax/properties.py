"""Java properties, and what is written alike: Postfix's main.cf, Xcode's xcconfig.

All settings are in the root; ``spring.mail.host=x`` is one of the keys ``("spring", "mail", "host")``. A value goes on
after a backslash at the end of its line (Java), and on an indented line without ``=`` (Postfix).
"""

from __future__ import annotations

import re

from sgleaks.syntax.draft import Draft
from sgleaks.syntax.facts import Block, Facts

LINE = re.compile(
    rb"""(?mx)^(?P<space>[ \t\f]*+)(?:
        (?P<comment>[\#!][^\n]*|//[^\n]*)
        | (?P<key>(?:\\.|[^\s=:\\\[]|\[(?:(?:sdk|arch|config|variant)=[^\[\]\s=]*\])?)++)
          (?P<separator>[ \t]*+[=:][ \t]*+|[ \t]++|(?=\r?$))
          (?P<value>(?:[^\\\n]|\\\r?\n|\\[^\r\n]|\\)*+)
    )"""
)
REMARK = re.compile(rb"[ \t]//[^\n]*")  # of Xcode; nothing else has two slashes after a space
CONTINUED = re.compile(r"\\\r?\n[ \t\f]*")
ESCAPE = re.compile(r"\\(?:u([\da-fA-F]{4})|(.))")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


def read(data: bytes, language: str) -> Facts:
    draft = Draft(data, language)
    root = draft.root()
    more: list[str] = []  # lines that continue the last value
    end = 0
    for line in LINE.finditer(data):
        if line["comment"]:
            draft.facts.comments.append(line.span("comment"))
        elif line["space"] and root.settings and b"=" not in line["separator"]:
            end = line.end() - _blank(line["value"] or line["key"])
            more.append(_unescaped(draft.source(line.start("key"), end)))
        else:
            if root.settings:
                draft.lengthen(root.settings[-1], more, end)
            more = []
            _setting(draft, root, line)
    if root.settings:
        draft.lengthen(root.settings[-1], more, end)
    return draft.facts


def _setting(draft: Draft, root: Block, line: re.Match[bytes]) -> None:
    start, end = line.span("value")
    if remark := REMARK.search(draft.data, start, end):
        draft.facts.comments.append((remark.start() + 1, end))
        end = remark.start()
    end -= _blank(draft.data[start:end])
    value = draft.plain(_unescaped(draft.source(start, end)), start, end)
    key = draft.source(*line.span("key"))
    keys = (key,) if "[" in key else tuple(_unescaped(key).split("."))
    draft.set(root, keys, value, line.start("key"))


def _blank(data: bytes) -> int:
    """How many bytes at the end are spaces."""
    return len(data) - len(data.rstrip())


def _unescaped(source: str) -> str:
    if "\\" not in source:
        return source
    source = CONTINUED.sub("", source)
    return ESCAPE.sub(lambda each: chr(int(each[1], 16)) if each[1] else ESCAPES.get(each[2], each[2]), source)
