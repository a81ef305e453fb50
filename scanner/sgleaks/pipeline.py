"""From what the user named to a report: the whole data flow on one screen.

Source -> Blob -> anchors -> View (decoders) -> Match (matchers) -> triage -> Finding -> Report -> format
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sgleaks.model import Blob, Drop, Finding, Notice, Origin, Report, Skip, Stats
from sgleaks.names import Names
from sgleaks.ruleset import Ruleset
from sgleaks.settings import Settings, cores
from sgleaks.sources import stream
from sgleaks.sources.files import Folder, Reader, large
from sgleaks.sources.tree import Scanned, items, root_of
from sgleaks.triage import paths as path_rules
from sgleaks.whole import accepted, clues_of, judged
from sgleaks.workers import share

if TYPE_CHECKING:
    from sgleaks.examine import Result
    from sgleaks.matchers.repository import Tree


# Files of a task: few at first, so that a small tree of slow files is shared evenly; then enough to forget what handing
# them over costs.
FIRST_FILES, FILES = 32, 512
SMALL = 2048  # files that are handed over in small tasks


def scan(paths: Sequence[Path], settings: Settings) -> Report:
    """The report on files and folders. Raises ToolError for a path that does not exist, and for bad rules."""
    rules = Ruleset(settings)
    excluded = path_rules.matcher(settings.exclude) if settings.exclude else None
    aside: list[Blob | Skip] = []

    def tasks() -> Iterator[list[tuple[Any, ...]]]:
        task, names, before = [], 0, 0
        for item in items(paths, excluded):
            if not isinstance(item, Folder):
                aside.append(item)
                continue
            task.append(tuple(item))
            names += len(item.names)
            if names >= (FIRST_FILES if before < SMALL else FILES):
                yield task
                task, names, before = [], 0, before + names
        if task:
            yield task

    def work(given: Iterator[list[tuple[Any, ...]]]) -> tuple[list[Result], Stats]:
        reader = Reader(rules.anchors)
        folders = (Folder(*folder) for task in given for folder in task)
        return list(_examined(reader.read(folders), rules)), reader.stats

    def lost(groups: int, why: str) -> tuple[list[Result], Stats]:
        return [Skip(".", "worker-died", f"{groups} groups of files were not scanned: {why}")], Stats()

    results: list[Result] = []
    stats = Stats()
    for found, read in share(tasks(), work, lost, settings.jobs or cores()):
        results += found
        stats += read
    results += _examined(iter(aside), rules)
    return report(results, rules, stats, settings, root_of(paths), Scanned(paths, excluded))


def scan_stream(file: BinaryIO, settings: Settings) -> Report:
    """The report on one stream, kept in memory or, when large, in a nameless temporary file while it is searched."""
    rules = Ruleset(settings)
    with stream.spooled(file) as spool:
        found = list(_examined(large(spool, Origin("-"), rules.anchors), rules))
        return report(found, rules, Stats(files=1, bytes=spool.seek(0, 2)), settings, Path())


def _examined(source: Iterator[Blob | Skip], rules: Ruleset) -> Iterator[Result]:
    """What ``examine`` finds; what it needs is imported when there is a first blob to look at."""
    for first in source:
        from sgleaks.examine import examine

        yield from examine(chain((first,), source), rules)


def report(
    results: Iterable[Result],
    rules: Ruleset,
    stats: Stats,
    settings: Settings,
    root: Path,
    tree: Tree | None = None,
) -> Report:
    """Everything of a run: judged beside the rest of the ``tree``, where that is known, chosen, sorted, triaged by path
    rules and baseline, and with no secret left in any path. Paths are relative to ``root``."""
    results, names = list(results), Names(rules)
    stand = judged([each for each in results if isinstance(each, Finding)], clues_of(results), rules, tree)
    chosen = [finding for finding in stand if rules.reports(finding.rule)]
    ignores = [(rule.paths, rule.rules, rule.reason) for rule in settings.ignore]
    named = [names.finding(finding) for finding in path_rules.ignored(told_once(chosen), ignores)]
    findings, notices = accepted(named, settings, root, rules.active if tree else ())
    comments = path_rules.untold([each for each in results if isinstance(each, Notice)], ignores)
    notices += comments
    return Report(
        tuple(sorted(map(names.reason, findings), key=order)),
        tuple(sorted({names.skip(r) for r in results if isinstance(r, Skip)})),
        tuple(sorted({replace(r, path=names.shown(r.path)) for r in results if isinstance(r, Drop)})),
        tuple(sorted({f.rule.id: f.rule for f in findings}.values(), key=lambda rule: rule.id)),
        stats,
        tuple(sorted(set(map(names.notice, notices)))),
        rules.asked if settings.tells_outcomes else None,
    )


def told_once(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Each place once, and nothing in the bytes of an archive when a member of it has the same secret."""
    inside = {(f.origin.path, f.rule.id, f.secret) for f in findings if f.origin.members}
    told = set()
    for finding in findings:
        origin, place = finding.origin, (finding.origin, finding.region, finding.rule.id, finding.secret)
        if place not in told and (origin.members or (origin.path, finding.rule.id, finding.secret) not in inside):
            told.add(place)
            yield finding


def order(finding: Finding) -> tuple[Any, ...]:
    """By place, then by rule."""
    region = finding.region
    return finding.origin, region.line, region.column, region.end_line, region.end_column, finding.rule.id
