"""One file as rules on misconfiguration see it, and the way from what they hit in it to a match."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from sgleaks.errors import ToolError, suggestion
from sgleaks.matchers import Find
from sgleaks.model import Condition, Confidence, Match, Rule, View
from sgleaks.secret import KEY_KIND, Secret
from sgleaks.syntax import Facts, facts_of

KEY = re.compile(r"SG\.[\w-]{22}\.[\w-]{43}", re.ASCII)


class File(NamedTuple):
    """What a file says, and the ``/``-separated path that says it."""

    path: str
    facts: Facts


class Hit(NamedTuple):
    """What a rule hit: half-open byte offsets, and what is special about it.

    ``secret`` is a literal that ``triage`` judges: a placeholder drops the hit.
    """

    start: int
    end: int
    note: str = ""
    confidence: Confidence | None = None  # the rule's, unless given
    advice: bool = False
    secret: str | None = None
    conditions: tuple[Condition, ...] = ()


Look = Callable[[File], Iterator[Hit]]


def on_files(rule: Rule, look: Look) -> Find:
    """The search of a rule that looks at what files say.

    ``words`` of ``[match]``, if there are any: texts one of which is in every file it hits, in any case.
    """
    words = [word.lower().encode() for word in _strings(rule, "words")]

    def find(view: View) -> Iterator[Match]:
        if words and not any(word in _lowered(view) for word in words):
            return
        facts = facts_of(view)
        if facts is None:
            return
        for hit in look(File(view.blob.origin.place, facts)):
            secret = None if hit.secret is None else secret_of(hit.secret, rule.id)
            confidence = hit.confidence or rule.confidence
            yield Match(rule, view, hit.start, hit.end, secret, confidence, hit.note, hit.advice, hit.conditions)

    return find


def secret_of(text: str, rule: str) -> Secret:
    """An API key, which is judged and told as such wherever it is found, or another secret of a rule."""
    return Secret(text, KEY_KIND if KEY.fullmatch(text) else rule)


def check_keys(rule: Rule, known: Sequence[str]) -> None:
    """Raises ToolError for a key of ``[match]`` that no one knows."""
    for key in rule.match:
        if key not in ("matcher", "words", *known):
            why = f"there is no such key{suggestion(key, list(known))}"
            raise ToolError(f"rule {rule.id}: match.{key}", why, f"use one of words, {', '.join(known)}")


def _strings(rule: Rule, key: str) -> list[str]:
    value = rule.match.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise ToolError(f"rule {rule.id}: match.{key}", "its value is wrong", "give a list of texts")
    return value


_last: tuple[View, bytes] | None = None


def _lowered(view: View) -> bytes:
    """The view in lower case; kept for the rules that come next."""
    global _last  # one entry, replaced by the next view
    if _last is None or _last[0] is not view:
        _last = view, view.data.lower()
    return _last[1]
