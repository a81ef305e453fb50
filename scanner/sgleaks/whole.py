"""When every file was read: which findings stand beside what other files say, and what rules say of the whole.

Asked once a run, of a whole tree; of a change or a history other files are not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sgleaks.model import Clue, Finding, Notice, Origin, Region, Rule
from sgleaks.triage import context, paths

if TYPE_CHECKING:
    from sgleaks.matchers.repository import Place, Tree
    from sgleaks.ruleset import Ruleset
    from sgleaks.settings import Settings


def judged(findings: Sequence[Finding], clues: Sequence[Clue], rules: Ruleset, tree: Tree | None) -> list[Finding]:
    """The findings that stand, and those of rules about the repository. ``tree`` is None where it is not known."""
    if tree is None:
        return list(context.settled_alone(findings))
    standing = list(context.settled(findings, [*clues, *_versioned(findings, tree)]))
    return [*standing, *_of_repository(standing, clues, rules, tree)]


def _versioned(findings: Sequence[Finding], tree: Tree) -> Iterator[Clue]:
    """Whether git has the files of those findings that ask for it; it is asked for no others."""
    asking = [each.origin for each in findings if any("tracked" in condition.clues for condition in each.conditions)]
    tags = tree.versioned(sorted({origin.path for origin in asking})) if asking else {}
    return (Clue(origin.place, tags[origin.path]) for origin in asking if origin.path in tags)


def _of_repository(findings: Sequence[Finding], clues: Sequence[Clue], rules: Ruleset, tree: Tree) -> Iterator[Finding]:
    if not any(clue.tag == "sendgrid" for clue in clues) and not any(finding.secret for finding in findings):
        return
    from sgleaks.matchers.repository import Scene, places

    scene = Scene(tree, clues, findings)
    for search in rules.searches:
        if "check" in search.rule.match:
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
            fingerprint=rule.fingerprint(place.finding.fingerprint),
            note=place.note,
            advice=place.advice,
        )
    region = Region(place.line, 1, place.line, 1)
    mark = rule.fingerprint(place.path)
    origin = Origin(place.path)
    return Finding(rule, origin, region, None, rule.confidence, score, mark, "", note=place.note, advice=place.advice)


def accepted(
    findings: Iterable[Finding], settings: Settings, root: Path, judged: Collection[str] = ()
) -> tuple[list[Finding], list[Notice]]:
    """The findings, those ignored that the baseline accepts, and what there is to tell of its entries.

    ``root`` is what paths are relative to; of ``judged`` rules, which saw the whole of it, entries that fit nothing are
    told. Raises ToolError for a bad baseline.
    """
    if not settings.baseline:
        return list(findings), []
    from datetime import date

    from sgleaks.triage.baseline import Baseline, read

    file = Path(settings.baseline)
    baseline = Baseline(file, read(file), root, date.today())  # noqa: DTZ011  # the day where the user is
    return list(baseline.ignored(findings)), list(baseline.notices(judged))


def clues_of(results: Iterable[object]) -> list[Clue]:
    """The clues among results."""
    return sorted(
        {result for result in results if isinstance(result, Clue)}, key=lambda clue: (clue.path, clue.tag, clue.line)
    )
