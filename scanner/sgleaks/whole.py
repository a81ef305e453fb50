"""When every file was read: which findings stand beside what other files say, and what rules say of the whole.

Asked once a run, of a whole tree; of a change or a history other files are not known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sgleaks.model import Clue, Finding, Origin, Region, Rule
from sgleaks.triage import context, paths

if TYPE_CHECKING:
    from sgleaks.matchers.repository import Place, Tree
    from sgleaks.ruleset import Ruleset


def judged(findings: Sequence[Finding], clues: Sequence[Clue], rules: Ruleset, tree: Tree | None) -> list[Finding]:
    """The findings that stand, and those of rules about the repository. ``tree`` is None where it is not known."""
    if tree is None:
        return list(context.settled_alone(findings))
    standing = list(context.settled(findings, clues))
    return [*standing, *_of_repository(standing, clues, rules, tree)]


def _of_repository(findings: Sequence[Finding], clues: Sequence[Clue], rules: Ruleset, tree: Tree) -> Iterator[Finding]:
    if not any(clue.tag == "sendgrid" for clue in clues) and not any(finding.secret for finding in findings):
        return
    from sgleaks.matchers.repository import Scene, places

    scene = Scene(tree, clues, findings)
    for search in rules.searches:
        if search.rule.match["matcher"] == "repository":
            for place in places(search.rule, scene):
                yield _finding(search.rule, place)


def _finding(rule: Rule, place: Place) -> Finding:
    score = paths.weighed(rule.severity, place.path)
    if place.finding:
        return replace(
            place.finding,
            rule=rule,
            confidence=rule.confidence,
            security_severity=score,
            fingerprint=_fingerprint(rule, place.finding.fingerprint),
            note=place.note,
            advice=place.advice,
        )
    region = Region(place.line, 1, place.line, 1)
    mark = _fingerprint(rule, place.path)
    origin = Origin(place.path)
    return Finding(rule, origin, region, None, rule.confidence, score, mark, "", note=place.note, advice=place.advice)


def _fingerprint(rule: Rule, identity: str) -> str:
    return hashlib.sha256(f"sgleaks/v1\0{rule.id}\0{identity}".encode("utf-8", "replace")).hexdigest()[:32]


def clues_of(results: Iterable[object]) -> list[Clue]:
    """The clues among results."""
    return sorted(
        {result for result in results if isinstance(result, Clue)}, key=lambda clue: (clue.path, clue.tag, clue.line)
    )
