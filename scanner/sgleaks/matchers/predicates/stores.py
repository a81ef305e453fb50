"""Secrets in stores that are made for plain values: variables of CI services, parameters, settings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects import commands
from sgleaks.matchers.subjects.kinds import is_ci, is_terraform
from sgleaks.matchers.subjects.secret_name import is_secret_name
from sgleaks.matchers.subjects.stores import assigned, kept, literal, told
from sgleaks.syntax import Block, Facts, Value

__all__ = ["plain"]

# `${{ vars.X }}` of GitHub; `vars.X` in code is something else.
GITHUB_VARIABLE = re.compile(rb"\$\{\{[^{}\n]{0,200}?\bvars(?:\.([\w-]{1,80})|\[\s?['\"]([\w-]{1,80})['\"])")
# Keys of CI services under which values are in the log, in the web interface and in the file itself.
CI_VARIABLES = re.compile(
    r"(?i)variables?|env(?:ironment)?s?|global|matrix|jobs|substitutions|with|settings|parameters|withEnv"
)
NOT_VARIABLES = frozenset(("secrets-manager", "parameter-store", "secrets", "secretEnv", "inputs", "outputs"))
STACK = re.compile(r"(?i)(?:^|/)pulumi\.[\w.-]+\.ya?ml$")

# Resources that keep one value in clear: the settings that name it, and what would make it a secret.
PLAIN_RESOURCES = {
    "aws_ssm_parameter": (("name",), ("value", "insecure_value"), "type"),
    "github_actions_variable": (("variable_name",), ("value",), ""),
    "github_actions_organization_variable": (("variable_name",), ("value",), ""),
    "github_actions_environment_variable": (("variable_name",), ("value",), ""),
    "gitlab_project_variable": (("key",), ("value",), "masked"),
    "gitlab_group_variable": (("key",), ("value",), "masked"),
    "azurerm_app_configuration_key": (("key",), ("value",), "type"),
}
PLAIN_TYPES = frozenset(("string", "stringlist", "kv"))
ENVIRONMENT = re.compile(
    r"(?i)variables|environment(?:_variables?)?|env(?:ironment)?_?(?:vars?)?|app_?settings|config_vars|envs?|data|set"
)
COMMAND = re.compile(
    rb"\baws\b[^\n]{0,80}?\bssm[ ]+put-parameter\b(?P<ssm>(?:[^\n\\]|\\\r?\n|\\[^\n]){0,600})"
    rb"|\bgh[ ]+variable[ ]+set[ ]+(?P<gh>[\w-]{1,80})"
    rb"|\baz[ ]+pipelines[ ]+variable(?:-group[ ]+variable)?[ ]+(?:create|update)\b"
    rb"(?P<az>(?:[^\n\\]|\\\r?\n|\\[^\n]){0,600})"
)
COMMAND_VALUE = re.compile(rb"(?:--value|--body|-b)[ =]+[\"']?([^\s\"'$\\]{1,4096})")
REACH = 4200  # bytes behind `gh variable set NAME` in which its value is looked for
SSM_NAME = re.compile(rb"--name[ =]+[\"']?([\w./-]{1,200})")
SSM_TYPE = re.compile(rb"--type[ =]+[\"']?(?:String|StringList)\b")


def plain(file: File) -> Iterator[Hit]:
    """A SendGrid secret under its name, in a store that does not hide it."""
    facts = file.facts
    if is_ci(file):
        yield from _in_ci(facts)
    if is_terraform(file):
        yield from _in_terraform(facts)
    elif facts.language in ("yaml", "json"):
        yield from _in_templates(facts)
    elif any("pulumi" in name or "aws-cdk" in name or "aws_cdk" in name for name in facts.imports):
        yield from _in_code(facts)
    if STACK.search(file.path):
        for entry in kept(facts):
            if entry.place[:1] == ("config",):
                yield from literal(entry)
    yield from _in_commands(facts)


def _in_ci(facts: Facts) -> Iterator[Hit]:
    for found in GITHUB_VARIABLE.finditer(facts.data):
        name = (found[1] or found[2]).decode()
        start = commands.begin(facts, found.start())
        if is_secret_name(name) and start is not None:
            yield Hit(start, found.end(), "Values of vars are not masked.")
    for entry in kept(facts):
        if CI_VARIABLES.fullmatch(entry.under) and not NOT_VARIABLES & set(entry.place[-2:]):
            yield from literal(entry)
    for call in facts.calls if facts.language == "groovy" else ():
        texts = [item for argument in call.arguments for item in argument.items] if call.name == "withEnv" else []
        for entry in (each for text in texts for each in assigned(facts, text, (), call.block)):
            if is_secret_name(entry.name):
                yield from literal(entry)


def _in_terraform(facts: Facts) -> Iterator[Hit]:
    for block in facts.blocks():
        if (
            len(block.path) > 1
            and block.path[0] == "resource"
            and block.path[1] in PLAIN_RESOURCES
            and _is_whole(block)
        ):
            yield from _resource(block, block.path[1])
    for entry in kept(facts):
        if "resource" in entry.place[:1] and ENVIRONMENT.fullmatch(entry.under):
            yield from literal(entry)


def _is_whole(block: Block) -> bool:
    """A resource itself, and no block in it."""
    return len(block.path) == 3


def _resource(block: Block, kind: str) -> Iterator[Hit]:
    names, values, hidden = PLAIN_RESOURCES[kind]
    given = [setting for key in (*names, *values) if (setting := block.get(key))]
    if not any(_speaks_of_secret(setting.value) for setting in given) and not is_secret_name(block.path[-1]):
        return
    switch = block.get(hidden) if hidden else None
    text = switch.value.text.lower() if switch else ""
    if hidden == "masked" and text == "true":
        return
    if kind == "aws_ssm_parameter" and text not in PLAIN_TYPES:
        return
    if kind == "azurerm_app_configuration_key" and text == "vault":
        return
    place = switch or block
    yield Hit(place.start, place.end)


def _speaks_of_secret(value: Value) -> bool:
    """Whether a value names a SendGrid secret: as a path (``/app/sendgrid/api-key``) or by what it refers to."""
    names = [value.text, *(each.text for each in value.walk() if each.kind == "reference")]
    return any(is_secret_name(name) or is_secret_name(name.rpartition(".")[2]) for name in names)


def _in_templates(facts: Facts) -> Iterator[Hit]:
    """CloudFormation: a parameter of the Systems Manager, the environment of a function."""
    for block in facts.blocks():
        kind = block.get("Type")
        if kind and kind.value.text == "AWS::SSM::Parameter":
            properties = next((each for each in block.blocks if each.labels == ("Properties",)), None)
            switch = properties.get("Type") if properties else None
            given = [each.value for key in ("Name", "Value") if properties and (each := properties.get(key))]
            if switch and switch.value.text in ("String", "StringList") and any(map(_speaks_of_secret, given)):
                yield Hit(switch.start, switch.end)


def _in_code(facts: Facts) -> Iterator[Hit]:
    for entry in kept(facts):
        if ENVIRONMENT.fullmatch(entry.under):
            yield from literal(entry)
    for call in facts.calls:
        options = [block for argument in call.arguments if (block := argument.block)] + [call.named]
        for block in options if call.name.endswith("Parameter") else ():
            kind = block.get("type")
            name = block.get("name") or block.get("parameterName") or block.get("parameter_name")
            plain_type = (
                kind.value.text.rpartition(".")[2] in ("String", "STRING")
                if kind
                else call.name.endswith(".StringParameter")
            )
            if plain_type and name and _speaks_of_secret(name.value):
                yield Hit(kind.start, kind.end) if kind else Hit(call.start, call.end)


def _in_commands(facts: Facts) -> Iterator[Hit]:
    for found in COMMAND.finditer(facts.data):
        start = commands.begin(facts, found.start())
        if start is None:
            continue
        rest = found["ssm"] or found["az"] or b""
        name = found["gh"] or next(iter(SSM_NAME.findall(rest)), b"")
        hidden = (found["ssm"] is not None and not SSM_TYPE.search(rest)) or b"--secret true" in rest
        if is_secret_name(name.decode(errors="replace")) and not hidden:
            value = COMMAND_VALUE.search(facts.data, found.start(), found.end() + REACH)
            yield told(facts, start, found.end(), value.span(1) if value else None)
