"""``sgleaks history`` as its user runs it: exit codes, streams, the same bytes again, and never a key."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cli import Done, sgleaks
from history_repos import Past
from keys import key, secret_half
from test_cases import CASES, _bytes
from test_settings import OWN_RULE

SCHEMA = json.loads(files("sgleaks").joinpath("schemas/report.schema.json").read_text("utf-8"))
LINE = f"SENDGRID_API_KEY={key(1)}\n".encode()


@pytest.fixture
def past(tmp_path: Path) -> Past:
    """A key that came on 1 May, was copied, and went on 2 June."""
    past = Past(tmp_path / "shop")
    past.write("mail.env", LINE)
    past.at("05-01", f"Add {key(1)}")
    past.write("copy/mail.env", LINE)
    past.at("05-09")
    past.remove("mail.env")
    past.remove("copy/mail.env")
    past.at("06-02", "Remove the key")
    past.git("update-ref", "refs/pull/7/head", past.id("HEAD~1"))
    return past


def told(past: Past, *args: str) -> Done:
    return sgleaks("history", "--no-config", "--only", "credentials", *args, cwd=past.root)


def test_text_tells_the_life_of_a_key(past: Past) -> None:
    done = told(past)
    assert done.code == 1
    assert " --> mail.env:1:18\n" in done.out
    lived = "in 5 places since 2024-05-01, removed 2024-06-02, 32 days"
    assert f"= exposed: {lived}; still reachable from refs/heads/main, refs/pull/7/head\n" in done.out
    assert "= commit: " in done.out
    assert "2 refs, 1 blob, 3 commits, " in done.err


def test_json_obeys_the_schema_and_the_contract(past: Past) -> None:
    report = told(past, "--format", "json").report
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(report)] == []
    (finding,) = report["findings"]
    assert finding["commit"] == {
        "id": past.id("HEAD~2"),
        "author": "Ada",
        "date": "2024-05-01T12:00:00Z",
        "subject": f"Add {key(1)[:26]}…",
    }
    assert [(place["path"], place["commit"] and place["commit"]["id"]) for place in finding["also"]] == [
        (f"commit/{past.id('HEAD~2')}", past.id("HEAD~2")),
        ("copy/mail.env", past.id("HEAD~1")),
        ("logs/HEAD", None),
        ("logs/refs/heads/main", None),
    ]
    exposure = finding["exposure"]
    assert list(exposure) == ["first_seen", "last_seen", "removed_in", "at_head", "reachable"]
    assert exposure["first_seen"] == finding["commit"]
    assert exposure["last_seen"]["id"] == past.id("HEAD~1")
    assert exposure["removed_in"]["id"] == past.id("HEAD")
    assert exposure["reachable"] is True


def test_sarif_is_of_another_category_and_says_that_it_is_history(past: Past) -> None:
    (run,) = told(past, "--format", "sarif").report["runs"]
    (result,) = run["results"]
    assert run["automationDetails"]["id"] == "sgleaks/history/"
    assert result["message"]["text"].startswith("Only in history, last in ")
    assert result["properties"]["refs"] == ["refs/heads/main", "refs/pull/7/head"]
    names = [place["fullyQualifiedName"] for place in result["locations"][0]["logicalLocations"]]
    assert names == [f"{result['properties']['introducedIn']}:mail.env"]


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_two_runs_give_the_same_bytes_whatever_reads(form: str, past: Past) -> None:
    first = told(past, "--format", form)
    assert told(past, "--format", form, "--jobs", "1").out == first.out
    past.git("repack", "--quiet", "-a", "-d")
    assert told(past, "--format", form).out == first.out
    assert told(past, "--format", form, "--engine", "git").out == first.out
    assert secret_half(key(1)) not in first.out + first.err


def test_addresses_of_authors_are_told_on_request_only(past: Past) -> None:
    assert "ada@example.org" not in told(past, "-v").out
    assert "Ada <ada@example.org>" in told(past, "--author-emails").out


def test_since_leaves_out_what_came_before(past: Past) -> None:
    assert told(past, "--since", "2024-05-02").code == 0
    assert told(past, "--since", "2024-05-01").code == 1
    assert told(past, "--since", "yesterday").code == 2


def test_excluded_and_ignored_paths(past: Past) -> None:
    past.at("06-03")
    (past.root / "sgleaks.toml").write_text('[[ignore]]\npaths = ["*.env", "commit/", "logs/"]\nreason = "rotated"\n')
    done = sgleaks("history", "--format", "json", cwd=past.root)
    assert (done.code, done.report["findings"][0]["ignored"]["reason"]) == (0, "rotated")
    places = told(past, "--exclude", "*.env", "--format", "json").report["findings"]
    assert [place["path"] for place in places] == [f"commit/{past.id('HEAD~3')}"]


def test_what_is_wrong_at_excluded_paths_only_is_not_told(tmp_path: Path) -> None:
    past = Past(tmp_path / "shop")
    past.write("legacy/Dockerfile", b"FROM scratch\nENV " + LINE)
    past.at("05-01")
    found = sgleaks("history", "--no-config", "--format", "json", cwd=past.root).report["findings"]
    assert {finding["rule"] for finding in found} >= {"api-key", "secret-in-image"}
    done = sgleaks("history", "--no-config", "--exclude", "legacy/", "--format", "json", cwd=past.root)
    assert (done.code, done.report["findings"]) == (0, [])


def test_of_programs_what_head_does_is_told(tmp_path: Path) -> None:
    past = Past(tmp_path / "shop")
    call = b'requests.get("https://api.sendgrid.com/v3/scopes", auth=("acme", password))\n'
    for name in ("mail.py", "script"):
        past.write(name, b"#!/usr/bin/env python3\nimport requests\n# " + name.encode() + b"\n" + call)
    past.at("05-01")
    (finding,) = _misconfigured(past)
    assert {finding["path"], *(place["path"] for place in finding["also"])} == {"mail.py", "script"}
    past.remove("mail.py")
    past.remove("script")
    past.at("05-02")
    assert _misconfigured(past) == []


def test_rules_of_users_look_at_files_in_no_language(tmp_path: Path) -> None:
    past = Past(tmp_path / "shop")
    past.write("notes.txt", b"mail goes by sendgrid and internal-mail-1234\n")
    past.at("05-01")
    past.remove("notes.txt")
    past.at("05-02")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "internal.toml").write_text('kind = "misconfiguration"\n' + OWN_RULE)
    (finding,) = _misconfigured(past, "--rules", str(tmp_path / "rules"))
    assert (finding["rule"], finding["path"]) == ("internal", "notes.txt")


def _misconfigured(past: Past, *args: str) -> list[dict[str, Any]]:
    done = sgleaks("history", "--no-config", "--only", "misconfiguration", *args, "--format", "json", cwd=past.root)
    return list(done.report["findings"])


def test_what_an_archive_holds_has_its_own_name(tmp_path: Path) -> None:
    past = Past(tmp_path / "packed")
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mail.env", f"SENDGRID_API_KEY={key(3)}\n")
    past.write("backup.zip", buffer.getvalue())
    past.at("01-01")
    report = told(past, "--rule", "tracked-env-file", "--format", "json").report
    assert [finding["path"] for finding in report["findings"]] == ["backup.zip!mail.env"]
    assert told(past, "--rule", "tracked-env-file", "--exclude", "*.zip").code == 0


@pytest.mark.parametrize("name", ["folder", "nothing"])
def test_what_is_no_repository_is_a_mistake(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    done = sgleaks("history", name, cwd=tmp_path)
    assert done.code == 2
    assert name in done.err


def test_interrupted_scan_reports_what_it_has(tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    past.write("a.env", LINE)
    past.at("01-01")
    # A large object that is read through git takes a while; the key is in a text that is looked at before it.
    past.git("branch", f"b/{key(2)}")
    past.write("big", os.urandom(1 << 20) * 200)
    past.add("big")
    command = [sys.executable, "-m", "sgleaks", "history", "--no-config", "--format", "json", "--jobs", "1"]
    with subprocess.Popen(command, cwd=past.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    report = json.loads(out)
    assert "interrupted" in {skip["reason"] for skip in report["skips"]}, err
    assert process.returncode == 1


def test_labelled_cases_are_found_after_they_were_deleted(tmp_path: Path) -> None:
    past = Past(tmp_path / "cases")
    for seed, (folder, case) in enumerate(CASES):
        past.write(f"{folder}/{case['path']}", _bytes(case, seed))
    past.git("add", "--all", "--force")
    past.dated("01-01", "commit", "--quiet", "--message", "all")
    now = sgleaks("scan", "--no-config", "--format", "json", "--only", "credentials", cwd=past.root).report
    past.git("rm", "-r", "--quiet", ".")
    past.at("02-02")
    then = told(past, "--format", "json", "--only", "credentials").report
    assert _secrets(then) == _secrets(now)
    assert len(_secrets(now)) > 50
    assert {finding["exposure"]["removed_in"]["date"][:10] for finding in then["findings"]} == {"2024-02-02"}
    places = {(place["path"], place["line"]) for f in then["findings"] for place in (f, *f["also"])}
    assert places == {(finding["path"], finding["line"]) for finding in now["findings"]}


def _secrets(report: dict[str, list[dict[str, str]]]) -> set[tuple[str, str, str]]:
    return {(finding["rule"], finding["fingerprint"], finding["confidence"]) for finding in report["findings"]}
