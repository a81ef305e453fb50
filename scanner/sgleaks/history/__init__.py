"""From a repository to a report: everything it ever held, each secret once, with its life.

Refs -> objects (search) -> examine -> trace (of findings only) -> examine at their paths -> one finding a secret
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sgleaks.errors import ToolError
from sgleaks.git.attribution import Past
from sgleaks.git.history import opened
from sgleaks.git.objects import Large, Object, named, searchable, shared
from sgleaks.git.refs import Refs, refs_of
from sgleaks.git.repository import find
from sgleaks.git.tips import tips_of
from sgleaks.history.earlier import MAX_HITS, NOTHING, Earlier
from sgleaks.history.examiner import Examiner, Hit, Seen
from sgleaks.history.lives import Asked, Lives
from sgleaks.history.progress import Progress
from sgleaks.history.stop import Stop
from sgleaks.model import Drop, Finding, Origin, Report, Skip, Stats
from sgleaks.names import Names
from sgleaks.pipeline import order
from sgleaks.ruleset import Ruleset
from sgleaks.settings import Settings, cores
from sgleaks.sources import history as source
from sgleaks.whole import accepted

if TYPE_CHECKING:
    from sgleaks.git.repository import Repository

SHALLOW = Skip("commits", "missing", 'older commits are not here; "git fetch --unshallow" brings them')
INTERRUPTED = Skip(".", "interrupted", "what was found until then is reported")


def scan(
    paths: Sequence[Path],
    settings: Settings,
    asked: Asked = Asked(),  # noqa: B008  # frozen
    rules: Ruleset | None = None,
) -> Report:
    """The report on repositories. Raises ToolError for a path that is in none, and for bad rules.

    ``rules`` are those that ``settings`` ask for, where they are loaded already. Interrupted, it tells what was found
    until then, and that it was.
    """
    rules = rules or Ruleset(settings, scope="history")
    findings: list[Finding] = []
    others: list[Skip | Drop] = []
    stats = Stats()
    for path, repository in [(path, _repository(path)) for path in paths]:
        found, rest, read, _ = _one(repository, rules, settings, asked)
        prefix = f"{path.as_posix()}/" if len(paths) > 1 else ""
        findings += (_below(prefix, finding) for finding in found)
        others += (replace(other, path=prefix + other.path) for other in rest)
        stats += read
        if INTERRUPTED in rest:
            break
    return _report(findings, others, rules, stats, settings, paths[0])


def scan_again(
    path: Path, settings: Settings, earlier: Earlier, rules: Ruleset | None = None
) -> tuple[Report, Earlier]:
    """As `scan`, of one repository; and what the next call may leave out, as this one does with ``earlier``.

    The report is the one that `scan` gives. ``earlier`` must be of a search by the same rules.
    """
    rules = rules or Ruleset(settings, scope="history")
    findings, others, stats, searched = _one(_repository(path), rules, settings, Asked(), earlier)
    return _report(findings, others, rules, stats, settings, path), searched


def _repository(path: Path) -> Repository:
    if not path.exists():
        raise ToolError(str(path), "there is no such path", "name a repository")
    if repository := find(path):
        return repository
    raise ToolError(str(path), "it is not in a git repository", "name a repository, or use `sgleaks scan`")


def _one(
    repository: Repository, rules: Ruleset, settings: Settings, asked: Asked, earlier: Earlier = NOTHING
) -> tuple[list[Finding], list[Skip | Drop], Stats, Earlier]:
    with opened(repository) as history:
        refs = refs_of(repository)
        tips = tips_of(history, refs)
        past, seen = Past(history, refs, tips), Seen()
        searched = _look(repository, refs, rules, settings, asked, seen, earlier)
        findings = Lives(history, past, Examiner(repository, rules), settings, asked).findings(seen)
        skips = [*past.missing(), *past.skips, *([SHALLOW] if repository.shallow else [])]
        lost = max(seen.stats.commits - len(past.graph.parents), 0)
    stats = replace(seen.stats, refs=len(refs.refs), unreachable=lost)
    return findings, [*seen.others, *skips], stats, searched


def _look(
    repository: Repository,
    refs: Refs,
    rules: Ruleset,
    settings: Settings,
    asked: Asked,
    seen: Seen,
    earlier: Earlier,
) -> Earlier:
    """Looks at every text and object. Stops early when interrupted, and says so.

    Of what ``earlier`` has searched only that is looked at which held anything. Returns what the next one may leave
    out: nothing, where anything could not be read.
    """
    packs = searchable(repository)
    before = earlier if earlier.packs <= packs else NOTHING
    reader, sight = Examiner(repository, rules), source.Sight(rules.anchors)
    jobs = settings.jobs or cores()
    with Stop() as stop, Progress(asked.terminal) as progress:

        def one(data: bytes | memoryview) -> bool:
            stop.check()
            progress.searched(1)
            return sight.one(data)

        def many(data: bytes, ends: Sequence[int]) -> set[int]:
            stop.check()
            progress.searched(len(ends))
            return sight.many(data, ends)

        def work(objects: Iterator[Object | Large]) -> list[Hit]:
            return reader.hits(objects, progress.found)

        for name, blob in source.texts(refs):
            seen.text(name, reader.examined([blob]))
        told = len(seen.others)
        results = shared(
            repository,
            one,
            work,
            jobs=jobs,
            engine=asked.engine,
            batch=many,
            begin=progress.begin,
            searched=before.packs,
        )
        for result in results:
            seen.take(result)
        if before.hits:
            seen.take(work(seen.readable(named(repository, before.hits))))
        if stop.asked:
            seen.others.append(INTERRUPTED)
    seen.stats += before.stats
    whole = packs and len(seen.others) == told and len(seen.hits) <= MAX_HITS
    return Earlier(packs, tuple(seen.hits), seen.stats) if whole else NOTHING


def _below(prefix: str, finding: Finding) -> Finding:
    def below(origin: Origin) -> Origin:
        return replace(origin, path=prefix + origin.path, repo=prefix.rstrip("/") or None)

    also = tuple((below(origin), region) for origin, region in finding.also)
    return replace(finding, origin=below(finding.origin), also=also)


def _report(
    findings: Sequence[Finding],
    others: Sequence[Skip | Drop],
    rules: Ruleset,
    stats: Stats,
    settings: Settings,
    root: Path,
) -> Report:
    names = Names(rules)
    told, notices = accepted(map(names.finding, findings), settings, root)
    told = list(map(names.reason, told))
    told.sort(key=lambda finding: (*order(finding), finding.fingerprint))
    shown = {
        names.skip(other) if isinstance(other, Skip) else replace(other, path=names.shown(other.path))
        for other in others
    }
    return Report(
        tuple(told),
        tuple(sorted(other for other in shown if isinstance(other, Skip))),
        tuple(sorted(other for other in shown if isinstance(other, Drop))),
        tuple(sorted({f.rule.id: f.rule for f in told}.values(), key=lambda rule: rule.id)),
        stats,
        tuple(map(names.notice, notices)),
        rules.asked if settings.tells_outcomes else None,
    )
