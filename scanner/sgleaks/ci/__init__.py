"""What a CI job is about, and the report on it.

event (github, gitlab) -> Change -> commits brought (depth) -> configuration (trust) -> scan -> Report
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

from sgleaks.errors import ToolError
from sgleaks.model import Notice, Report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sgleaks.git.repository import Repository
    from sgleaks.settings import Settings

Scope = Literal["range", "tree", "history", "nothing"]
SCOPES: tuple[str, ...] = ("auto", *(scope for scope in get_args(Scope) if scope != "nothing"))

# Of SARIF files. Alerts that are missing from a later upload of the same category are closed.
CATEGORIES: Mapping[Scope, str] = {
    "range": "sgleaks/range/",
    "tree": "sgleaks/tree/",
    "history": "sgleaks/history/",
    "nothing": "",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What an event brought: all that ``head`` leads to, and nothing that a ``known`` commit leads to.

    Without known commits, what no other branch has. ``ref`` is where it went, which is therefore no other branch.
    ``base`` is the commit whose configuration counts, "" for that of the work tree; a ``foreign`` change came from a
    fork. ``notes`` are what a reader of the report should know.
    """

    what: str
    scope: Scope
    head: str = ""
    known: tuple[str, ...] = ()
    ref: str = ""
    default_branch: str = ""
    base: str = ""
    foreign: bool = False
    notes: tuple[str, ...] = ()

    def noted(self, *notes: str) -> Change:
        return replace(self, notes=(*self.notes, *notes))


def chosen(change: Change, scope: str, base: str, head: str) -> Change:
    """The change as a user wants it scanned, ids in place of what the event says. Raises ToolError."""
    if change.scope == "nothing":
        return change
    if base or head:
        return replace(change, scope="range", known=(base,) if base else change.known, head=head or change.head)
    if scope == "range" and not change.known and not change.ref:
        raise ToolError("--scope range", f"{change.what} has no range", "give --base, or another --scope")
    return change if scope == "auto" else replace(change, scope=cast("Scope", scope))


def is_for_code_scanning(change: Change) -> bool:
    """Whether an upload of the report makes sense and is allowed.

    Not of a push: the next one would close its alerts, though the keys are still in the history. Not for a fork, whose
    token may not.
    """
    is_push = change.scope == "range" and not change.base
    return change.scope != "nothing" and not change.foreign and not is_push


def scan(change: Change, repository: Repository, settings: Settings) -> Report:
    """The report on a change whose commits are here, with its notes among the notices. Raises ToolError."""
    report = _scanned(change, repository, settings)
    notes = (Notice("ci", 0, note) for note in change.notes)
    return replace(report, notices=tuple(sorted({*report.notices, *notes})))


def _scanned(change: Change, repository: Repository, settings: Settings) -> Report:
    if change.scope == "nothing":
        return Report()
    place = repository.root or repository.git_dir
    if change.scope == "tree":
        from sgleaks import pipeline

        return pipeline.scan([_shortest(place)], settings)
    if change.scope == "history":
        from sgleaks import history

        return history.scan([place], settings)
    from sgleaks import changed
    from sgleaks.git.pushes import Push

    push = Push((change.head,), change.known, (change.ref,) if change.ref else ())
    return changed.scan_push(repository, push, settings)


def _shortest(place: Path) -> Path:
    return Path() if place == Path.cwd() else place
