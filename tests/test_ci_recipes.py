"""Every recipe in the documents is one that its service takes, and that linters find nothing in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from actions import ACTION, read_yaml
from test_docs import Block, blocks
from tools import actionlint

SCHEMAS = {
    ".github/workflows/": "vendor.github-workflows",
    ".gitlab-ci.yml": "vendor.gitlab-ci",
    "azure-pipelines.yml": "vendor.azure-pipelines",
    "bitbucket-pipelines.yml": "vendor.bitbucket-pipelines",
}
# GitLab's own tags and Azure's own values; patterns of Azure's schema are not what ECMAScript has them.
SPECIAL = {
    "vendor.gitlab-ci": ("--data-transform", "gitlab-ci"),
    "vendor.azure-pipelines": ("--data-transform", "azure-pipelines", "--regex-variant", "python"),
}
RECIPES = [block for block in blocks("yaml") if block.file.startswith(tuple(SCHEMAS))]
WORKFLOWS = [block for block in RECIPES if block.file.startswith(".github/")]
BIN = Path(sys.executable).parent


def written(block: Block, folder: Path) -> Path:
    place = folder / block.file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(block.text, "utf-8")
    return place


def refused(command: list[str | Path], folder: Path) -> str:
    """What a linter has to say, "" if it has no objection."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    return (done.stdout + done.stderr or "it failed") if done.returncode else ""


def test_there_is_a_recipe_for_every_service() -> None:
    assert {next(name for name in SCHEMAS if block.file.startswith(name)) for block in RECIPES} == set(SCHEMAS)


@pytest.mark.parametrize("block", RECIPES, ids=lambda block: f"{block.document}:{block.file}")
def test_recipe_obeys_the_schema_of_its_service(block: Block, tmp_path: Path) -> None:
    schema = next(schema for name, schema in SCHEMAS.items() if block.file.startswith(name))
    command: list[str | Path] = [BIN / "check-jsonschema", *SPECIAL.get(schema, ()), "--builtin-schema", schema]
    assert refused([*command, written(block, tmp_path)], tmp_path) == ""


@pytest.mark.parametrize("block", WORKFLOWS, ids=lambda block: f"{block.document}:{block.file}")
def test_workflow_gives_the_action_inputs_that_it_has(block: Block) -> None:
    steps = [step for job in read_yaml(block.text)["jobs"].values() for step in job["steps"]]
    for step in steps:
        if step.get("uses", "").startswith("OWNER/sgleaks@"):
            assert set(step.get("with", {})) <= set(ACTION["inputs"])


@pytest.mark.parametrize("block", WORKFLOWS, ids=lambda block: f"{block.document}:{block.file}")
def test_workflow_is_a_safe_one(block: Block, tmp_path: Path) -> None:
    persona = "pedantic" if block.document == "docs/ci.md" else "regular"
    command: list[str | Path] = [BIN / "zizmor", "--offline", "--quiet", "--no-config", "--persona", persona]
    assert refused([*command, written(block, tmp_path)], tmp_path) == ""


@pytest.mark.actionlint
@pytest.mark.parametrize("block", WORKFLOWS, ids=lambda block: f"{block.document}:{block.file}")
def test_workflow_has_no_mistake(block: Block, tmp_path: Path) -> None:
    assert refused([*actionlint(), written(block, tmp_path)], tmp_path) == ""


@pytest.mark.actionlint
def test_actionlint_would_say_so(tmp_path: Path) -> None:
    (block,) = [block for block in WORKFLOWS if block.file.endswith("/sgleaks-plain.yml")]
    broken = block._replace(text=block.text.replace("runs-on: ubuntu-latest", "runs-on: ${{ matrix.nothing }}"))
    assert "nothing" in refused([*actionlint(), written(broken, tmp_path)], tmp_path)
