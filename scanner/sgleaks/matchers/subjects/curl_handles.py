"""Requests that PHP makes with curl: a handle is opened, given options one by one, and executed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sgleaks.matchers.subjects.curl import HEADER
from sgleaks.matchers.subjects.endpoint import endpoint
from sgleaks.matchers.subjects.libraries import Sent
from sgleaks.matchers.subjects.reading import Reading, plain
from sgleaks.syntax import Call, Setting, Value

MOST = 50  # options of one handle; curl has 300, and nobody sets more than 20


@dataclass(slots=True)
class Handle:
    """An open handle: the call that made it, and its options without ``CURLOPT_``, in lower case."""

    call: Call
    options: list[Setting] = field(default_factory=list)

    def add(self, name: str, value: Value) -> None:
        name = name.lower().removeprefix("curlopt_")
        del self.options[MOST:]
        self.options.append(Setting((name,), value, value.start, value.end, self.call.named))


def of_handles(read: Reading) -> Iterator[Sent]:
    """The requests of a file in PHP, each at the call that opened its handle."""
    handles: dict[str, Handle] = {}
    for call in read.facts.calls if read.facts.language == "php" else ():
        name = call.name.lower()
        if name == "curl_init":
            handle = handles[plain(read.name_of(call))] = Handle(call)
            for argument in call.arguments[:1]:
                handle.add("url", argument)
        elif name.startswith("curl_") and call.arguments:
            opened = handles.get(plain(call.arguments[0].text))
            sent = _used(name, call, opened, read) if opened else None
            if sent:
                yield sent


def _used(name: str, call: Call, handle: Handle, read: Reading) -> Sent | None:
    if name == "curl_setopt" and len(call.arguments) > 2:
        handle.add(call.arguments[1].text, call.arguments[2])
    elif name == "curl_setopt_array" and len(call.arguments) > 1:
        body = read.body(call.arguments[1])
        for setting in body.block.settings if body else ():
            handle.add(setting.name, setting.value)
    elif name == "curl_exec":
        return _sent(handle, read)
    return None


def _sent(handle: Handle, read: Reading) -> Sent | None:
    named = {each.name: each.value for each in handle.options}
    address = endpoint(read.text(named["url"])) if "url" in named else None
    if not address:
        return None
    given = named.get("postfields")
    method = read.text(named["customrequest"]) if "customrequest" in named else ""
    method = method or ("POST" if given or "post" in named else "GET")
    body = read.body(given) if given else None
    return Sent(method, address, handle.call, body, given is not None, handle.options, _headers(named, read))


def _headers(named: dict[str, Value], read: Reading) -> list[Setting]:
    listed = read.resolved(named["httpheader"]) if "httpheader" in named else None
    found = []
    for item in listed.items if listed else ():
        name = HEADER.match(item.text)
        if name:
            value = Value(item.kind, item.text[name.end() :], item.start, item.end, item.items)
            found.append(Setting((name[1],), value, item.start, item.end, read.facts.roots[0]))
    return found
