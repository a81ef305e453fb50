"""What is put into the text of a configuration when it is used: ``${X}``, ``$(X)``, ``{{ x }}`` and their likes.

Compose, Spring, GitHub, Azure, Helm, Jinja, Symfony and ERB each have a spelling of their own, any of them may stand in
any format, and a text with one in it is no literal: what counts is which name it reads.
"""

from __future__ import annotations

import re

from sgleaks.syntax.facts import Value

OPENING = re.compile(rb"\$\$|\\\$|\$\{\{|\$\{|\$\(|\{\{|<%=|#\{|%env\(|\$[A-Za-z_]\w*")
CLOSING = {b"${{": b"}}", b"{{": b"}}", b"<%=": b"%>", b"%env(": b")%", b"#{": b"}"}
BRACKETS = {b"${": re.compile(rb"[{}]"), b"$(": re.compile(rb"[()]")}

# ``X``, ``X:-default``, ``X:default`` (Spring), ``env:X, default`` (Serverless, OpenTelemetry).
VARIABLE = re.compile(rb"(?s)[\s!]*(?P<name>[A-Za-z_][\w.-]*?)(?:\s*(?:(?::[-=?+]|[-=?+:])(?P<default>.*)))?\s*")
SOURCED = re.compile(
    rb"(?s)\s*(?P<name>(?:env|opt|self|param|ssm|cf|file|secretsmanager|s3|sls|aws|custom)"
    rb"[:(][^\s,]+)\s*(?:,(?P<default>.*))?"
)
PATH = rb"\$?\.?[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\s*(?:\"[^\"\]]*\"|'[^'\]]*'|\d+)\s*\])*"
DOTTED = re.compile(PATH)
READ = re.compile(rb"\"[^\"]*\"|'[^']*'|(?<![\w.$-])(?<!\|)(?<!\| )(?P<path>" + PATH + rb")(?![\w(-])")
SUBSCRIPT = re.compile(r"[\[(]\s*[\"']?|[\"']?\s*[\])]")


def interpolations(data: bytes, start: int, end: int, *, bare: bool = False) -> tuple[Value, ...]:
    """What is put into the text between two offsets, in order: references, and expressions with the references in them.

    A default (``${X:-default}``) follows its reference as a text of its own. ``$X`` without brackets is one where it is
    the whole text; with ``bare`` anywhere.
    """
    found: list[Value] = []
    unclosed: set[bytes] = set()  # each is searched in vain once: a flood of openings takes no longer
    at = start
    while opening := OPENING.search(data, at, end):
        at = opening.end()
        spelling = opening.group()
        if spelling in (b"$$", b"\\$") or spelling in unclosed:
            continue
        if spelling not in CLOSING and spelling not in BRACKETS:
            if bare or _whole(data, opening, start, end):
                found.append(_reference(data, opening.start() + 1, at))
            continue
        close, after = _closed(data, spelling, at, end)
        if close < 0:
            unclosed.add(spelling)
            continue
        found += _content(data, spelling, at, close)
        at = after
    return tuple(found)


def _whole(data: bytes, match: re.Match[bytes], start: int, end: int) -> bool:
    return not data[start : match.start()].strip(b"\"' ") and not data[match.end() : end].strip(b"\"' ")


def _closed(data: bytes, spelling: bytes, at: int, end: int) -> tuple[int, int]:
    """Where the content ends and where its closing does; -1 where there is none."""
    if spelling in CLOSING:
        close = data.find(CLOSING[spelling], at, end)
        return close, close + len(CLOSING[spelling])
    depth = 1
    for bracket in BRACKETS[spelling].finditer(data, at, end):
        depth += 1 if bracket.group() in b"{(" else -1
        if not depth:
            return bracket.start(), bracket.end()
    return -1, -1


def _content(data: bytes, spelling: bytes, start: int, end: int) -> list[Value]:
    if spelling == b"%env(":
        return [_reference(data, max(start, data.rfind(b":", start, end) + 1), end)]
    if spelling == b"${" and (variable := SOURCED.fullmatch(data, start, end) or VARIABLE.fullmatch(data, start, end)):
        found = [_reference(data, *variable.span("name"))]
        if variable["default"] is not None:
            found.append(Value("text", _text(data, *variable.span("default")), *variable.span("default")))
        return found
    while start < end and data[start : start + 1] in b" \t\r\n-":
        start += 1
    while start < end and data[end - 1 : end] in b" \t\r\n-":
        end -= 1
    if DOTTED.fullmatch(data, start, end):
        return [_reference(data, start, end)]
    reads = tuple(_reference(data, *each.span("path")) for each in READ.finditer(data, start, end) if each["path"])
    return [Value("expression", _text(data, start, end), start, end, reads)]


def _reference(data: bytes, start: int, end: int) -> Value:
    name = _text(data, start, end).replace(":", ".").lstrip("$.")
    return Value("reference", SUBSCRIPT.sub(lambda each: "" if each[0][-1] in "])" else ".", name), start, end)


def _text(data: bytes, start: int, end: int) -> str:
    return data[start:end].decode(errors="replace")
