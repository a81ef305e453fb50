"""Parameters of deployments that carry a SendGrid secret: what is not declared secret is shown by logs and consoles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.secret_name import is_secret_name
from sgleaks.syntax import Block, Call, Facts, Setting

__all__ = ["parameter_not_secret"]

ARM = re.compile(r"(?i)schema\.management\.azure\.com/.*deploymentTemplate\.json")
PULUMI_READER = re.compile(r"(?:.*\.)?(?:[cC]onf(?:ig)?|[cC]fg|\w*(?:Config|_config|Cfg|Conf))\.(?:require|get|Require|Get|Try|try)")
# Types of which a value cannot be a secret: flags, lists, resources of AWS, names to look a value up by.
PLAIN = ("", "string", "str")
BICEP_PARAMETER = re.compile(rb"(?m)^[ \t]*param[ \t]+(\w{1,80})[ \t]+(\w+)[ \t]*(\??)")
BICEP_DECORATORS = re.compile(rb"(?s)(?:^|\n)((?:[ \t]*(?:@|//|[)\]}'\"]|[ \t]+\S)[^\n]*\n){0,30})\Z")
SECURE = re.compile(rb"@(?:sys\.)?secure\(\s*\)")


def parameter_not_secret(file: File) -> Iterator[Hit]:
    """Parameters of CloudFormation, ARM, Bicep, Pulumi and the CDK."""
    facts = file.facts
    if facts.language in ("yaml", "json"):
        for root in facts.roots:
            yield from _cloudformation(root)
            yield from _resource_manager(root)
            yield from _pulumi_project(root)
    elif facts.language == "bicep":
        yield from _bicep(facts)
    elif any("pulumi" in name.lower() for name in facts.imports):
        yield from _pulumi(facts)
    elif any(call.name.rpartition(".")[2] == "CfnParameter" or "CfnParameter." in call.name for call in facts.calls):
        yield from _cdk(facts)


def _cloudformation(root: Block) -> Iterator[Hit]:
    if not (root.get("AWSTemplateFormatVersion") or root.get("Transform") or root.get("Resources")):
        return
    for parameter in _children(root, "Parameters"):
        kind, hidden = parameter.get("Type"), parameter.get("NoEcho")
        if not is_secret_name(parameter.labels[-1]) or (kind and kind.value.text.lower() not in PLAIN):
            continue
        if not _is_true(hidden):
            yield _hit(hidden or parameter)


def _resource_manager(root: Block) -> Iterator[Hit]:
    for template in root.walk():
        schema = template.get("$schema")
        if schema and ARM.search(schema.value.text):
            for parameter in _children(template, "parameters"):
                kind = parameter.get("type")
                if kind and kind.value.text.lower() == "string" and is_secret_name(parameter.labels[-1]):
                    yield _hit(kind)


def _pulumi_project(root: Block) -> Iterator[Hit]:
    if not (root.get("runtime") and root.get("name")):
        return
    for entry in _children(root, "config"):
        kind = entry.get("type")
        if is_secret_name(entry.labels[-1]) and kind and kind.value.text.lower() == "string" and not _is_true(entry.get("secret")):
            yield _hit(entry)


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
                yield Hit(found.start() + len(found[0]) - len(found[0].lstrip()), found.end())


def _pulumi(facts: Facts) -> Iterator[Hit]:
    for call in facts.calls:
        name = next((each.text for each in call.arguments if each.kind == "text"), "")
        if PULUMI_READER.fullmatch(call.name) and is_secret_name(name):
            yield Hit(call.start, call.end)


def _cdk(facts: Facts) -> Iterator[Hit]:
    chained = {call.start for call in facts.calls if call.name.endswith(".noEcho") and _says_true(call)}
    for call in facts.calls:
        made = call.name.rpartition(".")[2] == "CfnParameter" or call.name.endswith("CfnParameter.Builder.create")
        name = next((each.text for each in call.arguments if each.kind == "text"), "")
        if made and is_secret_name(name) and call.start not in chained and not _hides(call):
            yield Hit(call.start, call.end)


def _says_true(call: Call) -> bool:
    return any(argument.text.lower() == "true" for argument in call.arguments)


def _hides(call: Call) -> bool:
    options = [call.named, *(argument.block for argument in call.arguments if argument.block)]
    options += [inner.block for argument in call.arguments if argument.call for inner in argument.call.arguments if inner.block]
    options += [argument.call.named for argument in call.arguments if argument.call]
    given = [setting for block in options for setting in block.settings]
    if any(setting.name.replace("_", "").lower() == "noecho" and _is_true(setting) for setting in given):
        return True
    kinds = [setting.value.text for setting in given if setting.name.lower() == "type"]
    return any(kind.lower() not in PLAIN for kind in kinds)


def _is_true(setting: Setting | None) -> bool:
    return setting is not None and setting.value.text.lower() == "true"


def _hit(what: Setting | Block) -> Hit:
    return Hit(what.start, what.end)
