"""Addresses of SendGrid's API in literals: an interface that is gone, no encryption, a credential in the query.

Only what a program uses counts. An address in prose, in a description of an interface (OpenAPI, Postman) or in what a
test expects is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.program import PROGRAMS, is_test
from sgleaks.matchers.subjects.spans import Spans
from sgleaks.once import once
from sgleaks.syntax import Facts, Value

__all__ = ["credential_in_query", "plaintext", "web_api_v2"]

SLASH = rb"\\?/"  # JSON and PHP may escape it
# https://api.sendgrid.com/api/mail.send.json, https://sendgrid.com/api/newsletter/lists/get.xml, …/{$method}.json
V2 = re.compile(
    rb"(?i)https?:SS(?:[\w-]{1,40}\.)?sendgrid\.comS(?:v1|v2|api|apiv2)S[\w.{}$%:>()-]{1,60}(?:S[\w.{}$%:>()-]{1,60}){0,3}\.(?:json|xml)\b".replace(
        b"S", SLASH
    )
)
# A base to which programs add `mail.send.json`.
V2_BASE = re.compile(rb"(?i)https?:SS(?:api\.)?sendgrid\.comS(?:api|apiv2|v2)S?\Z".replace(b"S", SLASH))
V2_PATH = re.compile(
    rb"(?i)S?(?:api|apiv2|v2)S(?:(?:mail|bounces|blocks|invalidemails|spamreports|unsubscribes|stats|profile|customer|filter|parse|user"
    rb"|password|email|apps)\.[a-z]{2,20}|newsletterS[a-zS]{3,40})\.(?:json|xml)\Z".replace(b"S", SLASH)
)
HOST = re.compile(rb"(?i)https?:SS(?:api\.)?sendgrid\.comS?\Z".replace(b"S", SLASH))
PLAINTEXT = re.compile(rb"(?i)http:SSapi\.(?:eu\.)?sendgrid\.com(?![\w.-])".replace(b"S", SLASH))
QUERY = re.compile(
    rb"(?i)(?:https?:SS)?(?<![\w.-])(?:[\w-]{1,60}\.){0,3}sendgrid\.com(?![\w.-])[^\s\"'`<>?]{0,200}\?".replace(
        b"S", SLASH
    )
)
PARAMETER = re.compile(
    rb"(?i)(?:(?<=[?&;])|(?<=amp;))(?P<name>api_?key|api_user|key|token|access_token)=(?P<value>[^&\s\"'`<>;\\]{0,200})"
)
HOLE = re.compile(rb"[$%{}()]|#\{|<|\[")  # something is put in
PROSE = re.compile(rb"[\w.,:;!?)]\s+\S*\Z")  # words before the address
COMMAND = re.compile(rb"(?i)\b(?:curl|wget|http|invoke-\w+|get|post|put|patch|delete)\b")
EXPECTS = re.compile(
    r"(?i)(?:.*\.)?(?:assert\w*|expect\w*|should\w*|not_to|to_not|nock|stub_request|responses\.add|requests_mock.*|mock\w*|intercept)(?:\..*)?"
)


def web_api_v2(file: File) -> Iterator[Hit]:
    """An address of the Web API v2, whole or put together from its host and its path."""
    data = file.facts.data
    literals = _literals(file)
    hosts = any(HOST.fullmatch(data, *_inside(data, each)) for each in literals)
    for each in literals:
        start, end = _inside(data, each)
        found = V2.search(data, start, end) or V2_BASE.match(data, start, end)
        if not found and hosts:
            found = V2_PATH.fullmatch(data, start, end)
        if found and not _is_prose(data, start, found.start()):
            yield Hit(found.start(), found.end())


def plaintext(file: File) -> Iterator[Hit]:
    """SendGrid's API called without TLS: by its address, or by the flag ``test`` of the SDK for Java."""
    if is_test(file.path):
        return
    data = file.facts.data
    for each in _literals(file):
        start, end = _inside(data, each)
        found = PLAINTEXT.search(data, start, end)
        if found and not _is_prose(data, start, found.start()):
            yield Hit(found.start(), found.end())
    if file.facts.language in ("java", "kotlin", "groovy"):
        for call in file.facts.calls:
            last = call.name.rpartition(".")[2]
            if last == "SendGrid" and len(call.arguments) == 2 and call.arguments[1].text == "true":
                yield Hit(call.start, call.end, "The second argument switches the client to plain HTTP.")


def credential_in_query(file: File) -> Iterator[Hit]:
    """A credential in the query of an address of SendGrid."""
    data = file.facts.data
    for each in _literals(file):
        start, end = _inside(data, each)
        address = QUERY.search(data, start, end)
        if address and not _is_prose(data, start, address.start()):
            yield from _credentials(file.facts, address.start(), address.end() - 1, end)


def _credentials(facts: Facts, start: int, query: int, end: int) -> Iterator[Hit]:
    given = [
        each for each in PARAMETER.finditer(facts.data, query, end) if each["value"] or _goes_on(facts, each.end(), end)
    ]
    given.sort(key=lambda each: each["name"].lower() == b"api_user")  # the key says more than its user
    if given:
        value = given[0]["value"]
        literal = value and not HOLE.search(value)
        yield Hit(start, end, secret=value.decode("utf-8", "replace") if literal else None)


def _goes_on(facts: Facts, at: int, end: int) -> bool:
    """Whether a literal ends here and more is put behind it."""
    behind = facts.data[end : end + 12].lstrip(b"\"'` \t\r\n")
    return (
        at >= end
        and behind[:1] in (b"+", b".", b"$", b",", b"%")
        and facts.language in (*PROGRAMS, "bash", "groovy", "powershell")
    )


def _literals(file: File) -> list[Value]:
    return [] if _describes_an_interface(file.facts) else _used(file.facts)


@once
def _used(facts: Facts) -> list[Value]:
    """The literals that mention SendGrid or a path of the old API, without those that a test expects."""
    data = facts.data
    expected = Spans((call.start, call.end) for call in facts.calls if EXPECTS.fullmatch(call.name))
    return [
        each
        for each in facts.strings
        if (b"sendgrid" in data[each.start : each.end].lower() or V2_PATH.fullmatch(data, *_inside(data, each)))
        and each.start not in expected
    ]


@once
def _describes_an_interface(facts: Facts) -> bool:
    if facts.language not in ("json", "yaml"):
        return False
    names = {setting.name for setting in facts.settings()}
    return bool(names & {"openapi", "swagger", "_postman_id", "_postman_variable_scope"})


def _inside(data: bytes, value: Value) -> tuple[int, int]:
    """Where the text of a literal is: without its quotes and what may precede them."""
    start, end = value.start, value.end
    while start < end and data[start : start + 1] in b"\"'`@$bfruRFLU<~":
        if data[start : start + 1].isalpha() and data[start + 1 : start + 2] not in (
            b'"',
            b"'",
            b"`",
            b"b",
            b"r",
            b"f",
            b"R",
            b"F",
        ):
            break
        start += 1
    while end > start and data[end - 1 : end] in b"\"'`":
        end -= 1
    return start, end


def _is_prose(data: bytes, start: int, at: int) -> bool:
    before = data[max(start, at - 200) : at]
    return PROSE.search(before) is not None and not COMMAND.search(before)
