"""The GitHub Action, for every event, on real repositories as CI checks them out: what is new is seen, all of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from actions import ACTION, ROOT, ZEROS, Done, Project, Runner
from keys import key, secret_half
from sgleaks.ci import CATEGORIES
from sgleaks.cli import ci as commands

KEY, OTHER, THIRD, FOURTH = (f"SENDGRID_API_KEY={key(seed)}\n".encode() for seed in (1, 2, 3, 4))
REPO = {"full_name": "acme/shop", "default_branch": "main"}
FORK = {"full_name": "mallory/shop"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose ``main`` has three commits, with a key in ``old.env`` since the first one."""
    project = Project(tmp_path)
    project.commit("Begin", old_env=KEY, plain_txt=b"one\n")
    project.commit("More", plain_txt=b"two\n")
    project.commit("Most", plain_txt=b"three\n")
    project.push("main")
    return project


@pytest.fixture
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("temp"), args="--only credentials")


def id_of(project: Project, name: str) -> str:
    return project.dev.git("rev-parse", name).decode().strip()


def pushed(project: Project, before: str, ref: str = "refs/heads/main", **more: object) -> dict[str, Any]:
    after = id_of(project, ref.removeprefix("refs/heads/"))
    return {"ref": ref, "before": before, "after": after, "created": before == ZEROS, "repository": REPO, **more}


def proposed(project: Project, head: str, repo: Mapping[str, str] | None = REPO) -> dict[str, Any]:
    return {
        "action": "synchronize",
        "number": 5,
        "pull_request": {
            "base": {"sha": id_of(project, "main"), "ref": "main", "repo": REPO},
            "head": {"sha": id_of(project, head), "ref": head, "repo": repo},
        },
        "repository": REPO,
    }


def merged(project: Project, head: str) -> Path:
    """The checkout of a pull request: a merge that GitHub made, one commit deep."""
    project.push(f"{head}:refs/pull/5/head")
    project.dev.git("checkout", "--quiet", "--detach", "main")
    project.dev.git("merge", "--quiet", "--no-ff", "-m", "Merge", head)
    project.push("HEAD:refs/pull/5/merge")
    return project.checkout("refs/pull/5/merge")


def branch(project: Project, name: str, start: str = "main") -> None:
    project.dev.git("checkout", "--quiet", "-b", name, start)


def accept(project: Project, path: str) -> None:
    """Puts what is found there into the baseline."""
    command = [sys.executable, "-m", "sgleaks", "baseline", "update", "--reason", "known", path]
    subprocess.run(command, cwd=project.dev.root, check=True, capture_output=True)


def assert_tells_no_secret(done: Done) -> None:
    files = [path.read_text("utf-8") for name, path in _files(done)]
    for text in (KEY, OTHER, THIRD, FOURTH):
        half = secret_half(text.decode().strip())
        assert not [told for told in (done.log, done.summary, json.dumps(done.uploads), *files) if half in told]


def _files(done: Done) -> list[tuple[str, Path]]:
    return [(name, Path(path)) for name, path in done.outputs.items() if name.endswith("-file") and path]


# Push


@pytest.mark.parametrize("depth", [1, 2, 0])
def test_key_that_came_and_went_in_a_push_is_told_everywhere(project: Project, runner: Runner, depth: int) -> None:
    before = id_of(project, "main")
    came = project.commit("Add mail", mail_env=b"x=1\n" + OTHER)
    project.commit("Remove", mail_env=b"x=1\n")
    project.push("main")
    done = runner.run("push", pushed(project, before), project.checkout("refs/heads/main", depth))
    assert done.code == 1, done.log
    (finding,) = done.report["findings"]
    assert (finding["path"], finding["line"], finding["commit"]["id"]) == ("mail.env", 2, came)
    outputs = {name: value for name, value in done.outputs.items() if not name.endswith("-file")}
    assert outputs == {
        "findings": "1",
        "new-findings": "1",
        "exit-code": "1",
        "scanned-range": f"{before}..{id_of(project, 'main')}",
    }
    (annotation,) = [line for line in done.commands if line.startswith("::error")]
    assert annotation.startswith("::error file=mail.env,line=2,endLine=2,col=18,")
    assert f"Commits: `{outputs['scanned-range']}`" in done.summary
    assert "mail.env:2:18" in done.summary
    assert "mail.env:2:18" in done.log
    sarif = json.loads(Path(done.outputs["sarif-file"]).read_text("utf-8"))
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]] == ["api-key"]
    assert sarif["runs"][0]["automationDetails"]["id"] == "sgleaks/range/"
    assert done.uploads == [], "the next push would close the alert"
    assert_tells_no_secret(done)


def test_push_that_brings_nothing_is_clean_though_there_is_an_old_key(project: Project, runner: Runner) -> None:
    before = id_of(project, "main")
    project.commit(plain_txt=b"four\n")
    project.push("main")
    done = runner.run("push", pushed(project, before), project.checkout("refs/heads/main"))
    assert (done.code, done.outputs["new-findings"], done.outputs["exit-code"]) == (0, "0", "0")
    assert done.report["summary"]["commits"] == 1


@pytest.mark.parametrize("depth", [1, 0])
def test_new_branch_brings_what_no_other_branch_has(project: Project, runner: Runner, depth: int) -> None:
    branch(project, "topic", "main~1")
    project.commit(topic_env=OTHER)
    project.commit(plain_txt=b"four\n")
    project.push("topic")
    workspace = project.checkout("refs/heads/topic", depth)
    done = runner.run("push", pushed(project, ZEROS, "refs/heads/topic"), workspace)
    assert (done.code, done.places) == (1, ["topic.env"])
    assert done.report["summary"]["commits"] == 2
    assert done.outputs["scanned-range"] == f"{id_of(project, 'main~1')}..{id_of(project, 'topic')}"
    assert "what no other branch has was scanned" in done.summary


def test_first_push_of_all_brings_everything(project: Project, runner: Runner) -> None:
    done = runner.run("push", pushed(project, ZEROS), project.checkout("refs/heads/main"))
    assert (done.code, done.places) == (1, ["old.env"])
    assert done.report["summary"]["commits"] == 3
    assert "no other branch is known: everything that leads to the head was scanned" in done.summary
    assert done.outputs["scanned-range"] == id_of(project, "main")


def test_forced_push_whose_past_is_gone_scans_more_and_says_so(project: Project, runner: Runner) -> None:
    branch(project, "topic")
    project.commit(gone_env=OTHER)
    project.push("topic")
    before = id_of(project, "topic")
    project.dev.git("reset", "--quiet", "--hard", "main")
    project.commit(new_env=THIRD)
    project.push("topic")
    project.remote.git("reflog", "expire", "--expire=now", "--all")
    project.remote.git("gc", "--quiet", "--prune=now")
    payload = pushed(project, before, "refs/heads/topic", forced=True)
    done = runner.run("push", payload, project.checkout("refs/heads/topic"))
    assert (done.code, done.places) == (1, ["new.env"])
    for told in (done.summary, done.log, json.dumps(done.report["notices"])):
        assert f"{before[:12]}, where it was before, is gone" in told
    sarif = json.loads(Path(done.outputs["sarif-file"]).read_text("utf-8"))
    (invocation,) = sarif["runs"][0]["invocations"]
    assert [note for note in invocation["toolExecutionNotifications"] if "is gone" in note["message"]["text"]]


def test_forced_push_whose_past_can_be_fetched_is_compared_with_it(project: Project, runner: Runner) -> None:
    branch(project, "topic")
    project.commit(topic_env=OTHER)
    before = id_of(project, "topic")
    project.push("topic")
    project.dev.git("commit", "--quiet", "--amend", "--message", "Again")
    project.push("topic")
    done = runner.run("push", pushed(project, before, "refs/heads/topic"), project.checkout("refs/heads/topic"))
    assert done.report["summary"]["commits"] == 1
    assert "where it was before" not in done.summary


def test_deletion_has_nothing_to_scan_and_says_so(project: Project, runner: Runner) -> None:
    payload = pushed(project, id_of(project, "main")) | {"after": ZEROS, "deleted": True, "ref": "refs/heads/topic"}
    done = runner.run("push", payload, project.checkout("refs/heads/main"))
    assert (done.code, done.outputs["exit-code"], done.outputs["sarif-file"]) == (0, "0", "")
    assert "refs/heads/topic was deleted: there is nothing to scan" in done.log
    assert "there is nothing to scan" in done.summary
    assert done.uploads == []


def test_tag_of_a_known_commit_brings_its_own_text_only(project: Project, runner: Runner) -> None:
    project.dev.git("tag", "-a", "-m", f"Release\n\n{OTHER.decode()}", "v1", "main")
    project.push("v1")
    done = runner.run("push", pushed(project, ZEROS, "refs/tags/v1"), project.checkout("refs/tags/v1"))
    assert done.code == 1
    assert [path.split("/")[0] for path in done.places] == ["tag"]


def test_tag_of_commits_that_no_branch_has_brings_them(project: Project, runner: Runner) -> None:
    branch(project, "release")
    project.commit(release_env=OTHER)
    project.dev.git("tag", "v2")
    project.push("v2")
    done = runner.run("push", pushed(project, ZEROS, "refs/tags/v2"), project.checkout("refs/tags/v2"))
    assert (done.code, done.places) == (1, ["release.env"])
    released = {"action": "published", "release": {"tag_name": "v2"}, "repository": REPO}
    again = runner.run("release", released, project.checkout("refs/tags/v2"), sha=id_of(project, "v2"))
    assert (again.code, again.places) == (1, ["release.env"])


# Pull requests


@pytest.fixture
def topic(project: Project) -> Project:
    """The project with a branch ``topic`` that adds a key, behind a ``main`` that went on."""
    branch(project, "topic", "main~1")
    project.commit("Add", topic_env=OTHER)
    project.dev.git("checkout", "--quiet", "main")
    project.commit("Meanwhile", other_env=THIRD)
    project.push("main")
    return project


def test_pull_request_brings_its_own_commits_only(topic: Project, runner: Runner) -> None:
    done = runner.run("pull_request", proposed(topic, "topic"), merged(topic, "topic"))
    assert (done.code, done.places) == (1, ["topic.env"])
    assert done.outputs["scanned-range"] == f"{id_of(topic, 'main~2')}..{id_of(topic, 'topic')}"
    assert "# sgleaks: pull request 5" in done.summary
    (upload,) = done.uploads
    assert upload["runs"][0]["automationDetails"]["id"] == "sgleaks/range/"
    assert_tells_no_secret(done)


def test_what_a_pull_request_merged_from_its_base_is_not_new(topic: Project, runner: Runner) -> None:
    topic.dev.git("checkout", "--quiet", "topic")
    topic.dev.git("merge", "--quiet", "-m", "Merge main", "main")
    done = runner.run("pull_request", proposed(topic, "topic"), merged(topic, "topic"))
    assert done.places == ["topic.env"]


@pytest.mark.parametrize("name", ["sgleaks.toml", "pyproject.toml"])
def test_configuration_of_a_pull_request_is_not_obeyed(topic: Project, runner: Runner, name: str) -> None:
    topic.dev.git("checkout", "--quiet", "topic")
    head = "[tool.sgleaks]\n" if name.startswith("py") else ""
    topic.dev.write(name, f'{head}exclude = ["**"]\nfail-on = "critical"\n'.encode())
    topic.commit("Look away")
    for inputs in ({}, {"config": name}, {"args": f"--config ./{name}"}):
        done = runner.run("pull_request", proposed(topic, "topic"), merged(topic, "topic"), **inputs)
        assert (done.code, done.places) == (1, ["topic.env"])
        assert "its own configuration is not obeyed" in done.summary
        assert ("is new in this change, and not obeyed yet" in done.summary) == bool(inputs)


def test_configuration_and_rules_of_the_base_are_obeyed(project: Project, runner: Runner) -> None:
    rule = (ROOT / "docs" / "configuration.md").read_text("utf-8").split("# my-rules/relay-token.toml\n")[1]
    project.dev.write("ci/relay-token.toml", rule.split("```")[0].encode())
    project.commit(sgleaks_toml=b'rules = ["ci"]\n[[ignore]]\npaths = ["quiet.env"]\nreason = "made up"\n')
    project.push("main")
    branch(project, "topic")
    relay = b"RELAY=https://sendgrid-relay.example.com\nRELAY_TOKEN=hu7-Gq2kLw9xZt4vBn\n"
    project.dev.write("ci/relay-token.toml", b"nonsense")
    project.commit(quiet_env=OTHER, relay_env=relay, sgleaks_toml=b'skip-rule = ["relay-token"]\n')
    done = runner.run("pull_request", proposed(project, "topic"), merged(project, "topic"))
    told = {finding["path"]: (finding["rule"], finding["ignored"]) for finding in done.report["findings"]}
    assert told["quiet.env"] == ("api-key", {"kind": "path", "reason": "made up"})
    assert told["relay.env"] == ("relay-token", None)
    assert (done.outputs["findings"], done.outputs["new-findings"]) == ("2", "1")


def test_baseline_of_the_base_counts_and_that_of_the_head_does_not(project: Project, runner: Runner) -> None:
    project.commit(one_env=OTHER)
    accept(project, ".")
    project.commit(one_env=None)
    project.push("main")
    branch(project, "topic")
    project.commit(one_env=OTHER, two_env=THIRD)
    accept(project, ".")
    project.commit("Accept it myself")
    done = runner.run("pull_request", proposed(project, "topic"), merged(project, "topic"))
    assert {f["path"]: f["ignored"] is not None for f in done.report["findings"]} == {"one.env": True, "two.env": False}
    assert done.code == 1
    (upload,) = done.uploads
    assert len(upload["runs"][0]["results"]) == 1, "GitHub would show accepted ones as alerts"


def test_accepted_password_is_none_for_another_file(project: Project, runner: Runner) -> None:
    """The line of a password is what is accepted, so the same line elsewhere is another finding."""
    rule = (ROOT / "docs" / "configuration.md").read_text("utf-8").split("# my-rules/relay-token.toml\n")[1]
    line = "RELAY=https://sendgrid-relay.example.com\nRELAY_TOKEN="
    project.dev.write("ci/relay-token.toml", rule.split("```")[0].encode())
    project.commit(sgleaks_toml=b'rules = ["ci"]\n', a_env=f"{line}hu7-Gq2kLw9xZt4vBn\n".encode())
    accept(project, ".")
    project.commit()
    project.push("main")
    branch(project, "topic")
    project.commit(b_env=f"{line}Pw3xTn8_mRk5Vc1dSf\n".encode())
    done = runner.run("pull_request", proposed(project, "topic"), merged(project, "topic"))
    assert (done.code, done.places, done.outputs["new-findings"]) == (1, ["b.env"], "1")


@pytest.mark.parametrize(
    ("repo", "code"), [(REPO, 0), (FORK, 1), (None, 1)], ids=["own branch", "fork", "fork is gone"]
)
def test_comments_of_a_fork_silence_nothing(
    project: Project, runner: Runner, repo: dict[str, str] | None, code: int
) -> None:
    branch(project, "topic")
    project.commit(topic_env=b"# sgleaks: ignore[api-key] made up\n" + OTHER)
    done = runner.run("pull_request", proposed(project, "topic", repo), merged(project, "topic"))
    assert (done.code, done.outputs["findings"]) == (code, "1")
    assert ("it comes from a fork" in done.summary) == bool(code)
    assert len(done.uploads) == (0 if code else 1)


def test_pull_request_target_is_refused_unless_it_is_meant(topic: Project, runner: Runner) -> None:
    topic.push("topic:refs/pull/5/head")
    workspace = topic.checkout("refs/heads/main")
    done = runner.run("pull_request_target", proposed(topic, "topic", FORK), workspace)
    assert (done.code, done.outputs["exit-code"]) == (2, "2")
    assert [line for line in done.commands if line.startswith("::error title=sgleaks::pull_request_target")]
    meant = runner.run(
        "pull_request_target", proposed(topic, "topic", FORK), workspace, args="--allow-pull-request-target"
    )
    assert (meant.code, meant.places) == (1, ["topic.env"])


def test_merge_group_brings_what_it_merges(topic: Project, runner: Runner) -> None:
    base = id_of(topic, "main")
    topic.dev.git("checkout", "--quiet", "-b", "queue", "main")
    topic.dev.git("merge", "--quiet", "--no-ff", "-m", "Merge", "topic")
    topic.push("queue")
    payload = {"merge_group": {"base_sha": base, "head_sha": id_of(topic, "queue")}, "repository": REPO}
    done = runner.run("merge_group", payload, topic.checkout("refs/heads/queue"))
    assert (done.code, done.places) == (1, ["topic.env"])


# Other events, other scopes


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch"])
def test_event_without_commits_scans_the_files_or_the_history(project: Project, runner: Runner, event: str) -> None:
    project.commit(old_env=None, now_env=OTHER)
    project.push("main")
    workspace = project.checkout("refs/heads/main")
    tree = runner.run(event, {"repository": REPO}, workspace, sha=id_of(project, "main"))
    assert (tree.code, tree.places, tree.outputs["scanned-range"]) == (1, ["now.env"], "")
    assert tree.uploads[0]["runs"][0]["automationDetails"]["id"] == "sgleaks/tree/"
    past = runner.run(event, {"repository": REPO}, workspace, sha=id_of(project, "main"), scope="history")
    assert (past.code, sorted(past.places)) == (1, ["now.env", "old.env"])
    assert past.uploads[0]["runs"][0]["automationDetails"]["id"] == "sgleaks/history/"


def test_range_can_be_given(project: Project, runner: Runner) -> None:
    workspace = project.checkout("refs/heads/main", depth=0)
    start = id_of(project, "main~2")
    done = runner.run("schedule", {}, workspace, base=start, head="main", category="mine")
    assert (done.code, done.outputs["scanned-range"]) == (0, f"{start}..{id_of(project, 'main')}")
    assert done.uploads == [], "a range without a base of its own is a push"
    none = runner.run("schedule", {}, workspace, scope="range")
    assert none.code == 2
    assert "has no range" in none.log


@pytest.mark.parametrize("scope", ["range", "history"])
def test_clone_that_cannot_be_deepened_fails_with_the_remedy(project: Project, runner: Runner, scope: str) -> None:
    before = id_of(project, "main~2")
    workspace = project.checkout("refs/heads/main")
    project.remote.root.rename(project.folder / "elsewhere.git")
    done = runner.run("push", pushed(project, before), workspace, scope=scope)
    assert (done.code, done.outputs["exit-code"]) == (2, "2")
    assert "fetch-depth: 0" in done.log
    assert [line for line in done.commands if line.startswith("::error title=sgleaks::")]


def test_severity_and_switches_reach_the_scan(project: Project, runner: Runner) -> None:
    workspace = project.checkout("refs/heads/main")
    done = runner.run(
        "schedule",
        {},
        workspace,
        annotations="false",
        summary="false",
        upload_sarif="false",
        args="--exit-zero --exclude 'a b'",
        format_extra="junit:out.xml csv:out.csv",
    )
    assert (done.code, done.outputs["new-findings"], done.summary, done.uploads) == (0, "1", "", [])
    assert not [line for line in done.commands if line.startswith("::error")]
    assert "<testsuites" in (workspace / "out.xml").read_text()
    assert (workspace / "out.csv").read_text().startswith("rule,")
    assert "old.env:1:18" in done.log
    assert runner.run("schedule", {}, workspace, fail_on="severe").code == 2


# What others name


def test_names_of_files_and_branches_run_nothing_and_forge_nothing(project: Project, runner: Runner) -> None:
    before = id_of(project, "main")
    name = "topic-$(touch${IFS}pwned)`touch${IFS}pwned`;touch${IFS}pwned"
    branch(project, name)
    for number, text in enumerate(
        (
            "a\n::set-output name=findings::0\n.env",
            "##[set-output name=findings]0.env",
            "$(touch pwned).env",
            "x\nsgleaks-\nfindings=0",
        )
    ):
        project.dev.write(text, f"SENDGRID_API_KEY={key(number + 10)}\n".encode())
    project.dev.add()
    project.dev.commit("::error::$(touch pwned)\n\n##[add-path]x")
    project.push(name)
    workspace = project.checkout(f"refs/heads/{name}")
    done = runner.run("push", pushed(project, before, f"refs/heads/{name}"), workspace)
    assert (done.code, done.outputs["findings"], done.outputs["new-findings"]) == (1, "4", "4")
    assert not list(project.folder.rglob("pwned"))
    assert len([line for line in done.commands if line.startswith("::error file=")]) == 4
    assert not [line for line in done.commands if not line.startswith("::error file=")]


@pytest.mark.parametrize("evil", ["--upload-pack=touch pwned", "main", "", 5, None, ["a"], {"sha": "a"}, ZEROS])
def test_event_that_names_no_commit_is_refused(project: Project, runner: Runner, evil: object) -> None:
    workspace = project.checkout("refs/heads/main")
    payload = proposed(project, "main")
    payload["pull_request"]["head"]["sha"] = evil
    for event, told in (("pull_request", payload), ("push", {"ref": evil, "before": evil, "after": evil})):
        done = runner.run(event, told, workspace)
        assert (done.code, done.outputs["exit-code"]) == (2, "2")
        assert "the event: it does not say what" in done.log
    assert not list(project.folder.rglob("pwned"))


def test_arguments_that_are_not_quoted_well_are_refused(project: Project, runner: Runner) -> None:
    done = runner.run("schedule", {}, project.checkout("refs/heads/main"), args="'")
    assert done.code == 2
    assert "quote the arguments as for a shell" in done.log


def test_modules_of_the_checkout_are_not_what_runs(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With the real installation, in an environment of its own."""
    evil = b"open('pwned', 'w')\n"
    project.commit(sgleaks_py=evil, venv_py=evil, pip_py=evil, json_py=evil, sitecustomize_py=evil)
    project.push("main")
    runner = Runner(tmp_path_factory.mktemp("temp"), args="--only credentials", install=True)
    done = runner.run("schedule", {}, project.checkout("refs/heads/main"))
    assert (done.code, done.places) == (1, ["old.env"]), done.log
    assert not list(project.folder.rglob("pwned"))
    assert (runner.temp / "sgleaks-venv" / "bin" / "sgleaks").exists()


# The action itself


def test_inputs_and_outputs_are_those_that_are_promised() -> None:
    assert list(ACTION["inputs"]) == [
        "scope", "base", "head", "config", "baseline", "format-extra", "fail-on", "version", "upload-sarif", "category",
        "annotations", "summary", "args",
    ]  # fmt: skip
    assert list(ACTION["outputs"]) == [
        "findings", "new-findings", "sarif-file", "json-file", "exit-code", "scanned-range"
    ]  # fmt: skip


def test_every_variable_of_the_scan_is_an_option() -> None:
    (scan,) = [step for step in ACTION["runs"]["steps"] if step.get("id") == "scan"]
    named = {f"SGLEAKS_CI_{parameter.name}".upper() for parameter in commands.github.params}
    assert set(scan["env"]) - {"SGLEAKS_CI_ARGS"} <= named
    used = re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text("utf-8"))
    assert sorted(used) == sorted(ACTION["inputs"])


def test_steps_are_pinned_and_no_input_is_part_of_a_script() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    for step in ACTION["runs"]["steps"]:
        if "uses" in step:
            assert re.search(rf"uses: {re.escape(step['uses'])} # v\d+\.\d+\.\d+\n", text)
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])
        else:
            assert step["shell"] == "bash"
            assert "${{" not in step["run"]
    (upload,) = [step for step in ACTION["runs"]["steps"] if "upload-sarif" in step.get("uses", "")]
    assert upload["continue-on-error"] is True


def test_linters_have_no_objection() -> None:
    for command in (
        ["check-jsonschema", "--builtin-schema", "vendor.github-actions"],
        ["zizmor", "--offline", "--quiet", "--persona", "pedantic"],
    ):
        program = Path(sys.executable).parent / command[0]
        done = subprocess.run(
            [program, *command[1:], "action.yml"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_categories_are_those_of_sarif() -> None:
    from sgleaks.formats import sarif

    assert set(CATEGORIES.values()) == {sarif.TREE, sarif.HISTORY, sarif.RANGE, ""}
