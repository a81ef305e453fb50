"""One finding a secret, with its life: when it came, where it was, when it went, what still leads to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, TextIO, TypeGuard

from sgleaks.anchors import MENTION, around
from sgleaks.git.lineage import Place
from sgleaks.git.objects import Large, Object
from sgleaks.git.people import commits_of
from sgleaks.history.examiner import moved
from sgleaks.history.merge import Entry, Key, exposure_of, key_of, spread, together
from sgleaks.history.timeline import Timeline
from sgleaks.matchers.subjects.program import PROGRAMS
from sgleaks.model import SKIP_REASONS, Drop, Finding, Origin, Skip
from sgleaks.pipeline import told_once
from sgleaks.secret import Secret
from sgleaks.syntax import language_of
from sgleaks.text import merged
from sgleaks.triage import paths as path_rules

if TYPE_CHECKING:
    from sgleaks.examine import Result
    from sgleaks.git.attribution import Past
    from sgleaks.git.history import History
    from sgleaks.git.trace import Trace, Whereabouts
    from sgleaks.history.examiner import Examiner, Hit, Seen
    from sgleaks.settings import Settings

DOING = PROGRAMS | {"html"}  # languages of what acts: how it acted once is over, unlike a setting that was in force
MAX_NAMES = 8  # paths of one object, the newest of them, at each of which it may mean something else
HEAD_SIZE = 4096  # bytes that tell a language where the name does not
GIT_BEGAN = "2005-04"  # a commit before is one of a wrong clock, or its date cannot be read: it may be of any day
NEAR = 512  # bytes around a mention of SendGrid that decide what is said of it
MAX_LOOKED_UP = 200  # objects that could not be read whole: of more than these the rest goes by its id


class File(NamedTuple):
    """Where versions of a file have a secret: its path, and the member of an archive there."""

    key: Key
    path: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What only histories can be asked. ``since`` is an ISO 8601 date: what came before it is left out.

    ``terminal`` is where one sees how far the search is.
    """

    engine: Literal["auto", "pack", "git"] = "auto"
    emails: bool = False
    since: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))  # what ages of keys are counted to
    terminal: TextIO | None = None


@dataclass(frozen=True, slots=True)
class Lives:
    """Puts findings of objects where they were, and together."""

    history: History
    past: Past
    examiner: Examiner
    settings: Settings
    asked: Asked

    def findings(self, seen: Seen) -> list[Finding]:
        """One finding a secret, the oldest place first; what else ``seen`` has of objects is given its path there.

        How something is set up matters as it was last, so of misconfiguration the newest place comes first.
        """
        self.past.follow(seen.hits)
        self._look_again(seen)
        traces = self._traces(seen)
        places = self._places(traces.values())
        entries: dict[Key, list[Entry]] = {}
        for oid, finding in self._placed(seen, traces, places):
            entries.setdefault(key_of(finding), []).append(Entry(oid, finding))
        names: dict[Key, list[str]] = {}
        excluded = path_rules.matcher(self.settings.exclude)
        for name, finding in seen.texts:
            if not excluded(finding.origin.path) and self.examiner.rules.reports(finding.rule):
                entries.setdefault(key_of(finding), []).append(Entry("", finding))
                names.setdefault(key_of(finding), []).append(name)
        commits = commits_of(self.history, _ids(traces.values()), emails=self.asked.emails)
        timeline = self._timeline()
        made: list[Finding] = []
        for key, found in entries.items():
            trace = traces.get(key)
            spreading = self._ignored(spread(found, trace.places if trace else (), places, commits))
            if not spreading:
                continue  # it is nowhere but at excluded paths
            exposure = exposure_of(trace, names.get(key, ()), commits)
            made += timeline.findings(replace(together(spreading), exposure=exposure), spreading, trace, commits)
        return [finding for finding in made if _is_since(finding, self.asked.since)]

    def _timeline(self) -> Timeline:
        rules = [each.rule for each in self.examiner.rules.searches if each.rule.match["matcher"] == "timeline"]
        shallow = bool(self.history.repository.shallow)
        return Timeline(rules, self.settings.rotation_days, self.asked.now, shallow)

    def _look_again(self, seen: Seen) -> None:
        """What depends on the names of files, which are known only now. Costs a walk over the commits if there may be
        any such thing.

        Newest first: of older versions of a file with the same text around every mention of SendGrid it is known. What
        a program did is looked at where HEAD still does it.
        """
        named = {oid for oid, hit in seen.hits.items() if hit.named}
        if not named:
            return
        files = self.past.whereabouts(named)
        newest_first = sorted(files, key=lambda oid: (files[oid].age, oid), reverse=True)
        known: dict[tuple[str, bytes], list[Finding]] = {}
        for oid, _, data in self.history.objects(newest_first):
            neighbours = b"\0".join(data[start:end] for start, end in merged(around(data, MENTION, NEAR)))
            for path in self._names(data, files[oid]):
                if (path, neighbours) not in known:
                    results = self.examiner.results(Object(oid, "blob", data), Origin(path))
                    known[path, neighbours] = [result for result in results if _is_misconfiguration(result)]
                seen.hits[oid].results.extend(known[path, neighbours])

    def _names(self, data: bytes, file: Whereabouts) -> Iterator[str]:
        """Those of an object's paths, the newest first, by which there may be more in it than credentials."""
        for path in file.paths[:MAX_NAMES]:
            language = language_of(path, data[:HEAD_SIZE])
            if path in file.current or (language not in DOING if language else self.examiner.rules.reads_any_file):
                yield path

    def _places(self, traces: Iterable[Trace]) -> dict[str, list[Place]]:
        """Where each object was, oldest first, without what is excluded."""
        excluded = path_rules.matcher(self.settings.exclude)
        found: dict[str, dict[Place, None]] = {}
        for trace in traces:
            for place in trace.places:
                kept = found.setdefault(place.oid, {})
                if not excluded(place.path):
                    kept[place] = None
        return {oid: list(kept) for oid, kept in found.items()}

    def _traces(self, seen: Seen) -> dict[Key, Trace]:
        """The life of everything that was found. What has no path is called by its kind and id."""
        groups = _groups(seen)
        traces = self.past.trace(list(groups.values()))
        return {key: _with_paths(trace, seen) for key, trace in zip(groups, traces, strict=True)}

    def _placed(
        self, seen: Seen, traces: Mapping[Key, Trace], places: Mapping[str, Sequence[Place]]
    ) -> Iterator[tuple[str, Finding]]:
        """What there is in the objects now that their paths are known: in code a password is spelt differently.

        Of the versions of a file only the oldest with a secret is told, and what HEAD has is judged by its age; the
        others are not examined again.
        """
        examined: dict[str, list[Finding]] = {}
        waiting = self._versions(seen, traces, places)
        while waiting:
            examined |= self._examined(seen, {oids[0] for oids in waiting.values()} - examined.keys(), places)
            waiting = {
                file: oids[1:]
                for file, oids in waiting.items()
                if len(oids) > 1 and not any(_is_in(finding, file) for finding in examined[oids[0]])
            }
        current = {oid for key, trace in traces.items() for _, oid in trace.head if _is_of_key(key)}
        examined |= self._examined(seen, {oid for oid in current if places.get(oid)} - examined.keys(), places)
        for oid, findings in examined.items():
            yield from ((oid, finding) for finding in findings)
        for oid, hit in seen.hits.items():
            yield from ((oid, finding) for finding in hit.results if _is_misconfiguration(finding))
            if oid not in examined and places.get(oid) != []:
                path = places[oid][0].path if oid in places else f"{hit.kind}/{oid}"
                seen.others += (moved(result, oid, path) for result in hit.results if isinstance(result, Skip | Drop))

    def _versions(
        self, seen: Seen, traces: Mapping[Key, Trace], places: Mapping[str, Sequence[Place]]
    ) -> dict[File, list[str]]:
        """The objects that have a secret in a file, oldest first."""
        held: dict[str, dict[Key, set[tuple[str, ...]]]] = {}
        for oid, hit in seen.hits.items():
            for finding in self._told(hit.results):
                held.setdefault(oid, {}).setdefault(key_of(finding), set()).add(finding.origin.members)
        versions: dict[File, list[str]] = {}
        for key, trace in traces.items():
            for place in trace.places:
                if place in places[place.oid]:
                    for members in held.get(place.oid, {}).get(key, ()):
                        versions.setdefault(File(key, place.path, members), []).append(place.oid)
        return versions

    def _examined(
        self, seen: Seen, oids: Iterable[str], places: Mapping[str, Sequence[Place]]
    ) -> dict[str, list[Finding]]:
        """What is reported of each of the objects at its oldest path; what else they have goes to ``seen``."""
        found: dict[str, list[Finding]] = {}
        small = []
        for oid in sorted(oids):
            if large := seen.hits[oid].large:
                found[oid] = self._results(seen, large, places[oid][0].path)
            else:
                found[oid] = []  # also where it cannot be read any more
                small.append(oid)
        for oid, _, data in self.history.objects(small):
            found[oid] = self._results(seen, Object(oid, seen.hits[oid].kind, data), places[oid][0].path)
        return found

    def _results(self, seen: Seen, one: Object | Large, path: str) -> list[Finding]:
        results = self.examiner.credentials.results(one, Origin(path))
        seen.others += (result for result in results if isinstance(result, Skip | Drop))
        return self._told(results)

    def _told(self, results: Iterable[Result]) -> list[Finding]:
        """What is reported of credentials; misconfiguration was told when the names of files were known."""
        reports = self.examiner.rules.reports
        findings = told_once([result for result in results if isinstance(result, Finding)])
        return [finding for finding in findings if reports(finding.rule) and finding.rule.kind == "credentials"]

    def _ignored(self, entries: Sequence[Entry]) -> list[Entry]:
        rules = [(rule.paths, rule.rules, rule.reason) for rule in self.settings.ignore]
        findings = path_rules.ignored((entry.finding for entry in entries), rules)
        return [Entry(entry.oid, finding) for entry, finding in zip(entries, findings, strict=True)]


def _groups(seen: Seen) -> dict[Key, list[str]]:
    """Ids of objects by what they hold; those that could not be read whole go by themselves."""
    groups: dict[Key, set[str]] = {}
    for oid, hit in seen.hits.items():
        for result in hit.results:
            if isinstance(result, Finding):
                groups.setdefault(key_of(result), set()).add(oid)
    unread = [oid for oid, hit in seen.hits.items() if _is_unread(hit)]
    groups |= {("", oid): {oid} for oid in sorted(unread)[:MAX_LOOKED_UP]}
    return {key: sorted(oids) for key, oids in groups.items()}


def _with_paths(trace: Trace, seen: Seen) -> Trace:
    named = (place._replace(path=place.path or f"{seen.hits[place.oid].kind}/{place.oid}") for place in trace.places)
    return replace(trace, places=tuple(named))


def _is_in(finding: Finding, file: File) -> bool:
    return key_of(finding) == file.key and finding.origin.members == file.members


def _is_of_key(key: Key) -> bool:
    return isinstance(key[1], Secret) and key[1].is_key


def _is_misconfiguration(result: object) -> TypeGuard[Finding]:
    return isinstance(result, Finding) and result.rule.kind == "misconfiguration"


def _is_unread(hit: Hit) -> bool:
    return any(isinstance(result, Skip) and SKIP_REASONS[result.reason] for result in hit.results)


def _ids(traces: Iterable[Trace]) -> set[str]:
    ids = {place.commit for trace in traces for place in trace.places}
    ids |= {oid for trace in traces for oid in (trace.first, trace.last, trace.removed) if oid}
    return ids - {""}


def _is_since(finding: Finding, since: str) -> bool:
    first = finding.exposure and finding.exposure.first_seen
    return not first or first.date >= since or first.date < GIT_BEGAN
