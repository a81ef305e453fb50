"""Reports read back from the JSON that was written of them: what is in it, and no more. No secret is.

The excerpts, the names of refs and what was dropped are not in a report, so they are not in what is read either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from sgleaks.errors import ToolError
from sgleaks.model import (
    CONFIDENCES,
    SEVERITIES,
    SKIP_REASONS,
    Commit,
    Exposure,
    Finding,
    Ignored,
    Notice,
    Origin,
    Region,
    Report,
    Rule,
    Skip,
    Stats,
)
from sgleaks.pipeline import order
from sgleaks.rule import CONTROL, ID, LEVELS
from sgleaks.secret import KEY_ID, KEY_KIND, Recalled, without_secrets
from sgleaks.table import is_number
from sgleaks.validity import ACCESSES, RISKS, STATES, Power, Validity

VERSION = 1  # of reports that are read
MAX_REPORT = 1 << 30  # bytes; a million findings
MOST = 1 << 62  # of anything that is counted
IGNORED: tuple[Literal["inline", "baseline", "path"], ...] = ("inline", "baseline", "path")
SHA256 = re.compile(r"[0-9a-f]{64}")
COMMIT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

Json = Mapping[str, Any]
T = TypeVar("T")


def read(paths: Sequence[Path], rules: Mapping[str, Rule]) -> Report:
    """The reports of these files as one. Of several, each file's name goes before its paths, unless it is of a sweep.

    Raises ToolError for what is no report of sgleaks.
    """
    reports = []
    for path in paths:
        try:
            with path.open("rb") as file:
                value = json.loads(file.read(MAX_REPORT))
            report = report_of(value, rules)
        except OSError as error:
            raise ToolError(str(path), f"it cannot be read: {error.strerror}", "name a report") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ToolError(str(path), "it is no report of sgleaks", "write one with --format json") from None
        named = report.repositories or len(paths) == 1
        reports.append(report if named else below(path.stem, report))
    return merged(reports)


def report_of(value: Json, rules: Mapping[str, Rule]) -> Report:
    """A report from its JSON. Raises ValueError, KeyError, TypeError or AttributeError for anything else."""
    if value["version"] != VERSION:
        raise ValueError("another version")
    names = tuple(_text(each["name"], least=1) for each in (value.get("sweep") or {}).get("repositories", ()))
    findings = tuple(finding_of(each, rules, names) for each in value["findings"])
    return Report(
        findings,
        tuple(skip_of(each) for each in value["skips"]),
        rules=rules_of(findings),
        stats=stats_of(value["summary"]),
        notices=tuple(_notice(each) for each in value["notices"]),
        repositories=names,
    )


def merged(reports: Iterable[Report]) -> Report:
    """One report of all. What they share is told once."""
    reports = list(reports)
    findings = {(f.origin.place, f.region, f.rule.id, f.fingerprint): f for report in reports for f in report.findings}
    stats = Stats()
    for report in reports:
        stats += report.stats
    return Report(
        tuple(sorted(findings.values(), key=lambda finding: (*order(finding), finding.fingerprint))),
        tuple(sorted({skip for report in reports for skip in report.skips})),
        rules=rules_of(findings.values()),
        stats=stats,
        notices=tuple(sorted({notice for report in reports for notice in report.notices})),
        repositories=tuple(sorted({name for report in reports for name in report.repositories})),
    )


def below(name: str, report: Report) -> Report:
    """The report with ``name`` as its repository, before every path."""

    def origin_of(origin: Origin) -> Origin:
        return replace(origin, path=f"{name}/{origin.path}", repo=name)

    findings = (
        replace(each, origin=origin_of(each.origin), also=tuple((origin_of(o), region) for o, region in each.also))
        for each in report.findings
    )
    return replace(
        report,
        findings=tuple(findings),
        skips=tuple(replace(skip, path=f"{name}/{skip.path}") for skip in report.skips),
        notices=tuple(replace(notice, path=f"{name}/{notice.path}") for notice in report.notices),
        repositories=(name,),
    )


def rules_of(findings: Iterable[Finding]) -> tuple[Rule, ...]:
    """The rules of findings, by id."""
    return tuple(sorted({finding.rule.id: finding.rule for finding in findings}.values(), key=lambda rule: rule.id))


def finding_of(value: Json, rules: Mapping[str, Rule], repositories: Iterable[str] = ()) -> Finding:
    """A finding from its JSON; its repository is the one of ``repositories`` that its path begins with."""
    rule = rules.get(value["rule"]) or _rule(value)
    message = _text(value["message"], least=1)
    note = message.removeprefix(rule.message)
    if note == message:
        rule, note = replace(rule, message=message), ""
    path = _text(value["path"])
    repo = max((name for name in repositories if path.startswith(f"{name}/")), key=len, default=None)
    return Finding(
        rule,
        _origin(value, repo),
        Region(*(_whole(value[name], least=1) for name in ("line", "column", "end_line", "end_column"))),
        _secret(value["secret"]),
        _one_of(value["confidence"], CONFIDENCES),
        _score(value["security_severity"]),
        _word(value["fingerprint"]),
        "",
        via=tuple(map(_word, _list(value["via"]))),
        note=note.strip(),
        also=tuple(_place(each, repo) for each in _list(value["also"])),
        ignored=_ignored(value["ignored"]),
        exposure=_exposure(value["exposure"]),
        validity=validity_of(value["validity"]) if value["validity"] else None,
        advice=_one_of(value["severity"], SEVERITIES) == "note",
    )


def skip_of(value: Json) -> Skip:
    return Skip(_text(value["path"]), _one_of(value["reason"], tuple(SKIP_REASONS)), _text(value["detail"]))


def stats_of(summary: Mapping[str, int]) -> Stats:
    return Stats(*(_whole(summary.get(name, 0)) for name in ("files", "blobs", "commits", "bytes")))


def _notice(value: Json) -> Notice:
    line = value["line"]
    return Notice(_text(value["path"]), 0 if line is None else _whole(line, least=1), _text(value["text"], least=1))


def _place(value: Json, repo: str | None) -> tuple[Origin, Region]:
    line = _whole(value["line"], least=1)
    return _origin(value, repo), Region(line, 1, line, 1)


def _origin(value: Json, repo: str | None) -> Origin:
    path, *members = _text(value["path"]).split("!")
    return Origin(path, tuple(members), repo, _commit(value["commit"]))


def _secret(value: Json | None) -> Recalled | None:
    if value is None:
        return None
    kind, key_id, sha256 = _word(value["kind"]), value["key_id"], value["sha256"]
    if (kind == KEY_KIND) != (key_id is not None) or (key_id is None) != (sha256 is None):
        raise ValueError("an id and a hash are those of a key")
    if key_id is not None and not (KEY_ID.fullmatch(key_id) and SHA256.fullmatch(sha256)):
        raise ValueError("no id, or no hash")
    return Recalled(kind, key_id, sha256)


def _ignored(value: Json | None) -> Ignored | None:
    return None if value is None else Ignored(_one_of(value["kind"], IGNORED), _text(value["reason"]))


def _commit(value: Json | None) -> Commit | None:
    if value is None:
        return None
    if not COMMIT_ID.fullmatch(value["id"]):
        raise ValueError("no id")
    return Commit(value["id"], _text(value["author"]), _word(value["date"], least=0), _text(value["subject"]))


def _exposure(value: Json | None) -> Exposure | None:
    if value is None:
        return None
    first, last, removed = (_commit(value[name]) for name in ("first_seen", "last_seen", "removed_in"))
    return Exposure(first, last, removed, at_head=bool(value["at_head"]), reachable=bool(value["reachable"]))


def validity_of(value: Json) -> Validity:
    """What SendGrid said, from its JSON. Raises as `report_of` does."""
    access = value["access"]
    return Validity(
        _one_of(value["state"], STATES),
        None if access is None else _one_of(access, ACCESSES),
        _scopes(value["scopes"]),
        "" if value["checked"] is None else _word(value["checked"]),
        _text(value["detail"]),
        tuple(map(_power, _list(value["powers"]))),
        tuple((_text(what), _text(found)) for what, found in (value["reach"] or {}).items()),
    )


def _power(value: Json) -> Power:
    scopes = _scopes(value["scopes"])
    if not scopes:
        raise ValueError("a power comes of scopes")
    return Power(_word(value["category"]), _one_of(value["risk"], RISKS), _text(value["can"], least=1), scopes)


def _scopes(value: object) -> tuple[str, ...]:
    return tuple(_text(scope, least=1) for scope in _list(value))


def _rule(value: Json) -> Rule:
    """A stand-in for a rule that is not known here: another version's, or a user's own."""
    name, controls = value["rule"], _list(value["controls"])
    if not ID.fullmatch(name) or not all(CONTROL.fullmatch(control) for control in controls):
        raise ValueError("no id of a rule, or of a control")
    leaked = value["secret"] or name == KEY_KIND
    return Rule(
        id=name,
        kind="credentials" if leaked else "misconfiguration",
        title=name,
        severity=_score(value["security_severity"]),
        confidence=_one_of(value["confidence"], CONFIDENCES),
        level=_one_of(value["level"], LEVELS),
        controls=tuple(controls),
        cwe=0,
        anchors=(),
        match={},
        message=_text(value["message"], least=1),
        why="",
        fix="",
        references=(),
        examples=(),
        counter_examples=(),
    )


# Values. A report may come from anybody, so each is what it should be, or a ValueError or TypeError.


def _text(value: object, least: int = 0) -> str:
    """Any text of so many characters, without the keys that somebody may have put into it."""
    if not isinstance(value, str):
        raise TypeError("no text")
    if len(value) < least:
        raise ValueError("an empty text")
    return without_secrets(value)


def _word(value: object, least: int = 1) -> str:
    """What is told as it is: an id, a date, the name of a decoder."""
    text = _text(value, least)
    if not (text.isascii() and text.isprintable()):
        raise ValueError("no word")
    return text


def _one_of(value: object, known: tuple[T, ...]) -> T:
    for each in known:
        if each == value:
            return each
    raise ValueError("an unknown word")


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return value


def _whole(value: object, least: int = 0) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("no whole number")
    if not least <= value <= MOST:
        raise ValueError("out of bounds")
    return value


def _score(value: object) -> float:
    if not is_number(value, 0, 10):
        raise ValueError("no score")
    return float(cast("float", value))
