"""What a file tells of a SendGrid account to rules about other files.

``provider SOURCE``         a provider of Terraform that is required, in lower case
``fact FACT``               something that is true of the provider, ``no fact FACT``: that is not
``resource KIND``           a declared resource, ``request KIND``: one that is written by a request
``enabled KIND``            a resource whose ``enabled`` is true, ``disabled KIND``: false
``administrator``           a teammate, or the access to one subuser, with all rights
``policy parse_webhook``    an inbound parse webhook with a security policy
``collects EVENTS``         an enabled event webhook that collects some of ``WATCHED``, in that order, joined by commas
``subuser password NAME``   what gives the password of a subuser: ``random_password.app``
``rotated by NAME``         what makes an API key be replaced: ``time_rotating.quarter``
``certificate until DATE``  the certificate of an SSO integration; ``certificate in PATH``: one in a file of its own
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, islice

from sgleaks.matchers.file import File
from sgleaks.matchers.subjects.account import (
    NO,
    WRITING,
    YES,
    Resource,
    account_of,
    fits,
    has,
    is_administrator,
    is_true_of,
    line_of,
    locals_of,
    provider_facts,
    required_providers,
    settings,
)
from sgleaks.matchers.subjects.certificate import expiry
from sgleaks.syntax import Facts, Value

MOST = 50  # parts of a local name that are looked at
# The events that tell of abuse.
WATCHED = ("bounce", "dropped", "spam_report")


def clues(file: File) -> Iterator[str | tuple[str, int]]:
    """What a file says of an account."""
    facts = file.facts
    sources = [f"provider {each}" for each in required_providers(facts)]
    yield from sources
    found = account_of(file)
    pulumi = ["pulumi"] if any(each.via == "pulumi" for each in found) else []
    for provider in (*required_providers(facts), *pulumi):
        for fact in provider_facts():
            yield f"fact {fact}" if is_true_of(provider, fact) else f"no fact {fact}"
    for resource in found:
        if resource.via != "request" or resource.method in WRITING:
            line = line_of(facts, resource.start)
            for tag in chain(_state(resource, facts), _relations(resource, facts)):
                yield tag, line


def missing_events(resource: Resource, facts: Facts) -> list[str]:
    """The watched events that an event webhook evidently does not collect."""
    silent = resource.whole and resource.method != "PATCH"  # a PATCH leaves what it does not name
    return [
        event
        for event in WATCHED
        if fits(resource, event, NO, facts) or (silent and not has(resource.block, event, facts))
    ]


def _state(resource: Resource, facts: Facts) -> Iterator[str]:
    yield f"{'request' if resource.via == 'request' else 'resource'} {resource.kind}"
    if fits(resource, "enabled", YES, facts):
        yield f"enabled {resource.kind}"
    if fits(resource, "enabled", NO, facts):
        yield f"disabled {resource.kind}"
    if resource.kind in ("teammate", "sso_teammate") and is_administrator(resource, facts):
        yield "administrator"
    if resource.kind == "parse_webhook" and has(resource.block, "webhook_security_policy_id", facts):
        yield "policy parse_webhook"


def _relations(resource: Resource, facts: Facts) -> Iterator[str]:
    if resource.kind == "event_webhook" and not fits(resource, "enabled", NO, facts):
        collected = [event for event in WATCHED if event not in missing_events(resource, facts)]
        for size in range(1, len(collected) + 1):
            for events in combinations(collected, size):
                yield f"collects {','.join(events)}"
    elif resource.kind == "subuser":
        for name in ("password", "password_wo"):
            for setting in settings(resource.block, name, facts):
                yield from (f"subuser password {each}" for each in sources_of(setting.value, facts, ("random_",)))
    elif resource.kind == "api_key":
        yield from (f"rotated by {each}" for each in rotations(resource, facts))
    elif resource.kind == "sso_certificate":
        for setting in settings(resource.block, "public_certificate", facts):
            yield from _certificate(setting.value)


def _certificate(value: Value) -> Iterator[str]:
    if value.kind == "text":
        until = expiry(value.text)
        yield from [f"certificate until {until}"] if until else []
    call = value.call if value.kind == "call" else None
    if call and call.name == "file" and call.arguments:
        yield f"certificate in {call.arguments[0].text.replace('${path.module}/', '').replace('${path.root}/', '')}"


def rotations(resource: Resource, facts: Facts) -> set[str]:
    """The resources of Terraform whose change replaces or renames a resource."""
    return {
        name
        for block in resource.block.walk()
        for setting in block.settings
        for name in sources_of(setting.value, facts, ("time_", "terraform_data.", "null_resource.", "random_"))
    }


def sources_of(value: Value, facts: Facts, prefixes: tuple[str, ...]) -> Iterator[str]:
    """The resources that a value of Terraform is made of: ``random_password.app``, through one local name at most."""
    for part in value.walk():
        if part.kind != "reference":
            continue
        local = locals_of(facts).get(part.text.removeprefix("local."), ()) if part.text.startswith("local.") else ()
        walks = chain.from_iterable(given.walk() for given in local)
        inner = [each for each in islice(walks, MOST) if each.kind == "reference"]
        for each in (part, *inner):
            if each.text.startswith(prefixes):
                yield ".".join(each.text.split(".")[:2])
