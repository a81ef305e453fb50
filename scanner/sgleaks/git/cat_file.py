"""Objects by `git cat-file`: the reference that the pack reader is held to, and what reads all that it leaves.

git ends at the first object it finds damaged; that one is named, and git started again behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Literal, NamedTuple, TypeVar, cast

from sgleaks.errors import ToolError
from sgleaks.git.borrowed import Borrowed
from sgleaks.git.kinds import KINDS, WHOLE, Kind, Large
from sgleaks.git.output import Output
from sgleaks.git.run import GitError, stream
from sgleaks.model import Skip

SECONDS = 300  # for a listing, or some thousand objects of 16 MiB at most
# For what some thousand objects are: 6 ms where the disk's cache has them, 40 s where each is a seek. Deltas made from
# themselves are where git would go on for ever, and take more and more memory.
HEADER_SECONDS = 60
LARGE_SECONDS = 3600  # for one large object
RESTARTS = 200  # of git in one task; with more damaged objects than that, the rest is not read
MAX_OBJECT = 16 << 30  # bytes; nothing larger is read from the disk either
# git deltifies nothing above core.bigFileThreshold, 512 MiB, and holds whole what a delta makes.
MAX_DELTA = 1 << 30
UNTOUCHED = "0"  # of which the id of a base consists where there is none

Found = tuple[str, Kind | Literal["tree"], bytes] | Large | Skip
Answer = TypeVar("Answer")


class Header(NamedTuple):
    """What git says of an object without reading it."""

    oid: str
    kind: str
    size: int
    delta: bool


def everything(own: Borrowed) -> Iterator[str]:
    """The ids of all objects, in the order of their packs; no object is opened. Raises `ToolError`."""
    args = ["cat-file", "--batch-all-objects", "--unordered", "--buffer", "--batch-check=%(objectname)"]
    rest = b""
    for chunk in stream(args, git_dir=own.git_dir, timeout=SECONDS, variables=own.variables):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.decode() for line in lines)


def read(own: Borrowed, ids: Sequence[str], *, trees: bool = False) -> Iterator[Found]:
    """Every one of the objects that is no tree, and a skip for each that git cannot read; trees where asked for."""
    wanted = []
    for found in _headers(own, ids):
        if isinstance(found, Skip):
            yield found
        elif found.kind not in KINDS and not trees:
            continue
        elif found.size <= WHOLE:
            wanted.append(found.oid)
        elif found.size > MAX_OBJECT:
            yield Skip(found.oid, "too-large", f"{found.size} bytes")
        elif found.delta and found.size > MAX_DELTA:
            yield Skip(found.oid, "bomb", f"a delta that makes {found.size} bytes")
        else:
            yield Large(found.oid, cast("Kind", found.kind), found.size)
    yield from _contents(own, wanted)


def content(own: Borrowed, large: Large) -> Iterator[bytes]:
    """The bytes of one object, in chunks. Raises `ToolError` after as much as git could read."""
    args = ["cat-file", large.kind, large.oid]
    return stream(args, git_dir=own.git_dir, timeout=LARGE_SECONDS, variables=own.variables)


def _headers(own: Borrowed, ids: Sequence[str]) -> Iterator[Header | Skip]:
    args = ["cat-file", "--buffer", "--batch-check=%(objectname) %(objecttype) %(objectsize) %(deltabase)"]

    def answer(output: Output) -> Header | None:
        words = output.line().split(" ")
        return Header(words[0], words[1], int(words[2]), bool(words[3].strip(UNTOUCHED))) if len(words) == 4 else None

    for oid, found in _asked(own, args, ids, answer, HEADER_SECONDS):
        yield found if isinstance(found, Skip) else found or _missing(oid)


def _contents(own: Borrowed, ids: Sequence[str]) -> Iterator[Found]:
    def answer(output: Output) -> tuple[Kind | Literal["tree"], bytes] | None:
        words = output.line().split(" ")
        if len(words) != 3:
            return None
        data = output.exact(int(words[2]) + 1)
        return cast('Kind | Literal["tree"]', words[1]), data[:-1]

    for oid, found in _asked(own, ["cat-file", "--buffer", "--batch"], ids, answer, SECONDS):
        if isinstance(found, Skip):
            yield found
        else:
            yield (oid, *found) if found else _missing(oid)


def _missing(oid: str) -> Skip:
    return Skip(oid, "missing", "git does not find the object, or cannot tell what it is")


def _asked(
    own: Borrowed, args: list[str], ids: Sequence[str], answer: Callable[[Output], Answer], seconds: float
) -> Iterator[tuple[str, Answer | Skip]]:
    """What ``answer`` makes of git's output for each id; a skip for one at which git ended."""
    at = 0
    for starts in count():
        if at >= len(ids):
            return
        if starts > RESTARTS:
            yield from ((oid, Skip(oid, "damaged", "so much is, that it was not tried")) for oid in ids[at:])
            return
        given = "".join(f"{oid}\n" for oid in ids[at:]).encode()
        output = Output(stream(args, git_dir=own.git_dir, stdin=given, timeout=seconds, variables=own.variables))
        try:
            while at < len(ids):
                yield ids[at], answer(output)
                at += 1
        except GitError:
            yield ids[at], Skip(ids[at], "damaged", "git cannot read the object")
            at += 1
        except ToolError as error:
            yield from ((oid, Skip(oid, "unreadable", f"{error.what}: {error.why}")) for oid in ids[at:])
            return
        finally:
            output.close()
