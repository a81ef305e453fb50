"""The commits of a range and what each of them brought, the ones that are undone later in the range among them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sgleaks.errors import ToolError
from sgleaks.git import hunks, raw
from sgleaks.git.graph import graph_of
from sgleaks.git.history import SHALLOW_BYTES, History
from sgleaks.git.isolation import read_regular
from sgleaks.git.run import ask, require
from sgleaks.model import Skip

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sgleaks.git.hunks import Pair
    from sgleaks.git.raw import Change
    from sgleaks.git.repository import Repository

SECONDS = 60  # for what a range means; `A...B` walks to where both began
MORE = "see `git log` for the names there are; `git fetch` or `git fetch --unshallow` brings what is elsewhere"


@dataclass(frozen=True, slots=True)
class Span:
    """Commits, oldest first. ``paths`` limit what is looked at of them, from the root; none for all.

    ``objects`` are ids of what no commit has, by the names they go by: the text of a tag, a blob that a ref leads to.
    """

    history: History
    commits: tuple[str, ...]
    paths: tuple[str, ...]
    skips: tuple[Skip, ...]
    objects: tuple[tuple[str, str], ...] = ()

    def changes(self, skips: list[Skip]) -> list[Change]:
        """Every file a commit added or changed; of a merge, those that differ from all its parents."""
        skips += self.skips

        def fields(options: tuple[str, ...]) -> Iterator[bytes]:
            args = ["diff-tree", "--stdin", "--root", "-c", "--raw", *options, "--", *self.paths]
            return self.history.fields(args, self.commits)

        changes, whole = raw.listed(fields)
        if not whole:
            skips.append(Skip("trees", "missing", "git cannot compare all commits: some folders are not here"))
        return changes

    def hunks(self, changes: Sequence[Change]) -> dict[Pair, frozenset[int]]:
        """The lines that these changes added."""
        limit = ["--", *self.paths] if any("R" in change.status for change in changes) else hunks.limit(changes)
        args = ["diff-tree", "--stdin", "--root", "-m", *hunks.OPTIONS, *raw.OPTIONS, *limit]
        commits = dict.fromkeys(change.commit for change in changes)
        return hunks.added_lines(self.history.fields(args, commits, b"\n"))


def span_of(history: History, text: str, paths: Sequence[str]) -> Span:
    """The commits that a range in git's spelling means (gitrevisions(7)). Raises `ToolError` for one that means none.

    Three git processes. A commit whose parents a shallow clone lacks is a skip: nobody knows what it brought.
    """
    ids = _ids(history.repository, text)
    kinds = history.kinds([oid.lstrip("^") for oid in ids])
    for oid in ids:
        if kinds.get(oid.lstrip("^")) not in ("commit", "tag"):
            raise ToolError(f"--range {text}", "it names something that is no commit, or is not here", MORE)
    return _span(history, [o for o in ids if o[0] != "^"], [o[1:] for o in ids if o[0] == "^"], paths)


def span_without(history: History, wanted: Sequence[str], known: Sequence[str], paths: Sequence[str]) -> Span:
    """The commits that ``wanted`` ids lead to and ``known`` ones do not. Two git processes. Raises `ToolError`.

    What is known elsewhere and not here leaves nothing out, and what is wanted and is no commit brings none.
    """
    kinds = history.kinds(dict.fromkeys((*wanted, *known)))
    tags = [oid for oid in dict.fromkeys(wanted) if kinds.get(oid) == "tag"]
    ends = history.kinds(f"{oid}^{{}}" for oid in tags) if tags else {}
    commits = [oid for oid in dict.fromkeys((*wanted, *ends)) if (kinds | ends).get(oid) == "commit"]
    before = [oid for oid in dict.fromkeys(known) if kinds.get(oid) in ("commit", "tag")]
    objects = [f"tag/{oid}" for oid in tags]
    objects += [f"blob/{oid}" for oid in dict.fromkeys((*wanted, *ends)) if (kinds | ends).get(oid) == "blob"]
    skips = [Skip(oid, "missing", "it is not here") for oid in wanted if oid not in kinds]
    span = _span(history, commits, before, paths) if commits else Span(history, (), tuple(paths), ())
    named = tuple((name, name.partition("/")[2]) for name in objects)
    return replace(span, skips=(*skips, *span.skips), objects=named)


def _span(history: History, wanted: Sequence[str], known: Sequence[str], paths: Sequence[str]) -> Span:
    graph = graph_of(history, wanted, known)
    ends = set(read_regular(history.repository.common_dir / "shallow", SHALLOW_BYTES).decode("latin-1").split())
    detail = 'its parents are not here, so what it brought is unknown; "git fetch --unshallow" brings them'
    skips = [Skip(f"commit/{oid}", "missing", detail) for oid in graph.parents if oid in ends]
    if graph.broken:
        skips.append(Skip("commits", "missing", "the range has gaps: some commits are not here"))
    return Span(history, tuple(oid for oid in graph.parents if oid not in ends), tuple(paths), tuple(skips))


def _ids(repository: Repository, text: str) -> list[str]:
    """Ids of commits, with a ``^`` before those that what they lead to is left out of."""
    if not text or text.startswith("-") or not text.isprintable():
        raise ToolError(f"--range {text!r}", "it is no range of commits", "give one such as main..HEAD")
    # In the target, for it has the names; nothing that it configures runs for this.
    answer = ask(["rev-parse", text, "--"], git_dir=repository.git_dir, timeout=SECONDS)
    ids = [line for line in answer.out.decode(errors="replace").splitlines() if line != "--"]
    if answer.code:
        require()
        raise ToolError(f"--range {text}", "git does not know such commits here", MORE)
    if all(oid.startswith("^") for oid in ids):
        raise ToolError(f"--range {text}", "it only says what to leave out", "give one such as main..HEAD")
    return ids
