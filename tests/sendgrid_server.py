"""SendGrid on this machine: an HTTP server that answers as the documents and observers say SendGrid does.

Order of its checks: route and method, then credential, then key, then scope. Every request is kept, so that a test can
say what was on the wire. What a key answers is its ``Profile``; ``trick`` is how a server may lie or fail.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

BAD_KEY = (401, "The provided authorization grant is invalid, expired, or revoked")
MISSING = (401, "Permission denied, wrong credentials")
UNROUTED = (401, "authorization required")
FORBIDDEN = (403, "access forbidden")
LIMITED = (429, "too many requests")
RESIDENCY = (451, "unavailable due to data residency restrictions")

# GET routes and the scope each needs; a segment in braces is any name.
ROUTES: Mapping[str, str] = {
    "scopes": "",
    "api_keys": "api_keys.read",
    "api_keys/{id}": "api_keys.read",
    "user/account": "user.account.read",
    "user/username": "user.username.read",
    "user/credits": "user.credits.read",
    "sso/integrations": "sso.settings.read",
    "sso/integrations/{id}/certificates": "sso.settings.read",
    "teammates": "teammates.read",
    "teammates/pending": "teammates.read",
    "teammates/{id}": "teammates.read",
    "access_settings/whitelist": "access_settings.whitelist.read",
    "access_settings/activity": "access_settings.activity.read",
    "alerts": "alerts.read",
    "whitelabel/domains": "whitelabel.read",
    "whitelabel/links": "whitelabel.read",
    "verified_senders": "sender_verification_eligible",
    "user/settings/enforced_tls": "user.settings.enforced_tls.read",
    "user/webhooks/event/settings/all": "user.webhooks.event.settings.read",
    "user/webhooks/parse/settings": "user.webhooks.parse.settings.read",
    "mail_settings": "mail_settings.read",
    "mail_settings/bcc": "mail_settings.bcc.read",
    "mail_settings/forward_spam": "mail_settings.forward_spam.read",
    "stats": "stats.read",
    "templates": "templates.read",
    "marketing/contacts/count": "marketing.read",
    "subusers": "subusers.read",
}


class Asked(NamedTuple):
    """A request as it came."""

    method: str
    path: str  # with its query
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Account:
    """What an account's resources answer, by route. ``keys`` are id, name and scopes."""

    resources: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, tuple[str, list[str]]] = field(default_factory=dict)


Trick = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Profile:
    """A key as the server knows it: what it may do, or how all that is asked with it goes wrong."""

    scopes: list[str] = field(default_factory=list)
    account: Account = field(default_factory=Account)
    trick: Trick | None = None


class SendGrid:
    """One address. ``known`` are profiles by whole key; keys that are not there are refused."""

    def __init__(self) -> None:
        self.known: dict[str, Profile] = {}
        self.asked: list[Asked] = []
        self.trick: Trick | None = None  # of whatever key
        self.url = ""

    @property
    def keys(self) -> list[str]:
        """The credential of each request."""
        return [asked.headers.get("Authorization", "") for asked in self.asked]


@contextmanager
def running(sendgrid: SendGrid | None = None, tls: ssl.SSLContext | None = None) -> Iterator[SendGrid]:
    """A server on a free port of this machine, until the end of the block."""
    sendgrid = sendgrid or SendGrid()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(sendgrid))
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    sendgrid.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    try:
        yield sendgrid
    finally:
        server.shutdown()
        server.server_close()


def _handler(sendgrid: SendGrid) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sendgrid.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            if sendgrid.trick:
                return sendgrid.trick(self)
            return _answer(self, sendgrid)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ARG002  # http.server's
            return

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                return

    return Handler


def _answer(request: BaseHTTPRequestHandler, sendgrid: SendGrid) -> None:
    path = request.path.partition("?")[0].removeprefix("/v3/")
    route = _route(path)
    credential = request.headers.get("Authorization", "")
    if request.headers.get("Accept") != "application/json":
        return refuse(request, 406, "missing Accept header")
    if not credential.startswith("Bearer "):
        return refuse(request, *MISSING)
    if route is None:
        return refuse(request, *UNROUTED)
    profile = sendgrid.known.get(credential.removeprefix("Bearer "))
    if profile is None:
        return refuse(request, *BAD_KEY)
    if profile.trick:
        return profile.trick(request)
    if request.command == "DELETE" and route == "api_keys/{id}":
        return _delete(request, profile, path.rpartition("/")[2], sendgrid)
    if request.command != "GET":
        return refuse(request, 405, "method not allowed")
    if ROUTES[route] and ROUTES[route] not in profile.scopes:
        return refuse(request, *FORBIDDEN)
    return _resource(request, profile, route, path)


def _resource(request: BaseHTTPRequestHandler, profile: Profile, route: str, path: str) -> None:
    account = profile.account
    if route == "scopes":
        return answer(request, 200, {"scopes": profile.scopes})
    if route == "api_keys":
        return answer(
            request, 200, {"result": [{"name": name, "api_key_id": key} for key, (name, _) in account.keys.items()]}
        )
    if route == "api_keys/{id}":
        key = path.rpartition("/")[2]
        if key not in account.keys:
            return refuse(request, 404, "unable to find API Key")
        name, scopes = account.keys[key]
        return answer(request, 200, {"api_key_id": key, "name": name, "scopes": scopes})
    found = account.resources.get(path, account.resources.get(route))
    return refuse(request, *FORBIDDEN) if found is None else answer(request, 200, found)


def _delete(request: BaseHTTPRequestHandler, profile: Profile, key: str, sendgrid: SendGrid) -> None:
    if "api_keys.delete" not in profile.scopes:
        return refuse(request, *FORBIDDEN)
    if profile.account.keys.pop(key, None) is None:
        return refuse(request, 404, "unable to find API Key")
    for whole in [whole for whole in sendgrid.known if whole[3:25] == key]:
        del sendgrid.known[whole]
    request.send_response(204)
    request.end_headers()
    return None


def _route(path: str) -> str | None:
    if path in ROUTES:
        return path
    return next((r for r in ROUTES if "{" in r and re.fullmatch(r.replace("{id}", "[^/]+"), path)), None)


# Answers, and tricks


def answer(request: BaseHTTPRequestHandler, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
    """JSON, with the headers that SendGrid sends."""
    window = {
        "X-RateLimit-Limit": "600",
        "X-RateLimit-Remaining": "599",
        "X-RateLimit-Reset": str(int(time.time()) + 60),
    }
    raw(request, status, json.dumps(body).encode(), {"Content-Type": "application/json", **window, **(headers or {})})


def refuse(request: BaseHTTPRequestHandler, status: int, message: str) -> None:
    answer(request, status, {"errors": [{"field": None, "message": message, "help": None}]})


def raw(request: BaseHTTPRequestHandler, status: int, data: bytes, headers: Mapping[str, str]) -> None:
    request.send_response(status)
    for name, value in {"Content-Length": str(len(data)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(data)


def saying(status: int, message: str) -> Trick:
    """Refuses as SendGrid would."""
    return lambda request: refuse(request, status, message)


def giving(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Trick:
    """Answers this, as JSON."""
    return lambda request: answer(request, status, body, headers)


def writing(status: int, data: bytes, headers: Mapping[str, str] | None = None) -> Trick:
    """Answers these bytes, whatever they are."""
    return lambda request: raw(request, status, data, {"Content-Type": "text/html", **(headers or {})})


def turns(*tricks: Trick) -> Trick:
    """One after the other; the last one from then on."""
    left = list(tricks)
    return lambda request: (left.pop(0) if len(left) > 1 else left[0])(request)


def endless(request: BaseHTTPRequestHandler) -> None:
    """An answer without an end."""
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.end_headers()
    while True:
        request.wfile.write(b" " * (1 << 16))


def silent(_request: BaseHTTPRequestHandler) -> None:
    """Nothing, for longer than anybody waits."""
    time.sleep(30)


def closing(request: BaseHTTPRequestHandler) -> None:
    """Hangs up."""
    request.connection.close()


def noise(request: BaseHTTPRequestHandler) -> None:
    """No HTTP."""
    request.wfile.write(b"220 smtp.example ready\r\n")
    request.close_connection = True
