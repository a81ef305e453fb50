"""What a whole tree says or lacks: rules that look when every file was read.

A rule names a function in ``checks/``; it is asked once a run, with everything that was found, and only where the
repository evidently uses SendGrid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from sgleaks.matchers import Find
from sgleaks.matchers.named import function
from sgleaks.model import Clue, Finding, Match, Rule, View


class Tree(Protocol):
    """The files that were scanned. ``whole``: they are all of a repository, not a folder of one or outside of any."""

    @property
    def whole(self) -> bool: ...

    def names(self) -> Sequence[str]:
        """The ``/``-separated path of every file, from the scanned root."""
        ...

    def read(self, path: str) -> bytes | None:
        """A file's bytes, at most a mebibyte; None where there is none, or it is larger."""
        ...

    def versioned(self, paths: Sequence[str]) -> Mapping[str, str]:
        """Of files by their paths: "tracked" where git has them, "no-git" outside of any repository."""
        ...


class Scene(NamedTuple):
    """All that is known when every file was read."""

    tree: Tree
    clues: Sequence[Clue]
    findings: Sequence[Finding]  # of credentials, too

    def has(self, tag: str) -> bool:
        return any(clue.tag == tag for clue in self.clues)


class Place(NamedTuple):
    """What a check found: a file (or "." for all of the repository), the line (from 1), and what there is to say."""

    path: str
    line: int = 1
    note: str = ""
    advice: bool = False
    finding: Finding | None = None  # a credential that it is about: its place, secret and excerpt are taken over


Check = Callable[[Scene], Iterator[Place]]


def prepare(rule: Rule, *, checked: bool = False) -> Find:
    """Finds nothing in one file; makes sure that the check exists. Raises ToolError."""
    if not checked:
        function(rule, "check")

    def find(_: View) -> Iterator[Match]:
        yield from ()

    return find


def places(rule: Rule, scene: Scene) -> Iterator[Place]:
    """What the rule's check finds in a repository."""
    check: Check = function(rule, "check")
    yield from check(scene)
