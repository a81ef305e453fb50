"""One file as rules on misconfiguration see it, and the way from what they hit in it to a match."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from sgleaks.errors import ToolError, suggestion
from sgleaks.matchers import Find
from sgleaks.matchers.subjects.evidence import is_evidence
from sgleaks.model import Condition, Confidence, Match, Rule, View
from sgleaks.once import once
from sgleaks.secret import KEY, KEY_KIND, Secret
from sgleaks.syntax import Facts, facts_of, language_of


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


GATES = ("words", "languages")
LARGE = 1 << 16  # bytes; a file of this size that only mentions SendGrid, as lists of everything do, is not parsed


def may_hit(rule: Rule, view: View) -> bool:
    """Whether a rule that looks at what files say need look at one; asked before anything of it is prepared.

    ``words`` of ``[match]``: texts one of which is in every file it hits, in any case. ``languages``: those that it
    knows. Raises Unparsed.
    """
    if merely_mentions(view):
        return False
    words, languages = rule.match.get("words"), rule.match.get("languages")
    if isinstance(words, list):
        lowered = _lowered(view)
        if not any(word.lower().encode() in lowered for word in words):
            return False
    if isinstance(languages, list) and language_of(view.blob.origin.place, view.data[:4096]) not in languages:
        return False
    return facts_of(view) is not None


def on_files(rule: Rule, look: Look) -> Find:
    """The search of a rule that looks at what files say."""

    def find(view: View) -> Iterator[Match]:
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
    """Raises ToolError for a key of ``[match]`` that no one knows, and for gates that are none."""
    for key in rule.match:
        if key not in ("matcher", *GATES, *known):
            why = f"there is no such key{suggestion(key, list(known))}"
            raise ToolError(f"rule {rule.id}: match.{key}", why, f"use one of {', '.join((*GATES, *known))}")
    for key in GATES:
        value = rule.match.get(key, ["x"])
        if not isinstance(value, list) or not value or not all(isinstance(each, str) and each for each in value):
            raise ToolError(f"rule {rule.id}: match.{key}", "its value is wrong", "give a list of texts")


@once
def merely_mentions(view: View) -> bool:
    """Whether a large file has the word SendGrid and no more of it."""
    return len(view.data) > LARGE and not is_evidence(view.data)


@once
def _lowered(view: View) -> bytes:
    return view.data.lower()
