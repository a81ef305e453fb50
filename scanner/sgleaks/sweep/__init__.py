"""From an organisation to a report: listed, visited by many workers, written into a ledger, told as one picture.

Targets -> Lister -> sources -> (as the ledger knows them?) -> visit -> Outcome -> ledger -> Report
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sgleaks.errors import ToolError
from sgleaks.git.run import require
from sgleaks.model import Report, Rule, Skip
from sgleaks.names import unleaked
from sgleaks.ruleset import Ruleset
from sgleaks.saved import below, finding_of, merged, rules_of, stats_of
from sgleaks.settings import Settings, cores
from sgleaks.sweep.answers import Answers
from sgleaks.sweep.executor import outcomes
from sgleaks.sweep.ledger import Ledger, Row
from sgleaks.sweep.progress import Progress
from sgleaks.sweep.refs import digests
from sgleaks.sweep.target import Lister, Source, Unlisted
from sgleaks.sweep.visit import Outcome, Task, digest_of, for_strangers, visit
from sgleaks.whole import accepted

if TYPE_CHECKING:
    from sgleaks.sendgrid.verify import Verifier

TRIES, PAUSE = 20, 0.1  # seconds; a git that was told to end does within a moment


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sweep is asked for besides its settings. ``seconds`` is the time of one repository's clone or search.

    ``outcomes``: whether the report says something of every control, whatever its formats.
    """

    targets: tuple[str, ...]
    state: Path
    keep: str = ""
    dask: str = ""
    seconds: float = 3600
    outcomes: bool = False


def listing(plan: Plan, lister: Lister) -> tuple[list[Source], list[Unlisted]]:
    """The repositories of the targets by name, each once, and what could not be listed. Raises ToolError."""
    sources: dict[str, Source] = {}
    unlisted: list[Unlisted] = []
    for each in lister.sources(plan.targets):
        if isinstance(each, Unlisted):
            unlisted.append(Unlisted(unleaked(each.target), unleaked(each.why)))
        elif sources.setdefault(each.name, each).address != each.address:
            unlisted.append(Unlisted(each.name, "another repository of this sweep has the same name"))
    return [sources[name] for name in sorted(sources)], unlisted


def sweep(
    plan: Plan, lister: Lister, settings: Settings, progress: Progress, verifier: Verifier | None = None
) -> Report:
    """The report on everything that the targets stand for. Raises ToolError where nothing can begin.

    A repository that fails is a skip of the report. Interrupted or killed, the same sweep goes on where it was.
    ``verifier`` asks SendGrid about the keys, each once.
    """
    given = for_strangers(settings)
    rules = digest_of(given)
    if not plan.dask:
        require()
    with Ledger(plan.state) as ledger, _workspace(plan) as work:
        answers = Answers(ledger, verifier)
        sources, unlisted = listing(plan, lister)
        ledger.begin(sources, unlisted)
        known, refs = ledger.known(rules), dict[str, str]()
        settled: set[str] = set()
        jobs = settings.jobs or cores()
        progress.begin(len(sources), ledger.count, plan.keep or work, jobs)
        for source, found in digests(each for each in sources if each.name in known):
            refs[source.name] = found
            if found == known[source.name] and not answers.wanted(source.name):
                progress.done(Outcome(source.name, found))
                settled.add(source.name)

        def task(source: Source) -> Task:
            name = source.name
            progress.visiting(name)
            before = "" if answers.wanted(name) else known.get(name, "")
            searched = ledger.searched(name, rules) if plan.keep else ""
            return Task(
                source, given, before, refs.get(name, ""), searched, plan.keep, work, plan.seconds, bool(verifier)
            )

        tasks = (task(source) for source in sources if source.name not in settled)
        for outcome in outcomes(tasks, visit, jobs, plan.dask, progress.tick):
            ledger.write(answers.take(outcome), rules)
            progress.done(outcome)
        progress.end()
        return _picture(ledger, answers, settings, outcomes=plan.outcomes or settings.tells_outcomes)


def reports(state: Path, settings: Settings, verifier: Verifier | None = None) -> Iterator[Report]:
    """The report of each repository of the last sweep, by name, paths beginning with the name. Raises ToolError."""
    with Ledger(state) as ledger:
        yield from map(Answers(ledger, verifier).told, _reports(ledger, settings))


def _reports(ledger: Ledger, settings: Settings) -> Iterator[Report]:
    known = Ruleset(for_strangers(settings)).all
    for row in ledger.rows():
        yield below(row.name, _report(row, known))


def _report(row: Row, rules: Mapping[str, Rule]) -> Report:
    findings = tuple(finding_of(each, rules) for each in row.findings)
    skips = [Skip(*each) for each in row.skips]
    skips += [Skip(".", *row.failure)] if row.failure else []
    return Report(findings, tuple(sorted(skips)), rules=rules_of(findings), stats=stats_of(row.summary))


def _picture(ledger: Ledger, answers: Answers, settings: Settings, *, outcomes: bool) -> Report:
    report = merged(_reports(ledger, settings))
    findings, notices = accepted(report.findings, settings, Path())
    unlisted = [Skip(each.target, "not-listed", each.why) for each in ledger.unlisted()]
    asked = Ruleset(for_strangers(settings), scope="history").asked if outcomes else None
    told = replace(
        report,
        findings=tuple(findings),
        skips=tuple(sorted({*report.skips, *unlisted})),
        notices=tuple(sorted({*report.notices, *notices})),
        asked=asked,
    )
    return answers.told(told)


def _remove(folder: Path) -> None:
    """Removes the clones. A git that is ending may still write one more file, after which the folder is not empty."""
    for _ in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(PAUSE)


@contextmanager
def _workspace(plan: Plan) -> Iterator[str]:
    """The folder of clones that go when they were searched, beside the ledger; "" where other machines clone.

    What a killed sweep left there goes first: whoever has the ledger has the folder.
    """
    if plan.dask:
        yield ""
        return
    folder = plan.state.absolute().with_name(f"{plan.state.name}.clones")
    try:
        _remove(folder)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ToolError(str(folder), f"it cannot be made: {error.strerror}", "give another --state") from None
    try:
        yield str(folder)
    finally:
        _remove(folder)
