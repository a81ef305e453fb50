"""One blob through all stages: spelt in every way, matched, told once a place, and put where an editor shows it.

Blob -> View (decoders) -> Match (matchers) -> triage -> Finding
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from sgleaks import decoders
from sgleaks.anchors import has_anchor, mentions
from sgleaks.matchers import Unparsed
from sgleaks.model import (
    Blob,
    Clue,
    Drop,
    Finding,
    Match,
    Notice,
    Region,
    Skip,
    View,
    lowered,
)
from sgleaks.ruleset import Ruleset
from sgleaks.text import Lines, encoding_of
from sgleaks.triage import inline, paths, placeholder

MAX_FINDINGS = 10_000  # of one file; a list of a million keys is known after fewer, and must not fill the memory
MAX_LOOKED = 1 << 30  # bytes searched for further places of the secrets of a file; a second
PACKED = frozenset(("base64", "hex", "gzip", "zlib"))  # spellings of whole texts
PACKED_REACH = 1024  # bytes; more than an excerpt shows
RUN_BEFORE, RUN_AFTER = re.compile(rb"[\w+/-]+\Z", re.ASCII), re.compile(rb"[\w+/=-]*", re.ASCII)
SHORTEST = 4  # characters of a secret that is looked for again; less is in every other word
NAME = Region(1, 1, 1, 1)  # where a finding stands that is in a file's name
NOTES = {
    "content": "",
    "name": "It is in the name of the file.",
    "link": "It is in the target of a symbolic link.",
    "ref": "It is in the name of a branch or tag.",
}

Result = Finding | Drop | Skip | Clue | Notice


def examine(source: Iterable[Blob | Skip], rules: Ruleset) -> Iterator[Result]:
    """Every finding, dropped candidate and skip of a source, in its order, at most MAX_FINDINGS a file."""
    count, path = 0, ""
    for item in source:
        if isinstance(item, Skip):
            yield item
            continue
        count, path = (count, path) if item.origin.path == path else (0, item.origin.path)
        if count > MAX_FINDINGS:
            continue
        for result in _blob(item, rules):
            count += isinstance(result, Finding | Drop)
            if count > MAX_FINDINGS:
                yield Skip(path, "too-many-findings", f"the first {MAX_FINDINGS:,} are reported")
                break
            yield result


def _blob(blob: Blob, rules: Ruleset) -> Iterator[Result]:
    # Members of archives come without having been searched; text in UTF-16 has its anchors in another spelling.
    if not has_anchor(blob.data, rules.anchors) and (blob.encoding or encoding_of(blob.data)) == "utf-8":
        return
    whole = View(blob.data, blob)
    try:
        yield from _silenced(blob, rules, locate(blob, found_in(whole, rules)))
        yield from _clues(whole, rules)
    except Unparsed as unparsed:
        yield Skip(blob.origin.place, "unparsed", str(unparsed))
        yield from _silenced(blob, rules, locate(blob, found_in(whole, rules.credentials)))
    except Exhausted as exhausted:
        yield Skip(blob.origin.place, "bomb", "it decodes to more than the bounds allow")
        # What else stands around them was not decoded and may be a secret, so excerpts show nothing of it.
        hidden = [(0, len(blob.data))]
        yield from _silenced(blob, rules, locate(blob, exhausted.places, hidden))


def _silenced(blob: Blob, rules: Ruleset, results: Iterator[Finding | Drop]) -> Iterator[Result]:
    """The results, those findings ignored that a comment in the blob speaks of; then what is wrong with comments."""
    if not rules.obeys_comments or not inline.may_be_in(blob):
        yield from results
        return
    comments = inline.Inline(blob)
    for result in results:
        ignored = comments.ignored(result) if isinstance(result, Finding) else None
        yield replace(result, ignored=ignored) if isinstance(result, Finding) and ignored else result
    if rules.scope != "history":
        for notice in comments.notices(rules.active, every_rule=rules.is_whole):
            if blob.added is None or notice.line in blob.added:
                yield notice


class Place(NamedTuple):
    """A match and the half-open range of the blob's bytes it stands for."""

    start: int
    end: int
    match: Match


class Exhausted(Exception):
    """A blob decodes to more than the bounds allow; ``places`` is what was found until then."""

    def __init__(self, places: list[Place]) -> None:
        super().__init__()
        self.places = places


def found_in(whole: View, rules: Ruleset) -> list[Place]:
    """Every candidate in every spelling of a whole blob. Raises Exhausted; Unparsed where a rule asks what it says."""
    matches: list[Match] = []
    try:
        for view in decoders.views(whole):
            matches += _matches(view, rules)
    except decoders.Exhausted:
        raise Exhausted(distinct(matches)) from None
    return distinct(matches)


def _matches(view: View, rules: Ruleset) -> Iterator[Match]:
    present: dict[str, bool] = {}  # many rules have the same anchors
    # What a file configures is read as it stands: a copy in base64 configures nothing, and what others wrote is theirs.
    as_written = view.via in ((), ("utf16",)) and not paths.is_vendored(view.blob.origin.path)
    for search in rules.searches if as_written else rules.credentials.searches:
        for anchor in search.rule.anchors:
            if anchor not in present:
                present[anchor] = mentions(view.data, anchor)
            if present[anchor]:
                yield from search.find(view)
                break


def _clues(whole: View, rules: Ruleset) -> Iterator[Clue]:
    """What a file says for rules about the whole repository."""
    if rules.asks_repository and whole.blob.what == "content" and mentions(whole.data, "sendgrid"):
        from sgleaks.matchers.clues import clues

        yield from clues(whole)


def distinct(matches: Iterable[Match]) -> list[Place]:
    """One match a secret and place, in order; of several chains of decoders that lead there, the shortest."""
    kept: dict[tuple[str, object], list[Place]] = {}
    for match in sorted(matches, key=lambda match: len(match.view.via)):
        start, end = match.view.span(match.start, match.end)
        places = kept.setdefault((match.rule.id, match.secret), [])
        index = bisect_right(places, start, key=lambda place: place.start)
        if not any(start < place.end and place.start < end for place in places[max(index - 1, 0) : index + 1]):
            places.insert(index, Place(start, end, match))
    return sorted((place for places in kept.values() for place in places), key=lambda place: place[:2])


def locate(blob: Blob, places: Sequence[Place], hidden: Sequence[tuple[int, int]] = ()) -> Iterator[Finding | Drop]:
    """Findings with lines and columns; those that begin in the blob's overlap are left to the next blob."""
    secrets = (_hiding(blob, place) for place in places if place.match.secret)
    lines = Lines(blob, [*hidden, *secrets, *_repeated(blob, places)])
    for start, end, match in places:
        if blob.overlap and start >= len(blob.data) - blob.overlap:
            return
        region = lines.region(start, end) if blob.what == "content" else NAME
        if blob.added is not None and not _is_added(region, blob.added):
            continue
        # Only now, and only of what is told: of a million candidates the first ten thousand.
        if reason := placeholder.why_not(match.secret) if match.secret else "":
            yield Drop(blob.origin.place, region.line, region.column, match.rule.id, reason)
        else:
            yield _finding(blob, match, region, *lines.excerpt(start, region.column))


def _hiding(blob: Blob, place: Place) -> tuple[int, int]:
    """What no excerpt shows of a secret: itself, and what is packed together with it, where more may be."""
    start, end, match = place
    if PACKED.isdisjoint(match.view.via):
        return start, end
    before = RUN_BEFORE.search(blob.data, max(start - PACKED_REACH, 0), start)
    after = RUN_AFTER.match(blob.data, end, end + PACKED_REACH)
    return before.start() if before else start, after.end() if after else end


def _repeated(blob: Blob, places: Sequence[Place]) -> Iterator[tuple[int, int]]:
    """Where else the secrets of a blob stand in it: where no rule takes them for one. All of it where they are many."""
    secrets = {place.match.secret for place in places if place.match.secret}
    texts = {secret.reveal()[26:] if secret.is_key else secret.reveal() for secret in secrets}
    if len(texts) * len(blob.data) > MAX_LOOKED:
        yield 0, len(blob.data)
        return
    encoding = blob.encoding or encoding_of(blob.data)
    for text in (each.encode(encoding, "replace") for each in texts if len(each) >= SHORTEST):
        at = blob.data.find(text)
        while at >= 0:
            yield at, at + len(text)
            at = blob.data.find(text, at + len(text))


def _is_added(region: Region, added: frozenset[int]) -> bool:
    """Whether a change brought one of the region's lines."""
    last = region.end_line - (region.end_column == 1 and region.end_line > region.line)
    return not added.isdisjoint(range(region.line, last + 1))


def _finding(blob: Blob, match: Match, region: Region, excerpt: str, column: int) -> Finding:
    rule, score = match.rule, match.rule.severity
    if match.confidence != "high" and rule.confidence == "high":
        score = lowered(score)
    return Finding(
        rule,
        blob.origin,
        region,
        match.secret,
        match.confidence,
        paths.weighed(score, blob.origin.path),
        fingerprint(match, excerpt),
        excerpt if blob.what == "content" else "",
        column,
        match.view.via,
        " ".join(note for note in (match.note, NOTES[blob.what]) if note),
        advice=match.advice,
        conditions=match.conditions,
    )


def fingerprint(match: Match, excerpt: str) -> str:
    """32 hex digits that stay when lines move, files are renamed or history is rewritten.

    Of the key itself where it is one; of its line with the secret blanked where the secret could be guessed.
    """
    secret = match.secret.sha256 if match.secret else None
    identity = secret or re.sub(r"\*+", "*", re.sub(r"\s+", " ", excerpt.strip()))
    return match.rule.fingerprint(identity)
