"""What no table can say of an account in code: sums over several settings, and what hangs together by reference."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.account import NO, WRITING, Resource, account_of, fits, has, literals, settings
from sgleaks.matchers.subjects.inventory import missing_events, rotations
from sgleaks.model import Condition
from sgleaks.syntax import Block, Facts

__all__ = ["events_not_collected", "multi_purpose_key", "rotation_missing_or_slow", "short_generated_password"]

# The guide, control 2.3: one key a purpose.
PURPOSES = {
    "transactional mail": re.compile(r"mail\.(?:send|batch\b.*)"),
    "marketing": re.compile(r"marketing.*|newsletter\..*"),
    "statistics": re.compile(r"(?:.+\.)?stats\..*"),
    "webhooks": re.compile(r"user\.webhooks\..*"),
}
TOO_MANY = 3  # of the purposes
SHORTEST = 20  # characters; the guide, control 3.1
SLOWEST = {"rotation_days": 90, "rotation_hours": 90 * 24, "rotation_minutes": 90 * 24 * 60, "rotation_months": 3}


def events_not_collected(file: File) -> Iterator[Hit]:
    """An enabled event webhook without a sign of abuse that no other webhook beside it collects."""
    facts = file.facts
    for resource in account_of(file):
        if resource.kind != "event_webhook" or not _is_enabled(resource, facts):
            continue
        missing = missing_events(resource, facts)
        if missing:
            others = Condition((f"collects {','.join(missing)}",), "module", most=0)
            note = f"Not collected: {', '.join(missing)}."
            yield Hit(resource.start, resource.end, note, conditions=(others,))


def _is_enabled(resource: Resource, facts: Facts) -> bool:
    """Whether a webhook evidently works: what its provider or the API does without ``enabled`` is left alone."""
    if resource.via == "request" and resource.method not in WRITING:
        return False
    return has(resource.block, "enabled", facts) and not fits(resource, "enabled", NO, facts)


def multi_purpose_key(file: File) -> Iterator[Hit]:
    """The first scope of an API key whose scopes serve three purposes and more."""
    facts = file.facts
    for resource in account_of(file):
        if resource.kind not in ("api_key", "existing_api_key"):
            continue
        given = settings(resource.block, "scopes", facts)
        scopes = [each for setting in given for each in literals(setting.value, facts, resource.block)]
        touched = [name for name, scope in PURPOSES.items() if any(scope.fullmatch(each.text) for each in scopes)]
        if len(touched) >= TOO_MANY:
            yield Hit(scopes[0].start, scopes[0].end, f"Its scopes serve {', '.join(touched)}.")


def short_generated_password(file: File) -> Iterator[Hit]:
    """The length of a generated password that is a subuser's."""
    for block, name in _of_terraform(file.facts, ("random_password", "random_string")):
        length = block.get("length")
        if (
            length
            and length.value.kind == "number"
            and length.value.text.isdigit()
            and int(length.value.text) < SHORTEST
        ):
            used = Condition((f"subuser password {name}",), "module", 1)
            yield Hit(length.start, length.end, conditions=(used,))


def rotation_missing_or_slow(file: File) -> Iterator[Hit]:
    """An API key that nothing replaces, and a rotation of one that takes more than 90 days."""
    facts = file.facts
    for block, name in _of_terraform(facts, ("time_rotating",)):
        for setting in block.settings:
            is_number = setting.value.kind == "number" and setting.value.text.isdigit()
            if (
                is_number and int(setting.value.text) > SLOWEST.get(setting.name, 1 << 60)
            ) or setting.name == "rotation_years":
                used = Condition((f"rotated by {name}",), "module", 1)
                yield Hit(setting.start, setting.end, "It is replaced too rarely.", conditions=(used,))
    for resource in account_of(file):
        if resource.kind == "api_key" and resource.via == "terraform" and not _is_rotated(resource, facts):
            yield Hit(resource.start, resource.end, "Nothing replaces it.")


def _is_rotated(resource: Resource, facts: Facts) -> bool:
    lifecycles = [block for block in resource.block.blocks if block.labels == ("lifecycle",)]
    return bool(rotations(resource, facts)) or any(block.get("replace_triggered_by") for block in lifecycles)


def _of_terraform(facts: Facts, types: tuple[str, ...]) -> Iterator[tuple[Block, str]]:
    """The resources of Terraform of some types, and the name of each: ``time_rotating.quarter``."""
    for block in facts.blocks() if facts.language in ("hcl", "json") else ():
        path = block.path
        if len(path) == 3 and path[0] == "resource" and path[1] in types:
            yield block, ".".join(path[1:])
