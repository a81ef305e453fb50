"""Parameters of deployments that carry a SendGrid secret: what is not declared secret is shown by logs and consoles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.secret_name import is_secret_name
from sgleaks.matchers.subjects.stores import told
from sgleaks.syntax import Block, Call, Facts, Setting, Value

__all__ = ["parameter_not_secret"]

ARM = re.compile(r"(?i)schema\.management\.azure\.com/.*deploymentTemplate\.json")
PULUMI_READ = frozenset(("require", "get", "Require", "Get", "Try", "try"))
CDK_PARAMETER = re.compile(r"(?:.*\.)?(?:New)?CfnParameter(?:\.Builder\.create)?")
# Types of which a value cannot be a secret: flags, lists, resources of AWS, names to look a value up by.
PLAIN = ("", "string", "str")
DEFAULTS = ("Default", "defaultValue", "default", "value")
BICEP_PARAMETER = re.compile(
    rb"(?m)^[ \t]*param[ \t]+(\w{1,80})[ \t]+(\w+)[ \t]*\??(?:[ \t]*=[ \t]*'([^'$\n]{1,400})')?"
)
BICEP_DECORATORS = re.compile(rb"(?s)(?:^|\n)((?:[ \t]*(?:@|//|[)\]}'\"]|[ \t]+\S)[^\n]*\n){0,30})\Z")
SECURE = re.compile(rb"@(?:sys\.)?secure\(\s*\)")


def parameter_not_secret(file: File) -> Iterator[Hit]:
    """Parameters of CloudFormation, ARM, Bicep, Pulumi and the CDK."""
    facts = file.facts
    if facts.language in ("yaml", "json"):
        for root in facts.roots:
            yield from _cloudformation(facts, root)
            yield from _resource_manager(facts, root)
            yield from _pulumi_project(facts, root)
    elif facts.language == "bicep":
        yield from _bicep(facts)
    elif any("pulumi" in name.lower() for name in facts.imports):
        yield from _pulumi(facts)
    else:
        yield from _cdk(facts)


def _cloudformation(facts: Facts, root: Block) -> Iterator[Hit]:
    if not (root.get("AWSTemplateFormatVersion") or root.get("Transform") or root.get("Resources")):
        return
    for parameter in _children(root, "Parameters"):
        kind, hidden = parameter.get("Type"), parameter.get("NoEcho")
        if not is_secret_name(parameter.labels[-1]) or (kind and kind.value.text.lower() not in PLAIN):
            continue
        if not _is_true(hidden):
            yield _hit(facts, hidden or parameter, parameter)


def _resource_manager(facts: Facts, root: Block) -> Iterator[Hit]:
    for template in root.walk():
        schema = template.get("$schema")
        if schema and ARM.search(schema.value.text):
            for parameter in _children(template, "parameters"):
                kind = parameter.get("type")
                if kind and kind.value.text.lower() == "string" and is_secret_name(parameter.labels[-1]):
                    yield _hit(facts, kind, parameter)


def _pulumi_project(facts: Facts, root: Block) -> Iterator[Hit]:
    if not (root.get("runtime") and root.get("name")):
        return
    for entry in _children(root, "config"):
        kind = entry.get("type")
        if (
            is_secret_name(entry.labels[-1])
            and kind
            and kind.value.text.lower() == "string"
            and not _is_true(entry.get("secret"))
        ):
            yield _hit(facts, entry, entry)


def _children(block: Block, name: str) -> Iterator[Block]:
    for child in block.blocks:
        if child.labels == (name,):
            yield from (each for each in child.blocks if each.labels)


def _bicep(facts: Facts) -> Iterator[Hit]:
    # Decorators stand on the lines before; there is no grammar of Bicep, and none is needed for this.
    for found in BICEP_PARAMETER.finditer(facts.data):
        if found[2] == b"string" and is_secret_name(found[1].decode()):
            before = facts.data[max(0, found.start() - 2000) : found.start()]
            decorators = BICEP_DECORATORS.search(before)
            if not (decorators and SECURE.search(decorators[1])):
                start = found.start() + len(found[0]) - len(found[0].lstrip())
                yield told(facts, start, found.end(), found.span(3) if found[3] else None)


def _pulumi(facts: Facts) -> Iterator[Hit]:
    configurations = {
        setting.name for setting in facts.settings() if setting.value.call and _makes_config(setting.value.call)
    }
    for call in facts.calls:
        owner, _, verb = call.name.rpartition(".")
        of_config = owner in configurations or owner.rpartition(".")[2] in ("Config", "config")
        if verb in PULUMI_READ and of_config and is_secret_name(_first_text(call)):
            yield Hit(call.start, call.end)


def _makes_config(call: Call) -> bool:
    return call.name.rpartition(".")[2] == "Config" or call.name == "config.New"


def _cdk(facts: Facts) -> Iterator[Hit]:
    chained = {call.start for call in facts.calls if call.name.endswith(".noEcho") and _says_true(call)}
    for call in facts.calls:
        shown = call.start not in chained and not _hides(call)
        if CDK_PARAMETER.fullmatch(call.name) and is_secret_name(_first_text(call)) and shown:
            yield Hit(call.start, call.end)


def _first_text(call: Call) -> str:
    texts = (value.text for argument in call.arguments for value in argument.walk() if value.kind == "text")
    return next(texts, "")


def _says_true(call: Call) -> bool:
    return any(argument.text.lower() == "true" for argument in call.arguments)


def _hides(call: Call) -> bool:
    """Whether the options of a parameter, wherever they stand in its arguments, keep its value hidden or no text."""
    options = [block for argument in call.arguments for value in argument.walk() for block in _options(value)]
    given = [setting for block in (call.named, *options) for setting in block.settings]
    if any(setting.name.replace("_", "").lower() == "noecho" and _is_true(setting) for setting in given):
        return True
    kinds = [value.text for setting in given if setting.name.lower() == "type" for value in setting.value.walk()]
    return any("::" in kind or kind in ("Number", "CommaDelimitedList") for kind in kinds)


def _options(value: Value) -> Iterator[Block]:
    if value.block:
        yield value.block
    if value.call:
        yield value.call.named


def _is_true(setting: Setting | None) -> bool:
    return setting is not None and any(value.text.lower() == "true" for value in setting.value.walk())


def _hit(facts: Facts, what: Setting | Block, parameter: Block) -> Hit:
    default = next((given for each in DEFAULTS if (given := parameter.get(each)) and given.value.kind == "text"), None)
    return told(facts, what.start, what.end, (default.value.start, default.value.end) if default else None)
