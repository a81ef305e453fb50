"""Requests to SendGrid's API, whichever way a file makes them: curl and its likes, HTTP libraries, SendGrid's own SDKs.

What a request says is put together from names, constants and objects of options in the same file (``reading``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sgleaks.matchers.subjects.curl import COMMANDS, command_options, fields
from sgleaks.matchers.subjects.curl_handles import of_handles
from sgleaks.matchers.subjects.endpoint import METHODS, endpoint
from sgleaks.matchers.subjects.libraries import MOCKS, Sent, of_chain, of_library, of_sdk
from sgleaks.matchers.subjects.reading import Body, Reading, reading
from sgleaks.once import once
from sgleaks.syntax import Block, Call, Facts, Setting, Value, parse

QUOTED = re.compile(rb'\\"([^"\\]*)\\"')
MOST_COMMANDS = 20  # within one file; each is parsed by itself


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One request.

    ``method`` is in upper case, "" where nothing says it. ``url`` is the address with what the file says of its
    variables put in, ``{}`` for what it does not say; it has no host where the client knows the host. ``path``
    is its path from ``/v3`` on, without a query: ``/v3/api_keys/{}``. ``body`` is None where there is none, or where it
    comes from elsewhere; it is ``whole`` where all of its settings are known. ``options`` are the request's other
    settings: named arguments and those of an object of options (``verify``, ``auth``), or the options of a command
    under their long names without hyphens (``insecure``, ``user``; a switch is true). ``headers`` are named as written.
    """

    method: str
    url: str
    path: str
    start: int
    end: int
    body: Block | None = None
    whole: bool = True
    call: Call | None = None
    options: tuple[Setting, ...] = ()
    headers: tuple[Setting, ...] = ()

    def option(self, *names: str) -> Setting | None:
        """The first option of one of these names, in any case."""
        return next((each for each in self.options if each.name.lower() in names), None)

    def header(self, name: str) -> Setting | None:
        """The header of a name, in any case."""
        return next((each for each in self.headers if each.name.lower() == name.lower()), None)


@once
def requests(facts: Facts) -> tuple[Request, ...]:
    """The requests of a file to SendGrid, in its order."""
    read = reading(facts)
    has_mocks = any(MOCKS.search(name) for name in facts.imports)
    found: list[Request] = []
    for start, group in groupby(sorted(facts.calls, key=lambda each: each.start), key=lambda each: each.start):
        calls = sorted(group, key=lambda each: each.end)
        sent = next((sent for call in calls if (sent := _command(call, read) or of_sdk(call, read))), None)
        if not sent and not has_mocks and not any(_answers(call) for call in calls):
            sent = next((sent for call in calls if (sent := of_library(call, read))), None)
            if len(calls) > 1 and (not sent or not sent.body):
                sent = of_chain(calls, read) or sent
        if sent:
            found.append(_request(sent, start))
    found += [_request(sent, sent.call.start) for sent in of_handles(read)]
    found += _declared(facts, read)
    found += _embedded(facts)
    return tuple(found)


def _request(sent: Sent, start: int) -> Request:
    body = sent.body
    whole = body.whole if body else not sent.given
    call = sent.call
    return Request(
        sent.method.upper(),
        *sent.endpoint,
        start,
        call.end,
        body.block if body else None,
        whole,
        call,
        tuple(sent.options),
        tuple(sent.headers),
    )


def _answers(call: Call) -> bool:
    """Whether a call says what a mocked service answers, or is a mock."""
    parts = call.name.lower().split(".")
    return parts[-1] in ("reply", "replywithfile", "respond", "to_return") or any("mock" in part for part in parts)


def _command(call: Call, read: Reading) -> Sent | None:
    if call.name.rpartition("/")[2].lower() not in COMMANDS:
        return None
    options, rest, headers = command_options(call)
    for word in rest:
        splat = read.body(word) if word.kind == "reference" else None  # Invoke-RestMethod @parameters
        options += (
            command_options(Call(call.name, (), splat.block, call.start, call.end, call.block))[0] if splat else []
        )
    if read.facts.language == "http":  # its headers are named, its body is a setting of its block
        sent = call.block.get("body")
        headers, options = (
            call.named.settings,
            [Setting(("data",), sent.value, sent.start, sent.end, call.block)] if sent else [],
        )
    given = [each.value for each in options if each.name == "url"]
    address = next((place for each in (*given, *rest) if (place := endpoint(read.text(each)))), None)
    if not address:
        return None
    named = {each.name: each.value for each in options}
    method = read.text(named["request"]) if "request" in named else _implied(named, rest)
    bodies = [each.value for each in options if each.name in ("data", "json")]
    if any(each.text in ("@-", "@/dev/stdin") for each in bodies):
        bodies += rest  # what a here-document says is the last word
    body = next((body for each in bodies if (body := read.body(each))), None)
    if "item" in named:
        body = Body(Block((), call.start, call.end, call.block, fields(options)))
    return Sent(method, address, call, body, bool(bodies), options, headers)


def _implied(named: dict[str, Value], rest: list[Value]) -> str:
    """The method of a command that names none."""
    spoken = next((each.text for each in rest if each.text.lower() in METHODS), "")
    if spoken or "get" in named or "head" in named:
        return spoken or ("GET" if "get" in named else "HEAD")
    if not {"data", "json", "form", "item"}.isdisjoint(named):
        return "POST"
    return "PUT" if "upload-file" in named else "GET"


def _declared(facts: Facts, read: Reading) -> Iterator[Request]:
    """Requests that are no call: tasks of Ansible and data of Terraform with an address, a method and a body."""
    for block in facts.blocks() if facts.language in ("yaml", "hcl") else ():
        url, method = block.get("url"), block.get("method")
        address = endpoint(read.text(url.value)) if url and method else None
        if not address or not method:
            continue
        given = block.get("body") or block.get("request_body")
        headers = block.get("headers") or block.get("request_headers")
        body = read.body(given.value) if given else None
        yield Request(
            method.value.text.upper(),
            *address,
            block.start,
            block.end,
            body.block if body else None,
            body.whole if body else given is None,
            None,
            tuple(block.settings),
            tuple(headers.value.block.settings) if headers and headers.value.block else (),
        )


def _embedded(facts: Facts) -> Iterator[Request]:
    """Requests of commands that Terraform or npm run: ``command`` of ``local-exec``, and ``scripts``."""
    told = 0
    for block in facts.blocks() if facts.language in ("hcl", "json") else ():
        for setting in block.settings:
            is_command = setting.name == "command" or block.labels == ("scripts",)
            if not is_command or setting.value.kind not in ("text", "template") or "curl" not in setting.value.text:
                continue
            told += 1
            if told > MOST_COMMANDS:
                return
            start, end = setting.value.start, setting.value.end
            # A quote stays where it is, and its backslash becomes a space outside of the quotes.
            script = QUOTED.sub(rb' "\1" ', facts.data[start:end].strip(b'"'))
            start += facts.data[start : start + 1] == b'"'
            yield from requests(parse(b" " * start + script, "bash"))
