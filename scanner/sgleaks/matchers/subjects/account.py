"""What a file makes of a SendGrid account: resources declared for Terraform and Pulumi, and those that requests write.

A resource has one kind, however it comes to be: ``api_key`` is ``sendgrid_api_key`` of Terraform, ``sendgrid:ApiKey``
of Pulumi and what is posted to ``/v3/api_keys``. Kinds and providers are data: ``rules/providers.toml``.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, Literal

from sgleaks.matchers.file import File
from sgleaks.matchers.subjects.reading import HOLE, Reading, reading
from sgleaks.matchers.subjects.requests import Request, requests
from sgleaks.once import once
from sgleaks.rule import builtin_rules
from sgleaks.syntax import Block, Call, Facts, Setting, Value

Via = Literal["terraform", "pulumi", "request", "block"]  # "block": of no account, as rules of users search them

MOST = 300  # literals that a name stands for: SendGrid has some 200 scopes
WRITING = ("POST", "PUT", "PATCH")
# Calls that only change the form of the literals they are given: functions of Terraform, inputs of Pulumi.
FORMS = re.compile(
    r"(?:to(?:set|list|string|bool|number)|concat|distinct|flatten|sort|compact|setunion|nonsensitive|sensitive"
    r"|(?:pulumi\.)?(?:To)?(?:String|Bool|Int|Float64)\w*|pulumi\.(?:interpolate|output|Output\.(?:create|from_input|of)|any)|of|str|bool)"
)
FORMED = ("&", "[", "${", "(")  # how an expression begins that only changes the form of its one part
TYPE = re.compile(r"sendgrid:(?:[\w/]+:)?(\w+)")
YES, NO, ADMIN = re.compile("true"), re.compile("false"), re.compile("admin")
# SendGrid's libraries show requests to every path in their examples and tests, and are copied with them.
EXAMPLE = re.compile(
    r"(?i)(?:^|/)(?:examples?|tests?|specs?|__tests__|docs?|samples?|fixtures|mocks?)/|(?:^|[/._-])(?:test|spec)[._-][^/]*$"
    r"|[._-](?:test|spec)\.\w+$|[a-z]Tests?\.\w+$"
)
# A part of each path of a resource, in text or in the calls of an SDK.
SPOKEN = re.compile(
    rb"(?i)alerts|api_keys|access_settings|whitelabel|webhooks|enforced_tls|tracking_settings|verified_senders|teammates"
    rb"|subusers|sso[/.(]"
)
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One resource of an account.

    ``provider`` is the source of Terraform's provider where the file says it, ``pulumi``, or "". ``method`` is that of
    a request, "" for what is declared. ``whole``: nothing of ``block`` is hidden in another place. ``start`` to
    ``end`` is its first line, which is blamed for what is missing.
    """

    kind: str
    via: Via
    provider: str
    method: str
    block: Block
    whole: bool
    start: int
    end: int


@cache
def catalogue() -> Mapping[str, Any]:
    """What ``rules/providers.toml`` says."""
    return tomllib.loads((builtin_rules() / "providers.toml").read_text("utf-8"))


@cache
def kinds() -> Mapping[str, str]:
    """The kind of a resource by the name that it is declared under, without ``sendgrid_``."""
    return {name: kind for kind, each in catalogue()["resources"].items() for name in each["declared"]}


@cache
def paths() -> Mapping[tuple[str, ...], str]:
    """The kind of a resource by the steps of the path that writes it."""
    return {tuple(path.split("/")): kind for kind, each in catalogue()["resources"].items() for path in each["paths"]}


def is_true_of(provider: str, fact: str) -> bool | None:
    """Whether a fact is true of a provider; None where the provider is not known."""
    known = catalogue()["providers"].get(provider)
    return None if known is None else fact in known["facts"]


def provider_facts() -> list[str]:
    """What is known of any provider."""
    return sorted({fact for each in catalogue()["providers"].values() for fact in each["facts"]})


@once
def resources(facts: Facts) -> tuple[Resource, ...]:
    """The resources in a file: declared ones, then those of requests."""
    return (*_terraform(facts), *_pulumi(facts), *_requested(facts))


def account_of(file: File) -> tuple[Resource, ...]:
    """The resources in a file that touch an account: requests in tests and in examples are made to nobody."""
    found = resources(file.facts)
    return tuple(each for each in found if each.via != "request") if EXAMPLE.search(file.path) else found


@once
def required_providers(facts: Facts) -> tuple[str, ...]:
    """The sources of the providers of SendGrid that a file of Terraform requires, in lower case."""
    found = []
    for block in facts.blocks() if facts.language in ("hcl", "json") else ():
        source = block.get("source")
        if source and source.value.kind == "text" and "required_providers" in block.path:
            name = "/".join(source.value.text.lower().split("/")[-2:])  # without the registry's host
            found += [name] if name.endswith("/sendgrid") else []
    return tuple(found)


def _terraform(facts: Facts) -> Iterator[Resource]:
    if facts.language not in ("hcl", "json"):
        return
    sources = required_providers(facts)
    for block in facts.blocks():
        path = block.path
        if len(path) != 3 or path[0] != "resource" or not path[1].startswith("sendgrid_"):
            continue
        kind, count = kinds().get(path[1].removeprefix("sendgrid_")), block.get("count")
        if kind and not (count and count.value.text == "0"):
            yield Resource(
                kind, "terraform", sources[0] if sources else "", "", block, True, *head(facts, block.start, block.end)
            )


def _pulumi(facts: Facts) -> Iterator[Resource]:
    for block in facts.blocks() if facts.language in ("yaml", "json") else ():
        title, inner = block.get("type"), block.get("properties")
        name = TYPE.fullmatch(title.value.text) if title and title.value.kind == "text" else None
        if name and name[1] and snake(name[1]) in kinds():
            body = inner.value.block if inner and inner.value.block else Block((), block.start, block.end, block)
            known = inner is None or inner.value.block is not None
            place = head(facts, block.start, block.end)
            yield Resource(kinds()[snake(name[1])], "pulumi", "pulumi", "", body, known, *place)
    if not facts.imports or not any(_is_package(each, facts.imports) for each in facts.imports):
        return
    for call in facts.calls:
        name_of = re.split(r"[.:]", call.name)[-1]
        kind = kinds().get(snake(name_of.removeprefix("New").removeprefix("Sendgrid")))
        if kind and name_of[:1].isupper() and len(call.arguments) + len(call.named.settings) >= 1:
            yield from _constructed(call, kind, reading(facts))


def _is_package(name: str, names: list[str]) -> bool:
    """Whether an import is Pulumi's package for SendGrid, or what CDKTF generated of a provider."""
    lower = name.lower()
    return "sendgrid" in lower and any("pulumi" in each.lower() or ".gen" in each for each in (lower, *names))


def _constructed(call: Call, kind: str, read: Reading) -> Iterator[Resource]:
    """The resource of ``new sendgrid.ApiKey("app", {…})``, ``sendgrid.ApiKey("app", scopes=[…])`` and their likes."""
    body, whole = None, True
    for argument in call.arguments:
        made = argument.call if argument.kind == "call" else None
        if made and made.name.endswith("Args") and argument.block is None:
            body = made.named  # sendgrid.ApiKeyArgs(scopes=[…])
        elif argument.kind in ("block", "reference", "call", "expression"):
            found = read.body(argument)
            if found and body is None:
                body, whole = found.block, found.whole
            elif argument.kind in ("reference", "call") and body is None:
                whole = argument.text in ("ctx", "this", "self", "scope", "stack")
    block = body or call.named
    yield Resource(kind, "pulumi", "pulumi", "", block, whole, *head(read.facts, call.start, call.end))


def _requested(facts: Facts) -> Iterator[Resource]:
    if not SPOKEN.search(facts.data):
        return
    for request in requests(facts):
        kind = _kind(request)
        if kind:
            block = request.body or Block((), request.start, request.end)
            whole = request.whole and request.body is not None
            place = head(facts, request.start, request.end)
            yield Resource(kind, "request", "", request.method, block, whole, *place)


def _kind(request: Request) -> str | None:
    steps = request.path.rstrip("/").split("/")
    return paths().get(tuple(steps)) or paths().get((*steps[:-1], "{}"))


def head(facts: Facts, start: int, end: int) -> tuple[int, int]:
    """The first line of what stands between two offsets."""
    stop = facts.data.find(b"\n", start, end)
    return start, stop if stop > start else end


def snake(name: str) -> str:
    """``isAdmin``, ``IsAdmin`` and ``is-admin`` as ``is_admin``."""
    return CAMEL.sub("_", name).replace("-", "_").lower()


def settings(block: Block, name: str, facts: Facts) -> list[Setting]:
    """The settings of a dotted name in a block, in any writing: ``ips.ip`` is ``ip`` in each mapping of ``ips``."""
    first, _, rest = name.partition(".")
    here = [each for each in block.settings if snake(each.name) == first]
    if not rest:
        return here
    return [found for inner in _inner(block, first, here, facts) for found in settings(inner, rest, facts)]


def has(block: Block, name: str, facts: Facts) -> bool:
    """Whether something of a name is in a block, be it a setting or a block, or a dynamic one of Terraform."""
    return bool(settings(block, name, facts)) or any(_called(each, name) for each in block.blocks)


def _inner(block: Block, name: str, here: list[Setting], facts: Facts) -> Iterator[Block]:
    seen = set()
    for setting in here:
        given = _resolved(setting.value, facts)
        for value in (given, *(_resolved(each, facts) for each in given.items)):
            if value.block:
                seen.add(id(value.block))
                yield value.block
    for inner in block.blocks:
        if _called(inner, name) and id(inner) not in seen:
            yield next((each for each in inner.blocks if each.labels == ("content",)), inner)


def _resolved(value: Value, facts: Facts) -> Value:
    return reading(facts).resolved(value) if value.kind == "reference" else value


def _called(block: Block, name: str) -> bool:
    return block.labels[:1] == (name,) or block.labels[:2] == ("dynamic", name)


def literals(value: Value, facts: Facts, block: Block) -> Iterator[Value]:
    """The literals a value stands for: itself, the items of a list, what a name in this file stands for."""
    yield from _literals(value, facts, block, 4)


def _literals(value: Value, facts: Facts, block: Block, hops: int) -> Iterator[Value]:
    if not hops:
        return
    if value.kind in ("text", "number", "boolean"):
        yield value
    elif value.kind == "template" and HOLE.sub("", value.text).strip():
        yield value  # known in part, as "http://${var.host}/events"
    elif value.kind == "list":
        for item in value.items:
            yield from _literals(item, facts, block, hops - 1)
    elif value.kind == "call" and value.call and FORMS.fullmatch(value.call.name):
        for argument in value.call.arguments:
            yield from _literals(argument, facts, block, hops - 1)
    elif value.kind == "reference":
        meant = _meant(value, facts, block)
        if meant is not None and meant is not value:
            yield from islice(_literals(meant, facts, block, hops - 1), MOST)
    elif value.kind in ("expression", "template") and len(value.items) == 1 and value.text.startswith(FORMED):
        yield from _literals(value.items[0], facts, block, hops - 1)


def _meant(value: Value, facts: Facts, block: Block) -> Value | None:
    """What a name stands for: ``local.x`` of Terraform, ``each.value`` of a set, a variable of a program."""
    name = value.text
    if name.startswith("local."):
        given = locals_of(facts).get(name.removeprefix("local."), [])
        return given[0] if len(given) == 1 else None
    if name in ("each.value", "each.key"):
        every = block.get("for_each")
        return every.value if every else None
    return reading(facts).resolved(value)


@once
def locals_of(facts: Facts) -> Mapping[str, list[Value]]:
    """What the ``locals`` of a file of Terraform give."""
    found: dict[str, list[Value]] = {}
    for block in facts.blocks() if facts.language == "hcl" else ():
        for setting in block.settings if block.labels == ("locals",) else ():
            found.setdefault(setting.name, []).append(setting.value)
    return found


def fits(resource: Resource, name: str, pattern: re.Pattern[str], facts: Facts) -> bool:
    """Whether a literal of a setting of a resource fits a pattern."""
    given = settings(resource.block, name, facts)
    found = (each for setting in given for each in literals(setting.value, facts, resource.block))
    return any(pattern.fullmatch(each.text) for each in found)


def is_administrator(resource: Resource, facts: Facts) -> bool:
    """Whether a teammate has all rights, be it for one subuser."""
    return fits(resource, "is_admin", YES, facts) or fits(resource, "subuser_access.permission_type", ADMIN, facts)


def line_of(facts: Facts, offset: int) -> int:
    """The line of an offset, from 1."""
    return bisect_left(_breaks(facts), offset) + 1


@once
def _breaks(facts: Facts) -> list[int]:
    return [found.start() for found in re.finditer(b"\n", facts.data)]
