"""Reports read back from the JSON that was written of them: what is in it, and no more. No secret is.

The excerpts, the names of refs and what was dropped are not in a report, so they are not in what is read either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sgleaks.errors import ToolError
from sgleaks.model import (
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
from sgleaks.secret import KEY_KIND, Recalled
from sgleaks.validity import Power, Validity

VERSION = 1  # of reports that are read
MAX_REPORT = 1 << 30  # bytes; a million findings

Json = Mapping[str, Any]


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
    names = tuple(each["name"] for each in (value.get("sweep") or {}).get("repositories", ()))
    findings = tuple(finding_of(each, rules, names) for each in value["findings"])
    return Report(
        findings,
        tuple(skip_of(each) for each in value["skips"]),
        rules=rules_of(findings),
        stats=stats_of(value["summary"]),
        notices=tuple(Notice(each["path"], each["line"] or 0, each["text"]) for each in value["notices"]),
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
    note = value["message"].removeprefix(rule.message)
    if note == value["message"]:
        rule, note = replace(rule, message=value["message"]), ""
    repo = max((name for name in repositories if value["path"].startswith(f"{name}/")), key=len, default=None)
    secret, ignored = value["secret"], value["ignored"]
    return Finding(
        rule,
        _origin(value, repo),
        Region(*(_whole(value[name]) for name in ("line", "column", "end_line", "end_column"))),
        Recalled(secret["kind"], secret["key_id"], secret["sha256"], secret["redacted"]) if secret else None,
        value["confidence"],
        float(value["security_severity"]),
        value["fingerprint"],
        "",
        via=tuple(value["via"]),
        note=note.strip(),
        also=tuple((_origin(each, repo), Region(each["line"], 1, each["line"], 1)) for each in value["also"]),
        ignored=Ignored(ignored["kind"], ignored["reason"]) if ignored else None,
        exposure=_exposure(value["exposure"]),
        validity=validity_of(value["validity"]) if value["validity"] else None,
        advice=value["severity"] == "note",
    )


def skip_of(value: Json) -> Skip:
    if value["reason"] not in SKIP_REASONS:
        raise ValueError("an unknown reason")
    return Skip(str(value["path"]), value["reason"], str(value["detail"]))


def stats_of(summary: Mapping[str, int]) -> Stats:
    return Stats(*(_whole(summary.get(name, 0)) for name in ("files", "blobs", "commits", "bytes")))


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("no whole number")
    return value


def _origin(value: Json, repo: str | None) -> Origin:
    path, *members = value["path"].split("!")
    return Origin(path, tuple(members), repo, _commit(value["commit"]))


def _commit(value: Json | None) -> Commit | None:
    return value and Commit(*(str(value[name]) for name in ("id", "author", "date", "subject")))  # type: ignore[return-value]


def _exposure(value: Json | None) -> Exposure | None:
    if value is None:
        return None
    first, last, removed = (_commit(value[name]) for name in ("first_seen", "last_seen", "removed_in"))
    return Exposure(first, last, removed, at_head=bool(value["at_head"]), reachable=bool(value["reachable"]))


def validity_of(value: Json) -> Validity:
    """What SendGrid said, from its JSON."""
    powers = (
        Power(str(each["category"]), each["risk"], str(each["can"]), tuple(map(str, each["scopes"])))
        for each in value["powers"]
    )
    return Validity(
        value["state"],
        value["access"],
        tuple(map(str, value["scopes"])),
        value["checked"] or "",
        str(value["detail"]),
        tuple(powers),
        tuple((value["reach"] or {}).items()),
    )


def _rule(value: Json) -> Rule:
    """A stand-in for a rule that is not known here: another version's, or a user's own."""
    leaked = value["secret"] or value["rule"] == KEY_KIND
    return Rule(
        id=str(value["rule"]),
        kind="credentials" if leaked else "misconfiguration",
        title=str(value["rule"]),
        severity=float(value["security_severity"]),
        confidence=value["confidence"],
        level=value["level"],
        controls=tuple(map(str, value["controls"])),
        cwe=0,
        anchors=(),
        match={},
        message=str(value["message"]),
        why="",
        fix="",
        references=(),
        examples=(),
        counter_examples=(),
    )
