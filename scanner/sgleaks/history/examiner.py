"""Objects through all stages: once as they are read, when only their id is known, and again at the path they had."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from sgleaks.anchors import mentions
from sgleaks.errors import ToolError
from sgleaks.examine import Result, examine
from sgleaks.git.objects import Kind, Large, Object, Searched, contents
from sgleaks.history.stop import Stopped
from sgleaks.model import Blob, Drop, Finding, Origin, Skip, Stats
from sgleaks.ruleset import Ruleset
from sgleaks.sources import history as source

if TYPE_CHECKING:
    from sgleaks.git.repository import Repository

IN_MEMORY = 8 << 20  # bytes of a large object before it goes to a temporary file


class Hit(NamedTuple):
    """An object in which there was something; ``large`` where it does not fit into memory."""

    oid: str
    kind: Kind
    large: Large | None
    results: list[Result]
    named: bool = False  # the names of its files decide whether there is more in it


@dataclass(frozen=True)
class Examiner:
    """Examines the objects of one repository."""

    repository: Repository
    rules: Ruleset

    @cached_property
    def credentials(self) -> Examiner:
        """The same, looking for credentials alone."""
        return Examiner(self.repository, self.rules.credentials)

    def hits(self, found: Iterable[Object | Large], tell: Callable[[], None]) -> list[Hit]:
        """The credentials in objects, each at a place called like its id. When stopped, what it has by then.

        ``tell`` is called for each that has a finding.
        """
        hits = []
        with suppress(Stopped):
            for one in found:
                results = self.credentials.results(one, Origin(one.oid))
                named = isinstance(one, Object) and one.kind == "blob" and self._may_tell_more(one.data, results)
                if results or named:
                    hits.append(Hit(one.oid, one.kind, one if isinstance(one, Large) else None, results, named))
                if any(isinstance(result, Finding) for result in results):
                    tell()
        return hits

    def _may_tell_more(self, data: bytes, results: Sequence[Result]) -> bool:
        """Whether rules on misconfiguration may find something when the names of files are known, which costs a look at
        every commit. What has no credential and does not mention SendGrid is here by chance: ``msg.`` has an anchor."""
        held = any(isinstance(result, Finding | Drop) for result in results)
        likely = held or mentions(data, "sendgrid") or self.rules.reads_any_file
        return likely and self.rules.may_apply(data)

    def results(self, one: Object | Large, origin: Origin) -> list[Result]:
        """What there is in one object."""
        if isinstance(one, Object):
            return self.examined(source.blobs_of(one.data, origin, self.rules.anchors))
        return self._streamed(one, origin)

    def examined(self, blobs: Iterable[Blob | Skip]) -> list[Result]:
        """What there is in blobs of any kind."""
        return list(examine(blobs, self.rules))

    def _streamed(self, large: Large, origin: Origin) -> list[Result]:
        from tempfile import SpooledTemporaryFile

        with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
            failed: list[Result] = []
            try:
                file.writelines(contents(self.repository, large))
            except ToolError:
                failed = [Skip(origin.place, "damaged", "git cannot read it to its end")]
            return [*self.examined(source.large(cast("BinaryIO", file), origin, self.rules.anchors)), *failed]


@dataclass(slots=True)
class Seen:
    """What a repository held, before it is known where."""

    hits: dict[str, Hit] = field(default_factory=dict)
    texts: list[tuple[str, Finding]] = field(default_factory=list)  # with the name of the ref they belong to
    others: list[Skip | Drop] = field(default_factory=list)
    stats: Stats = field(default_factory=Stats)

    def text(self, name: str, results: Iterable[Result]) -> None:
        """Takes what there is in the name or the reflog of a ref."""
        for result in results:
            if isinstance(result, Finding):
                self.texts.append((name, result))
            elif isinstance(result, Skip | Drop):
                self.others.append(result)

    def readable(self, found: Iterable[Object | Large | Skip]) -> Iterator[Object | Large]:
        """The objects of these; skips are taken."""
        for one in found:
            if isinstance(one, Skip):
                self.others.append(one)
            else:
                yield one

    def take(self, result: list[Hit] | Skip | Searched) -> None:
        """Takes a result of the search."""
        if isinstance(result, Searched):
            self.stats += Stats(blobs=result.blobs, commits=result.commits, bytes=result.bytes)
        elif isinstance(result, Skip):
            self.others.append(result)
        else:
            self.hits |= {hit.oid: hit for hit in result}


def moved(other: Skip | Drop, oid: str, path: str) -> Skip | Drop:
    """A skip or drop of an object, told of the path the object had."""
    return replace(other, path=path + other.path.removeprefix(oid))
