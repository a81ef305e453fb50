"""Requests to SendGrid's API, whichever way a file makes them: curl and its likes, HTTP libraries, SendGrid's own SDKs.

What a request says is put together from names, constants and objects of options in the same file (``reading``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sgleaks.matchers.curl import COMMANDS, command_options, fields
from sgleaks.matchers.reading import UNKNOWN, Body, Reading, plain, reading
from sgleaks.syntax import Block, Call, Facts, Setting, Value
from sgleaks.syntax.facts import once

METHODS = ("get", "post", "put", "patch", "delete", "head")
# The first part of every path of version 3, https://www.twilio.com/docs/sendgrid/api-reference.
FAMILIES = frozenset({
    "access_settings", "alerts", "api_keys", "asm", "browsers", "campaigns", "categories", "clients", "contactdb",
    "designs", "devices", "geo", "ips", "mail", "mail_settings", "mailbox_providers", "marketing", "messages",
    "partner_settings", "scopes", "send_ips", "senders", "sso", "stats", "subusers", "suppression", "teammates",
    "templates", "tracking_settings", "user", "validations", "verified_senders", "whitelabel",
})  # fmt: skip
# Those that no other service calls like this.
DISTINCT = frozenset(("access_settings", "api_keys", "partner_settings", "subusers", "verified_senders", "whitelabel"))

# The last names of calls that may make a request, in lower case.
MAKERS = re.compile(
    r"(?:get|post|put|patch|delete|head)(?:as[a-z]+)?(?:async)?|(?:send_?|make_?|new_?|get)?request\w*|fetch\w*|ajax|axios|got|ky"
    r"|needle|superagent|urlopen|api|httprequestmessage|uri|open|\$fetch|usefetch"
)
# SendGrid's own clients, which take a path without a version.
OWN = re.compile(r"(?i)(?:^|\.)(?:requestasync|makerequest\w*|api)$|sendgrid|^sg\.|^sg_?client\.")

BODIES = ("request_body", "requestbody", "json", "body", "data", "content", "payload", "input", "postdata")
ADDRESSES = ("url", "uri", "urlpath", "endpoint", "path", "requesturi", "baseurl+url")
BASES = ("baseurl", "base_url", "base_uri", "baseuri", "baseaddress", "prefixurl", "host", "hostname", "url")
OPTIONS = frozenset({
    *BODIES, *ADDRESSES, *BASES, "method", "type", "headers", "auth", "verify", "timeout", "form_params", "params",
    "agent", "httpsagent", "rejectunauthorized", "strictssl", "cert", "ssl", "dispatcher", "http_errors",
    "responsetype", "curl",
})  # fmt: skip

ADDRESS = re.compile(r"(?i)(?:[a-z]+:)?//(?P<host>[^/?#]*)(?P<path>[^?#]*)")
RELATIVE = re.compile(r"(?P<base>\{\})?(?P<path>/?[\w{}][^?#\s]*|/[^?#\s]*)")


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One request.

    ``method`` is in upper case, "" where nothing says it. ``url`` is the address with what the file says of its
    variables put in, ``{}`` for what it does not say; it begins with a slash where the client knows the host. ``path``
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
    read, seen, found = reading(facts), set[int](), list[Request]()
    for call in facts.calls:
        request = _command(call, read) or _chain(call, read) or _library(call, read)
        if request and request.start not in seen:
            seen.add(request.start)
            found.append(request)
    found += _declared(facts, read)
    return tuple(found)


def _command(call: Call, read: Reading) -> Request | None:
    if call.name.rpartition("/")[2].lower() not in COMMANDS:
        return None
    options, rest, headers = command_options(call)
    if read.facts.language == "http":  # its headers are named, its body is a setting of its block
        sent = call.block.get("body")
        headers, options = call.named.settings, [Setting(("data",), sent.value, sent.start, sent.end, call.block)] if sent else []
    given = [each.value for each in options if each.name == "url"]
    address = next((place for each in (*given, *rest) if (place := _address(read.text(each)))), None)
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
    return _request(method, address, call, body, bool(bodies), options, headers)


def _implied(named: dict[str, Value], rest: Sequence[Value]) -> str:
    """The method of a command that names none."""
    spoken = next((each.text for each in rest if each.text.lower() in METHODS), "")
    if spoken or "get" in named or "head" in named:
        return spoken or ("GET" if "get" in named else "HEAD")
    if not {"data", "json", "form", "item"}.isdisjoint(named):
        return "POST"
    return "PUT" if "upload-file" in named else "GET"


def _chain(call: Call, read: Reading) -> Request | None:
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
    return _request(method, (path, path), call, body, given is not None, call.named.settings, ())


def _library(call: Call, read: Reading) -> Request | None:
    last = call.name.rpartition(".")[2].rpartition(":")[2].lower()
    if not MAKERS.fullmatch(last):
        return None
    options, rest = _options(call, read)
    named: dict[str, Value] = {}
    for each in options:
        named[each.name.lower()] = each.value
    own = OWN.search(call.name) is not None
    at, address = _addressed(call, named, rest, read, own=own)
    if not address:
        return None
    if address[0].startswith("/") and any(read.is_function(each) for each in rest):
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
    return _request(method, address, call, body, given is not None, options, headers.block.settings if headers else ())


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
    if value.kind != "reference":
        return []
    name = plain(value.text)
    setting = read.assigned(name, value.start)
    made = setting.value.call if setting else None
    if not setting or not made or not re.search(r"(?i)(?:^|\.)(?:get)?request(?:message)?$", made.name):
        return []
    options = list(made.named.settings)
    if made.name.lower().endswith("getrequest") and len(made.arguments) > 1:  # sendgrid.GetRequest(key, endpoint, host)
        options += [
            Setting((title,), each, each.start, each.end, made.block)
            for title, each in zip(("endpoint", "host"), made.arguments[1:], strict=False)
        ]
    options += read.parts_between(name, setting.end, value.start)
    for call in read.calls_between(name, setting.end, value.start):
        last = call.name.rpartition(".")[2]
        if last.lower().startswith("set") and call.arguments:
            options.append(Setting((last[3:].strip("_"),), call.arguments[0], call.start, call.end, call.block))
    return options


def _addressed(
    call: Call, named: dict[str, Value], rest: Sequence[Value], read: Reading, *, own: bool
) -> tuple[int, tuple[str, str] | None]:
    """Which of the other arguments is the address (-1 for an option), and the address."""
    base = next((read.text(named[name]) for name in BASES if name in named and name != "url"), "")
    for name in ADDRESSES:
        if name in named:
            return -1, _address(_under(base, read.text(named[name])), own=own)
    base = base or _base(call, read)
    for index, each in enumerate(rest):
        if each.kind in ("text", "template", "reference", "expression", "call") and not _method(each, read):
            address = _address(_under(base, read.text(each)), own=own)
            if address:
                return index, address
    return -1, None


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


def _address(text: str, *, own: bool = False) -> tuple[str, str] | None:
    """The address in a text and its path from ``/v3`` on; None where it is none of SendGrid's API.

    ``own``: the client is one of SendGrid, so that a path alone is one of its API.
    """
    if not text or len(text) > 500 or " " in text.strip():
        return None
    text = text.strip()
    whole = ADDRESS.match(text)
    if whole:
        host = whole["host"].lower().rpartition("@")[2]
        if "sendgrid" not in host and host != UNKNOWN:
            return None
        path = _versioned(whole["path"])
        return (text, path) if "sendgrid" in host or path.startswith("/v3/") else None
    relative = RELATIVE.match(text)
    if not relative:
        return None
    path = _versioned(relative["path"])
    first = path.strip("/").split("/")[0]
    if path.startswith("/v3/") and path.split("/")[2] in FAMILIES:
        return text, path
    if (own and first in FAMILIES) or (relative["base"] and first in DISTINCT):
        return text, f"/v3/{path.strip('/')}"
    return None


def _versioned(path: str) -> str:
    """A path from its version on; what is not known stands for one part."""
    steps = [UNKNOWN if UNKNOWN in step or step.startswith(":") else step for step in path.split("/") if step]
    start = next((index for index, step in enumerate(steps) if step in ("v3", "v2")), 0)
    return "/" + "/".join(steps[start:])


def _method(value: Value | None, read: Reading) -> str:
    """A method that a value names: ``"POST"``, ``Method.POST``, ``http.MethodPost``."""
    if value is None:
        return ""
    value = read.resolved(value)
    if value.kind not in ("text", "reference"):
        return ""
    name = re.split(r"[.:]", value.text)[-1].lower().removeprefix("method")
    return name.upper() if name in METHODS else ""


def _request(
    method: str,
    address: tuple[str, str],
    call: Call,
    body: Body | None,
    given: bool,  # whether there is a body, known or not
    options: Sequence[Setting],
    headers: Sequence[Setting],
) -> Request:
    whole = body.whole if body else not given
    block = body.block if body else None
    return Request(method.upper(), *address, call.start, call.end, block, whole, call, tuple(options), tuple(headers))


def _declared(facts: Facts, read: Reading) -> Iterator[Request]:
    """Requests that are no call: tasks of Ansible with ``url``, ``method`` and ``body``."""
    if facts.language != "yaml":
        return
    for block in facts.blocks():
        url, method = block.get("url"), block.get("method")
        address = _address(read.text(url.value)) if url and method else None
        if not address or not method:
            continue
        given, headers = block.get("body"), block.get("headers")
        body = read.body(given.value) if given else None
        whole = body.whole if body else given is None
        fields = headers.value.block.settings if headers and headers.value.block else ()
        yield Request(
            method.value.text.upper(), *address, block.start, block.end, body.block if body else None, whole, None,
            tuple(block.settings), tuple(fields),
        )  # fmt: skip
