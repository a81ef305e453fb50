"""Secrets that become part of a container image: build arguments and its environment.

Both are in the image's history and configuration, for everyone who can pull it: docs.docker.com,
"SecretsUsedInArgOrEnv".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects import commands
from sgleaks.matchers.subjects.secret_name import is_secret_name
from sgleaks.matchers.subjects.stores import STAND_IN, is_made_up, kept, literal, told, written
from sgleaks.syntax import Facts

__all__ = ["secret_inside"]

# Of docker, podman, buildah, kaniko, depot (`--build-arg`), buildctl (`--opt build-arg:`), pack (`--env`), earthly.
NAME_AND_VALUE = rb"([A-Za-z_][\w.-]{0,80})(?:=[\"']?([^\s\"'$\\,]{1,200}))?"
BUILD_ARGUMENT = re.compile(
    rb"(?:--build-args?|--opt[ =\"',]{1,6}build-arg:?|\bbuild-arg:)[=\s\"',\\\[\]-]{0,80}(?:[bfr$@][\"'])?"
    + NAME_AND_VALUE
    + rb"|\b(?:pack|buildpacks?)\b[^\n]{0,200}?[ ](?:-e|--env)[ =][\"']?"
    + NAME_AND_VALUE
)
# Keys of compose, bake, skaffold, fly.toml, heroku.yml, the Docker actions and tasks, Terraform and Pulumi.
ARGUMENTS = re.compile(r"(?i)(?:docker[_-]?)?build[_-]?args?|custom-build-args")
ARGUMENTS_IN_BUILD = re.compile(r"(?i)args|config|environment")
NOTES = {
    "ARG": "Build arguments are in the history of the image.",
    "ENV": "The environment of an image is in its configuration.",
}


def secret_inside(file: File) -> Iterator[Hit]:
    """``ARG`` and ``ENV`` of a Dockerfile, and build arguments in commands and configuration."""
    facts = file.facts
    if facts.language == "dockerfile":
        yield from _instructions(facts)
    else:
        yield from _configured(facts)
    for found in BUILD_ARGUMENT.finditer(facts.data):
        name, value = (found[1], 2) if found[1] else (found[3], 4)
        start = commands.begin(facts, found.start())
        if start is not None and is_secret_name(name.decode(errors="replace")):
            yield told(facts, start, found.end(), found.span(value) if found[value] else None)


def _instructions(facts: Facts) -> Iterator[Hit]:
    for block in facts.blocks():
        instruction = block.labels[-1] if block.labels else ""
        for setting in block.settings if instruction in NOTES else ():
            text = setting.value.text.strip() if setting.value.kind in ("text", "number") else ""
            declared = instruction == "ARG" or text or setting.value.kind in ("reference", "template", "expression")
            if not declared or not is_secret_name(setting.name):
                continue
            stands_in = instruction == "ARG" and (is_made_up(setting.name, text) or STAND_IN.search(text))
            if text and not stands_in:
                for hit in written(setting.name, text, setting.value.start, setting.value.end):
                    yield hit._replace(note=NOTES[instruction])
            else:
                yield Hit(setting.start, setting.end, NOTES[instruction])


def _configured(facts: Facts) -> Iterator[Hit]:
    for entry in kept(facts):
        outer = entry.place[-2] if len(entry.place) > 1 else ""
        baked = entry.under == "args" and entry.place[0] == "target"  # of docker buildx bake
        if (
            baked
            or ARGUMENTS.fullmatch(entry.under)
            or (ARGUMENTS_IN_BUILD.fullmatch(entry.under) and outer == "build")
        ):
            literals = list(literal(entry))
            yield from literals or [Hit(entry.start, entry.value.end)]
