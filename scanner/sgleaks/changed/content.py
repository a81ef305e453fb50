"""One object of a change through all stages, at the path and in the commit it has there.

Where git sees no lines (UTF-16, archives and their members, links), everything counts but a secret that the old version
of the file has already. Where it does, a line that was moved or edited counts, even if it held the same secret before:
so does git, and it may have stood under a comment that silenced it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, cast

from sgleaks.git import cat_file, raw
from sgleaks.git.hunks import Pair, lines_added
from sgleaks.git.kinds import Large
from sgleaks.git.run import GitError
from sgleaks.model import Blob, Commit, Finding, Origin, Skip
from sgleaks.sources import archive
from sgleaks.sources import history as source
from sgleaks.text import encoding_of

if TYPE_CHECKING:
    from sgleaks.examine import Result
    from sgleaks.git.history import History
    from sgleaks.git.raw import Change
    from sgleaks.ruleset import Ruleset

CHUNK = 4096  # objects of one git process, which has five minutes
IN_MEMORY = 8 << 20  # bytes of a large object before it goes to a temporary file

Content = Large | tuple[str, str, bytes]  # id, kind and bytes


@dataclass(frozen=True, slots=True)
class Contents:
    """Reads and examines the objects of one repository."""

    history: History
    rules: Ruleset

    def read(self, ids: Sequence[str]) -> Iterator[cat_file.Found]:
        """The objects, and a skip for each that git cannot read, called by its id. Raises `ToolError`."""
        for start in range(0, len(ids), CHUNK):
            yield from cat_file.read(self.history.own, ids[start : start + CHUNK])

    def brought(self, change: Change, given: Content | None, hunks: Mapping[Pair, frozenset[int]]) -> Iterator[Result]:
        """What a change brought; its object is read where it is not ``given``."""
        try:
            lines, lined = lines_added(change, hunks), change.mode != raw.LINK
        except KeyError:  # a file became a link, or git failed
            lines, lined = None, False
        known: set[tuple[str, object]] | None = None
        for found in [given] if given else self.read([change.oid]):
            if isinstance(found, Skip):
                continue  # it could be read before, or was told then
            lined = lined and _has_lines(found)
            for result in self._object(found, change, lines if lined else None):
                if isinstance(result, Finding) and (result.origin.members or not lined):
                    known = self._known(change) if known is None else known
                    if (result.rule.id, result.secret) in known:
                        continue
                yield result

    def examined(self, blobs: Iterable[Blob | Skip]) -> list[Result]:
        """What there is in blobs of any kind."""
        from sgleaks.examine import examine  # which most commits need not load

        return list(examine(blobs, self.rules))

    def _known(self, change: Change) -> set[tuple[str, object]]:
        """The secrets that an old version of the file holds."""
        modes = {old.oid: old.mode for old in change.olds if old.mode not in (raw.NOTHING, raw.GITLINK)}
        results: list[Result] = []
        for found in self.read(list(modes)):
            if not isinstance(found, Skip):
                oid = found.oid if isinstance(found, Large) else found[0]
                results += self._object(found, change._replace(mode=modes[oid]), None)
        return {(result.rule.id, result.secret) for result in results if isinstance(result, Finding)}

    def _object(self, found: Content, change: Change, lines: frozenset[int] | None) -> list[Result]:
        origin = origin_of(change)
        if isinstance(found, Large):
            return self._streamed(found, origin, lines)
        if change.mode == raw.LINK:
            return self.examined([Blob(found[2], origin, what="link")])
        return self.examined(_only(lines, source.blobs_of(found[2], origin, self.rules.anchors)))

    def _streamed(self, large: Large, origin: Origin, lines: frozenset[int] | None) -> list[Result]:
        from tempfile import SpooledTemporaryFile

        with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
            failed: list[Result] = []
            try:
                file.writelines(cat_file.content(self.history.own, large))
            except GitError:
                failed = [Skip(origin.place, "damaged", "git cannot read it to its end")]
            blobs = source.large(cast("BinaryIO", file), origin, self.rules.anchors)
            return [*self.examined(_only(lines, blobs)), *failed]


def origin_of(change: Change) -> Origin:
    """The place of a change; of its commit only the id is known yet."""
    return Origin(change.path, commit=Commit(change.commit, "", "", "") if change.commit else None)


def _has_lines(found: Content) -> bool:
    if isinstance(found, Large):
        return True
    data = found[2]
    if archive.kind(data[: archive.HEAD]):
        return False  # its bytes have line ends by chance, such as in a time of day
    return encoding_of(data) == "utf-8" and (b"\n" in data or b"\r" not in data)


def _only(lines: frozenset[int] | None, blobs: Iterable[Blob | Skip]) -> Iterator[Blob | Skip]:
    """The blobs, with the lines that count; members of archives have lines of their own."""
    for blob in blobs:
        if isinstance(blob, Skip) or blob.origin.members or blob.encoding in ("utf-16-le", "utf-16-be"):
            yield blob
        elif lines is None or lines:
            yield replace(blob, added=lines)
