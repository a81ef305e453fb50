"""What calls of HTTP libraries and of SendGrid's SDKs send: one call, a chain of calls, or an object that is filled.

``requests.post(url, json=…)``, ``axios({url, …})``, ``Request.Builder().url(…).post(…)``, ``request.setBody(…)``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from sgleaks.matchers.subjects.endpoint import DISTINCT, FAMILIES, METHODS, Endpoint, endpoint
from sgleaks.matchers.subjects.reading import UNKNOWN, Body, Reading, plain
from sgleaks.syntax import Call, Setting, Value

# The last names of calls that may make a request, in lower case.
MAKERS = re.compile(
    r"(?:get|post|put|patch|delete|head)(?:as[a-z]+)?(?:async)?|(?:send_?|make_?|new_?|get)?request\w*|fetch\w*|ajax|axios"
    r"|got|ky|needle|superagent|urlopen|api|httprequestmessage|open|send|\$fetch|usefetch"
)
MADE = re.compile(r"(?i)(?:^|\.)(?:(?:get|empty)_?)?request(?:message)?$")  # an object that is filled afterwards
# SendGrid's own clients, which take a path without a version.
OWN = re.compile(r"(?i)(?:^|\.)(?:requestasync|makerequest\w*|api)$|sendgrid|^sg\.|^sg_?client\.")
# Libraries that answer in place of a service: what is given to them is no request.
MOCKS = re.compile(
    r"(?i)\b(?:nock|requests[_-]mock|responses|respx|aioresponses|httpretty|pytest_httpx|httpx_mock|msw|fetch-mock"
    r"|axios-mock-adapter|webmock|httpmock|gock|wiremock|mockserver|moxios)\b"
)

BODIES = (
    "request_body",
    "requestbody",
    "json",
    "body",
    "data",
    "content",
    "payload",
    "input",
    "send",
    "bodyvalue",
    "write",
)
ADDRESSES = ("url", "uri", "urlpath", "endpoint", "path", "requesturi")
BASES = ("baseurl", "base_url", "base_uri", "baseuri", "baseaddress", "prefixurl", "host", "hostname", "url")
OPTIONS = frozenset({
    *BODIES, *ADDRESSES, *BASES, "method", "type", "headers", "auth", "verify", "timeout", "form_params", "params",
    "agent", "httpsagent", "rejectunauthorized", "strictssl", "cert", "ssl", "dispatcher", "http_errors",
    "responsetype", "curl",
})  # fmt: skip


class Sent(NamedTuple):
    """What one request sends. ``given``: it has a body, known or not."""

    method: str
    endpoint: Endpoint
    call: Call
    body: Body | None
    given: bool
    options: Sequence[Setting]
    headers: Sequence[Setting] = ()


def of_sdk(call: Call, read: Reading) -> Sent | None:
    """``sg.client.api_keys._(id).patch(request_body=data)``: the path is the chain, in each language's SDK."""
    parts = call.name.replace("->", ".").replace("::", ".").split(".")
    method = parts[-1].lower().removesuffix("async")
    if method not in METHODS or len(parts) < 3:
        return None
    first = next((index for index, part in enumerate(parts[:-1]) if part.removesuffix("()") in FAMILIES), 0)
    if not first or not (parts[first - 1] == "client" or parts[first] in DISTINCT):
        return None
    steps = [part.removesuffix("()") for part in parts[first:-1]]
    path = "/v3/" + "/".join(UNKNOWN if step == "_" or step.startswith("[") else step for step in steps)
    given = next((each.value for each in call.named.settings if each.name.lower() in BODIES), None)
    given = given or next(iter(call.arguments), None)
    body = read.body(given) if given else None
    return Sent(method, Endpoint(path, path), call, body, given is not None, call.named.settings)


def of_library(call: Call, read: Reading) -> Sent | None:
    """A call that is given an address: alone, in options, or under the address that its client was made with."""
    parts = re.split(r"[.:]+", call.name)
    last = (parts[-2] if parts[-1] == "new" and len(parts) > 1 else parts[-1]).lower()  # Net::HTTP::Post.new(uri)
    if not MAKERS.fullmatch(last):
        return None
    options, rest = _options(call, read)
    options += _filled(call, read)
    named = {each.name.lower(): each.value for each in options}
    at, address = _addressed(call, named, rest, read)
    if not address or (at >= 0 and "//" not in address.url and any(read.is_function(each) for each in rest)):
        return None  # a route of one's own: app.post("/v3/…", (req, res) => …)
    method = _method(named.get("method") or named.get("type"), read)
    method = method or next((spoken for each in rest if (spoken := _method(each, read))), "")
    method = method or next((each for each in METHODS if last.startswith(each) and last != "getrequest"), "")
    given = next((named[name] for name in BODIES if name in named), None)
    body = read.body(given) if given else None
    if given is None:
        others = [each for index, each in enumerate(rest) if index != at and not _method(each, read)]
        body = next((found for each in others if (found := read.body(each))), None)
        given = others[0] if others else None
    if not method:
        method = "POST" if body and last != "fetch" else "GET" if last in ("fetch", "axios", "got", "urlopen") else ""
    headers = read.body(named["headers"]) if "headers" in named else None
    fields = headers.block.settings if headers else ()
    return Sent(method, address, call, body, given is not None, options, fields)


def of_chain(calls: Sequence[Call], read: Reading) -> Sent | None:
    """A request built link by link: ``Request.Builder().url(…).post(…).build()``; the outermost call is last."""
    method, address, given = "", None, None
    for call in calls:
        last = re.split(r"[.:]+", call.name)[-1].lower()
        first = call.arguments[0] if call.arguments else None
        if first is None:
            method = last if last in METHODS else method
        elif last in ("url", "uri"):
            address = endpoint(read.text(first)) or address
        elif last in METHODS:
            method, address = last, endpoint(read.text(first)) or address
            given = given if address and endpoint(read.text(first)) else first
        elif last == "method":
            method, given = _method(first, read), call.arguments[1] if len(call.arguments) > 1 else given
        elif last in BODIES:
            given = first
    if not address:
        return None
    body = read.body(given) if given else None
    return Sent(method, address, calls[-1], body, given is not None, ())


def _options(call: Call, read: Reading) -> tuple[list[Setting], list[Value]]:
    """The options of a call, wherever they are given, and its other arguments."""
    options, rest = list(call.named.settings), list[Value]()
    if call.new:  # new HttpRequestMessage(…) { Content = … }
        inside = [each for each in call.block.blocks[-40:] if call.start < each.start and each.end <= call.end]
        options += [setting for each in inside if each.labels == (call.name,) for setting in each.settings]
    for position, argument in enumerate(call.arguments):
        made = _made(argument, read)
        body = None if made or argument.kind in ("text", "template") else read.body(argument)
        names = {each.name.lower() for each in body.block.settings} if body else set()
        if made:
            options += made
        elif body and names & OPTIONS and (position or len(call.arguments) == 1 or not names - OPTIONS):
            options += body.block.settings
        else:
            rest.append(argument)
    return options, rest


def _made(value: Value, read: Reading) -> list[Setting]:
    """The options of a request that was made before: by a call, and setters or assignments after it."""
    setting = read.assigned(plain(value.text), value.start) if value.kind == "reference" else None
    made = setting.value.call if setting else None
    if not setting or not made or not MADE.search(made.name):
        return []
    options = list(made.named.settings)
    if made.name.lower().endswith("getrequest") and len(made.arguments) > 1:  # sendgrid.GetRequest(key, endpoint, host)
        options += [
            Setting((title,), each, each.start, each.end, made.block)
            for title, each in zip(("endpoint", "host"), made.arguments[1:], strict=False)
        ]
    return options + _set(plain(value.text), setting.end, value.start, read)


def _filled(call: Call, read: Reading) -> list[Setting]:
    """What is put into the request that a call makes, after it: ``req.body = …``, ``req.write(…)``."""
    name = read.name_of(call)
    return _set(name, call.end, read.next_assigned(name, call.end), read) if name else []


def _set(name: str, start: int, end: int, read: Reading) -> list[Setting]:
    """What is assigned to parts of a name between two offsets, or given to its setters."""
    options = read.parts_between(name, start, end)
    for call in read.calls_between(name, start, end):
        title = call.name.rpartition(".")[2]
        title = (
            title[3:].strip("_")
            if title.lower().startswith("set")
            else title
            if title in ("write", "send", "end")
            else ""
        )
        if title and call.arguments:
            title = "body" if title == "end" else title
            options.append(Setting((title,), call.arguments[0], call.start, call.end, call.block))
    return options


def _addressed(
    call: Call, named: dict[str, Value], rest: Sequence[Value], read: Reading
) -> tuple[int, Endpoint | None]:
    """Which of the other arguments is the address (-1 for an option), and what it names."""
    own = OWN.search(call.name) is not None
    base = next((read.text(named[name]) for name in BASES if name in named and name != "url"), "")
    for name in ADDRESSES:
        if name in named:
            return -1, endpoint(_under(base, read.text(named[name])), own=own)
    base = base or _base(call, read)
    for index, each in enumerate(rest):
        if each.kind in ("text", "template", "reference", "expression", "call") and not _method(each, read):
            found = endpoint(_under(base, read.text(each)), own=own)
            if found:
                return index, found
    whole = named.get("baseurl")  # rest.Request{BaseURL: …} of SendGrid's Go library has no other
    return -1, endpoint(read.text(whole)) if whole else None


def _base(call: Call, read: Reading) -> str:
    """The address that the client of a call was made with."""
    receiver = call.name.rpartition(".")[0]
    setting = read.assigned(plain(receiver), call.start) if receiver else None
    made = setting.value.call if setting else None
    if not made:
        return ""
    options = list(made.named.settings)
    for argument in made.arguments:
        body = read.body(argument) if argument.kind == "block" else None
        options += body.block.settings if body else []
    return next((read.text(each.value) for each in options if each.name.lower() in BASES), "")


def _under(base: str, path: str) -> str:
    if not base or "//" in path or path.startswith(UNKNOWN):
        return path
    return f"{base if '//' in base else f'https://{base}'}".rstrip("/") + "/" + path.lstrip("/")


def _method(value: Value | None, read: Reading) -> str:
    """A method that a value names: ``"POST"``, ``Method.POST``, ``http.MethodPost``."""
    if value is None:
        return ""
    value = read.resolved(value)
    if value.kind not in ("text", "reference"):
        return ""
    name = re.split(r"[.:]", value.text)[-1].lower().removeprefix("method")
    return name.upper() if name in METHODS else ""
