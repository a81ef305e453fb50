"""What a path says of a finding: a test or an example weighs less, and a path rule of the configuration silences it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from sgleaks.model import Finding, Ignored, Notice, lowered

# Folders and files whose keys are mostly made up; a genuine one there is still reported, one level lower.
LESSER = re.compile(
    r"(?i)(?:^|/)(?:tests?|specs?|__tests__|fixtures?|testdata|mocks?|examples?|samples?|docs?)/"
    r"|(?:^|/)(?:test_[^/]*|[^/]*[._-](?:test|spec))\.\w+$"
)


# What others wrote and this repository merely holds. A key in it leaks all the same; the set-up is their business.
VENDORED = re.compile(
    r"(?i)(?:^|/)(?:node_modules|vendor|third[_-]?party|site-packages|bower_components|\.venv|venv|dist|build"
    r"|\.next|\.nuxt)/"
    r"|\.min\.(?:js|css)$"
)


def is_vendored(path: str) -> bool:
    """Whether a ``/``-separated path is one of a dependency or of something built."""
    return VENDORED.search(path) is not None


def is_lesser(path: str) -> bool:
    """Whether a ``/``-separated path is one of a test, a fixture, an example or documentation."""
    return LESSER.search(path) is not None


def weighed(score: float, path: str) -> float:
    """A security-severity, one band lower in a test, a fixture, an example or documentation."""
    return lowered(score) if is_lesser(path) else score


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Tests paths against ``.gitignore``-style patterns, relative to the scanned root. Raises ValueError."""
    if not patterns:
        return lambda _path: False
    from pathspec import GitIgnoreSpec  # 10 ms

    spec = GitIgnoreSpec.from_lines(patterns)
    return lambda path: bool(spec.match_file(path))


def untold(notices: Iterable[Notice], rules: Sequence[tuple[Sequence[str], Sequence[str], str]]) -> Iterator[Notice]:
    """The notices that are not in files whose findings are all silenced: nobody needs comments there."""
    tests = [matcher(patterns) for patterns, ids, _ in rules if not ids]
    return (notice for notice in notices if not any(test(notice.path) for test in tests))


def ignored(
    findings: Iterable[Finding], rules: Sequence[tuple[Sequence[str], Sequence[str], str]]
) -> Iterator[Finding]:
    """The findings, those silenced that a path rule (patterns, ids of rules or none for all, reason) speaks of."""
    tests = [(matcher(patterns), ids, reason) for patterns, ids, reason in rules]
    for finding in findings:
        reasons = (why for test, ids, why in tests if (not ids or finding.rule.id in ids) and test(finding.origin.path))
        reason = next(reasons, None)
        yield finding if reason is None else replace(finding, ignored=Ignored("path", reason))
