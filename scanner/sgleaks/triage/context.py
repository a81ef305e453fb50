"""What the rest of the repository says of a finding: whether it counts there, and how much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from posixpath import dirname

from sgleaks.model import Clue, Condition, Finding


def settled(findings: Iterable[Finding], clues: Iterable[Clue]) -> Iterator[Finding]:
    """The findings whose conditions hold, those of them as advice whose condition asks for that."""
    everywhere = _Clues(clues)
    for finding in findings:
        failed = [each for each in finding.conditions if not everywhere.meet(each, finding.origin.place)]
        if all(condition.otherwise == "advice" for condition in failed):
            yield replace(finding, advice=True) if failed else finding


def settled_alone(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that count whatever other files say, as of a change nothing else was read.

    What a change brings is under version control; that a file has a condition on itself therefore holds.
    """
    for finding in findings:
        asked = [condition for condition in finding.conditions if condition.within != "file"]
        if all(condition.otherwise == "advice" for condition in asked):
            yield replace(finding, advice=True) if asked else finding


class _Clues:
    """Clues by place; counts are remembered, since many findings ask the same."""

    def __init__(self, clues: Iterable[Clue]) -> None:
        self._clues = set(clues)
        self._counts: dict[tuple[tuple[str, ...], str, str], int] = {}

    def meet(self, condition: Condition, path: str) -> bool:
        count = self._count(condition, path)
        return condition.least <= count and (condition.most is None or count <= condition.most)

    def _count(self, condition: Condition, path: str) -> int:
        where = {"file": path, "module": dirname(path), "repository": ""}[condition.within]
        key = condition.clues, condition.within, where
        if key not in self._counts:
            self._counts[key] = sum(
                any(fnmatchcase(clue.tag, tag) for tag in condition.clues)
                for clue in self._clues
                if condition.within == "repository"
                or where == (clue.path if condition.within == "file" else dirname(clue.path))
            )
        return self._counts[key]
