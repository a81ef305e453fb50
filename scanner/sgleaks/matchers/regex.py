"""Finds what has no shape of its own by what stands around it: a password is one because of its name and neighbours.

A pattern finds candidates, and conditions judge each by the nearest neighbour of a kind: the host that a password
belongs to is the nearest host. Neighbours are listed once for each view, so that a search takes time in proportion to
the data, however many candidates and neighbours hostile input holds.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from sgleaks.anchors import Anchor
from sgleaks.matchers.assignment import CODE, UNQUOTED
from sgleaks.matchers.patterns import Condition, Pattern, Regex, check, read
from sgleaks.matchers.windows import Fixed, Searched, Window, windows
from sgleaks.model import CONFIDENCES, Confidence, Match, Rule, View
from sgleaks.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sgleaks.matchers import Find

REACH = 4096  # bytes a neighbour may be away, whatever the lines: minified files have one line
# No neighbour is looked for beyond an INI section or a YAML document.
WALL = Fixed(re.compile(rb"\n---|\n[ \t]{0,9}\[[^\]\n]{1,60}\][ \t\r]*\n"), (b"\n",))
# What likely separates one block of settings from the next: a blank line, a command, a bracket closed and one opened.
BREAK = Fixed(
    re.compile(rb"\n[ \t\r]*\n|\n[ \t]{0,20}curl[ ]|[})\]]\s{0,40}[,;]?\s{0,40}[{(\[]"), (b"\n", b"}", b")", b"]")
)
COMMENT = re.compile(rb"[ \t]*(?:\#|//|;|<!--|/\*|\*[ ]|--[ ])")


class Spans(NamedTuple):
    """Where something was found in a view: half-open, sorted, disjoint; ``values`` are spans within."""

    starts: list[int]
    ends: list[int]
    values: list[tuple[int, int]]


def prepare(rule: Rule, *, checked: bool = False) -> Find:
    """The rule's search. Raises ToolError naming the rule and the key of ``[match]`` that is wrong."""
    patterns, never = read(rule)
    if not checked:
        check(patterns, never)
    anchors = tuple(Anchor(anchor.lower().encode(), caseless=True) for anchor in rule.anchors)

    def find(view: View) -> Iterator[Match]:
        around = windows(view, anchors)
        here = [each for each in patterns if not each.words or any(window.holds(each.words) for window in around)]
        if around and here:
            yield from _matches(rule, here, never, view, around)

    return find


def _matches(
    rule: Rule,
    patterns: list[Pattern],
    never: Regex | None,
    view: View,
    around: list[Window],
) -> Iterator[Match]:
    data, code, seen = view.data, _is_code(view), set[int]()
    known: dict[int, Spans] = {}

    def neighbours(pattern: Searched) -> Spans:
        if id(pattern) not in known:  # not by the pattern, whose hash takes time in proportion to its length
            known[id(pattern)] = _spans(pattern, around)
        return known[id(pattern)]

    for pattern in patterns:
        for found in _candidates(data, pattern, around):
            group = _value_group(found)
            start, end = found.span(group)
            text = found[group]
            if start in seen or (code and group in UNQUOTED) or (never and never.compiled.search(text)):
                continue
            judged = _judge(pattern, found, (start, end), neighbours)
            if judged:
                seen.add(start)
                secret = Secret(text.decode(errors="replace"), rule.id)
                yield Match(rule, view, start, end, secret, judged[0], judged[1])


def _candidates(data: bytes, pattern: Pattern, around: list[Window]) -> Iterator[re.Match[bytes]]:
    for window in around:
        for found in window.matches(pattern.find):
            if pattern.comments or not _is_comment(data, found.start()):
                yield found


def _judge(
    pattern: Pattern,
    found: re.Match[bytes],
    span: tuple[int, int],
    neighbours: Callable[[Searched], Spans],
) -> tuple[Confidence, str] | None:
    """Confidence and note of a candidate, or None when a condition without ``otherwise`` fails."""
    confidence, notes = pattern.confidence, [pattern.note]
    groups = found.re.groupindex
    for name, condition in (*pattern.near, *pattern.if_near):
        if name == "secret":
            value: bytes | None = found.string[slice(*span)]
        elif name in groups:
            value = found[name]
        else:
            value = _nearest(condition, found.string, span, neighbours)
        if value is None and (name, condition) in pattern.if_near:
            continue
        if value is None or not condition.holds(value):
            if value is None or condition.otherwise is None:
                return None
            confidence = max(confidence, condition.otherwise, key=CONFIDENCES.index)
            notes.append(condition.note)
    return confidence, " ".join(filter(None, notes))


def _nearest(
    condition: Condition, data: bytes, span: tuple[int, int], neighbours: Callable[[Searched], Spans]
) -> bytes | None:
    """The value of the nearest neighbour, or None. Same block first, then fewer lines; a tie goes to the one before."""
    if condition.find is None:
        return None
    spans, gaps = neighbours(condition.find), []
    before = bisect_right(spans.ends, span[0]) - 1
    if condition.side != "after" and before >= 0:
        gaps.append((spans.ends[before], span[0], 0, before))
    after = bisect_left(spans.starts, span[1])
    if condition.side != "before" and after < len(spans.starts):
        gaps.append((span[1], spans.starts[after], 1, after))
    ranked = []
    for start, end, side, index in gaps:
        lines = data.count(b"\n", start, min(end, start + REACH + 1))
        if end - start <= REACH and lines <= condition.within and not _crossed(neighbours(WALL), start, end):
            ranked.append((_crossed(neighbours(BREAK), start, end), lines, side if lines else end - start, index))
    return data[slice(*spans.values[min(ranked)[-1]])] if ranked else None


def _crossed(spans: Spans, start: int, end: int) -> int:
    return bisect_right(spans.ends, end) - bisect_left(spans.starts, start)


def _spans(pattern: Searched, around: list[Window]) -> Spans:
    spans = Spans([], [], [])
    for window in around:
        for found in window.matches(pattern):
            spans.starts.append(found.start())
            spans.ends.append(found.end())
            spans.values.append(found.span(_value_group(found)))
    return spans


def _value_group(found: re.Match[bytes]) -> str | int:
    """The group that holds what was found: the one called so, else the last that took part, else everything."""
    named = found.re.groupindex
    return "secret" if "secret" in named else "value" if "value" in named else found.lastgroup or 0


def _is_comment(data: bytes, at: int) -> bool:
    line = max(data.rfind(b"\n", max(at - REACH, 0), at) + 1, at - REACH, 0)
    return bool(COMMENT.match(data, line, at))


def _is_code(view: View) -> bool:
    return bool(CODE.search((view.blob.origin.path, *view.blob.origin.members)[-1]))
