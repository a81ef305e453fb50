"""What DNS says of domains that send through SendGrid, and what it lacks."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.dns import SELECTORS, Record, Text, generated, records, tag
from sgleaks.matchers.subjects.policies import Spf, dmarc
from sgleaks.model import Condition

__all__ = ["dkim_missing", "dmarc_missing", "dmarc_weak", "spf_permissive", "spf_twice"]

DATED = re.compile(rb"20\d\d-[01]\d")
APEX_REFERENCE = re.compile(
    r"(?:aws_route53_zone|data\.\w+zone|google_dns_managed_zone|\w*zone)\.[\w.\[\]-]*(?:name|dns_name)"
)
MOST_LABELS = 10  # of a domain
TWO_LABELS = re.compile(r"[\w-]+\.(?:(?:co|com|org|net|ac|gov|edu)\.)?[a-z]{2,24}")


def spf_permissive(file: File) -> Iterator[Hit]:
    """SPF records with SendGrid that let everybody else send, too."""
    for record in records(file.facts):
        for text, spf in record.spf():
            qualifier = spf.all
            if spf.has_sendgrid and qualifier in ("+", "?", "") and (qualifier or text.whole):
                said = {"+": "It lets every server send.", "?": "It says nothing of other servers."}
                note = said.get(qualifier, "It does not end with `all`, and so says nothing of other servers.")
                start, end = (record.start, record.end) if file.facts.language == "zone" else (text.start, text.end)
                yield Hit(start, end, note)


def spf_twice(file: File) -> Iterator[Hit]:
    """The second SPF record at one name, and every one after it."""
    owners: dict[tuple[str, str], list[tuple[Record, Text, Spf]]] = defaultdict(list)
    for record in records(file.facts):
        if record.type == "TXT" and not record.many:
            owners[record.name, record.zone] += [(record, text, spf) for text, spf in record.spf()]
    for found in owners.values():
        if any(spf.has_sendgrid for _, _, spf in found):
            for record, text, _ in found[1:]:
                start, end = (record.start, record.end) if file.facts.language == "zone" else (text.start, text.end)
                yield Hit(start, end)


def dkim_missing(file: File) -> Iterator[Hit]:
    """The mail host of a domain that lacks the two records of DKIM beside it."""
    found = records(file.facts)
    told: set[str] = set()
    hosts = [record for record in found if record.is_mail_host and not record.many]
    if generated(file.facts):
        return
    if not hosts:
        hosts = [record for record in found if record.complete and any(spf.has_sendgrid for _, spf in record.spf())]
    for record in hosts:
        if record.domain in told:
            continue
        told.add(record.domain)
        own, anyone = f"dkim {tag(record.domain)} *", "dkim any *"
        tags = (own, anyone) if record.is_known else ("dkim *",)
        condition = Condition(tags, "file" if record.complete else "module", most=SELECTORS - 1)
        yield Hit(record.start, record.end, conditions=(condition,))


def dmarc_weak(file: File) -> Iterator[Hit]:
    """DMARC policies that leave forged mail alone, or some of it."""
    found = records(file.facts)
    ours = {domain for record in found if record.is_of_sendgrid for domain in _above(record)}
    for record in found:
        for text in record.texts if record.type == "TXT" and record.name.split(".")[0] == "_dmarc" else ():
            policy = dmarc(text.text)
            note = _weakness(policy) if policy else ""
            if not note or _is_dated(file, record):
                continue
            at = tag(record.domain)
            tags = (
                (f"sendgrid at {at}", f"sendgrid at *.{at}", "sendgrid at any")
                if record.is_known
                else ("sendgrid at *",)
            )
            here = record.domain in ours or "any" in ours or (not record.is_known and bool(ours))
            conditions = () if here else (Condition(tags, "module", least=1),)
            start, end = (record.start, record.end) if file.facts.language == "zone" else (text.start, text.end)
            yield Hit(start, end, note, conditions=conditions)


def _weakness(tags: dict[str, str]) -> str:
    policy = tags.get("p", "")
    if policy == "none":
        return "Its policy is `none`."
    if policy not in ("quarantine", "reject"):
        return ""
    if tags.get("sp") == "none":
        return "Its policy for subdomains is `none`."
    share = tags.get("pct", "100")
    return f"It counts for {share} percent of the mail." if share.isdigit() and int(share) < 100 else ""


def _is_dated(file: File, record: Record) -> bool:
    """Whether a comment beside the record says until when it stays so."""
    data, comments = file.facts.data, file.facts.comments
    begin = data.rfind(b"\n", 0, max(data.rfind(b"\n", 0, record.start), 0)) + 1
    stop = data.find(b"\n", record.end)
    first, last = bisect_left(comments, (begin, 0)), bisect_left(comments, (stop if stop >= 0 else len(data), 0))
    return any(DATED.search(data, start, end) for start, end in comments[first:last])


def _above(record: Record) -> Iterator[str]:
    """The domain of a record, and those it is below of; ``any`` for one that is not told."""
    labels = record.domain.split(".") if record.is_known else []
    yield from (".".join(labels[number:]) for number in range(min(len(labels), MOST_LABELS)))
    if not labels:
        yield "any"


def dmarc_missing(file: File) -> Iterator[Hit]:
    """Zones that send through SendGrid and have no DMARC record."""
    found = records(file.facts)
    if any(record.name.split(".")[0] == "_dmarc" or "_dmarc" in record.name for record in found):
        return
    soa = next((record for record in found if record.type == "SOA"), None)
    if soa and any(record.is_of_sendgrid for record in found):
        yield Hit(soa.start, soa.end)
    if file.facts.language != "hcl" or b"_dmarc" in file.facts.data:
        return
    for record in found:
        if not record.many and _is_apex(record) and any(spf.has_sendgrid for _, spf in record.spf()):
            condition = Condition(("dmarc",), "module", most=0)
            yield Hit(record.start, record.end, conditions=(condition,))
            return


def _is_apex(record: Record) -> bool:
    return record.name == "@" or bool(
        TWO_LABELS.fullmatch(record.name) or APEX_REFERENCE.fullmatch(record.name.strip("${}"))
    )
