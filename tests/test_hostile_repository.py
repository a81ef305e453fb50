"""One repository that wants to hurt, and every command on it: nothing of it runs, nothing of it is obeyed, and what
each format says of it is still of that format."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from jsonschema import Draft202012Validator

import hostile
from cli import Done, sgleaks
from git_repos import git_environment
from keys import key, secret_half
from sgleaks.formats import FORMATS
from sgleaks.formats.csv import FORMULA
from test_formats_html import KNOWN, Page
from test_formats_json import SCHEMA
from test_sarif import SCHEMA as SARIF

pytestmark = pytest.mark.skipif(os.name != "posix", reason="names, links and pipes that only POSIX has")

# What moves a cursor, changes a colour, or turns text around; a line break is wanted and a tab harmless.
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
SECRETS = [secret_half(key(hostile.FIRST + seed)) for seed in range(hostile.SECRETS)]
OUTSIDE = key(hostile.ELSEWHERE).split(".")[1]
CLOSED = {"SGLEAKS_SENDGRID_API": "http://127.0.0.1:9", "SENDGRID_ADMIN_API_KEY": key(1)}  # where nobody answers
ZEROS = "0" * 40


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> hostile.Hostile:
    made = hostile.hostile(tmp_path_factory.mktemp("hostile"))
    made.fired()
    return made


def assert_harmless(place: hostile.Hostile, done: Done) -> None:
    """Nothing ran, nothing raw or secret came out, nothing outside was read."""
    assert place.fired() == set()
    for told in (done.out, done.err):
        assert RAW.findall(told) == []
        assert not [each for each in SECRETS if each in told]
        assert OUTSIDE not in told
        assert "owned" not in {line.strip().rpartition(":")[2] for line in told.splitlines() if line.startswith("::")}
    assert not [word for word in ("Traceback", "a bug") if word in done.err]


SCANS = {
    "scan": 1,
    "scan --staged": 1,
    "scan --range HEAD~1..HEAD": 1,
    "scan ../hostile/borrowed": 1,
    "history --engine git": 1,
    "history --engine pack": 1,
    "sweep --state ../s.sqlite ../hostile": 1,
    "scan -": 1,
}


@pytest.mark.parametrize(("command", "code"), SCANS.items(), ids=SCANS)
def test_scan_is_harmless_in_every_format(place: hostile.Hostile, tmp_path: Path, command: str, code: int) -> None:
    formats = [word for name in FORMATS for word in ("--format", f"{name}:{tmp_path / name}")]
    stdin = b"".join(hostile.text(number) for number in range(5))
    args = [*command.split(), "--no-config", "-v", "--format", "text", *formats]
    done = sgleaks(*args, cwd=place.root, stdin=stdin)
    assert_harmless(place, done)
    assert done.code == code
    for name in FORMATS:
        told = (tmp_path / name).read_bytes().decode()
        assert_harmless(place, Done(0, told, ""))
        if check := CHECKS.get(name):
            check(told)


def check_json(told: str) -> None:
    Draft202012Validator(SCHEMA).validate(json.loads(told))


def check_lines(told: str) -> None:
    assert all(isinstance(json.loads(line), dict) for line in told.split("\n")[:-1])


def check_sarif(told: str) -> None:
    report = json.loads(told)
    Draft202012Validator(SARIF).validate(report)
    assert len(report["runs"]) == 1


def check_csv(told: str) -> None:
    head, *rows = csv.reader(StringIO(told), strict=True)
    assert {len(row) for row in rows} <= {len(head)}
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(FORMULA)]


def check_junit(told: str) -> None:
    tags = {each.tag for each in Xml.fromstring(told.encode()).iter()}  # noqa: S314  # it is ours
    assert tags <= {"testsuites", "testsuite", "testcase", "failure", "skipped", "error", "system-out"}


def check_html(told: str) -> None:
    page = Page(told)
    assert {tag for tag, _ in page.tags} <= KNOWN
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert sum(tag == "script" for tag, _ in page.tags) <= 1


def check_github(told: str) -> None:
    assert all(re.match(r"::(?:error|warning|notice|group|endgroup)\b", line) for line in told.split("\n")[:-1])


def check_markdown(told: str) -> None:
    told = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", told)  # a span of code is shown as it is
    assert "<script" not in told
    assert "<img" not in told
    assert not re.search(r"(?<!\\)\]\((?:javascript|https:owned)", told)


CHECKS: dict[str, Callable[[str], object]] = {
    "json": check_json,
    "jsonl": check_lines,
    "sarif": check_sarif,
    "csv": check_csv,
    "junit": check_junit,
    "html": check_html,
    "github": check_github,
    "markdown": check_markdown,
    "gitlab": json.loads,
    "codequality": json.loads,
}


def test_each_file_is_found_and_each_thing_that_leads_out_is_named(place: hostile.Hostile) -> None:
    done = sgleaks("scan", "--no-config", "--format", "json", cwd=place.root)
    found = {each["secret"]["key_id"] for each in done.report["findings"] if each["secret"]}
    assert found >= {key(hostile.FIRST + number).split(".")[1] for number in range(len(hostile.NAMES))}
    reasons = {skip["path"]: skip["reason"] for skip in done.report["skips"]}
    assert {name: reasons.get(name) for name in ("out", "out.env", "passwd", "up", "zero")} == dict.fromkeys(
        ("out", "out.env", "passwd", "up", "zero"), "link-out-of-root"
    )
    assert reasons["loop"] == "link-loop"
    assert {reasons.get("pipe"), reasons.get("socket")} <= {"special-file", None}
    silenced = next(each for each in done.report["findings"] if each["path"] == "silenced.env")
    assert silenced["ignored"]["kind"] == "inline"


def test_objects_from_outside_are_named_and_not_read(place: hostile.Hostile) -> None:
    for engine in ("pack", "git"):
        done = sgleaks("history", "--engine", engine, "--no-config", "--format", "json", cwd=place.root)
        found = {each["secret"]["key_id"] for each in done.report["findings"] if each["secret"]}
        assert found >= {key(hostile.FIRST + number).split(".")[1] for number in range(len(hostile.NAMES))}
        assert any("outside" in skip["detail"] for skip in done.report["skips"])
        assert OUTSIDE not in done.out


def test_sweep_obeys_nothing(place: hostile.Hostile) -> None:
    done = sgleaks("sweep", "--state", "../t.sqlite", "..", "--no-config", "--format", "json", cwd=place.root)
    assert not [each for each in done.report["findings"] if each["ignored"]]


def others(head: str) -> dict[str, tuple[set[int], bytes]]:
    """Other commands, with the exit codes each may have and what they read."""
    refs = f"refs/heads/x{hostile.ESCAPE} {head} refs/heads/{hostile.BIDI} {ZEROS}\n".encode()
    received = f"{ZEROS} {head} refs/heads/x{hostile.ESCAPE}{hostile.BIDI}\n".encode()
    return {
        "hook pre-commit --no-config": ({1}, b""),
        "hook pre-push --no-config": ({1}, refs),
        "hook pre-receive --deadline 0": ({0}, received),
        "doctor": ({0, 1}, b""),
        "install": ({2}, b""),
        "uninstall": ({0}, b""),
        "baseline create --no-config --reason =1+1 --baseline ../b.toml": ({0}, b""),
        "baseline update --history --no-config --reason x --baseline ../b.toml": ({0}, b""),
        "baseline prune --no-config --baseline ../b.toml": ({0, 2}, b""),
        "verify ../r.json": ({3}, b""),
        "revoke --dry-run --from ../r.json": ({2, 3}, b""),
        "audit": ({2, 3}, b""),
        "guide": ({0}, b""),
        "rules": ({0}, b""),
        "report ../r.json": ({1}, b""),
        "sweep --list-only ..": ({0}, b""),
        "scan": ({0, 3}, b""),  # its configuration is obeyed, as SECURITY.md says
        "rules check names": ({2}, b""),
        f"scan nothing{hostile.ESCAPE}": ({2}, b""),
        f"scan --{hostile.BIDI}": ({2}, b""),
        f"scan --range x{hostile.ESCAPE}..{hostile.BIDI}": ({2}, b""),
    }


@pytest.mark.parametrize("command", others(""), ids=ascii)
def test_other_commands_are_harmless(place: hostile.Hostile, command: str) -> None:
    report = place.root.parent / "r.json"
    if not report.exists():
        sgleaks("history", "--no-config", "-q", "--format", f"json:{report}", cwd=place.root)
    codes, stdin = others(place.repository.repository.git("rev-parse", "HEAD").decode().strip())[command]
    done = sgleaks(*command.split(" "), cwd=place.root, stdin=stdin, env=CLOSED)
    assert_harmless(place, done)
    assert done.code in codes


@pytest.mark.parametrize("service", ["github", "gitlab"])
def test_ci_is_harmless(place: hostile.Hostile, tmp_path: Path, service: str) -> None:
    head = place.repository.repository.git("rev-parse", "HEAD").decode().strip()
    ref = f"refs/heads/{hostile.ESCAPE}::error::owned"
    event = {"before": ZEROS, "after": head, "ref": ref, "created": True,
             "repository": {"default_branch": "main"}, "head_commit": {"message": hostile.NAMES[0]}}  # fmt: skip
    (tmp_path / "event.json").write_text(json.dumps(event))
    env = {
        "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(tmp_path / "event.json"), "GITHUB_SHA": head,
        "GITHUB_REF": ref, "GITHUB_OUTPUT": str(tmp_path / "output"), "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_SHA": head, "CI_COMMIT_BEFORE_SHA": ZEROS,
        "CI_COMMIT_BRANCH": f"{hostile.BIDI}=1+1", "CI_DEFAULT_BRANCH": "main",
    }  # fmt: skip
    done = sgleaks("ci", service, "--scope", "tree", "--reports", tmp_path / "out", cwd=place.root, env=env)
    assert_harmless(place, done)
    assert done.code in (0, 1, 2, 3)
    for file in (*(tmp_path / "out").rglob("*"), tmp_path / "summary", tmp_path / "output"):
        if file.exists():
            assert_harmless(place, Done(0, file.read_text("utf-8"), ""))


def test_checkout_is_as_it_was(place: hostile.Hostile) -> None:
    """The last of this module: nothing was written into what was looked at."""
    names = {path.name for path in place.root.iterdir()}
    assert not {"sgleaks", "sgleaks.sarif", ".sgleaks-baseline.toml"} & names
    assert git_environment()
