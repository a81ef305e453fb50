"""Requests in files (``.http``, ``.rest``), as the clients of JetBrains and VS Code send them.

A request is a call of ``http`` with its method and URL as arguments and its headers as named settings; its body is the
setting ``body`` of its Block in the root, which is labelled by the method. ``@name = value`` is a setting of the root,
``{{name}}`` makes a template.
"""

from __future__ import annotations

import re

from sgleaks.syntax.draft import Draft
from sgleaks.syntax.facts import Block, Call, Facts, Value

LINE = re.compile(rb"(?m)^[ \t]*(?P<text>[^\n]*)$")
REQUEST = re.compile(
    rb"(?:(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE|CONNECT|GRAPHQL|WEBSOCKET)[ \t]+)?"
    rb"(?P<url>(?:https?://|\{\{|(?<=[ \t]))\S+)(?:[ \t]+HTTP/[\d.]+)?[ \t\r]*"
)
VARIABLE = re.compile(rb"@(?P<name>[\w.-]+)[ \t]*=[ \t]*(?P<value>[^\r\n]*)")
HEADER = re.compile(rb"(?P<name>[\w-]+)[ \t]*:[ \t]*(?P<value>[^\r\n]*)")


def read(data: bytes, language: str) -> Facts:
    reader = _Reader(Draft(data, language))
    for line in LINE.finditer(data):
        reader.line(*line.span("text"))
    reader.done()
    return reader.draft.facts


class _Reader:
    """The request that is read: first its line, then headers, after an empty line its body."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.root: Block = draft.root()
        self.call: Call | None = None
        self.body: tuple[int, int] | None = None
        self.headers = True

    def line(self, start: int, end: int) -> None:
        draft = self.draft
        end = start + len(draft.data[start:end].rstrip())
        if draft.data.startswith(b"###", start) and start < end:
            self.done()
            draft.facts.comments.append((start, end))
        elif self.call and not self.headers:
            if start < end:
                self.body = self.body[0] if self.body else start, end
        elif start == end:
            self.headers = not self.call
        elif draft.data[start : start + 1] == b"#" or draft.data.startswith(b"//", start):
            draft.facts.comments.append((start, end))
        elif not self.call:
            self._first(start, end)
        elif header := HEADER.fullmatch(draft.data, start, end):
            self._set(self.call.named, header)
            self.call.end = self.call.named.end = self.call.block.end = end

    def _first(self, start: int, end: int) -> None:
        data = self.draft.data
        if variable := VARIABLE.fullmatch(data, start, end):
            self._set(self.root, variable)
        elif request := REQUEST.fullmatch(data, start, end):
            span = request.span("method") if request["method"] else (start, start)
            method = Value("text", self.draft.source(*span) or "GET", *span)
            url = self.draft.text(self.draft.source(*request.span("url")), *request.span("url"))
            block = self.draft.block(self.root, (method.text,), start, end)
            self.call = Call("http", (method, url), Block((), start, end, block), start, end, block)
            self.draft.facts.calls.append(self.call)
            self.headers = True

    def _set(self, block: Block, found: re.Match[bytes]) -> None:
        value = self.draft.text(self.draft.source(*found.span("value")), *found.span("value"))
        self.draft.set(block, (self.draft.source(*found.span("name")),), value, found.start())

    def done(self) -> None:
        """The request ends, with its body."""
        if self.call and self.body:
            self.draft.set(
                self.call.block, ("body",), self.draft.text(self.draft.source(*self.body), *self.body), self.body[0]
            )
            self.call.end = self.call.block.end = self.body[1]
        self.call = self.body = None
        self.headers = True
