"""Targets that read documents: configuration, rules, baselines, reports, events. Each is a ToolError or a value."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

import sgleaks
from fuzz.target import Target, document, folder, toml_document, written
from reports import full_report
from sgleaks import rule as rules
from sgleaks import saved, settings
from sgleaks.ci import github, gitlab
from sgleaks.errors import ToolError
from sgleaks.formats import FORMATS, Style, render
from sgleaks.formats.json import as_json
from sgleaks.formats.summary import summary
from sgleaks.git.ids import is_id
from sgleaks.matchers import prepare
from sgleaks.model import CONFIDENCES, Report, Rule, exit_code
from sgleaks.retrace import traces
from sgleaks.rule import builtin_rules
from sgleaks.sendgrid.audit import ledger
from sgleaks.sweep.target import Choice, Lister, Unlisted, is_plain
from sgleaks.triage import baseline

TODAY = date(2026, 1, 31)


def either(data: bytes, samples: list[Any]) -> bytes:
    """A TOML file: the bytes themselves behind a ``t``, else a document that they make of a sample."""
    return data[1:] if data[:1] == b"t" else toml_document(document(data, samples))


@cache
def schema(name: str) -> jsonschema.Draft202012Validator:
    text = (Path(sgleaks.__file__).parent / "schemas" / f"{name}.schema.json").read_text()
    return jsonschema.Draft202012Validator(json.loads(text))


# Configuration

CONFIGURATION: dict[str, Any] = {
    "fail-on": "high", "exit-zero": True, "profile": "L3", "only": "credentials", "rule": ["api-key"], "jobs": 2,
    "exclude": ["*.md"], "color": "never",
    "skip-rule": "api-key", "rules": ["."], "ignore": [{"paths": ["a/**"], "reason": "why", "rules": ["api-key"]}],
    "baseline": "b.toml", "inline-ignores": False, "min-confidence": "low", "rotation-days": 30,
}  # fmt: skip


def configuration(data: bytes) -> None:
    """What is taken is what the published schema allows; what it forbids is refused."""
    content = either(data, [CONFIGURATION])
    try:
        settings.load(written("sgleaks.toml", content))
    except ToolError:
        _refused(content)
        raise
    assert not list(schema("config").iter_errors(tomllib.loads(content.decode())))


def _refused(content: bytes) -> None:
    with suppress(ValueError, RecursionError):
        assert list(schema("config").iter_errors(tomllib.loads(content.decode()))), "the schema allows what is refused"


def pyproject(data: bytes) -> None:
    """A ``pyproject.toml`` is found only where it speaks of sgleaks, and says the same as a ``sgleaks.toml``."""
    table = document(data, [{"tool": {"sgleaks": CONFIGURATION}}])
    content = toml_document(table)
    place = written("project/pyproject.toml", content)
    written("project/.git/HEAD", b"")
    found = settings.find(place.parent)
    assert (found == place) == (b"tool.sgleaks" in content)
    alone = table.get("tool", {}).get("sgleaks", {}) if isinstance(table.get("tool", {}), dict) else None
    loaded = settings.load(place)
    assert isinstance(alone, dict)
    assert loaded == settings.load(written("project/sgleaks.toml", toml_document(alone)))


# Rules


@cache
def builtin() -> tuple[Mapping[str, Any], ...]:
    files = sorted(builtin_rules().glob("*/*.toml"))
    return tuple(tomllib.loads(file.read_text()) for file in files if file.parent.name != "account")


def a_rule(data: bytes) -> None:
    """A rule that is taken can search, and tell of itself."""
    place = written("rules/my-rule.toml", either(data, list(builtin())))
    taken = rules.load(place)
    assert isinstance(taken, Rule)
    assert taken.examples
    assert taken.counter_examples
    prepare(taken)


def some_rules() -> Iterator[bytes]:
    yield from (bytes([number]) for number in range(min(len(builtin()), 256)))
    yield b"t" + b'title = "x"\n[match]\nmatcher = "regex"\npattern = "(?P<secret>a+)"\n'


# Accepted findings

ACCEPTED = {
    "accepted": [
        {"fingerprint": "0123456789abcdef" * 2, "rule": "api-key", "reason": "why"},
        {"path": "a/b", "fingerprint": "f" * 32, "rule": "x", "reason": "w", "expires": TODAY},
    ]
}


def accepted(data: bytes) -> None:
    """What is read and written is read again as the same, and written as the same."""
    entries = baseline.read(written("baseline.toml", either(data, [ACCEPTED])))
    text = baseline.written(entries)
    again = baseline.read(written("again.toml", text.encode()))
    assert sorted(set(entries)) == again
    assert baseline.written(again) == text
    known = baseline.Baseline(folder() / "baseline.toml", entries, folder(), TODAY)
    assert all("\n" not in notice.path for notice in known.notices({entry.rule for entry in entries}))


# Reports


@cache
def known_rules() -> Mapping[str, Rule]:
    return rules.load_folder(builtin_rules(), examples=False)


@cache
def sample_reports() -> list[Any]:
    commit = {"id": "a" * 40, "author": "Ada", "date": "2026-01-31T10:00:00Z", "subject": "s"}
    exposure = {"first_seen": commit, "last_seen": commit, "removed_in": None, "at_head": False, "reachable": True}
    power = {"category": "mail", "risk": "high", "can": "send mail", "scopes": ["mail.send"]}
    validity = {
        "state": "active", "access": "restricted", "scopes": ["mail.send"], "checked": "2026-01-31T10:00:00Z",
        "detail": "known", "powers": [power], "reach": {"login": "ada"},
    }  # fmt: skip
    whole = json.loads(json.dumps(as_json(full_report())))
    lived = json.loads(json.dumps(whole))
    lived["findings"] = [
        {**each, "commit": commit, "exposure": exposure, "validity": validity} for each in lived["findings"][:2]
    ]
    lived["sweep"] = {"repositories": [{"name": "host/a"}], "keys": []}
    return [lived, {**whole, "findings": whole["findings"][:3]}]


STYLES = (Style(), Style(color=True, verbosity=1, min_confidence="low"))


def report(data: bytes) -> None:
    """A report that is taken can be told in every format, fits the schema, and is read again as the same."""
    content = data[1:] if data[:1] == b"t" else json.dumps(document(data, sample_reports())).encode()
    found = saved.read([written("report.json", content)], known_rules())
    _told(found, STYLES[len(data) % 2])
    told = "".join(render("json", found, Style()))
    assert not list(schema("report").iter_errors(json.loads(told)))
    again = saved.read([written("again.json", told.encode())], known_rules())
    assert "".join(render("json", again, Style())) == told


def _told(found: Report, style: Style) -> None:
    for name in FORMATS:
        "".join(render(name, found, style)).encode()
    summary(found, style).encode()
    assert exit_code(found) in (0, 1, 3)
    assert all(finding.confidence in CONFIDENCES for finding in found.findings)


def several(data: bytes) -> None:
    """Of several reports, what each says is told below its name."""
    parts = [
        json.dumps(document(part, sample_reports())).encode()
        for part in (data[: len(data) // 2], data[len(data) // 2 :])
    ]
    paths = [written(f"{name}.json", part) for name, part in zip("ab", parts, strict=True)]
    _told(saved.read(paths, known_rules()), STYLES[len(data) % 2])


def traced(data: bytes) -> None:
    """Where the keys of a report were."""
    content = data[1:] if data[:1] == b"t" else json.dumps(document(data, sample_reports())).encode()
    for trace in traces(content, "report.json"):
        assert len(trace.key_id) == 22
        assert len(trace.sha256) == 64


def a_ledger(data: bytes) -> None:
    """A ledger of keys that is read and saved is read again as the same."""
    sample = {"version": 1, "since": "2026-01-01", "keys": {"a" * 22: "2026-01-02", "b" * 22: "2026-01-03"}}
    content = data[1:] if data[:1] == b"t" else json.dumps(document(data, [sample])).encode()
    known = ledger.read(written("ledger.json", content), TODAY)
    ledger.save(known, folder() / "saved.json")
    assert ledger.read(folder() / "saved.json", TODAY) == known


# What a sweep and a job are told

GITHUB = [
    {
        "ref": "refs/heads/main", "before": "a" * 40, "after": "b" * 40, "deleted": False,
        "repository": {"default_branch": "main"},
    },
    {
        "number": 7,
        "pull_request": {side: {"sha": "c" * 40, "repo": {"full_name": "a/b"}} for side in ("base", "head")},
        "repository": {"full_name": "a/b", "default_branch": "main"},
    },
    {"merge_group": {"base_sha": "a" * 40, "head_sha": "b" * 40}},
    {"release": {"tag_name": "v1"}},
]  # fmt: skip
EVENTS = ("push", "pull_request", "pull_request_target", "merge_group", "release", "schedule")


def event(data: bytes) -> None:
    """Of an event of GitHub only ids and names of refs are taken, whatever is in their place."""
    content = data[1:] if data[:1] == b"t" else json.dumps(document(data[1:], GITHUB)).encode()
    path = written("event.json", content)
    for name in EVENTS:
        variables = {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path), "GITHUB_SHA": "d" * 40}
        with suppress(ToolError):
            _sound(github.change_of(variables, targets=True))


VARIABLES = {
    "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_SHA": "a" * 40, "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_BRANCH": "main",
    "CI_COMMIT_TAG": "v1", "CI_COMMIT_BEFORE_SHA": "b" * 40, "CI_MERGE_REQUEST_IID": "7",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA": "c" * 40, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "d" * 40,
    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "e" * 40,
}  # fmt: skip


def pipeline(data: bytes) -> None:
    """The same of a pipeline of GitLab, whose variables are others' branch names."""
    found = document(data, [VARIABLES, {**VARIABLES, "CI_PIPELINE_SOURCE": "merge_request_event"}])
    variables = {name: value for name, value in found.items() if isinstance(value, str)}
    _sound(gitlab.change_of(variables))


def _sound(change: Any) -> None:
    assert all(is_id(each) for each in (change.head, *change.known) if each)
    assert not change.ref.startswith("-")
    assert "\n" not in change.ref + change.what + change.default_branch


ADDRESSES = b"https://github.com/a/b.git\ngit@host:a/b\n# no\n\nssh://git@host/a/b.git\nhttps://u:p@host/x\n/nowhere\n"


def addresses(data: bytes) -> None:
    """Every line is a repository with a plain name, or is told to be none; a password is never shown."""
    lines = data.decode("utf-8", "surrogateescape").splitlines()
    kept = [line for line in lines if not os.path.isdir(line.strip())]  # folders are searched, and the disk is large
    file = written("addresses", "\n".join(kept).encode("utf-8", "surrogateescape"))
    for source in Lister(Choice(), print).sources([f"@{file}"]):
        if isinstance(source, Unlisted):
            assert "@" not in source.target
        else:
            assert source.local or is_plain(source.name)


TARGETS = {
    "configuration": Target(
        configuration,
        lambda: (b"", b"t" + toml_document(CONFIGURATION), b't[[ignore]]\npaths = "x"\nreason = "y"\n'),
        (ToolError,),
    ),
    "pyproject": Target(pyproject, refusals=(ToolError,)),
    "rule": Target(a_rule, some_rules, (ToolError,)),
    "baseline": Target(accepted, lambda: (b"", b"t" + toml_document(ACCEPTED), b"t# no entry\n"), (ToolError,)),
    "report": Target(report, lambda: (b"", b"\1"), (ToolError,), 512),
    "reports": Target(several, lambda: (b"", b"\1\0"), (ToolError,), 512),
    "traces": Target(traced, lambda: (b"", b"\1", b"t{}"), (ToolError,), 512),
    "key-ledger": Target(a_ledger, lambda: (b"", b't{"version": 1, "since": "2026-01-01", "keys": {}}'), (ToolError,)),
    "event": Target(event, lambda: (b"\0\0", b"\0\1", b"\0\2", b"\0\3"), (ToolError,)),
    "pipeline": Target(pipeline, lambda: (b"\0", b"\1"), (ToolError,)),
    "addresses": Target(addresses, lambda: (ADDRESSES,), (ToolError,)),
}  # fmt: skip
