"""Holds scanners' reports against what was planted, and prints the tables. Nothing here runs a program."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from typing import TYPE_CHECKING

import measure
import scanners
import tree_packages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import tree_plant


@dataclass(frozen=True, slots=True)
class Row:
    """One program's line in the table."""

    tool: scanners.Tool
    cost: measure.Summary
    rounds: int
    found: frozenset[str]  # SHA-256 of the planted keys it found
    false: int  # near-miss files it reports
    elsewhere: int  # files it reports in which nothing was planted
    note: str


def compare(tool: scanners.Tool, runs: Sequence[measure.Usage], tree: Path, manifest: tree_plant.Manifest) -> Row:
    """Hold a program's last report against what was planted."""
    sightings = tool.read(tool.report)
    paths = {_planted_path(path, tree) for path in sightings.paths}
    hashes = {one.sha256 for one in manifest.keys if tool.by_path and one.path in paths} | sightings.hashes
    found = frozenset(one.sha256 for one in manifest.keys if one.sha256 is not None and one.sha256 in hashes)
    false = sum(one.path in paths for one in manifest.near_misses)
    elsewhere = len(paths - {one.path for one in manifest.plants})
    return Row(tool, measure.summarise(runs), len(runs), found, false, elsewhere, sightings.note)


def show_tree(packages: tree_packages.Packages, manifest: tree_plant.Manifest) -> None:
    """Print what the tree is made of."""
    print(f"tree: {packages.files + len(manifest.plants):,} files, {packages.bytes / 1e9:.2f} GB")
    for origin in sorted({package.origin for package in packages.packages}):
        part = tree_packages.Packages(tuple(one for one in packages.packages if one.origin == origin))
        print(f"  {len(part.packages)} packages of {origin}: {part.files:,} files, {part.bytes / 1e9:.2f} GB")
    forms = {one.form for one in manifest.keys}
    print(f"  {len(manifest.keys)} keys in {len(forms)} forms, {len(manifest.near_misses)} near misses", flush=True)


def show(rows: list[Row], manifest: tree_plant.Manifest) -> None:
    """Print costs, ratios and recall."""
    _print_costs(rows, manifest)
    _print_ratios({row.tool.name: row.cost for row in rows})
    _print_recall(rows, manifest)


def _planted_path(path: str, tree: Path) -> str:
    """Give a reported path as the manifest spells it: relative to the tree, without the archive's members."""
    return path.removeprefix(f"{tree}/").removeprefix("./").partition("!")[0]


def _print_costs(rows: list[Row], manifest: tree_plant.Manifest) -> None:
    planted, traps = len(manifest.keys), len(manifest.near_misses)
    counts = (f"keys of {planted}", f"false of {traps}", "elsewhere")
    head = ("tool", "rounds", "wall s (min-max)", "CPU s", "RSS MB", *counts)
    lines: list[tuple[str, ...]] = []
    for row in rows:
        cost = row.cost
        wall = f"{cost.wall:.2f} ({cost.wall_min:.2f}-{cost.wall_max:.2f})"
        found = (str(len(row.found)), str(row.false), str(row.elsewhere))
        cells = (str(row.rounds), wall, f"{cost.cpu:.2f}", f"{cost.rss / 1e6:.0f}")
        lines.append((f"{row.tool.name} {row.tool.version}", *cells, *found))
    print()
    _print_table(head, lines)
    for row in rows:
        if row.note:
            print(f"{row.tool.name}: {row.note}")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * measure.RSS_UNIT
    print(f"RSS is that of the largest process, and never shows less than this program's own {own / 1e6:.0f} MB.")
    print(
        "A peer's report on a planted file counts as its key. Elsewhere: reported files with nothing planted in them."
    )
    print(f"ripgrep searches the prefix of the key only: {scanners.PATTERN}\n")


def _print_ratios(costs: dict[str, measure.Summary]) -> None:
    ours = costs.get("sgleaks")
    if ours and "rg" in costs:
        _print_ratio("sgleaks / rg, all cores", ours, costs["rg"])
    if "sgleaks -j1" in costs and "rg -j1" in costs:
        _print_ratio("sgleaks -j1 / rg -j1", costs["sgleaks -j1"], costs["rg -j1"])
    others = {name: cost for name, cost in costs.items() if name.split()[0] not in ("rg", "sgleaks")}
    if ours and others:
        fastest = min(others, key=lambda name: others[name].wall)
        _print_ratio(f"fastest peer ({fastest}) / sgleaks", others[fastest], ours)
    print()


def _print_ratio(title: str, upper: measure.Summary, lower: measure.Summary) -> None:
    print(f"{title}: {upper.wall / lower.wall:.2f}x wall, {upper.cpu / lower.cpu:.2f}x CPU")


def _print_recall(rows: list[Row], manifest: tree_plant.Manifest) -> None:
    shown = [row for row in rows if not row.tool.name.endswith("-j1")]
    lines: list[tuple[str, ...]] = []
    for form in dict.fromkeys(one.form for one in manifest.keys):
        keys = {one.sha256 for one in manifest.keys if one.form == form}
        lines.append((form, str(len(keys)), *(str(len(keys & row.found)) for row in shown)))
    _print_table(("form", "keys", *(row.tool.name for row in shown)), lines)


def _print_table(head: tuple[str, ...], lines: list[tuple[str, ...]]) -> None:
    """Print columns as wide as they need to be: the first to the left, numbers to the right."""
    widths = [max(len(line[place]) for line in (head, *lines)) for place in range(len(head))]
    for line in (head, *lines):
        first, *others = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join((first.strip().ljust(widths[0]), *others)))
