"""``sgleaks ci gitlab`` for every kind of pipeline, and what a summary holds that is too long for GitHub."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from actions import ZEROS, Project
from cli import Done, sgleaks
from keys import key, secret_half
from reports import hostile_report, key_finding
from sgleaks.formats.job import MAX_BYTES, job_summary
from sgleaks.model import Notice, Origin, Report, Skip
from test_formats_markdown import read

KEY, OTHER = (f"SENDGRID_API_KEY={key(seed)}\n".encode() for seed in (1, 2))
FILES = ("sgleaks.json", "sgleaks.sarif", "gl-secret-detection-report.json", "gl-code-quality-report.json")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A key in ``main``, another one in ``topic``, which began a commit before the end of ``main``."""
    project = Project(tmp_path)
    project.commit("Begin", old_txt=KEY, plain_txt=b"one\n")
    project.dev.git("checkout", "--quiet", "-b", "topic")
    project.commit("Add", topic_txt=OTHER)
    project.dev.git("checkout", "--quiet", "main")
    project.commit("More", plain_txt=b"two\n")
    project.push("main", "topic")
    return project


def id_of(project: Project, name: str) -> str:
    return project.dev.git("rev-parse", name).decode().strip()


def piped(workspace: Path, *args: str, **variables: str) -> Done:
    known = {"CI_DEFAULT_BRANCH": "main", **variables}
    return sgleaks("ci", "gitlab", "--only", "credentials", *args, cwd=workspace, env=known)


def report(workspace: Path, name: str = "sgleaks.json") -> Any:
    return json.loads((workspace / name).read_text("utf-8"))


def places(workspace: Path) -> list[str]:
    return [finding["path"] for finding in report(workspace)["findings"]]


def test_push_to_a_new_branch(project: Project) -> None:
    workspace = project.checkout("refs/heads/topic")
    head = id_of(project, "topic")
    done = piped(
        workspace, CI_PIPELINE_SOURCE="push", CI_COMMIT_SHA=head, CI_COMMIT_BRANCH="topic", CI_COMMIT_BEFORE_SHA=ZEROS
    )
    assert (done.code, places(workspace)) == (1, ["topic.txt"])
    assert "topic.txt:1:18" in done.out
    assert f"{id_of(project, 'main~1')}..{head}" in done.err
    (leak,) = report(workspace, "gl-secret-detection-report.json")["vulnerabilities"]
    assert leak["location"]["commit"]["sha"] == head
    assert len(report(workspace, "gl-code-quality-report.json")) == 1
    assert not [name for name in FILES if secret_half(OTHER.decode().strip()) in (workspace / name).read_text("utf-8")]


def test_push_that_brings_nothing(project: Project) -> None:
    workspace = project.checkout("refs/heads/main")
    done = piped(
        workspace,
        CI_PIPELINE_SOURCE="push",
        CI_COMMIT_SHA=id_of(project, "main"),
        CI_COMMIT_BRANCH="main",
        CI_COMMIT_BEFORE_SHA=id_of(project, "main~1"),
    )
    assert (done.code, places(workspace)) == (0, [])


@pytest.mark.parametrize("results", [False, True], ids=["merge request", "merged results"])
@pytest.mark.parametrize(("source", "code"), [("1", 0), ("2", 1)], ids=["own branch", "fork"])
def test_merge_request(project: Project, source: str, code: int, *, results: bool) -> None:
    project.dev.git("checkout", "--quiet", "-b", "mine", "main~1")
    project.dev.write("sgleaks.toml", b'exclude = ["**"]\n')
    project.commit("Silence", mine_txt=b"# sgleaks: ignore[api-key] made up\n" + OTHER)
    project.push("mine:refs/merge-requests/7/head")
    workspace = project.checkout("refs/merge-requests/7/head")
    merged = {
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": id_of(project, "mine"),
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": id_of(project, "main"),
    }
    done = piped(
        workspace,
        CI_PIPELINE_SOURCE="merge_request_event",
        CI_COMMIT_SHA=id_of(project, "mine"),
        CI_MERGE_REQUEST_IID="7",
        CI_MERGE_REQUEST_DIFF_BASE_SHA=id_of(project, "main~1"),
        CI_MERGE_REQUEST_PROJECT_ID="1",
        CI_MERGE_REQUEST_SOURCE_PROJECT_ID=source,
        **(merged if results else {}),
    )
    assert (done.code, places(workspace)) == (code, ["mine.txt"])
    assert "merge request 7" in done.err
    assert "its own configuration is not obeyed" in done.err


def test_tag(project: Project) -> None:
    project.dev.git("tag", "v1", "topic~0")
    project.dev.git("push", "--quiet", "origin", ":topic", "v1")
    workspace = project.checkout("refs/tags/v1")
    variables = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_SHA": id_of(project, "topic"), "CI_COMMIT_TAG": "v1"}
    assert piped(workspace, **variables).code == 1
    assert places(workspace) == ["topic.txt"]


@pytest.mark.parametrize("source", ["schedule", "web", "api"])
def test_pipeline_without_commits_scans_the_files(project: Project, source: str) -> None:
    workspace = project.checkout("refs/heads/main")
    done = piped(workspace, CI_PIPELINE_SOURCE=source, CI_COMMIT_SHA=id_of(project, "main"))
    assert (done.code, places(workspace)) == (1, ["old.txt"])
    past = piped(workspace, "--scope", "history", CI_PIPELINE_SOURCE=source, CI_COMMIT_SHA=id_of(project, "main"))
    assert (past.code, sorted(places(workspace))) == (1, ["old.txt", "topic.txt"])


def test_outside_of_a_pipeline_it_says_what_to_use(project: Project) -> None:
    done = sgleaks("ci", "gitlab", cwd=project.dev.root, env={"CI_PIPELINE_SOURCE": ""})
    assert done.code == 2
    assert "sgleaks scan --range" in done.err


# The summary of a job


def test_summary_has_room_for_the_worst_and_counts_the_rest() -> None:
    long = "|`\\" * 1300  # every character of it is escaped
    findings = tuple(key_finding(seed, origin=Origin(f"{long}{seed}")) for seed in range(600))
    skips = tuple(Skip(f"{long}{number}", "damaged") for number in range(600))
    text = job_summary(Report(findings, skips), "the push to main", "")
    assert len(text.encode()) <= MAX_BYTES
    assert "And 580 more findings: the report has them." in text
    assert "600 critical" in text


def test_summary_lets_no_markup_through() -> None:
    report = hostile_report()
    hostile = report.skips[4].path
    # The last name holds what the parser of this test cannot give back.
    findings, skips = report.findings[:-1], report.skips[:-1]
    text = job_summary(Report(findings, skips, notices=(Notice(hostile, 1, hostile),)), hostile, hostile)
    assert set(re.findall(r"<(\w+)", read(text))) == {
        "h1", "h2", "h3", "p", "strong", "ul", "li", "a", "table", "thead", "tbody", "tr", "th", "td", "code", "br"
    }  # fmt: skip
    assert "\x1b" not in text
