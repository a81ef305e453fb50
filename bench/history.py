"""Reads whole histories with sgleaks, git and the other scanners installed; prints what each cost and found.

    python bench/history.py [--dir DIR] [--rounds N] [--peers DIR] [--peer-rounds N] [--without NAME] [REPOSITORY…]

Without a name it is a repository of 100,000 blobs with generated keys in it, which is built once. All programs run in
turn in every round, so that other work on the machine falls on all alike: compare rows of one table, never of two.
Of what is found only the number is told. Exits 1 when a program failed, else 0, whatever the figures are.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import history_repo
import measure
import scanners

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PARTS = Path(__file__).with_name("history_parts.py")
SECONDS = 900  # of one run
LARGE = 2 << 30  # unpacked bytes from which on a history is long
TRACED = 20  # blobs whose origin is asked
# What the design wants: at most these ratios, and bytes beyond the mapped packs.
CPU_TO_FLOOR, WALL_TO_GIT, WALL_TO_PEER, ORIGINS_TO_REV_LIST, MEMORY = 2.5, 1 / 4, 1 / 8, 1.5, 300e6
SMALL_WALL_TO_PEER = 1.0
FLOOR, CAT_FILE, REV_LIST, ORIGINS = "floor", "git cat-file, all", "git rev-list, all", f"origins of {TRACED}"


@dataclass(frozen=True, slots=True)
class Objects:
    """What a repository holds."""

    blobs: int
    bytes: int  # unpacked, of blobs
    some: tuple[str, ...]  # ids of blobs, chosen at random


@dataclass(frozen=True, slots=True)
class Row:
    """One program's line in the table."""

    cost: measure.Summary
    memory: int  # bytes without the mapped packs
    keys: int | None  # how many it found; None where it looks for none


def main() -> int:
    """Build, run, and print."""
    options = _options()
    repositories = [path.resolve() for path in options.repositories] or [_generated(options.dir.resolve())]
    failed = False
    for repository in repositories:
        objects = _objects(repository)
        print(f"\n{repository.name}: {objects.blobs:,} blobs, {objects.bytes / 1e9:.2f} GB")
        with tempfile.TemporaryDirectory(prefix="sgleaks-bench-") as scratch:
            ours = [*_parts(repository, objects), *_sgleaks(repository, Path(scratch))]
            peers = list(scanners.history_peers(tuple(options.peers), repository, Path(scratch)))
            peers = [peer for peer in peers if peer.name not in options.without]
            rows = dict(_rows(ours, peers, options, Path(scratch)))
        failed |= len(rows) < len(ours) + len(peers)
        _show(rows)
        _show_ratios(rows, {peer.name for peer in peers}, large=objects.bytes >= LARGE)
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("repositories", type=Path, nargs="*", metavar="REPOSITORY", help="packed, bare or not")
    parser.add_argument("--dir", type=Path, default=ROOT / ".bench" / "history", help="where the built one is kept")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="measured rounds of git and sgleaks (3)")
    parser.add_argument("--peers", type=Path, action="append", default=[], help="a folder of other scanners' programs")
    parser.add_argument("--peer-rounds", type=int, default=1, metavar="N", help="in how many rounds they run too (1)")
    parser.add_argument("--without", action="append", default=[], metavar="NAME", help="another scanner to leave out")
    options = parser.parse_args()
    if not 1 <= options.peer_rounds <= options.rounds:
        parser.error("there must be a round, and no more of peers than of the others")
    return options


def _generated(folder: Path) -> Path:
    """The generated repository, built unless it is there."""
    done = folder / f"generated-{history_repo.BLOBS}.git"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as unfinished:
            history_repo.build(Path(unfinished) / "new.git")
            (Path(unfinished) / "new.git").rename(done)
    return done


def _objects(repository: Path) -> Objects:
    form = "--batch-check=%(objectname) %(objecttype) %(objectsize)"
    listing = ["git", "--git-dir", _git_dir(repository), "cat-file", "--batch-all-objects", "--unordered", form]
    rows = [row.split() for row in subprocess.run(listing, check=True, capture_output=True).stdout.splitlines()]
    blobs = sorted((oid.decode(), int(size)) for oid, kind, size in rows if kind == b"blob")
    some = random.Random(history_repo.SEED).sample(blobs, min(TRACED, len(blobs)))
    return Objects(len(blobs), sum(size for _, size in blobs), tuple(oid for oid, _ in some))


def _git_dir(repository: Path) -> str:
    return str(repository / ".git") if (repository / ".git").exists() else str(repository)


def _parts(repository: Path, objects: Objects) -> Iterator[scanners.Tool]:
    """What finds no keys: to read a history out, and to tell where objects came from."""
    git = ("git", "--git-dir", _git_dir(repository))
    part = (sys.executable, str(PARTS))
    commands = {
        FLOOR: (*part, "floor", str(repository)),
        CAT_FILE: (*git, "cat-file", "--batch-all-objects", "--batch", "--buffer"),
        REV_LIST: (*git, "rev-list", "--objects", "--all", "--missing=allow-any"),
        ORIGINS: (*part, "origins", str(repository), *objects.some),
    }
    for name, command in commands.items():
        yield scanners.Tool(name, "", command, Path(os.devnull), scanners.read_nothing, frozenset({0}))


def _sgleaks(repository: Path, scratch: Path) -> Iterator[scanners.Tool]:
    if not (program := scanners.find("sgleaks", ())):
        raise SystemExit("sgleaks is not installed")
    yield from scanners.sgleaks_history((program,), repository, scratch)


def _rows(
    ours: list[scanners.Tool], peers: list[scanners.Tool], options: argparse.Namespace, scratch: Path
) -> Iterator[tuple[str, Row]]:
    """Run the programs in turn, round by round; round 0 fills caches, looks at memory, and is not timed."""
    env = {name: value for name, value in os.environ.items() if name not in scanners.SETTINGS}
    held = {
        tool: measure.memory(tool.command, env=env, cwd=scratch, without=".pack", limit=SECONDS)
        for tool in (*ours, *peers)
    }
    runs: dict[scanners.Tool, list[measure.Usage]] = {tool: [] for tool in (*ours, *peers)}
    for number in range(options.rounds):
        for tool in (*ours, *(peers if number < options.peer_rounds else ())):
            used = measure.run(tool.command, env=env, cwd=scratch, output=None, limit=SECONDS)
            print(f"  round {number + 1} {tool.name}: {used.wall:.2f} s", file=sys.stderr)
            runs[tool].append(used)
    for tool, used_by_it in runs.items():
        if bad := [one.code for one in used_by_it if one.code not in tool.codes]:
            print(f"{tool.name} {tool.version}: exit codes {bad}; None is its time limit")
            continue
        keys = None if tool.report == Path(os.devnull) else len(tool.read(tool.report).hashes)
        yield tool.name, Row(measure.summarise(used_by_it), held[tool], keys)


def _show(rows: dict[str, Row]) -> None:
    print(f"{'':20}{'wall s (min-max)':>22}{'CPU s':>8}{'MB':>7}{'keys':>6}")
    for name, row in rows.items():
        cost = row.cost
        wall = f"{cost.wall:.2f} ({cost.wall_min:.2f}-{cost.wall_max:.2f})"
        keys = "" if row.keys is None else row.keys
        print(f"{name:20}{wall:>22}{cost.cpu:8.2f}{row.memory / 1e6:7.0f}{keys:>6}")
    print("MB: the most that all processes of a program held at once, without the mapped packs.")


def _show_ratios(rows: dict[str, Row], peers: set[str], *, large: bool) -> None:
    """Print ratios beside what they should be at most."""
    wall = {name: row.cost.wall for name, row in rows.items()}
    alone, own = rows["sgleaks -j1"], rows["sgleaks"]
    if large:
        _ratio("CPU, one process, to the floor", alone.cost.cpu / rows[FLOOR].cost.cpu, CPU_TO_FLOOR)
        _ratio("wall to git cat-file", own.cost.wall / wall[CAT_FILE], WALL_TO_GIT)
        _ratio(f"wall of {ORIGINS} to git rev-list", wall[ORIGINS] / wall[REV_LIST], ORIGINS_TO_REV_LIST)
    if present := peers & wall.keys():
        fastest = min(present, key=wall.__getitem__)
        most = WALL_TO_PEER if large else SMALL_WALL_TO_PEER
        _ratio(f"wall to the fastest peer, {fastest}", own.cost.wall / wall[fastest], most)
    _ratio("memory, of 300 MB", max(alone.memory, own.memory) / MEMORY, 1)


def _ratio(what: str, ratio: float, most: float) -> None:
    print(f"{what}: {ratio:.3f}, at most {most:.3f}{'' if ratio <= most else '  MISSED'}")


if __name__ == "__main__":
    sys.exit(main())
