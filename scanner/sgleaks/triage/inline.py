"""Comments that silence a finding: ``sgleaks: ignore[rule-id] reason``, on its line or the line above.

In any comment syntax, since only the words count; more rules are separated by commas. Without a rule it silences every
rule, without a reason it works too; both are told, and so is a comment that silences nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from sgleaks.model import Blob, Finding, Ignored, Notice
from sgleaks.text import Lines, encoding_of

WORD = "sgleaks: ignore"  # what every such comment holds, in this very spelling
COMMENT = re.compile(r"sgleaks: ignore(?:\[(?P<rules>[^\]\r\n]{0,200})\])?(?P<reason>[^\r\n]{0,400})")
PROSE = re.compile(r"(?i)\.(?:md|mdx|markdown|rst|txt|adoc|html?)$")
# What closes a comment, and says nothing.
END = re.compile(r"\s*(?:\*/|-->|--%>|#\}|\}\}|%>|=#|\*\)|\|#)?[\s'\"`,;)\]}]*$")


def may_be_in(blob: Blob) -> bool:
    """Whether there may be such a comment; costs one search of the bytes."""
    return blob.what == "content" and WORD.encode(blob.encoding or encoding_of(blob.data)) in blob.data


class Comment(NamedTuple):
    """One comment: the line it is on, the rules it names (none: all of them), and why."""

    line: int
    rules: tuple[str, ...]
    reason: str


class Inline:
    """The comments of one blob; remembers which of them silenced something."""

    def __init__(self, blob: Blob) -> None:
        self._path = blob.origin.place
        self._by_line = {comment.line: comment for comment in _comments(blob)}
        self._used: set[int] = set()

    def ignored(self, finding: Finding) -> Ignored | None:
        """Why a comment silences the finding; None where none does."""
        for line in (finding.region.line, finding.region.line - 1):
            comment = self._by_line.get(line)
            if comment and (not comment.rules or finding.rule.id in comment.rules):
                self._used.add(line)
                return Ignored("inline", comment.reason)
        return None

    def notices(self, active: Collection[str], *, every_rule: bool) -> Iterator[Notice]:
        """What is wrong with the comments. ``active`` are the rules of this run; that a comment silences nothing is
        told where a rule it names is among them, or, if it names none, where ``every_rule`` was there."""
        for line, comment in self._by_line.items():
            if line not in self._used and PROSE.search(self._path):
                continue  # a document that explains how to write one
            if not comment.rules:
                yield Notice(self._path, line, "this ignore names no rule: write `sgleaks: ignore[rule-id] reason`")
            if not comment.reason:
                yield Notice(self._path, line, "this ignore gives no reason: write one behind it")
            judged = any(rule in active for rule in comment.rules) if comment.rules else every_rule
            if line not in self._used and judged:
                yield Notice(self._path, line, "this ignore silences nothing: take it out")


def _comments(blob: Blob) -> Iterator[Comment]:
    encoding = blob.encoding or encoding_of(blob.data)
    word = WORD.encode(encoding)
    lines, at = Lines(blob), blob.data.find(word)
    while at >= 0:
        text = blob.data[at : at + 2400].decode(encoding, "replace")
        if found := COMMENT.match(text):
            rules = tuple(name.strip() for name in (found["rules"] or "").split(",") if name.strip())
            reason = END.sub("", found["reason"]).strip(" :-\t")
            yield Comment(lines.region(at, at).line, rules, reason)
        at = blob.data.find(word, at + len(word))
