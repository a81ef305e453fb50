"""SMTP clients that send through SendGrid: how a file configures them, in whichever framework.

A client is known by its server: a literal ``smtp.sendgrid.net`` (also as the default of a variable), or nodemailer's
``service: "SendGrid"``. What belongs to it is what stands in the same structure; in a program whose settings are
spread, what is in the same function or file. What only the running program knows counts as protection.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeVar

from sgleaks.matchers.subjects.entries import Entry, Told, entries, squash, told
from sgleaks.matchers.subjects.frameworks import Framework, Spec, table
from sgleaks.once import once
from sgleaks.syntax import Call, Facts, Function, Value

RELAY = re.compile(r"(?i)(?<![\w.-])smtp\.(?:eu\.)?sendgrid\.net(?![\w-])")
MENTION = re.compile(rb"(?i)smtp\.(?:eu\.)?sendgrid\.net|service[^\n]{0,80}sendgrid|sendgrid\+smtp")
OURS = re.compile(r"(?i)(?<![\w-])(?:api|smtp)\.(?:eu\.)?sendgrid\.(?:com|net)(?![\w-])")
ADDRESS = re.compile(
    r"(?i)(?P<scheme>[a-z][a-z+]{2,20})://(?:(?P<user>[^:@/\s]{0,200})(?::[^@/\s]{0,300})?@)?"
    r"(?P<host>smtp\.(?:eu\.)?sendgrid\.net|(?<=@)default)(?::(?P<port>\d+))?/?(?:\?(?P<query>\S*))?"
)
SECURE_SCHEME = re.compile(r"(?i)smtps|.*\+(?:tls|ssl|starttls|smtps)|submissions?|ssl|tls")
SERVICE = re.compile(r"(?:.*\.)?service")
CODE = frozenset(
    "c_sharp go groovy java javascript kotlin php powershell python ruby tsx typescript vue".split()  # noqa: SIM905
)
IMPLICIT_PORT = "465"
MOST = 100  # clients in one file; a file with more is a list of something else
NEAR = 250  # settings before and after a server that may belong to it; nobody writes an SMTP client longer than this
ANCESTORS = 2  # structures around that of the server: `encryption` beside `mailers: {smtp: {host: …}}`


@dataclass(frozen=True, slots=True, eq=False)
class Mailer:
    """One client: the entry that names its server, and all that belongs to it, the server's included, in their order.

    ``calls`` are the functions that are called there, squashed. ``address`` is that of a URL.
    """

    facts: Facts
    framework: Framework
    host: Entry
    entries: tuple[Entry, ...]
    calls: frozenset[str] = frozenset()
    address: re.Match[str] | None = None

    def found(self, specs: Iterable[Spec], *, or_unknown: bool = False) -> Iterator[Entry]:
        """The entries that one of the specs holds for, by specs; those which are unknown, too, where asked."""
        for spec in specs:
            for entry in self.entries:
                if spec.names(entry):
                    holds = spec.holds(self.facts, entry.value)
                    if holds or (holds is None and or_unknown):
                        yield entry

    def has(self, specs: Sequence[Spec]) -> bool:
        """Whether one of the specs holds, or may."""
        called = any(spec.how == "()" and spec.name in self.calls for spec in specs)
        return called or next(self.found(specs, or_unknown=True), None) is not None

    def nearest(self, found: Iterable[Entry]) -> Entry | None:
        """That of some entries which belongs to this server, where a file has several: the first from it on, else the
        first since the one before it."""
        rivals = [each.start for each in self.entries if each.name == self.host.name]
        stop = min((start for start in rivals if start > self.host.end), default=len(self.facts.data))
        begin = max((start for start in rivals if start < self.host.start), default=-1)
        ours = [each for each in found if begin < each.start < stop]
        after = [each for each in ours if each.start >= self.host.start]
        return next(iter(after or ours), None)

    def says(self, entry: Entry | None) -> Told | None:
        return told(self.facts, entry.value) if entry else None

    @property
    def user(self) -> Entry | None:
        """Who logs in."""
        return self.nearest(self.found(table().user, or_unknown=True))

    @property
    def implicit(self) -> bool:
        """Whether TLS is there from the first byte on, by scheme or port."""
        if self.address:
            return bool(SECURE_SCHEME.fullmatch(self.address["scheme"])) or self.address["port"] == IMPLICIT_PORT
        host = self.says(self.host)
        if host and re.search(r"(?:ssl|tls|smtps)://|:465\b", host.text):
            return True
        port = self.says(self.nearest(self.found(table().port, or_unknown=True)))
        return port is not None and port.text == IMPLICIT_PORT


@once
def mailers(facts: Facts) -> tuple[Mailer, ...]:
    """The SMTP clients of a file that send through SendGrid, in its order."""
    if not MENTION.search(facts.data):
        return ()
    scene = _Scene(facts)
    found = islice(chain(scene.of_calls(), scene.of_entries(), scene.of_addresses()), MOST)
    return tuple(sorted(found, key=lambda mailer: mailer.host.start))


def is_relay(facts: Facts, value: Value) -> bool:
    """Whether a value is, or has for its default, a SendGrid server."""
    if value.kind == "list":
        return any(RELAY.match(item.text) for item in value.items if item.literal)
    if value.kind == "template" and RELAY.search(value.text) and "://" not in value.text:
        return True
    says = told(facts, value)
    return bool(says and RELAY.search(says.text) and not ADDRESS.search(says.text))


class _Scene:
    """A file, indexed."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.entries = entries(facts)
        self.by_block: dict[int, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            self.by_block[id(entry.block)].append(entry)
        self.frameworks = [each for each in table().frameworks if each.suits(facts)]
        self.calls = sorted(facts.calls, key=lambda call: call.start)
        logins = (entry for call in facts.calls for entry in _roles(call, table().logins))
        self.logins = sorted(logins, key=lambda entry: entry.start)
        self.taken: set[int] = set()  # blocks of named arguments that belong to a call which was understood

    def of_calls(self) -> Iterator[Mailer]:
        """Clients whose server is an argument: ``smtplib.SMTP("smtp.sendgrid.net", 587)``, ``curl smtp://…``."""
        for framework in self.frameworks:
            for call in self.facts.calls if framework.calls else ():
                roles = next((roles for name, roles in framework.calls.items() if _is_called(call, name)), None)
                if roles is None:
                    continue
                named = call.named.get("host") or call.named.get("hostname")
                server = next((each for each in call.arguments if self._is_server(each, roles)), None)
                server = server or (named.value if named and is_relay(self.facts, named.value) else None)
                if server:
                    self.taken.add(id(call.named))
                    host = Entry("host", "host", server, call.start, server.end, call.named)
                    own = [*_roles(call, framework.calls), *self.by_block[id(call.named)]]
                    yield self._mailer(framework, host, own, call)

    def _is_server(self, value: Value, roles: Sequence[str]) -> bool:
        return is_relay(self.facts, value) or (
            not roles and RELAY.search(value.text) is not None and "@" not in value.text
        )

    def of_entries(self) -> Iterator[Mailer]:
        """Clients whose server is a setting."""
        for entry in self.entries:
            if id(entry.block) in self.taken or not self._names_server(entry):
                continue
            for framework in self.frameworks:
                if framework.is_host(entry):
                    mailer = self._mailer(framework, entry)
                    if not framework.beside or mailer.has(framework.beside):
                        yield mailer
                        break

    def of_addresses(self) -> Iterator[Mailer]:
        """Clients whose server is in a URL: ``smtp://apikey:…@smtp.sendgrid.net:587?verify_peer=0``."""
        generic = table().frameworks[-1]
        for value in self.facts.strings:
            address = ADDRESS.search(value.text) if "://" in value.text and len(value.text) < 2000 else None
            if address and (address["host"] != "default" or address["scheme"].lower().startswith("sendgrid+smtp")):
                entry = Entry("url", "url", value, value.start, value.end, self.facts.roots[0])
                yield Mailer(self.facts, generic, entry, (entry,), address=address)

    def _names_server(self, entry: Entry) -> bool:
        if SERVICE.fullmatch(entry.name) or entry.name.endswith("service"):
            says = told(self.facts, entry.value)
            return bool(says and says.text == "sendgrid")
        return is_relay(self.facts, entry.value)

    def _mailer(self, framework: Framework, host: Entry, own: Sequence[Entry] = (), call: Call | None = None) -> Mailer:
        function = self._function(call) if call else None
        span = (function.start, function.end) if function else (0, len(self.facts.data))
        group = [*own, *self._group(framework, host, call, span)]
        calls = {squash(each.name.split(".")[-1]) for each in _near(self.calls, host.start, span)}
        if framework.scope != "structure" or call or host.block.parent is None:
            group += _near(self.logins, host.start, span)
        unique = {(each.start, each.path): each for each in group}
        ordered = sorted(unique.values(), key=lambda entry: entry.start)
        return Mailer(self.facts, framework, host, tuple(ordered), frozenset(calls))

    def _group(self, framework: Framework, host: Entry, call: Call | None, span: tuple[int, int]) -> Iterator[Entry]:
        """What belongs to a server; ``span`` is the function around it, or the file."""
        code, language = self.facts.language in CODE, self.facts.language
        if call and not code:
            return
        spread = call or framework.scope == "document" or host.block.parent is None or language == "dockerfile"
        if spread or (code and framework.scope == "file"):
            yield from (each for each in _near(self.entries, host.start, span) if _same_object(each, host))
            return
        around = [block for block in host.block.around() if block.parent][1 : 1 + ANCESTORS]
        blocks = islice(chain(host.block.walk(), around), 2 * NEAR)
        for block in blocks:
            yield from _near(self.by_block[id(block)], host.start, span)

    def _function(self, call: Call) -> Function | None:
        """The innermost function around a call, if that also logs in: else the client is kept and used elsewhere."""
        around = [each for each in self.facts.functions if each.start <= call.start and call.end <= each.end]
        inner = min(around, key=lambda each: each.end - each.start, default=None)
        logins = _near(self.logins, call.start, (inner.start, inner.end)) if inner else ()
        return inner if logins else None


Placed = TypeVar("Placed", Entry, Call)


def _near(placed: Sequence[Placed], at: int, span: tuple[int, int]) -> Sequence[Placed]:
    """What is within a span, of things in the order of the file; at most ``NEAR`` before and after an offset."""
    first = bisect_left(placed, span[0], key=lambda each: each.start)
    last = bisect_left(placed, span[1], key=lambda each: each.start)
    middle = bisect_left(placed, at, key=lambda each: each.start)
    return placed[max(first, middle - NEAR) : min(last, middle + NEAR)]


def _same_object(entry: Entry, host: Entry) -> bool:
    """Whether an entry is set on the same object as the server, as far as either says on which."""
    prefix = squash("".join(host.prefix))
    return not prefix or not entry.prefix or entry.prefix == host.prefix or entry.path.startswith(prefix)


def _is_called(call: Call, name: str) -> bool:
    return call.name == name or call.name.endswith(f".{name}") or call.name.endswith(f"\\{name}")


def _roles(call: Call, known: object) -> Iterator[Entry]:
    """The arguments of a call as entries under the names that a table gives them."""
    if not isinstance(known, dict):
        return
    last = call.name.split(".")[-1]
    roles = next((roles for name, roles in known.items() if name == squash(last) or _is_called(call, name)), ())
    for role, value in zip(roles, call.arguments, strict=False):
        yield Entry(squash(role), squash(role), value, value.start, value.end, call.named)


@once
def uses_sendgrid(facts: Facts) -> bool:
    """Whether a file uses SendGrid: imports it, names its servers, or reads its variables."""
    return (
        any("sendgrid" in each.lower() for each in facts.imports)
        or any(OURS.search(each.text) for each in facts.strings)
        or any("sendgrid" in each.text.lower() for each in facts.references)
        or any("sendgrid" in each.name.lower() for each in facts.calls)
        or any("sendgrid" in each.name for each in entries(facts))
        or bool(mailers(facts))
    )
