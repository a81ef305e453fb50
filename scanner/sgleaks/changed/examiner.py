"""Changed files through all stages: their new objects are read once, and only lines that a change added count.

Where git sees no lines (UTF-16, members of archives, links), everything counts but a secret that the old version of the
file has already. Where it does, a line that was moved or edited counts, even if it held the same secret before: so does
git, and it may have stood under a comment that silenced it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from sgleaks.anchors import has_anchor
from sgleaks.git import cat_file, raw
from sgleaks.git.hunks import Pair, lines_added
from sgleaks.git.kinds import Large
from sgleaks.git.ls_files import ELSEWHERE
from sgleaks.model import Blob, Commit, Finding, Origin, Skip, Stats
from sgleaks.sources import files
from sgleaks.sources import history as source
from sgleaks.text import encoding_of
from sgleaks.triage import paths as path_rules

if TYPE_CHECKING:
    from sgleaks.examine import Result
    from sgleaks.git.history import History
    from sgleaks.git.raw import Change
    from sgleaks.ruleset import Ruleset
    from sgleaks.settings import Settings

CHUNK = 4096  # objects of one git process, which has five minutes
IN_MEMORY = 8 << 20  # bytes of a large object before it goes to a temporary file
CONFLICT = "it has conflicts; git commits it when they are solved and added"


class Source(Protocol):
    """Where changes come from: `Index` or `Span`."""

    @property
    def history(self) -> History: ...
    @property
    def commits(self) -> tuple[str, ...]: ...
    @property
    def paths(self) -> tuple[str, ...]: ...
    def changes(self, skips: list[Skip]) -> Iterator[Change]: ...
    def hunks(self, changes: Sequence[Change]) -> dict[Pair, frozenset[int]]: ...


class Examiner:
    """Examines all changes of a source; ``stats`` tell what was read."""

    def __init__(self, source: Source, rules: Ruleset, settings: Settings) -> None:
        self.stats = Stats(commits=len(source.commits))
        self._source, self._rules, self._settings = source, rules, settings

    def results(self) -> list[Result]:
        """Every finding, dropped candidate and skip, those of the oldest commit first."""
        skips: list[Skip] = []
        excluded = path_rules.matcher(self._settings.exclude)
        changes = [change for change in self._source.changes(skips) if not excluded(change.path)]
        results: list[Result] = [*skips, *self._named(changes), *_not_read(changes)]
        wanted = [*self._messages(), *(change for change in changes if _is_content(change))]
        hits = self._hits(wanted, results)
        chosen = [change for change in wanted if change.oid in hits]
        compared = [change for change in chosen if any(old.mode != raw.NOTHING for old in change.olds)]
        hunks = self._source.hunks(compared) if compared else {}
        for change in chosen:
            results += self._change(change, hunks)
        return self._with_commits(results)

    def _messages(self) -> Iterator[Change]:
        """Commits themselves, for a key in a message. They have no path, so none are looked at where paths are given."""
        for oid in () if self._source.paths else self._source.commits:
            yield raw_message(oid)

    def _named(self, changes: Iterable[Change]) -> list[Result]:
        names = [
            Blob(change.path.encode("utf-8", "surrogateescape"), _origin(change), what="name")
            for change in changes
            if change.is_named_anew and has_anchor(change.path.encode("utf-8", "surrogateescape"))
        ]
        return self._examined(names)

    def _hits(self, changes: Sequence[Change], results: list[Result]) -> set[str]:
        """The objects worth a look. What cannot be read is a skip at each of its paths."""
        by_oid: dict[str, list[Change]] = {}
        for change in changes:
            by_oid.setdefault(change.oid, []).append(change)
        sight, hits = source.Sight(self._rules.anchors), set()
        for found in self._read(list(by_oid)):
            if isinstance(found, Skip):
                results += {replace(found, path=change.path) for change in by_oid[found.path]}
                continue
            oid, kind, data = (found.oid, found.kind, b"") if isinstance(found, Large) else found
            size = found.size if isinstance(found, Large) else len(data)
            self.stats += Stats(blobs=int(kind == "blob"), bytes=size)
            if isinstance(found, Large) or sight.one(data):
                hits.add(oid)
        return hits

    def _read(self, ids: Sequence[str]) -> Iterator[cat_file.Found]:
        for start in range(0, len(ids), CHUNK):
            yield from cat_file.read(self._source.history.own, ids[start : start + CHUNK])

    def _change(self, change: Change, hunks: Mapping[Pair, frozenset[int]]) -> Iterator[Result]:
        """What a change brought."""
        try:
            lines, lined = lines_added(change, hunks), change.mode != raw.LINK
        except KeyError:  # a file became a link, or git failed
            lines, lined = None, False
        known: set[tuple[str, object]] | None = None
        for found in self._read([change.oid]):
            if isinstance(found, Skip):  # told already, or gone since
                continue
            lined = lined and _has_lines(found)
            for result in self._object(found, change, lines if lined else None):
                if isinstance(result, Finding) and (result.origin.members or not lined):
                    known = self._known(change) if known is None else known
                    if (result.rule.id, result.secret) in known:
                        continue
                yield result

    def _known(self, change: Change) -> set[tuple[str, object]]:
        """The secrets that an old version of the file holds."""
        olds = {old.oid: old for old in change.olds if old.mode not in (raw.NOTHING, raw.GITLINK)}
        found = (one for one in self._read(list(olds)) if not isinstance(one, Skip))
        results = (
            result for one in found for result in self._object(one, change._replace(mode=olds[_oid(one)].mode), None)
        )
        return {(result.rule.id, result.secret) for result in results if isinstance(result, Finding)}

    def _object(
        self, found: Large | tuple[str, str, bytes], change: Change, lines: frozenset[int] | None
    ) -> list[Result]:
        origin, anchors = _origin(change), self._rules.anchors
        if isinstance(found, Large):
            return self._streamed(found, origin, lines)
        if change.mode == raw.LINK:
            return self._examined([Blob(found[2], origin, what="link")])
        return self._examined(_only(lines, source.blobs_of(found[2], origin, anchors)))

    def _streamed(self, large: Large, origin: Origin, lines: frozenset[int] | None) -> list[Result]:
        from tempfile import SpooledTemporaryFile

        from sgleaks.git.run import GitError

        with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
            failed: list[Result] = []
            try:
                file.writelines(cat_file.content(self._source.history.own, large))
            except GitError:
                failed = [Skip(origin.place, "damaged", "git cannot read it to its end")]
            blobs = files.large(cast("BinaryIO", file), origin, self._rules.anchors)
            return [*self._examined(_only(lines, blobs)), *failed]

    def _examined(self, blobs: Iterable[Blob | Skip]) -> list[Result]:
        from sgleaks.examine import examine  # 20 ms, which most commits need not pay

        return list(examine(blobs, self._rules))

    def _with_commits(self, results: list[Result]) -> list[Result]:
        found = [result.origin.commit.id for result in results if isinstance(result, Finding) and result.origin.commit]
        if not found:
            return results
        from sgleaks.git.people import commits_of

        commits = commits_of(self._source.history, set(found), emails=False)
        return [_told(result, commits) if isinstance(result, Finding) else result for result in results]


def raw_message(oid: str) -> Change:
    return raw.Change(f"commit/{oid}", "100644", oid, (), "A", oid)


def _told(finding: Finding, commits: Mapping[str, Commit]) -> Finding:
    commit = finding.origin.commit
    return replace(finding, origin=replace(finding.origin, commit=commits.get(commit.id, commit) if commit else None))


def _origin(change: Change) -> Origin:
    return Origin(change.path, commit=Commit(change.commit, "", "", "") if change.commit else None)


def _oid(found: Large | tuple[str, str, bytes]) -> str:
    return found.oid if isinstance(found, Large) else found[0]


def _has_lines(found: Large | tuple[str, str, bytes]) -> bool:
    if isinstance(found, Large):
        return True
    data = found[2]
    return encoding_of(data) == "utf-8" and (b"\n" in data or b"\r" not in data)


def _only(lines: frozenset[int] | None, blobs: Iterable[Blob | Skip]) -> Iterator[Blob | Skip]:
    """The blobs, with the lines that count; members of archives have lines of their own."""
    for blob in blobs:
        yield blob if isinstance(blob, Skip) or blob.origin.members else replace(blob, added=lines)


def _is_content(change: Change) -> bool:
    return change.mode not in (raw.GITLINK, raw.NOTHING) and not change.is_same


def _not_read(changes: Iterable[Change]) -> Iterator[Skip]:
    for change in changes:
        if change.mode == raw.GITLINK:
            yield Skip(change.path, "submodule", ELSEWHERE)
        elif "U" in change.status:
            yield Skip(change.path, "unsupported", CONFLICT)
