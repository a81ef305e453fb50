"""Changed files through all stages: each new object is read once, and only what looks promising is compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from sgleaks.anchors import has_anchor
from sgleaks.changed.content import Content, Contents, origin_of
from sgleaks.git import raw
from sgleaks.git.kinds import Large
from sgleaks.git.ls_files import ELSEWHERE
from sgleaks.git.raw import Change
from sgleaks.model import Blob, Commit, Finding, Skip, Stats
from sgleaks.sources.history import Sight
from sgleaks.triage import paths as path_rules

if TYPE_CHECKING:
    from sgleaks.examine import Result
    from sgleaks.git.history import History
    from sgleaks.git.hunks import Pair
    from sgleaks.ruleset import Ruleset
    from sgleaks.settings import Settings

HELD = 64 << 20  # bytes of objects that wait to be examined; what does not fit is read once more
CONFLICT = "it has conflicts; git commits it when they are solved and added"


class Source(Protocol):
    """Where changes come from: `Index` or `Span`."""

    @property
    def history(self) -> History: ...
    @property
    def commits(self) -> tuple[str, ...]: ...
    @property
    def objects(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def paths(self) -> tuple[str, ...]: ...
    def changes(self, skips: list[Skip]) -> list[Change]: ...
    def hunks(self, changes: Sequence[Change]) -> dict[Pair, frozenset[int]]: ...


class Examiner:
    """Examines all changes of a source; ``stats`` tell what was read, ``found`` what there is so far."""

    def __init__(self, source: Source, rules: Ruleset, settings: Settings) -> None:
        self.stats = Stats(commits=len(source.commits))
        self.found: list[Result] = []
        self._source, self._contents = source, Contents(source.history, rules)
        self._sight = Sight(rules.anchors)
        self._excluded = path_rules.matcher(settings.exclude)

    def results(self) -> list[Result]:
        """Every finding, dropped candidate and skip, those of the oldest commit first."""
        skips: list[Skip] = []
        changes = [change for change in self._source.changes(skips) if not self._excluded(change.path)]
        self.found = results = [*skips, *_not_read(changes), *self._named(changes)]
        wanted = [*self._messages(), *(change for change in changes if _is_content(change))]
        hits = self._hits(wanted, results)
        chosen = [change for change in wanted if change.oid in hits]
        compared = [change for change in chosen if any(old.mode != raw.NOTHING for old in change.olds)]
        hunks = self._source.hunks(compared) if compared else {}
        for change in chosen:
            results += self._contents.brought(change, hits[change.oid], hunks)
        return self._with_commits(results)

    def _messages(self) -> Iterator[Change]:
        """Commits and tags as if they were files, called as `sgleaks history` does; none of them is below a path."""
        for oid in () if self._source.paths else self._source.commits:
            yield Change(f"commit/{oid}", "100644", oid, (), "A", oid)
        for name, oid in self._source.objects:
            yield Change(name, "100644", oid, (), "A", "")

    def _named(self, changes: Iterable[Change]) -> list[Result]:
        """What there is in the names of new files."""
        names = ((change, change.path.encode("utf-8", "surrogateescape")) for change in changes if change.is_named_anew)
        blobs = [Blob(name, origin_of(change), what="name") for change, name in names if has_anchor(name)]
        return self._contents.examined(blobs) if blobs else []

    def _hits(self, changes: Sequence[Change], results: list[Result]) -> dict[str, Content | None]:
        """The objects worth a look, by id, while not too many are held.

        One that cannot be read is a skip at each of its paths, added to ``results``.
        """
        by_oid: dict[str, list[Change]] = {}
        for change in changes:
            by_oid.setdefault(change.oid, []).append(change)
        hits: dict[str, Content | None] = {}
        room = HELD
        for found in self._contents.read(list(by_oid)):
            if isinstance(found, Skip):
                results += {replace(found, path=change.path) for change in by_oid[found.path]}
            elif isinstance(found, Large):
                self.stats += Stats(blobs=1, bytes=found.size)
                hits[found.oid] = found  # searched when it is streamed
            else:
                oid, kind, data = found
                self.stats += Stats(blobs=int(kind == "blob"), bytes=len(data))
                if self._sight.one(data):
                    room -= len(data)
                    hits[oid] = found if room >= 0 else None
        return hits

    def _with_commits(self, results: list[Result]) -> list[Result]:
        """The results, with what people know of the commits of findings."""
        ids = {result.origin.commit.id for result in results if isinstance(result, Finding) and result.origin.commit}
        if not ids:
            return results
        from sgleaks.git.people import commits_of

        commits = commits_of(self._source.history, ids, emails=False)
        return [_told(result, commits) if isinstance(result, Finding) else result for result in results]


def _told(finding: Finding, commits: Mapping[str, Commit]) -> Finding:
    commit = finding.origin.commit
    return replace(finding, origin=replace(finding.origin, commit=commits.get(commit.id, commit) if commit else None))


def _is_content(change: Change) -> bool:
    return change.mode not in (raw.GITLINK, raw.NOTHING) and not change.is_same


def _not_read(changes: Iterable[Change]) -> Iterator[Skip]:
    for change in changes:
        if change.mode == raw.GITLINK:
            yield Skip(change.path, "submodule", ELSEWHERE)
        elif "U" in change.status:
            yield Skip(change.path, "unsupported", CONFLICT)
