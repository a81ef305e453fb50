"""A runner of composite actions, as small as action.yml allows: run steps are run, the others are recorded."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from git_repos import Repository

ROOT = Path(__file__).parents[1]
ZEROS = "0" * 40
EXPRESSION = re.compile(r"\$\{\{ (?:inputs\.([\w-]+)|steps\.(\w+)\.outputs\.([\w-]+)) \}\}")
CONDITION = re.compile(r"always\(\) && (steps\.scan\.outputs\.[\w-]+) == 'true'")


def read_yaml(text: str) -> Any:
    return YAML(typ="safe").load(text)


ACTION = read_yaml((ROOT / "action.yml").read_text("utf-8"))


@dataclass
class Done:
    """What a job left: the exit code of the first step that failed, the log, and what was uploaded."""

    code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    uploads: list[Any] = field(default_factory=list)

    @property
    def report(self) -> Any:
        return json.loads(Path(self.outputs["json-file"]).read_text("utf-8"))

    @property
    def places(self) -> list[str]:
        return [finding["path"] for finding in self.report["findings"]]

    @property
    def commands(self) -> list[str]:
        """The lines that the runner takes for commands: not those between ``stop-commands`` and its token."""
        stopped, found = "", []
        for line in re.split("[\r\n]+", self.log):
            if match := re.fullmatch(r"::stop-commands::(\w+)", line.strip()):
                stopped = match[1]
            elif stopped and line.strip() == f"::{stopped}::":
                stopped = ""
            elif not stopped and (line.strip().startswith("::") or "##[" in line):
                found.append(line)
        return found


class Runner:
    """Runs the action for events in a workspace. Its Python is that of the tests, unless it is to install its own."""

    def __init__(self, temp: Path, *, args: str = "", install: bool = False) -> None:
        self.temp, self.args, self.install = temp, args, install
        program = temp / "sgleaks-venv" / "bin" / "python"
        if not install:
            program.parent.mkdir(parents=True)
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
            program.chmod(0o755)

    def run(self, event: str, payload: Mapping[str, Any], workspace: Path, sha: str = "", **inputs: str) -> Done:
        done, steps = Done(), {"python": {"python-path": sys.executable}}
        given = {name: spec["default"] for name, spec in ACTION["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        given["args"] += f" {self.args}"
        (self.temp / "event.json").write_text(json.dumps(payload))
        for step in ACTION["runs"]["steps"]:
            if self._is_skipped(step, steps, failed=bool(done.code)):
                continue
            values = {
                name: EXPRESSION.sub(lambda m: given[m[1]] if m[1] else steps[m[2]].get(m[3], ""), value)
                for name, value in {**step.get("env", {}), **step.get("with", {})}.items()
                if isinstance(value, str)
            }
            if "run" in step:
                done.code = self._step(step, event, sha, workspace, values, done, steps) or done.code
            elif "upload-sarif" in step["uses"]:
                done.uploads.append(json.loads(Path(values["sarif_file"]).read_text("utf-8")))
        for name, spec in ACTION["outputs"].items():
            done.outputs[name] = EXPRESSION.sub(lambda m: steps.get(m[2], {}).get(m[3], ""), spec["value"])
        return done

    def _is_skipped(self, step: Mapping[str, Any], steps: dict[str, dict[str, str]], *, failed: bool) -> bool:
        if condition := step.get("if"):
            match = CONDITION.fullmatch(condition)
            assert match, f"the runner does not know {condition}"
            _, name, _, output = match[1].split(".")
            return steps.get(name, {}).get(output) != "true"
        return failed or (step.get("name") == "Install sgleaks" and not self.install)

    def _step(
        self,
        step: Mapping[str, Any],
        event: str,
        sha: str,
        workspace: Path,
        values: Mapping[str, str],
        done: Done,
        steps: dict[str, dict[str, str]],
    ) -> int:
        output, summary = self.temp / "output", self.temp / "summary"
        for file in (output, summary):
            file.write_text("")
        assert step["shell"] == "bash"
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=workspace,
            env={
                **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
                **{
                    name: value
                    for name, value in os.environ.items()
                    if name.startswith(("PIP_", "http", "HTTP", "SSL"))
                },
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_EVENT_NAME": event,
                "GITHUB_EVENT_PATH": str(self.temp / "event.json"),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_SHA": sha,
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_WORKSPACE": str(workspace),
                "RUNNER_TEMP": str(self.temp),
                **values,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=600,
        )
        done.log += ran.stdout.decode()
        done.summary += summary.read_text("utf-8")
        steps[step.get("id", "")] = parsed_outputs(output.read_text("utf-8"))
        return ran.returncode


def parsed_outputs(text: str) -> dict[str, str]:
    """As the runner reads ``GITHUB_OUTPUT``: ``name=value``, or ``name<<END``, lines, ``END``."""
    outputs, lines = {}, iter(text.splitlines())
    for line in lines:
        name, mark, end = line.partition("<<")
        if not mark or "=" in name:
            name, _, outputs[name] = line.partition("=")
            continue
        value = []
        for inner in lines:
            if inner == end:
                break
            value.append(inner)
        outputs[name] = "\n".join(value)
    return outputs


class Project:
    """A repository, the remote it is pushed to, and checkouts of that as CI makes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.remote = Repository(folder / "remote.git", "--bare")
        self.dev = Repository(folder / "dev")
        self.dev.git("remote", "add", "origin", self.remote.root.as_uri())

    def commit(self, message: str = "change", **contents: bytes | None) -> str:
        """A commit in which files, their dots spelt as underscores, have this content or are gone."""
        for name, content in contents.items():
            path = name.replace("_", ".")
            if content is None:
                (self.dev.root / path).unlink()
            else:
                self.dev.write(path, content)
        self.dev.add()
        return self.dev.commit(message)

    def push(self, *refs: str) -> None:
        self.dev.git("push", "--quiet", "--force", "origin", *refs)

    def checkout(self, ref: str, depth: int = 1) -> Path:
        """A fresh workspace, as actions/checkout makes one: all branches and tags with ``depth`` 0."""
        place = self.folder / f"workspace-{len(list(self.folder.iterdir()))}"
        workspace = Repository(place)
        workspace.git("remote", "add", "origin", self.remote.root.as_uri())
        branch = ref.replace("refs/heads/", "refs/remotes/origin/", 1)
        if depth:
            workspace.git("fetch", "--quiet", "--no-tags", f"--depth={depth}", "origin", f"+{ref}:{branch}")
        else:
            workspace.git(
                "fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"
            )
            workspace.git("fetch", "--quiet", "origin", f"+{ref}:{branch}")
        workspace.git("checkout", "--quiet", "--detach", branch)
        return place
