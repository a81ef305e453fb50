"""Scans a big tree with sgleaks, ripgrep and the other scanners installed; prints what each cost and found.

    python bench/tree.py [--dir DIR] [--rebuild] [--rounds N] [--sgleaks COMMAND]
                         [--peers DIR] [--peer-rounds N] [--without NAME]

The tree, 1.5 GB or more of published packages with generated keys planted in them, is built once. All programs run in
turn in every round, so that other work on the machine falls on all alike: compare rows of one table, never of two.
Exits 1 when a program could not be run, else 0, whatever the figures are; a peer that is too slow is only said to be.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import measure
import scanners
import tree_packages
import tree_plant
import tree_report

ROOT = Path(__file__).resolve().parent.parent
OURS_SECONDS = 300
PEER_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Field:
    """The programs that run."""

    ours: tuple[scanners.Tool, ...]  # ripgrep and sgleaks: in every round
    peers: tuple[scanners.Tool, ...]  # the others: in the first rounds
    missing: tuple[str, ...]  # those that every run should have and this machine has not


def main() -> int:
    """Build, run, and print."""
    options = _options()
    folder: Path = options.dir.resolve()
    build = [sys.executable, str(Path(tree_plant.__file__)), str(folder), *(["--rebuild"] if options.rebuild else [])]
    if subprocess.run(build, check=False).returncode:
        return 1
    packages = tree_packages.load(folder)
    manifest = tree_plant.load(folder / tree_plant.MANIFEST)
    assert packages is not None  # noqa: S101 - the build has just written both
    assert manifest is not None  # noqa: S101
    tree = folder / tree_packages.TREE
    tree_report.show_tree(packages, manifest)
    with tempfile.TemporaryDirectory(prefix="sgleaks-bench-") as scratch:
        field = _field(options, tree, Path(scratch))
        runs = _rounds(field, options, folder)
        done = [tool for tool, used in runs.items() if all(one.code in tool.codes for one in used)]
        rows = [tree_report.compare(tool, runs[tool], tree, manifest) for tool in done]
    tree_report.show(rows, manifest)
    for name in field.missing:
        print(f"{name} is not installed: its rows are missing", file=sys.stderr)
    failed = [tool for tool in runs if tool not in done and not _only_slow(tool, runs[tool], field)]
    return 1 if failed or field.missing else 0


def _only_slow(tool: scanners.Tool, runs: list[measure.Usage], field: Field) -> bool:
    """Say how a program without a row ended; true when it is a peer that was only stopped at its time limit."""
    codes = [one.code for one in runs if one.code not in tool.codes]
    ends = ", ".join("stopped at its time limit" if code is None else f"exit code {code}" for code in codes)
    print(f"{tool.name} {tool.version}: {ends}")
    return tool in field.peers and set(codes) == {None}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--dir", type=Path, default=ROOT / ".bench" / "tree", help="where the tree is kept")
    parser.add_argument("--rebuild", action="store_true", help="fetch and unpack the packages anew")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="measured rounds of ripgrep and sgleaks (5)")
    parser.add_argument("--peers", type=Path, action="append", default=[], help="a folder of other scanners' programs")
    parser.add_argument("--peer-rounds", type=int, default=1, metavar="N", help="in how many rounds they run too (1)")
    parser.add_argument("--without", action="append", default=[], metavar="NAME", help="another scanner to leave out")
    parser.add_argument("--sgleaks", type=shlex.split, default=["sgleaks"], help="the command to measure")
    options = parser.parse_args()
    if options.rounds < 1 or not options.sgleaks:
        parser.error("there must be a round and a command to measure")
    return options


def _field(options: argparse.Namespace, tree: Path, scratch: Path) -> Field:
    """Find the programs."""
    ours: list[scanners.Tool] = []
    missing = []
    if rg := scanners.find("rg", ()):
        ours += scanners.ripgrep(rg, tree, scratch)
    else:
        missing.append("rg")
    name, *arguments = options.sgleaks
    if program := scanners.find(name, ()):
        ours += scanners.sgleaks((program, *arguments), tree, scratch)
    else:
        missing.append(name)
    peers = scanners.peers(tuple(options.peers), tree, scratch) if options.peer_rounds else ()
    return Field(tuple(ours), tuple(peer for peer in peers if peer.name not in options.without), tuple(missing))


def _rounds(field: Field, options: argparse.Namespace, folder: Path) -> dict[scanners.Tool, list[measure.Usage]]:
    """Run the programs in turn, round by round; round 0 fills caches and is not counted."""
    tree = folder / tree_packages.TREE
    env = {name: value for name, value in os.environ.items() if name not in scanners.SETTINGS}
    env["GIT_CEILING_DIRECTORIES"] = str(folder)  # the tree is no part of the repository it may be kept in
    runs: dict[scanners.Tool, list[measure.Usage]] = {tool: [] for tool in (*field.ours, *field.peers)}

    def once(tool: scanners.Tool, limit: int, title: str) -> measure.Usage:
        if tool.reset:
            tool.reset()
        output = tool.report if tool.to_stdout else None
        used = measure.run(tool.command, env=env, cwd=tree, output=output, limit=limit)
        print(f"  {title} {tool.name}: {used.wall:.2f} s, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
        return used

    for tool in field.ours:
        once(tool, OURS_SECONDS, "round 0")
    for number in range(1, options.rounds + 1):
        for tool in field.ours[:1] if 1 < number <= options.peer_rounds + 1 else ():
            once(tool, OURS_SECONDS, "warming")  # the peers took minutes, and files idle that long may be dropped
        for tool in field.ours:
            runs[tool].append(once(tool, OURS_SECONDS, f"round {number}"))
        for tool in field.peers if number <= options.peer_rounds else ():
            runs[tool].append(once(tool, PEER_SECONDS, f"round {number}"))
    return runs


if __name__ == "__main__":
    sys.exit(main())
