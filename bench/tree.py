"""Scans a big tree with sgleaks, ripgrep and the other scanners installed; prints what each cost and found.

    python bench/tree.py [--dir DIR] [--rebuild] [--rounds N] [--peers DIR] [--peer-rounds N] [--sgleaks COMMAND]

The tree, some 2.4 GB of published packages with generated keys planted in them, is built once. All programs run in
turn in every round, so that other work on the machine falls on all alike: compare rows of one table, never of two.
Exits 1 when a program could not be run, else 0, whatever the figures are.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import measure
import tree_packages
import tree_peers
import tree_plant
import tree_report

ROOT = Path(__file__).resolve().parent.parent
OURS_SECONDS = 300
PEER_SECONDS = 900
SETTINGS = ("RIPGREP_CONFIG_PATH", "GITLEAKS_CONFIG", "GITLEAKS_CONFIG_TOML", "BETTERLEAKS_CONFIG")


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
        fast, slow, missing = _tools(options, tree, Path(scratch))
        runs = _rounds(fast, slow, options, folder)
        failed = [tool for tool, used in runs.items() if any(one.code not in tool.codes for one in used)]
        rows = [tree_report.compare(tool, used, tree, manifest) for tool, used in runs.items() if tool not in failed]
    tree_report.show(rows, manifest)
    for tool in failed:
        ends = ", ".join("out of time" if one.code is None else f"exit code {one.code}" for one in runs[tool])
        print(f"{tool.name} {tool.version} could not be run: {ends}", file=sys.stderr)
    for name in missing:
        print(f"{name} is not installed: its rows are missing", file=sys.stderr)
    return 1 if failed or missing else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--dir", type=Path, default=ROOT / ".bench" / "tree", help="where the tree is kept")
    parser.add_argument("--rebuild", action="store_true", help="fetch and unpack the packages anew")
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds of ripgrep and sgleaks (5)")
    parser.add_argument("--peers", type=Path, action="append", default=[], help="a folder of other scanners' programs")
    parser.add_argument("--peer-rounds", type=int, default=1, help="of these rounds, how many run them too (1)")
    parser.add_argument("--sgleaks", type=shlex.split, help="the command to measure, in place of the installed one")
    return parser.parse_args()


def _tools(
    options: argparse.Namespace, tree: Path, scratch: Path
) -> tuple[list[tree_peers.Tool], list[tree_peers.Tool], list[str]]:
    """Give the programs of every round, those of the peers' rounds, and the names of missing ones that should be."""
    fast: list[tree_peers.Tool] = []
    missing = []
    if rg := tree_peers.find("rg", ()):
        fast += tree_peers.ripgrep(rg, tree, scratch)
    else:
        missing.append("rg")
    ours = options.sgleaks or ([found] if (found := tree_peers.find("sgleaks", ())) else [])
    if ours:
        fast += tree_peers.sgleaks(tuple(ours), tree, scratch)
    else:
        missing.append("sgleaks")
    slow = list(tree_peers.peers(tuple(options.peers), tree, scratch)) if options.peer_rounds else []
    return fast, slow, missing


def _rounds(
    fast: list[tree_peers.Tool], slow: list[tree_peers.Tool], options: argparse.Namespace, folder: Path
) -> dict[tree_peers.Tool, list[measure.Usage]]:
    """Run the programs in turn, round by round; a first round warms the page cache and is not counted."""
    tree = folder / tree_packages.TREE
    env = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    env["GIT_CEILING_DIRECTORIES"] = str(folder)  # the tree is no part of the repository it may be kept in
    runs: dict[tree_peers.Tool, list[measure.Usage]] = {tool: [] for tool in (*fast, *slow)}
    for number in range(options.rounds + 1):
        for tool in (*fast, *(slow if 0 < number <= options.peer_rounds else ())):
            if tool.reset:
                tool.reset()
            limit = PEER_SECONDS if tool in slow else OURS_SECONDS
            output = tool.report if tool.to_stdout else None
            used = measure.run(tool.command, env=env, cwd=tree, output=output, limit=limit)
            print(f"  round {number} {tool.name}: {used.wall:.2f} s, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
            if number:
                runs[tool].append(used)
    return runs


if __name__ == "__main__":
    sys.exit(main())
