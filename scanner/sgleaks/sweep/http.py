"""Asks a forge's API, and bears with it: pages, rate limits, bad moments. The only module that speaks HTTP itself.

A token goes to the one origin it is for: no redirect and no link to the next page may lead it elsewhere. What is raised
names addresses without their queries, and quotes nothing that a forge answered.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from typing import IO, Any, NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from sgleaks import __version__
from sgleaks.errors import ToolError

SECONDS = 30  # without a byte from the forge
LINE_SECONDS, LINE_BYTES = 120, 16 << 20  # of the whole of an answer on a `Line`; some 200,000 refs
MAX_ANSWER = 64 << 20  # bytes; a page of a hundred repositories is half a megabyte at GitHub
MAX_PAGES = 10_000  # a million repositories
TRIES = 5  # of one request that fails for a passing reason: 1 + 2 + 4 + 8 seconds
MAX_LIMITS = 20  # rate limits waited for in one request
MAX_WAIT = 3_700  # seconds; GitHub's primary limit is over after an hour
SECONDARY_WAIT = 60  # docs.github.com, "Rate limits for the REST API": at least a minute where nothing says how long
PASSING = frozenset({500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS = 5
SCHEME = re.compile(r"[A-Za-z][\w+.-]{0,20}://")


class ForgeError(ToolError):
    """A forge did not answer what was asked."""


class Missing(ForgeError):
    """There is no such thing, or the token may not see it."""


class Page(NamedTuple):
    """An answer: parsed JSON, and its headers."""

    value: Any
    headers: Message

    @property
    def next(self) -> str:
        """The address of the next page as RFC 8288 tells it, "" on the last one."""
        for link in ", ".join(self.headers.get_all("Link", [])).split(","):
            if found := re.fullmatch(r'\s*<([^<>]+)>\s*;.*\brel="?next"?.*', link):
                return found[1]
        return ""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,  # noqa: ARG002 - the signature is urllib's
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: Message,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> None:
        return None  # they are followed in `Api`, which looks where they lead


@dataclass(frozen=True, slots=True)
class Api:
    """The API below ``base``. ``headers`` hold the token; ``tell`` is told of every wait.

    Raises ToolError for what is no address, and where a token would travel unencrypted.
    """

    base: str
    headers: Mapping[str, str] = field(repr=False)
    tell: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        scheme, host, _ = origin_of(self.base)
        if scheme not in ("http", "https") or not host:
            raise ToolError(
                shown(self.base) or "--forge-url", "it is no address of a forge", "give an https:// address"
            )
        if self.headers and not is_private(self.base):
            raise ToolError(self.base, "a token would be readable on its way", "give an https:// address")

    def get(self, path: str) -> Page:
        """The answer to ``path``, which may be a whole address of the same origin. Raises ForgeError."""
        address = path if "://" in path else f"{self.base.rstrip('/')}{path}"
        failures = limits = redirects = 0
        while True:
            if origin_of(address) != origin_of(self.base):
                raise ForgeError(
                    shown(self.base), "the forge leads to another host", "see whether --forge-url is right"
                )
            answer = self._ask(address)
            if isinstance(answer, Page):
                return answer
            code, headers, body = answer
            if code in REDIRECTS and redirects < MAX_REDIRECTS:
                redirects += 1
                address = _led(address, headers.get("Location", ""))
            elif (wait := limit_of(code, headers, body)) is not None and limits < MAX_LIMITS:
                limits += 1
                self._wait(min(wait, MAX_WAIT), f"the rate limit of {parts_of(address).hostname}")
            elif (code in PASSING or not code) and failures < TRIES - 1:
                failures += 1
                self._wait(2 ** (failures - 1), f"{parts_of(address).hostname}, which {_trouble(code)}")
            else:
                raise _failure(address, code, headers)

    def pages(self, path: str) -> Iterator[Page]:
        """The pages from ``path`` on, by their links."""
        for _ in range(MAX_PAGES):
            page = self.get(path)
            yield page
            if not page.next:
                return
            path = page.next
        raise ForgeError(shown(path), f"it has more than {MAX_PAGES:,} pages", "sweep parts of it")

    def _wait(self, seconds: float, what: str) -> None:
        self.tell(f"waiting {seconds:.0f} s for {what}")
        self.sleep(seconds)

    def _ask(self, address: str) -> Page | tuple[int, Message, bytes]:
        """The page; or code, headers and body of any other answer, with code 0 where there was none to be read."""
        sent = {"Accept": "application/json", "User-Agent": f"sgleaks/{__version__}", **self.headers}
        request = urllib.request.Request(address, headers=sent)  # noqa: S310 - https, or http to loopback
        try:
            with urllib.request.build_opener(_NoRedirects).open(request, timeout=SECONDS) as answer:
                body = answer.read(MAX_ANSWER + 1)
                if len(body) > MAX_ANSWER:
                    raise ForgeError(shown(address), "the answer is too large", "sweep parts of it")
                return Page(json.loads(body), answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read(1 << 16)
        except (OSError, HTTPException, ValueError, RecursionError):  # no connection, cut off, no JSON
            return 0, Message(), b""


class Line:
    """A connection to one origin, kept between questions, for one thread. It follows no redirect."""

    def __init__(self, origin: tuple[str, str, int]) -> None:
        scheme, host, port = origin
        make = HTTPSConnection if scheme == "https" else HTTPConnection
        self._connection = make(host, port, timeout=SECONDS)
        self._ended = False

    def get(self, target: str, headers: Mapping[str, str]) -> tuple[str, bytes] | None:
        """The type and body of the answer 200 to a path with its query; None for any other, and where none comes."""
        kept = self._connection.sock is not None
        watch = threading.Timer(LINE_SECONDS, self._cut)
        watch.daemon = True
        watch.start()
        try:
            self._connection.request("GET", target, headers={"User-Agent": f"sgleaks/{__version__}", **headers})
            with self._connection.getresponse() as answer:
                body = answer.read(LINE_BYTES + 1)
                if answer.status == 200 and len(body) <= LINE_BYTES:
                    return answer.headers.get_content_type(), body
                if not answer.isclosed():
                    self._connection.close()
                return None
        except (OSError, HTTPException, ValueError):
            self._connection.close()
            # A server may close what is kept at any time; a new connection tells whether it is that.
            return self.get(target, headers) if kept and not self._ended else None
        finally:
            watch.cancel()

    def end(self) -> None:
        """Ends the connection for good, from whichever thread: who waits for an answer waits no longer."""
        self._ended = True
        self._cut()

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _cut(self) -> None:
        with suppress(OSError, AttributeError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)


def is_direct(origin: tuple[str, str, int]) -> bool:
    """Whether no proxy of the environment stands before an origin."""
    scheme, host, _ = origin
    return not urllib.request.getproxies().keys() & {scheme, "all"} or bool(urllib.request.proxy_bypass(host))


def _led(address: str, location: str) -> str:
    """Where a redirect leads; to nowhere where it says no address."""
    try:
        return urljoin(address, location)
    except ValueError:
        return ""


def limit_of(code: int, headers: Message, body: bytes) -> float | None:
    """The seconds to wait for a rate limit, None where the answer tells of none."""
    if code not in (403, 429):
        return None
    after = headers.get("Retry-After", "")
    if after.isdecimal():
        return float(after)
    reset = headers.get("X-RateLimit-Reset") or headers.get("RateLimit-Reset") or ""
    spent = headers.get("X-RateLimit-Remaining") or headers.get("RateLimit-Remaining")
    if spent == "0" and reset.isdecimal():
        return max(float(reset) - time.time(), 0.0) + 1
    return SECONDARY_WAIT if code == 429 or b"secondary rate limit" in body.lower() else None


def parts_of(address: str) -> SplitResult:
    """The parts of an address, all of them empty where it is none: strangers write addresses, too."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def origin_of(address: str) -> tuple[str, str, int]:
    """Scheme, host and port: what a token is for. Of no address all empty."""
    parts = parts_of(address)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)


def is_private(address: str) -> bool:
    """Whether nobody on the way can read what is sent there."""
    scheme, host, _ = origin_of(address)
    if scheme == "https" or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def shown(address: str) -> str:
    """The address without query, and without whatever stands before an @: a password may have any sign in it."""
    scheme = SCHEME.match(address)
    start = scheme.end() if scheme else 0
    return address[:start] + re.split(r"[?#]", address[start:].rpartition("@")[2], maxsplit=1)[0]


def _trouble(code: int) -> str:
    return f"answered with {code}" if code else "gave no whole answer"


def _failure(address: str, code: int, headers: Message) -> ForgeError:
    place = shown(address)
    if code == 403 and "required" in headers.get("X-GitHub-SSO", ""):
        return ForgeError(place, "the organisation wants single sign-on", "authorise the token for it at the forge")
    if code == 401:
        return ForgeError(place, "the token is not accepted", "see whether it is the right one and still lives")
    if code == 404:
        return Missing(place, "there is no such thing, or the token may not see it", "see its spelling and the token")
    if code in (403, 429):
        return ForgeError(place, f"it is refused ({code})", "see what the token may do")
    return ForgeError(place, f"it {_trouble(code)}", "try again later: what is done stays done")
