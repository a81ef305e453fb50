"""Every object of a repository that is no tree, searched once each: packed or loose, reachable or not.

The pack reader does most of it; git reads what that leaves, and everything where numpy is missing or ids are SHA-256.
What neither can read is named, and what was read is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, cast

from sgleaks.errors import ToolError
from sgleaks.git import cat_file, ids
from sgleaks.git.borrowed import borrowed
from sgleaks.git.kinds import Kind, Large, Object, Searched
from sgleaks.git.plan import Engine, Plan, Task, searchable
from sgleaks.git.reading import Account, Reading
from sgleaks.git.repository import Repository
from sgleaks.git.sieve import Batch, Wanted
from sgleaks.model import Skip
from sgleaks.workers import share

__all__ = [
    "Batch",
    "Engine",
    "Kind",
    "Large",
    "Object",
    "Searched",
    "Wanted",
    "contents",
    "named",
    "search",
    "searchable",
    "shared",
]

Result = TypeVar("Result")
NAMED = 100  # objects that cannot be read are named one by one; of more for the same reason, their number is told


def search(
    repository: Repository, wanted: Wanted, *, jobs: int = 1, engine: Engine = "auto", batch: Batch | None = None
) -> Iterator[Object | Large | Skip | Searched]:
    """Every object that is wanted, each id once, in no particular order; large ones, unsearched; and what went wrong.

    One `Searched` comes last. What is wanted is held in memory: `shared` works on it where it is read instead. See
    there for the arguments.
    """
    for result in shared(repository, wanted, list, jobs=jobs, engine=engine, batch=batch):
        if isinstance(result, list):
            yield from result
        else:
            yield result


def shared(
    repository: Repository,
    wanted: Wanted,
    work: Callable[[Iterator[Object | Large]], Result],
    *,
    jobs: int = 1,
    engine: Engine = "auto",
    batch: Batch | None = None,
    begin: Callable[[int], None] | None = None,
    searched: frozenset[str] = frozenset(),
) -> Iterator[Result | Skip | Searched]:
    """What ``work`` makes of the wanted objects, in each of up to ``jobs`` processes, maybe several times in each.

    ``batch`` finds the wanted ones among many at once (``anchors.anchored``), and is asked instead of ``wanted`` for
    small objects; it must agree with it. ``engine``: ``git`` reads everything through git, ``pack`` and ``auto`` only
    what cannot be read otherwise. ``begin`` is told first how many objects there are, where that is known. What is in a
    pack of ``searched``, names that `searchable` gave, is left out. Raises `ToolError` when git is needed and cannot
    run.
    """
    with borrowed(repository) as own:
        plan = Plan(repository, own, engine, searched)
        if begin:
            begin(plan.objects)
        run = _Run(plan, wanted, batch, work)
        yield from run.read(plan.tasks(jobs), jobs)
        if run.left or plan.waits_for_git:
            yield from run.read(plan.by_git(run.taken()), jobs)
        yield from run.trouble([*repository.skips, *plan.skips])
        yield run.counts


def named(repository: Repository, ids: Sequence[str]) -> Iterator[Object | Large | Skip]:
    """The objects of these ids, read by git; a skip for each that it cannot read."""
    with borrowed(repository) as own:
        for found in cat_file.read(own, ids):
            yield found if isinstance(found, Large | Skip) else Object(found[0], cast("Kind", found[1]), found[2])


def contents(repository: Repository, large: Large) -> Iterator[bytes]:
    """The bytes of a large object in chunks; git never holds it whole unless it is a delta.

    Raises `ToolError`, after as much as could be read, when git fails or the bytes are not those that the id names.
    """
    digest = ids.started(repository.object_format, large.kind, large.size)
    with borrowed(repository) as own:
        for chunk in cat_file.content(own, large):
            digest.update(chunk)
            yield chunk
    if digest.hexdigest() != large.oid:
        raise ToolError(f"object {large.oid}", "its content is not what its id names", "run `git fsck`")


class _Run(Generic[Result]):
    """The account of all processes' readings."""

    def __init__(
        self, plan: Plan, wanted: Wanted, batch: Batch | None, work: Callable[[Iterator[Object | Large]], Result]
    ) -> None:
        self.counts = Searched()
        self.left: list[str] = []
        self._plan, self._wanted, self._batch, self._work = plan, wanted, batch, work
        self._skips: list[Skip] = []
        self._done = 0

    def taken(self) -> list[str]:
        """What was left until now."""
        left, self.left = self.left, []
        return left

    def read(self, tasks: Iterator[Task], jobs: int) -> Iterator[Result]:
        """The tasks, by as many processes as they are worth."""

        def reading(given: Iterator[Task]) -> tuple[Result, Account] | Skip:
            one = Reading(self._plan, self._wanted, self._batch)
            return self._work(one.objects(given)), one.account()

        for answer in share(tasks, reading, _lost, self._plan.processes(jobs), apart=self._plan.mapped):
            if isinstance(answer, Skip):
                self._skips.append(answer)
                continue
            result, account = answer
            self.counts += account.counts
            self.left += account.left
            self._done += account.done
            self._skips += account.skips
            yield result

    def trouble(self, more: Sequence[Skip]) -> Iterator[Skip]:
        """All skips, sorted; and one for what is not accounted for, which would otherwise pass for clean."""
        skips = sorted({*self._skips, *more})
        groups: dict[tuple[str, str], int] = {}
        for skip in skips:
            group = (skip.reason, skip.detail)
            groups[group] = groups.get(group, 0) + 1
            if groups[group] <= NAMED:
                yield skip
        for (reason, detail), number in groups.items():
            if number > NAMED:
                yield Skip("objects", reason, f"{number - NAMED} more: {detail}")
        if missing := self._plan.expected - self._done:
            yield Skip("objects", "missing", f"{missing} objects were not searched")


def _lost(tasks: int, why: str) -> Skip:
    return Skip("objects", "worker-died", f"{tasks} groups of objects were not searched: {why}")
