"""Accepted findings, each with a reason: ``.sgleaks-baseline.toml``, sorted, one entry a line, so that git merges it.

An entry is a fingerprint, the rule, a path or none (this secret anywhere), a reason, and a day until which it holds.
No lines, commits or times: rebase, squash and edits above leave it as it is. A key is known by itself, so its entry
needs no path. A password could be guessed from its hash, so its fingerprint is that of its line without it; therefore
its entry has a path, and follows the file only when nothing is at that path any more.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sgleaks.errors import ToolError, suggestion
from sgleaks.model import Finding, Ignored, Notice

FILE = ".sgleaks-baseline.toml"
MAX_SIZE = 16 << 20  # bytes; a hundred thousand entries
HEAD = "# Findings that are accepted, each with a reason. `sgleaks baseline` writes this file.\n"
KEYS = ("fingerprint", "rule", "path", "reason", "expires")
FINGERPRINT = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One accepted finding. ``path`` is "" for anywhere, ``expires`` None for ever."""

    path: str
    rule: str
    fingerprint: str
    reason: str
    expires: date | None = None


class Baseline:
    """The entries of one file; remembers which of them a finding fits.

    ``root`` is what the paths of findings are relative to; those of entries are relative to the file's own folder, or,
    where it lies elsewhere, to ``root`` too.
    """

    def __init__(self, file: Path, entries: Sequence[Entry], root: Path, today: date) -> None:
        self._folder, self._name, self._today = file.absolute().parent, file.name, today
        below = root.absolute()
        self._prefix = f"{below.relative_to(self._folder).as_posix()}/" if below.is_relative_to(self._folder) else ""
        self._prefix = self._prefix.removeprefix("./")
        if not below.is_relative_to(self._folder):
            self._folder = below
        self.entries = tuple(sorted(entries))
        self._by_identity: dict[tuple[str, str], list[Entry]] = {}
        for entry in self.entries:
            self._by_identity.setdefault((entry.rule, entry.fingerprint), []).append(entry)
        self.used: set[Entry] = set()

    def ignored(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings, the accepted ones ignored."""
        for finding in findings:
            entry = self._entry(finding)
            if entry:
                self.used.add(entry)
            is_accepted = entry is not None and not self._is_expired(entry) and finding.ignored is None
            yield replace(finding, ignored=Ignored("baseline", entry.reason)) if entry and is_accepted else finding

    def _entry(self, finding: Finding) -> Entry | None:
        entries = self._by_identity.get((finding.rule.id, finding.fingerprint), ())
        path = self._prefix + finding.origin.place
        here = [entry for entry in entries if entry.path in ("", path)]
        moved = [] if here else [entry for entry in entries if not self._has_file(entry.path)]
        return next(iter(sorted(here or moved, key=self._is_expired)), None)

    def _is_expired(self, entry: Entry) -> bool:
        return entry.expires is not None and entry.expires < self._today

    def _has_file(self, path: str) -> bool:
        return os.path.lexists(self._folder / path.partition("!")[0])

    def entry_of(self, finding: Finding, reason: str, expires: date | None) -> Entry:
        """The entry that accepts a finding."""
        is_unique = finding.secret is not None and finding.secret.is_key
        path = "" if is_unique else self._prefix + finding.origin.place
        return Entry(path, finding.rule.id, finding.fingerprint, reason, expires)

    def notices(self, judged: Collection[str]) -> Iterator[Notice]:
        """Entries that no longer count, and those of ``judged`` rules, which saw a whole tree, that fit nothing."""
        for entry in self.entries:
            what = f"{entry.rule} {entry.fingerprint[:8]}" + (f" in {entry.path}" if entry.path else "")
            if entry in self.used and self._is_expired(entry):
                yield Notice(self._name, 0, f"the entry {what} expired on {entry.expires}")
            elif entry not in self.used and entry.rule in judged and not self._prefix:
                yield Notice(self._name, 0, f"the entry {what} fits nothing: `sgleaks baseline prune` drops it")


def read(file: Path) -> list[Entry]:
    """The entries of a file. Raises ToolError naming file, entry and mend."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_SIZE + 1)
    except OSError as error:
        raise ToolError(str(file), f"cannot be read: {error.strerror}", "give another --baseline") from None
    if len(data) > MAX_SIZE:
        raise ToolError(str(file), f"larger than {MAX_SIZE >> 20} MiB", "give another --baseline")
    try:
        table = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise ToolError(str(file), f"not valid TOML: {error}", "mend the line, or make the file anew") from None
    entries = table.get("accepted", [])
    if set(table) - {"accepted"} or not isinstance(entries, list):
        raise ToolError(str(file), "it is no baseline", "it holds one list, `accepted = [ … ]`")
    return [_entry(f"{file}: entry {number}", entry) for number, entry in enumerate(entries, 1)]


def _entry(where: str, table: Any) -> Entry:
    if not isinstance(table, dict):
        raise ToolError(where, "it is no table", '{fingerprint = "…", rule = "…", reason = "…"}')
    for key in table:
        if key not in KEYS:
            near = suggestion(key, list(KEYS))
            raise ToolError(f"{where}: {key}", f"there is no such key{near}", f"use {', '.join(KEYS)}")
    for key in ("fingerprint", "rule", "reason"):
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise ToolError(f"{where}: {key}", "it is missing or no text", "give fingerprint, rule and reason")
    if not FINGERPRINT.fullmatch(table["fingerprint"]):
        raise ToolError(f"{where}: fingerprint", "it is none", "copy it from a JSON report: 32 hex digits")
    path, expires = table.get("path", ""), table.get("expires")
    if not isinstance(path, str):
        raise ToolError(
            f"{where}: path", "it is no text", "name a file from the folder of the baseline, or leave it out"
        )
    if expires is not None and type(expires) is not date:
        raise ToolError(f"{where}: expires", "it is no day", "write it as 2027-01-31, without quotes")
    return Entry(path, table["rule"], table["fingerprint"], table["reason"].strip(), expires)


def written(entries: Iterable[Entry]) -> str:
    """The text of a baseline file."""
    lines = [f"  {{{_fields(entry)}}},\n" for entry in sorted(set(entries))]
    return f"{HEAD}accepted = [\n{''.join(lines)}]\n"


def _fields(entry: Entry) -> str:
    fields: Mapping[str, str] = {
        "path": _quoted(entry.path) if entry.path else "",
        "rule": _quoted(entry.rule),
        "fingerprint": _quoted(entry.fingerprint),
        "reason": _quoted(entry.reason),
        "expires": entry.expires.isoformat() if entry.expires else "",
    }
    return ", ".join(f"{name} = {value}" for name, value in fields.items() if value)


def _quoted(text: str) -> str:
    """A TOML string: what JSON writes, but for what TOML has no escape for."""
    return json.dumps(text.encode("utf-8", "backslashreplace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")
