"""Lives of blobs in random histories, held against what the trees of all commits say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from git_repos import Repository
from sgleaks.git import changes
from sgleaks.git.attribution import Past
from sgleaks.git.history import opened
from sgleaks.git.refs import refs_of
from sgleaks.git.repository import find
from sgleaks.git.tips import tips_of
from sgleaks.git.trace import Trace

PATHS = ("a", "b/c", "b/d", "e f\n", "ü", ":(x)*")
SECRETS = (1, 2, 3)  # marks of the commits' files; other contents hold no secret
COMMITS = 40


@dataclass
class Model:
    """What was committed: parents and files by mark, oldest first."""

    parents: dict[int, tuple[int, ...]] = field(default_factory=dict)
    files: dict[int, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, int] = field(default_factory=dict)


def random_history(rng: random.Random) -> Model:
    model = Model()
    for mark in range(1, COMMITS + 1):
        known = sorted(model.parents)
        parents = tuple(rng.sample(known[-6:], min(len(known[-6:]), rng.choice((1, 1, 1, 2, 3)))))
        if rng.random() < 0.05:
            parents = ()
        files = dict(model.files[parents[0]]) if parents else {}
        for other in parents[1:]:
            files |= {path: data for path, data in model.files[other].items() if rng.random() < 0.7}
        for _ in range(rng.randrange(3)):
            path = rng.choice(PATHS)
            if files.pop(path, None) is None or rng.random() < 0.6:
                files[path] = b"secret %d" % rng.choice(SECRETS) if rng.random() < 0.5 else b"%d" % rng.randrange(9)
        model.parents[mark], model.files[mark] = parents, files
    for number in range(3):
        model.branches[f"refs/heads/b{number}"] = rng.randrange(COMMITS // 2, COMMITS + 1)
    model.branches["refs/heads/main"] = COMMITS
    return model


def imported(model: Model) -> Iterator[bytes]:
    """The model as `git fast-import` reads it."""
    for mark, parents in model.parents.items():
        yield b"commit refs/import/%d\nmark :%d\n" % (mark, mark)
        yield b"committer Ada <ada@example.org> %d +0000\ndata 0\n" % (1_700_000_000 + 3600 * mark)
        for word, parent in zip((b"from", *[b"merge"] * 9), parents, strict=False):
            yield b"%s :%d\n" % (word, parent)
        yield b"deleteall\n"
        for path, data in model.files[mark].items():
            quoted = path.replace("\n", "\\n").encode()
            yield b'M 644 inline "%s"\ndata %d\n%s\n' % (quoted, len(data), data)


def marks(root: Path) -> dict[str, int]:
    lines = (root / "marks").read_text().split()
    return {oid: int(mark[1:]) for mark, oid in zip(lines[::2], lines[1::2], strict=True)}


def traced(repository: Repository, groups: list[list[str]]) -> list[Trace]:
    found = find(repository.root)
    assert found
    with opened(found) as history:
        refs = refs_of(found)
        return Past(history, refs, tips_of(history, refs)).trace(groups)


@pytest.mark.parametrize("alone", [COMMITS, 0], ids=["one process", "two processes"])
@pytest.mark.parametrize("seed", range(8))
def test_lives_are_those_that_all_trees_tell(
    seed: int, alone: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "ALONE", alone)
    model = random_history(random.Random(seed))
    repository = Repository(tmp_path / "repository")
    repository.git("fast-import", "--quiet", "--export-marks=marks", stdin=b"".join(imported(model)))
    known = marks(repository.root)
    by_mark = {mark: oid for oid, mark in known.items()}
    for mark in model.parents:
        repository.git("update-ref", "-d", f"refs/import/{mark}")
    for name, mark in model.branches.items():
        repository.git("update-ref", name, by_mark[mark])
    reachable = set().union(*(ancestors(model, mark) for mark in model.branches.values()))
    held = {number: holders(model, b"secret %d" % number) for number in SECRETS}
    numbers = [number for number in SECRETS if held[number]]
    groups = [[repository.git("hash-object", "--stdin", stdin=b"secret %d" % n).decode().strip()] for n in numbers]
    for number, trace in zip(numbers, traced(repository, groups), strict=True):
        alive = held[number] & reachable or held[number]
        leading = {name for name, mark in model.branches.items() if ancestors(model, mark) & held[number]}
        assert trace.at_head == (COMMITS in held[number])
        assert list(trace.refs) == sorted(leading)
        assert known[trace.first or ""] == min(alive)
        assert known[trace.last or ""] == max(alive)
        assert {place.path for place in trace.places} == {
            path for mark in alive for path, data in model.files[mark].items() if data == b"secret %d" % number
        }
        if trace.removed:
            gone = known[trace.removed]
            assert gone not in held[number]
            assert held[number].intersection(model.parents[gone])
            assert not trace.at_head


def ancestors(model: Model, mark: int) -> set[int]:
    return {mark}.union(*(ancestors(model, parent) for parent in model.parents[mark]))


def holders(model: Model, secret: bytes) -> set[int]:
    return {mark for mark, files in model.files.items() if secret in files.values()}
