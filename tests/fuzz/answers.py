"""Targets that read what servers answer: SendGrid, and the forges. A server may be anybody."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.message import Message
from functools import cache
from typing import Any, cast

from accounts import FULL, default, dreadful, hardened
from fuzz.target import Target, document
from keys import key
from sgleaks import guide
from sgleaks.account import Audit
from sgleaks.errors import ToolError
from sgleaks.formats import Style
from sgleaks.formats.audit import FORMATS
from sgleaks.secret import Secret
from sgleaks.sendgrid import reach, revoke
from sgleaks.sendgrid.account import Account, Unavailable
from sgleaks.sendgrid.api import Answer, Api, _answer
from sgleaks.sendgrid.audit import Context, audit
from sgleaks.sendgrid.scopes import access, powers
from sgleaks.sendgrid.verdict import heard
from sgleaks.sweep.forges import FORGES, forge
from sgleaks.sweep.http import MAX_WAIT, ForgeError, Page
from sgleaks.sweep.target import SCHEMES, Choice, Lister, Source, is_plain
from test_sweep_forges import AZURE, CENTER, CLOUD, GITEA, Canned

NOW = datetime(2026, 1, 31, tzinfo=UTC)
URL = "http://127.0.0.1:9"
STATUSES = (200, 200, 200, 401, 403, 404, 429, 451, 500, 302, 0, 204)
# What servers say in headers, and what they should not.
HEADERS: tuple[Mapping[str, str], ...] = (
    {"Content-Type": "application/json"},
    {"Content-Type": "application/json", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 400},
    {"Content-Type": "application/json", "Retry-After": "nan", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "²"},
    {"Content-Type": "application/json", "Retry-After": "Wed, 99 Foo 2026 10:00:00 GMT", "RateLimit-Reset": "-1"},
    {"Content-Type": "text/html", "Retry-After": "Wed, 31 Dec 9999 23:59:59 -2359"},
    {"Content-Type": "application/json", "Retry-After": "²", "Location": "http://[x"},
    {"Content-Type": "application/json", "Retry-After": "1e999", "Location": "http://h:99999/"},
    {"Content-Type": "application/json", "Link": '<https://[x>; rel="next"', "Location": "//else.example/x"},
    {"Content-Type": "application/json", "Link": f'<{URL}/next>; rel="next"', "Location": "/again"},
    {"Content-Type": "application/json", "Link": '<>; rel="next", <a>; rel=next', "Location": ""},
    {"Content-Type": "application/json", "X-GitHub-SSO": "required; url=x", "Location": "\0"},
)


# SendGrid


class Told:
    """In place of the door to SendGrid: answers that were made before, by path."""

    def __init__(self, body: Callable[[tuple[str, ...]], Answer]) -> None:
        self.get = lambda *path, **_query: body(path)


class Opened(Account):
    """An account behind such a door, with all scopes."""

    def __init__(self, door: Told) -> None:
        self.key, self.api, self.scopes = Secret(key(1)), cast("Api", door), (*FULL, "sender_verification_eligible")
        self._read = {}


def verdict(data: bytes) -> None:
    """What any answer says of a key is in our words, and its powers can be told."""
    status, headers = STATUSES[data[0] % 10] if data else 200, HEADERS[data[1] % len(HEADERS)] if data[1:] else {}
    body = data[3:] if data[2:3] == b"t" else json.dumps(document(data[2:], VERDICTS)).encode()
    answer = _answer(status, headers, body)
    assert answer.wait is None or answer.wait >= 0
    said = heard(answer)
    assert (said.what == "here") == bool(said.scopes)
    assert said.detail or said.what in ("here", "refused")
    assert {scope for power in powers(said.scopes) for scope in power.scopes} <= set(said.scopes)
    access(said.scopes)


VERDICTS = [
    {"scopes": ["mail.send", "user.profile.read", "x.y"]},
    {"errors": [{"field": None, "message": "authorization required"}]},
]


@cache
def accounts() -> list[Any]:
    return [made().resources for made in (hardened, default, dreadful)]


def account(data: bytes) -> None:
    """Any account can be audited, and the audit told: what is not as SendGrid writes it is not evaluated."""
    resources = document(data, accounts())
    resources = resources if isinstance(resources, dict) else {}

    def body(path: tuple[str, ...]) -> Answer:
        found = resources.get("/".join(path))
        return Answer(403) if found is None else Answer(200, found)

    opened = Opened(Told(body))
    _told(
        audit(Context(opened, now=NOW), guide.load(), "L3"), Style(color=bool(len(data) % 2), verbosity=len(data) % 2)
    )


def _told(told: Audit, style: Style) -> None:
    for render in FORMATS.values():
        "".join(render(told, style)).encode()
    assert all(verdict.reason or verdict.findings or verdict.status == "pass" for verdict in told.verdicts)


def key_row(data: bytes) -> None:
    """What is told of a key that is to be revoked, and what a live one gets at."""
    body = document(
        data[1:], [{"name": "x", "scopes": ["mail.send"]}, {"result": [{"name": "x"}]}, {"username": "ada"}]
    )
    status = STATUSES[data[0] % len(STATUSES)] if data else 200
    opened = Opened(Told(lambda _path: Answer(status, body)))
    found = revoke.find(opened, "a" * 22)
    assert isinstance(found.name, str)
    for what, told in reach.of(opened.api, FULL):
        assert what
        told.encode(errors="surrogatepass")
    for name in ("keys", "teammates", "domains"):
        try:
            assert isinstance(opened.rows(name), list)
        except Unavailable:
            continue


# Forges


def listing(data: bytes) -> None:
    """Whatever a forge answers, each repository has a plain name and an address, or its forge is told to be odd."""
    name = sorted(FORGES)[data[0] % len(FORGES)] if data else "github"
    path = ("acme", "acme/shop")[data[0] // 16 % 2] if data else "acme"
    module = forge(name, URL if data and data[0] & 128 else "")
    waits: list[float] = []
    answers = [_page(data[1:8]), _page(data[8:])]
    api = Canned(URL, {}, print_nothing, waits.append, answers)
    lister = Lister(Choice(forks=True, wikis=True), print_nothing, URL)
    for number, one in enumerate(module.listed(api, path)):
        assert number < 1_000_000, "it never ends"
        assert isinstance(one.name, str)
        for source in lister._chosen(one, None) if lister.choice.takes(one) else ():
            if isinstance(source, Source):
                assert is_plain(source.name)
                assert source.address.partition(":")[0] in SCHEMES
    assert all(0 <= seconds <= MAX_WAIT for seconds in waits)


def print_nothing(_text: str) -> None:
    return


def _page(data: bytes) -> Page | tuple[int, Message, bytes]:
    headers = Message()
    for name, value in (HEADERS[data[0] % len(HEADERS)] if data else {}).items():
        headers[name] = value
    status = STATUSES[data[1] % len(STATUSES)] if data[1:] else 200
    if status != 200:
        return status, headers, data[2:]
    return Page(document(data[2:], ROWS), headers)


GITHUB = {**GITEA, "clone_url": "https://github.com/acme/shop.git", "pushed_at": "2026-01-31T10:00:00Z"}
GITLAB = {
    "path_with_namespace": "a/b",
    "http_url_to_repo": "https://gitlab.com/a/b.git",
    "last_activity_at": "2026",
    "wiki_enabled": True,
}
ROWS: list[Any] = [
    [GITHUB], GITHUB, [GITLAB], GITLAB, CLOUD, {"values": [CLOUD], "next": f"{URL}/2"}, CENTER,
    {"values": [CENTER], "isLastPage": False, "nextPageStart": 1}, {"value": [AZURE]}, [GITEA],
]  # fmt: skip


def listings() -> Iterator[bytes]:
    for number in range(32):
        for row in range(len(ROWS)):
            yield bytes([number, 0, 0, row, 0, 0, 0, 0, 0, 0, row])


TARGETS = {
    "verdict": Target(verdict, lambda: (b"\0\0\0", b"\0\0\1", b"\3\0\1", b"\0\0t{}"), longest=512),
    "account": Target(account, lambda: (b"\0", b"\1", b"\2"), longest=256),
    "key-row": Target(key_row, lambda: (b"\0\0", b"\0\1", b"\0\2"), longest=256),
    "forge": Target(listing, listings, (ForgeError, ToolError), 512),
}
