"""The report for programs, version 1. ``schemas/report.schema.json`` says the same; a test holds the two together.

Members without a value are null, never absent. The order is the report's, so the same input gives the same bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from sgleaks import __version__
from sgleaks.formats import Style
from sgleaks.formats.keys import Exposed, accounts, exposed, owner_of
from sgleaks.formats.plain import writable
from sgleaks.formats.validity import as_json as as_validity
from sgleaks.model import Commit, Exposure, Finding, Ignored, Notice, Origin, Region, Report, Skip
from sgleaks.secret import Secret

VERSION = 1  # a member added or changed makes it 2: readers may refuse what they do not know

Json = dict[str, object]


def render(report: Report, style: Style) -> Iterator[str]:  # noqa: ARG001  # programs are told everything
    """One document, pure ASCII, so that no terminal, pipe or locale can spoil it."""
    yield written(as_json(report), indent=2)


def written(value: object, indent: int | None = None) -> str:
    """The value as JSON in pure ASCII, a newline at its end."""
    text = json.dumps(value, indent=indent, ensure_ascii=True)
    # The one control character that is ASCII and that JSON does not ask to escape. It only occurs inside strings.
    return text.replace("\x7f", "\\u007f") + "\n"


def as_json(report: Report) -> Json:
    """The report as plain dictionaries and lists, in the order the contract shows."""
    return {
        "version": VERSION,
        "tool": {"name": "sgleaks", "version": __version__},
        "findings": [finding_json(finding) for finding in report.findings],
        "skips": [skip_json(skip) for skip in report.skips],
        "notices": [notice_json(notice) for notice in report.notices],
        "summary": summary_json(report),
        **({"sweep": sweep_json(report)} if report.repositories else {}),
    }


def sweep_json(report: Report) -> Json:
    """What only a sweep has: its repositories with what each held, and every key once with all of its repositories."""
    found = Counter(finding.origin.repo for finding in report.findings if finding.counts)
    failed = {skip.path.removesuffix("/."): skip for skip in report.skips if skip.path.endswith("/.")}
    keys = [one for one in exposed(report) if one.secret]
    return {
        "repositories": [
            {
                "name": writable(name),
                "owner": writable(owner_of(name)),
                "findings": found[name],
                "failure": {"reason": failed[name].reason, "detail": writable(failed[name].detail)}
                if name in failed
                else None,
            }
            for name in report.repositories
        ],
        "keys": [_key(one) for one in keys],
        "accounts": [
            {
                "login": writable(account.login),
                "keys": list(account.keys),
                "repositories": list(map(writable, account.repositories)),
            }
            for account in accounts(keys)
        ],
    }


def _key(one: Exposed) -> Json:
    return {
        "rules": sorted({finding.rule.id for finding in one.findings}),
        "severity": one.severity,
        "secret": _secret(one.secret),
        "state": one.validity.state if one.validity else None,
        "access": one.validity.access if one.validity else None,
        "account": writable(one.account) or None,
        "repositories": list(map(writable, one.repositories)),
        "owners": list(map(writable, one.owners)),
        "at_head": list(map(writable, one.at_head)),
        "first_seen": one.first_seen or None,
        "last_seen": one.last_seen or None,
        "places": one.places,
        "fingerprints": sorted({finding.fingerprint for finding in one.findings}),
    }


def finding_json(finding: Finding) -> Json:
    return {
        "rule": finding.rule.id,
        "severity": finding.severity,
        "security_severity": finding.security_severity,
        "level": finding.level,
        "confidence": finding.confidence,
        "message": writable(finding.message),
        "controls": list(finding.rule.controls),
        "path": writable(finding.origin.place),
        "line": finding.region.line,
        "column": finding.region.column,
        "end_line": finding.region.end_line,
        "end_column": finding.region.end_column,
        "commit": _commit(finding.origin.commit),
        "via": list(finding.via),
        "secret": _secret(finding.secret),
        "fingerprint": finding.fingerprint,
        "ignored": _ignored(finding.ignored),
        "also": [_also(origin, region) for origin, region in finding.also],
        "exposure": _exposure(finding.exposure),
        "validity": as_validity(finding.validity) if finding.validity else None,
    }


def _commit(commit: Commit | None) -> Json | None:
    if commit is None:
        return None
    return {
        "id": commit.id,
        "author": writable(commit.author),
        "date": commit.date,
        "subject": writable(commit.subject),
    }


def _exposure(exposure: Exposure | None) -> Json | None:
    if exposure is None:
        return None
    return {
        "first_seen": _commit(exposure.first_seen),
        "last_seen": _commit(exposure.last_seen),
        "removed_in": _commit(exposure.removed_in),
        "at_head": exposure.at_head,
        "reachable": exposure.reachable,
    }


def _secret(secret: Secret | None) -> Json | None:
    if secret is None:
        return None
    return {"kind": secret.kind, "key_id": secret.key_id, "sha256": secret.sha256, "redacted": secret.redacted}


def _ignored(ignored: Ignored | None) -> Json | None:
    return None if ignored is None else {"kind": ignored.kind, "reason": writable(ignored.reason)}


def _also(origin: Origin, region: Region) -> Json:
    return {"path": writable(origin.place), "line": region.line, "commit": _commit(origin.commit)}


def skip_json(skip: Skip) -> Json:
    return {"path": writable(skip.path), "reason": skip.reason, "detail": writable(skip.detail)}


def notice_json(notice: Notice) -> Json:
    return {"path": writable(notice.path), "line": notice.line or None, "text": writable(notice.text)}


def summary_json(report: Report) -> Json:
    """``findings`` counts what can fail a run; with ``ignored`` and ``low_confidence`` it adds up to the array."""
    ignored = sum(finding.ignored is not None for finding in report.findings)
    counting = sum(finding.counts for finding in report.findings)
    return {
        "files": report.stats.files,
        "blobs": report.stats.blobs,
        "commits": report.stats.commits,
        "bytes": report.stats.bytes,
        "findings": counting,
        "ignored": ignored,
        "low_confidence": len(report.findings) - counting - ignored,
    }
