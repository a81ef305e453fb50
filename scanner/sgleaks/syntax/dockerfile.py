"""Dockerfiles: each instruction is a Block labelled by its name in upper case, in the root.

Of ``ENV`` and ``LABEL`` the pairs are settings, of ``ARG`` too, null where it has no default; of any other instruction
what follows its name is the setting ``""``, without its flags (``--mount=…``), which are settings. Commands of ``RUN``,
``CMD`` and ``ENTRYPOINT`` are calls in the Block; of an array (``["npm", "start"]``) the name is its first word.
"""

from __future__ import annotations

import re
from contextlib import suppress

from sgleaks.syntax.draft import Draft, TooDeep
from sgleaks.syntax.facts import Block, Facts, Value
from sgleaks.syntax.flow import read_flow
from sgleaks.syntax.heredoc import Endings
from sgleaks.syntax.json import DIALECT
from sgleaks.syntax.nesting import Nesting
from sgleaks.syntax.shell import commands, executed

DIRECTIVE = re.compile(rb"(?i)#[ \t]*escape[ \t]*=[ \t]*(\S)")
INSTRUCTION = re.compile(rb"[ \t]*(?:(?P<comment>\#[^\n]*)|(?P<name>[A-Za-z]+)(?=[ \t\r\n]|\Z)[ \t]*|[^\n]*)")
FLAG = re.compile(rb"--(?P<name>[a-z-]+)(?:=(?P<value>\S*))?[ \t]*")
HEREDOC = re.compile(rb"<<-?[ \t]*(?:\"(\w+)\"|'(\w+)'|(\w+))")
WITH_HEREDOC = frozenset(("RUN", "COPY", "ADD"))
COMMANDS = frozenset(("RUN", "CMD", "ENTRYPOINT"))
PAIRS = frozenset(("ENV", "ARG", "LABEL"))


def read(data: bytes, language: str) -> Facts:
    draft = Draft(data, language)
    root = draft.root()
    directive = DIRECTIVE.match(data)
    escape = b"`" if directive and directive[1] == b"`" else b"\\"
    endings = Endings(data)
    at = 0
    while at < len(data):
        at = _instruction(draft, root, at, escape, endings)
    return draft.facts


def _instruction(draft: Draft, root: Block, at: int, escape: bytes, endings: Endings) -> int:
    """Reads what begins at a line; gives where the next line begins."""
    found = INSTRUCTION.match(draft.data, at)
    if not found or not found["name"]:
        if found and found["comment"]:
            draft.facts.comments.append(found.span("comment"))
        return draft.data.find(b"\n", at) + 1 or len(draft.data)
    name = found["name"].decode().upper()
    end, after = _logical_line(draft, found.end(), escape, endings if name in WITH_HEREDOC else None)
    block = draft.block(root, (name,), found.start("name"), end)
    start = found.end()
    while flag := FLAG.match(draft.data, start, end):
        span = flag.span("value") if flag["value"] is not None else (flag.end(), flag.end())
        draft.set(block, (flag["name"].decode(),), draft.text(draft.source(*span), *span, bare=True), start)
        start = flag.end()
    if name in PAIRS:
        _pairs(draft, block, start, end, escape)
    elif start < end:
        text = draft.source(start, end)
        draft.set(block, ("",), draft.text(text, start, end, bare=True), start)
    if name in COMMANDS and start < end:
        _commands(draft, block, start, end)
    return after


def _logical_line(draft: Draft, at: int, escape: bytes, endings: Endings | None) -> tuple[int, int]:
    """Where an instruction ends, its continuations and here-documents included, and where the next line begins."""
    data = draft.data
    start, waiting = at, True
    end = after = at
    while waiting and after < len(data):
        after = data.find(b"\n", at) + 1 or len(data)
        line = data[at:after].strip()
        if line.startswith(b"#") and at != start:
            draft.facts.comments.append((data.index(b"#", at), at + len(data[at:after].rstrip())))
        elif line or at == start:
            waiting = line.endswith(escape)
            end = at + len(data[at:after].rstrip())
        at = after
    for heredoc in HEREDOC.finditer(data, start, end) if endings else ():
        closing = endings.after(heredoc[heredoc.lastindex or 0], after) if endings else None
        if closing:
            end = closing[1]
            after = data.find(b"\n", end) + 1 or len(data)
    return end, after


def _pairs(draft: Draft, block: Block, start: int, end: int, escape: bytes) -> None:
    words = _words(draft.data, start, end, escape)
    if block.labels == ("ENV",) and len(words) > 1 and b"=" not in draft.data[slice(*words[0])]:
        # the old form: ENV NAME all the rest
        draft.set(block, (draft.source(*words[0]),), _value(draft, words[1][0], end, escape), words[0][0])
        return
    for word, stop in words:
        equals = draft.data.find(b"=", word, stop)
        name = draft.source(word, equals if equals >= 0 else stop).strip("\"'")
        value = _value(draft, equals + 1, stop, escape) if equals >= 0 else Value("null", "null", word, stop)
        draft.set(block, (name,), value, word)


def _words(data: bytes, start: int, end: int, escape: bytes) -> list[tuple[int, int]]:
    sign = re.escape(escape)
    pattern = re.compile(
        rb"(?:(?m:^[ \t]*\#[^\n]*)|" + sign + rb"[ \t]*\r?\n|\s)+"
        rb"|(?P<word>(?:"
        + sign
        + rb"[^\r\n]|\"(?:"
        + sign
        + rb".|[^\""
        + sign
        + rb"])*+\"|'[^']*+'|[^\s\"'"
        + sign
        + rb"]"
        rb"|[\"'])+)",
        re.DOTALL,
    )
    return [word.span("word") for word in pattern.finditer(data, start, end) if word["word"]]


def _value(draft: Draft, start: int, end: int, escape: bytes) -> Value:
    source = draft.source(start, end)
    sign = re.escape(escape.decode())
    text = re.sub(rf"(?s){sign}\r?\n|{sign}(.)|[\"']", lambda each: each[1] or "", source)
    raw = source[:1] == "'" == source[-1:] and len(source) > 1
    if source == text:
        return draft.plain(text, start, end, bare=True)
    return draft.text(text, start, end, bare=True, parts=() if raw else None)


def _commands(draft: Draft, block: Block, start: int, end: int) -> None:
    if heredoc := HEREDOC.match(draft.data, start, end):
        last = draft.data.rfind(b"\n", start, end)  # where the word stands again
        start, end = draft.data.find(b"\n", heredoc.end(), end) + 1 or end, max(last, heredoc.end())
    if draft.data[start : start + 1] != b"[":
        commands(draft, start, max(start, end), block)
        return
    scratch = Draft(draft.data[:end], draft.facts.language)
    with suppress(TooDeep):
        read_flow(Nesting(scratch, scratch.root()), DIALECT, start)
    for setting in scratch.facts.roots[0].settings:
        executed(draft, tuple(item for item in setting.value.items if item.kind in ("text", "template")), block)
