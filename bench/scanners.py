"""The programs that are compared: how each is called for SendGrid keys only, and what its report says it found.

Reports of other tools hold keys in the clear: they are read once, reduced to hashes and paths, and deleted with the
private folder they are in.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATTERN = r"SG\.[A-Za-z0-9_-]{22}\."
KEY = re.compile(r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}")
RULE = "sendgrid-api-token"  # the name gitleaks, betterleaks and kingfisher share
SETUP_SECONDS = 120
# Variables that would change what they do.
SETTINGS = ("RIPGREP_CONFIG_PATH", "GITLEAKS_CONFIG", "GITLEAKS_CONFIG_TOML", "BETTERLEAKS_CONFIG")


@dataclass(frozen=True, slots=True)
class Sightings:
    """What a report says: SHA-256 of the keys it names, and the paths it points at, as it spells them."""

    hashes: frozenset[str]
    paths: frozenset[str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program to measure."""

    name: str
    version: str
    command: tuple[str, ...]
    report: Path
    read: Callable[[Path], Sightings]
    codes: frozenset[int]  # exit codes of a run that did its work
    to_stdout: bool = False  # the report is what it prints
    by_path: bool = True  # a report on a file with one key counts as that key: it may be shown encoded
    reset: Callable[[], None] | None = None  # called before every run


def ripgrep(path: str, tree: Path, scratch: Path) -> Iterator[Tool]:
    """Give ripgrep on the key's prefix, with all cores and with one: the fastest way to read every byte."""
    search = (path, "-uuu", "-a", "-c", PATTERN, str(tree))
    codes = frozenset({0, 1})
    yield Tool("rg", _version(path), search, scratch / "rg.txt", _read_counts, codes, to_stdout=True)
    yield Tool("rg -j1", _version(path), (*search, "-j1"), scratch / "rg-j1.txt", _read_counts, codes, to_stdout=True)


def sgleaks(program: tuple[str, ...], tree: Path, scratch: Path) -> Iterator[Tool]:
    """Give this project's scanner with its default rules, with all cores and with one."""
    codes = frozenset({0, 3})  # 3: something was skipped, and the report says what
    more: tuple[str, ...]
    for name, more in (("sgleaks", ()), ("sgleaks -j1", ("--jobs", "1"))):
        report = scratch / f"{name}.json"
        command = (*program, "scan", "--format", f"json:{report}", "--exit-zero", "--no-config", *more, str(tree))
        yield Tool(name, _version(*program), command, report, _read_sgleaks, codes, by_path=False)


def sgleaks_history(program: tuple[str, ...], repository: Path, scratch: Path) -> Iterator[Tool]:
    """Give this project's scanner of histories: with all cores, with one, and with git as its reader."""
    codes = frozenset({0, 3})
    for name, *more in (("sgleaks",), ("sgleaks -j1", "--jobs", "1"), ("sgleaks, by git", "--engine", "git")):
        report = scratch / f"{name}.json"
        where = ("--format", f"json:{report}", "--exit-zero", "--no-config", str(repository))
        yield Tool(name, _version(*program), (*program, "history", *more, *where), report, _read_sgleaks, codes)


def peers(folders: tuple[Path, ...], tree: Path, scratch: Path) -> Iterator[Tool]:
    """Give the other scanners that are installed, each with its SendGrid rule only and otherwise its defaults."""
    yield from _peers(folders, tree, scratch, history=False)
    if path := find("detect-secrets", folders):
        yield _detect_secrets(path, scratch)


def history_peers(folders: tuple[Path, ...], repository: Path, scratch: Path) -> Iterator[Tool]:
    """Give those of them that read histories, each of them as for a tree."""
    yield from _peers(folders, repository, scratch, history=True)


def _peers(folders: tuple[Path, ...], target: Path, scratch: Path, *, history: bool) -> Iterator[Tool]:
    if path := find("betterleaks", folders):
        yield _betterleaks(path, "git" if history else "fs", target, scratch / "betterleaks.json")
    if path := find("kingfisher", folders):
        yield _kingfisher(path, target, scratch)
    # The Python package of betterleaks installs itself under this name too; gitleaks itself is at 8.
    if (path := find("gitleaks", folders)) and int(_version(path).partition(".")[0]) >= 8:
        yield _gitleaks(path, "git" if history else "dir", target, scratch / "gitleaks.json")


def find(name: str, folders: tuple[Path, ...]) -> str | None:
    """Give where a program is: in one of `folders`, beside this interpreter, or on PATH."""
    places = (*map(str, folders), os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath))
    found = shutil.which(name, path=os.pathsep.join(places))
    return os.path.abspath(found) if found else None


def read_nothing(_report: Path) -> Sightings:
    """What a program saw that does not look for keys."""
    return Sightings(frozenset(), frozenset())


def _version(*command: str) -> str:
    done = subprocess.run([*command, "--version"], check=False, capture_output=True, text=True, timeout=SETUP_SECONDS)
    found = re.search(r"\d+(\.\w[\w.-]*)+", done.stdout)
    return found[0] if found else "0"


def _betterleaks(path: str, mode: str, target: Path, report: Path) -> Tool:
    command = (path, mode, "--silent", "--isolate-rule", RULE, "--output", str(report), str(target))
    return Tool("betterleaks", _version(path), command, report, _read_betterleaks, frozenset({0, 1}))


def _gitleaks(path: str, mode: str, target: Path, report: Path) -> Tool:
    output = ("--report-format", "json", "--report-path", str(report))
    command = (path, mode, "--no-banner", "--enable-rule", RULE, *output, str(target))
    return Tool("gitleaks", _version(path), command, report, _read_gitleaks, frozenset({0, 1}))


def _kingfisher(path: str, target: Path, scratch: Path) -> Tool:
    report = scratch / "kingfisher.json"
    rules = ("--rule", f"betterleaks.{RULE}", "--rule", "veles.secrets/sendgrid")
    cache = ("--rule-cache-dir", str(scratch / "kingfisher-rules"))
    scan = (path, "scan", "--no-validate", "--no-update-check", *rules, *cache, "--format", "json")
    # Rules are compiled once and kept: an empty folder first, so that the measured run finds them compiled.
    subprocess.run([*scan, str(_empty(scratch))], check=False, capture_output=True, timeout=SETUP_SECONDS)
    command = (*scan, "--output", str(report), str(target))
    return Tool("kingfisher", _version(path), command, report, _read_kingfisher, frozenset({0, 200}))


def _detect_secrets(path: str, scratch: Path) -> Tool:
    report = scratch / "detect-secrets.json"
    default = subprocess.run(
        [path, "scan", "."], check=True, capture_output=True, cwd=_empty(scratch), timeout=SETUP_SECONDS
    )
    settings = json.loads(default.stdout) | {"plugins_used": [{"name": "SendGridDetector"}], "results": {}}

    def reset() -> None:
        report.write_text(json.dumps(settings))

    # It looks at nothing outside its working folder, where every program is run.
    command = (path, "scan", "--no-verify", "--all-files", "--baseline", str(report), ".")
    version = _version(path)
    return Tool("detect-secrets", version, command, report, _read_detect_secrets, frozenset({0}), reset=reset)


def _empty(scratch: Path) -> Path:
    folder = scratch / "empty"
    folder.mkdir(exist_ok=True)
    return folder


def _read_counts(report: Path) -> Sightings:
    lines = report.read_text(errors="surrogateescape").splitlines()
    return Sightings(frozenset(), frozenset(line.rpartition(":")[0] for line in lines))


def _read_sgleaks(report: Path) -> Sightings:
    saved = json.loads(report.read_text())
    counted = [
        finding
        for finding in saved["findings"]
        if finding["rule"] == "api-key" and finding["confidence"] != "low" and finding["ignored"] is None
    ]
    hashes = frozenset(finding["secret"]["sha256"] for finding in counted)
    note = f"{saved['summary']['files']:,} files read, {len(saved['skips']):,} skipped"
    return Sightings(hashes, frozenset(finding["path"] for finding in counted), note)


def _read_betterleaks(report: Path) -> Sightings:
    findings = json.loads(report.read_text())["findings"] or []
    return _sightings((finding["location"]["path"], finding["match"]["value"]) for finding in findings)


def _read_gitleaks(report: Path) -> Sightings:
    return _sightings((finding["File"], finding["Secret"]) for finding in json.loads(report.read_text()))


def _read_kingfisher(report: Path) -> Sightings:
    findings: list[dict[str, Any]] = [row["finding"] for row in json.loads(report.read_text())["findings"]]
    return _sightings((finding["path"], finding["snippet"]) for finding in findings)


def _read_detect_secrets(report: Path) -> Sightings:
    """Its report names files only: it hashes secrets with SHA-1."""
    return Sightings(frozenset(), frozenset(json.loads(report.read_text())["results"]))


def _sightings(rows: Iterator[tuple[str, str]]) -> Sightings:
    hashes: set[str] = set()
    paths: set[str] = set()
    for path, text in rows:
        paths.add(path)
        hashes.update(hashlib.sha256(match.encode()).hexdigest() for match in KEY.findall(text))
    return Sightings(frozenset(hashes), frozenset(paths))
