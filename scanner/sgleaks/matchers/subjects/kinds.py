"""What a configuration file is for, by its path and the keys at its top: CI, Kubernetes, Terraform."""

from __future__ import annotations

import re
from typing import NamedTuple

from sgleaks.matchers.file import File
from sgleaks.once import once
from sgleaks.syntax import Block, Facts

CI_PATH = re.compile(
    r"(?i)(?:^|/)(?:\.(?:github|gitlab|gitea|forgejo|circleci|buildkite|woodpecker|semaphore|azuredevops|azure-pipelines|pipelines?)/"
    r"|[^/]*gitlab-ci[^/]*\.ya?ml$|azure-pipelines?[^/]*\.ya?ml$|bitbucket-pipelines\.ya?ml$|\.?(?:travis|drone|woodpecker|cirrus)\.ya?ml$"
    r"|\.?appveyor\.ya?ml$|buildspec[^/]*\.ya?ml$|cloudbuild[^/]*\.(?:ya?ml|json)$|codemagic\.ya?ml$|bitrise\.ya?ml$|wercker\.ya?ml$"
    r"|screwdriver\.ya?ml$|jenkinsfile[^/]*$|[^/]*\.jenkinsfile$)"
)
CI_KEYS = (frozenset({"jobs", "on"}), frozenset({"jobs", "version"}), frozenset({"stages", "variables"}))
CI_ONE = frozenset({"steps", "stages", "pipelines", "workflows", "before_script", "trigger", "pool"})
TERRAFORM = re.compile(r"(?i)\.(?:tf|tofu)(?:\.json)?$")
VARIABLES_FILE = re.compile(r"(?i)\.tfvars(?:\.json)?$")


def is_ci(file: File) -> bool:
    """Whether a file tells a CI service what to do."""
    return CI_PATH.search(file.path) is not None or (file.facts.language == "yaml" and _has_ci_keys(file.facts))


def is_terraform(file: File) -> bool:
    """Whether a file declares resources of Terraform or OpenTofu."""
    return TERRAFORM.search(file.path) is not None


class Object(NamedTuple):
    """An object of Kubernetes: the mapping that has its kind, and what it is called."""

    kind: str
    name: str
    block: Block


def kubernetes_object(facts: Facts, block: Block) -> Object | None:
    """The object that a block is in: the nearest mapping around it that has a kind and a version."""
    return _objects(facts)[id(block)]


@once
def _objects(facts: Facts) -> dict[int, Object | None]:
    """Of every block, by its identity."""
    objects: dict[int, Object | None] = {}
    for block in facts.blocks():
        kind = block.get("kind")
        if kind and block.get("apiVersion"):
            metadata = next((each for each in block.blocks if each.labels == ("metadata",)), None)
            name = metadata.get("name") if metadata else None
            objects[id(block)] = Object(kind.value.text, name.value.text if name else "", block)
        else:
            objects[id(block)] = objects[id(block.parent)] if block.parent else None
    return objects


@once
def is_encrypted(facts: Facts) -> bool:
    """Whether sops encrypted the values of a file."""
    return any(root.get("sops") for root in facts.roots)


@once
def _has_ci_keys(facts: Facts) -> bool:
    keys = frozenset(setting.name for root in facts.roots for setting in root.settings)
    if "services" in keys and not keys & {"stages", "jobs", "pipelines"}:
        return False  # compose
    if "apiVersion" in keys or "AWSTemplateFormatVersion" in keys:
        return False
    scripts = any(block.get("script") and len(block.labels) == 1 for root in facts.roots for block in root.blocks)
    return scripts or bool(keys & CI_ONE) or any(needed <= keys for needed in CI_KEYS)
