"""DNS records, however a file writes them: zone files, Terraform, CloudFormation, Pulumi, CDK, octoDNS, DNSControl.

All but zone files and the calls of DNSControl are mappings with a type, a name and values, called a little differently
by each provider.

For rules that ask the whole module: ``dkim DOMAIN SELECTOR``, ``sendgrid at DOMAIN`` (``any`` for a domain that is
not told), and ``dmarc``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sgleaks.matchers.file import File
from sgleaks.matchers.subjects.policies import Spf
from sgleaks.once import once
from sgleaks.syntax import Block, Call, Facts, Setting, Value

MAPPINGS = frozenset(("hcl", "json", "toml", "yaml", "bicep"))
IN_CODE = re.compile(
    r"(?i)pulumi|aws-?cdk|aws_cdk|cdktf|(?:^|/)constructs$|^sst\b|alchemy"
)  # else a program only talks of DNS
TYPES = frozenset("A AAAA CAA CNAME MX NS SOA SPF SRV TXT".split())  # noqa: SIM905
TYPE_KEYS = ("type", "Type", "record_type", "recordType", "RecordType", "recordtype", "fieldtype", "rtype", "rr_type")
# The owner's key in the order of trust: `record` is one of Ansible's modules, where `value` is beside it.
NAME_KEYS = (
    "name", "Name", "recordName", "record_name", "hostname", "subdomain", "host_record", "rr", "subname", "dnsName",
    "host", "record", "domain",
)  # fmt: skip
VALUE_KEYS = (
    "records", "Records", "ResourceRecords", "resourceRecords", "content", "rrdatas", "values", "value", "Value",
    "target", "targets", "data", "rdata", "address", "answer", "answers", "domainName", "domain_name", "record", "txt",
)  # fmt: skip
ZONE_KEYS = (
    "zone_id", "zoneId", "zone", "zone_name", "zoneName", "managed_zone", "managedZone", "HostedZoneId",
    "HostedZoneName", "domain_id", "domain", "dns_zone", "provider",
)  # fmt: skip
MANY_KEYS = ("count", "for_each", "set_identifier", "SetIdentifier", "setIdentifier", "weighted_routing_policy")
TYPED = re.compile(
    r"(?i)(?:^|[._])(?P<type>txt|cname|mx|ns)_?record(?:_?set)?$"
)  # azurerm_dns_txt_record, route53.TxtRecord
BUILDERS = ("SPF_BUILDER", "DMARC_BUILDER")

MAIL_HOST = re.compile(r"(?i)u\d+\.wl\w*(?:\.\w+)?\.sendgrid\.net\.?")
DKIM_TARGET = re.compile(r"(?i)([\w-]{1,63})\.domainkey\.\S{0,80}sendgrid\.net")
SENDGRID = re.compile(r"(?i)(?:^|[\s.:=])sendgrid\.net\b")
SENDGRID_RESOURCE = re.compile(
    r"(?:data\.)?sendgrid_\w*(?:authentic|domain|sender)\w*\.|sendgrid\.\w*(?:Authentic|Domain)\w*"
)
RECORDS_OF = re.compile(r"sendgrid_\w*(?:authentic|domain)")  # resources that tell which records to make
SELECTORS = 2  # of DKIM, with automated security


class Text(NamedTuple):
    """One string of a record; ``whole`` unless something is put into it."""

    text: str
    start: int
    end: int
    whole: bool


@dataclass(frozen=True, eq=False)
class Record:
    """One record. ``name`` is in lower case and without the last dot, as the file has it: relative, or a reference.

    ``zone`` tells records of one zone from those of another. ``many``: it stands for several, or its name or values are
    only known when it is applied. ``complete``: all of the zone is in the file.
    """

    name: str
    type: str
    texts: tuple[Text, ...]
    start: int
    end: int
    zone: str
    many: bool = False
    complete: bool = False

    @cached_property
    def domain(self) -> str:
        """The domain a record of authentication is about: without ``_dmarc``, ``s1._domainkey`` or ``em123``."""
        labels = self.name.split(".")
        if "_domainkey" in labels:
            rest = labels[labels.index("_domainkey") + 1 :]
        elif labels[0] == "_dmarc" or any(MAIL_HOST.fullmatch(each.text) for each in self.texts):
            rest = labels[1:]
        else:
            rest = labels
        return ".".join(rest).strip("@") or (self.zone if self.complete else "")

    @property
    def is_known(self) -> bool:
        """Whether its domain is told, not only referred to."""
        return "." in self.domain and "$" not in self.domain and "{" not in self.domain

    def spf(self) -> Iterator[tuple[Text, Spf]]:
        for text in self.texts if self.type in ("TXT", "SPF") else ():
            if spf := Spf.of(text.text):
                yield text, spf

    @property
    def is_of_sendgrid(self) -> bool:
        return any(SENDGRID.search(each.text) for each in self.texts)

    @property
    def is_mail_host(self) -> bool:
        """Whether it is the host of mail and bounces that SendGrid's automated security asks for."""
        return (
            self.type == "CNAME"
            and "_domainkey" not in self.name
            and any(MAIL_HOST.fullmatch(each.text) for each in self.texts)
        )


@once
def records(facts: Facts) -> tuple[Record, ...]:
    """The DNS records of a file, in its order."""
    found: list[Record] = []
    if facts.language == "zone":
        found += _of_zone(facts)
    elif facts.language in MAPPINGS or any(IN_CODE.search(each) for each in facts.imports):
        types = dict(_typed_blocks(facts))
        blocks = {id(block): block for block in facts.blocks()} | {id(each.named): each.named for each in facts.calls}
        found += (record for block in blocks.values() for record in _of_block(block, facts, types.get(id(block), "")))
    elif facts.language in ("javascript", "typescript"):
        found += _of_dnscontrol(facts)
    return tuple(sorted(found, key=lambda record: record.start))


def _of_zone(facts: Facts) -> Iterator[Record]:
    root = facts.roots[0]
    origin = root.get("$ORIGIN")
    soa = next((block for block in root.blocks if block.labels[-1:] == ("SOA",)), None)
    zone = origin.value.text if origin else soa.labels[0] if soa and soa.labels[0] != "@" else ""
    for block in root.blocks:
        value = block.get("value")
        if value and len(block.labels) == 2:
            texts = tuple(_texts(value.value))
            yield Record(
                _name(block.labels[0]), block.labels[1], texts, block.start, block.end, zone, complete=soa is not None
            )


def _typed_blocks(facts: Facts) -> Iterator[tuple[int, str]]:
    """The objects of calls whose name tells the type: ``new route53.TxtRecord(this, "Spf", {…})``."""
    for call in facts.calls:
        if typed := TYPED.search(call.name):
            yield id(call.named), typed["type"].upper()
            yield from ((id(each.block), typed["type"].upper()) for each in call.arguments if each.block)


def _of_block(block: Block, facts: Facts, type_of_call: str) -> Iterator[Record]:
    """A record that is a mapping: by its own type, in upper case, or by what it is introduced as."""
    kind = _first(block, TYPE_KEYS)
    given = kind.value.text.rpartition(".")[2] if kind and kind.value.kind in ("text", "reference") else ""
    if given not in TYPES:
        typed = TYPED.search(block.labels[1]) if block.labels[:1] == ("resource",) and len(block.labels) > 1 else None
        given = typed["type"].upper() if typed else type_of_call
    if given not in TYPES or block.labels[:1] in (("variable",), ("output",), ("data",)) or block.get("valid"):
        return  # what has `valid` is an answer of SendGrid's API
    values = [each for each in _values(block) if each]
    name = _first(block, NAME_KEYS)
    if name and name.name in ("record", "domain") and not any(each is not name for each in values):
        name = None
    values = [each for each in values if each is not name]
    owner = name.value if name else None
    if owner is None and block.parent is not None and block.labels[:1] not in (("resource",), ("module",)):
        text = ".".join(block.labels) if block.labels else _list_key(block)  # octoDNS
        known = True
    else:
        text, known = (owner.text, owner.kind in ("text", "template")) if owner else ("", owner is None)
    texts = tuple(text for value in values for text in _texts(value.value))
    many = any(block.get(key) for key in MANY_KEYS) or not known or "each." in text or "count." in text
    many = many or not texts
    zone = _first(block, ZONE_KEYS)
    told = facts.data[zone.value.start : zone.value.end].decode("utf-8", "replace") if zone and zone is not name else ""
    yield Record(_name(text), given, texts, block.start, block.end, told, many)


def _first(block: Block, keys: tuple[str, ...]) -> Setting | None:
    return next((setting for key in keys if (setting := block.get(key))), None)


def _values(block: Block) -> Iterator[Setting | None]:
    """What a record says, also in the blocks inside it: ``record { value = "…" }``, ``answers { answer = "…" }``."""
    yield _first(block, VALUE_KEYS)
    for inner in block.blocks:
        if inner.labels[-1:] and inner.labels[-1] in (*VALUE_KEYS, "items", "txt_records", "txtRecords"):
            yield _first(inner, VALUE_KEYS)


def _list_key(block: Block) -> str:
    """The key of the list that a mapping is an item of."""
    settings = block.parent.settings if block.parent else []
    at = bisect_right(settings, block.start, key=lambda setting: setting.start)
    return ".".join(settings[at - 1].keys) if at else ""


def _texts(value: Value) -> Iterator[Text]:
    if value.kind == "list":
        for item in value.items:
            yield from _texts(item)
    elif value.kind in ("text", "template"):
        yield Text(_joined(value.text), value.start, value.end, value.kind == "text")
    elif (
        value.kind == "call"
        and value.call
        and value.call.name.split(".")[-1] in ("join", "format", "fromValues", "list")
    ):
        parts = [text for argument in value.call.arguments for text in _texts(argument)]
        if value.call.name == "join":
            yield Text("".join(part.text for part in parts), value.start, value.end, whole=False)
        else:
            yield from (part._replace(whole=False) for part in parts)


def _joined(text: str) -> str:
    """What the strings of a TXT record say together: without quotes and escapes."""
    return re.sub(r'(?<!\\)"\s*"|\\"\s*\\"', "", text).replace("\\;", ";").strip('"\\ \t\r\n').removesuffix(".")


def _name(text: str) -> str:
    return text.lower().rstrip(".") or "@"


def _of_dnscontrol(facts: Facts) -> Iterator[Record]:
    """``D("example.com", REG, TXT("@", "…"))``, https://docs.dnscontrol.org."""
    zones = [call for call in facts.calls if call.name in ("D", "D_EXTEND") and call.arguments]
    zones.sort(key=lambda zone: zone.start)
    for call in facts.calls if zones else ():
        at = bisect_right(zones, call.start, key=lambda zone: zone.start) - 1
        zone = zones[at].arguments[0].text if at >= 0 and call.end <= zones[at].end else ""
        if call.name in TYPES and len(call.arguments) > 1:
            texts = tuple(_texts(call.arguments[-1] if call.name == "MX" else call.arguments[1]))
            yield Record(_under(call.arguments[0].text, zone), call.name, texts, call.start, call.end, zone, not texts)
        elif call.name in BUILDERS and call.arguments and call.arguments[0].block:
            yield from _built(call, call.arguments[0].block, zone)


def _built(call: Call, block: Block, zone: str) -> Iterator[Record]:
    label = block.get("label")
    owner = label.value.text if label else "@"
    if call.name == "SPF_BUILDER":
        parts = block.get("parts")
        terms = [*_texts(parts.value)] if parts else []
        text = (
            Text(" ".join(each.text for each in terms), terms[-1].start, terms[-1].end, whole=True) if terms else None
        )
    else:
        owner = "_dmarc" if owner == "@" else f"_dmarc.{owner}"
        named = {"policy": "p", "subdomainPolicy": "sp", "percent": "pct"}
        tags = {named[each.name]: each.value for each in block.settings if each.name in named}
        said = "; ".join(["v=DMARC1", *(f"{name}={value.text}" for name, value in tags.items())])
        place = tags.get("p", Value("text", "", call.start, call.end))
        text = Text(said, place.start, place.end, whole=True)
    if text:
        yield Record(_under(owner, zone), "TXT", (text,), call.start, call.end, zone)


def _under(name: str, zone: str) -> str:
    zone = zone.partition("!")[0]
    return _name(zone if name in ("@", "") else name if name.endswith(".") or not zone else f"{name}.{zone}")


def generated(facts: Facts) -> bool:
    """Whether a file takes records from what SendGrid's own resources say."""
    return any(SENDGRID_RESOURCE.match(each.text) for each in facts.references) or any(
        block.labels[0] == "resource" and RECORDS_OF.match(block.labels[1])
        for root in facts.roots
        for block in root.blocks
        if len(block.labels) > 1
    )


def clues(file: File) -> Iterator[str | tuple[str, int]]:
    """What a file says for rules that ask the module; see above."""
    for number, record in enumerate(records(file.facts)):
        domain = tag(record.domain) if record.is_known and not record.many else "any"
        selector = tag(record.name.split(".")[0])
        if "_domainkey" in record.name:
            ours = "sendgrid.net" in record.texts[0].text.lower() if record.texts else True
            both = record.many or record.type == "TXT"  # manual security asks for one record
            if ours or both:
                yield f"dkim {domain} {selector}", number
            if both:
                yield f"dkim {domain} {selector} and another", number
        elif "_dmarc" in record.name:
            yield "dmarc"
        if record.is_of_sendgrid:
            yield f"sendgrid at {tag(record.domain) if record.is_known else 'any'}"
    if generated(file.facts):
        yield from (f"dkim any {number}" for number in range(SELECTORS))
    known = {text.start for record in records(file.facts) for text in record.texts}
    for value in file.facts.strings:  # a map of names and targets, from which records are made
        target = DKIM_TARGET.match(value.text) if value.start not in known else None
        if target:
            yield f"dkim any {tag(target[1])}"


def tag(text: str) -> str:
    """A text without what ``fnmatch`` takes for a pattern."""
    return re.sub(r"[^\w.@-]", "_", text)
