"""The one door to the ``sendgrid`` package, and so to the network.

What that package (6.12, python-http-client 3.3) does by itself, and what is done about it:

- it takes ``SENDGRID_API_KEY`` for an empty key: it is given a word instead, and a key must have its shape;
- its logger prints all headers: the key joins the request after it has logged, and its logger is shut;
- a redirect takes ``Authorization`` along: none is followed;
- it waits for ever, and reads answers of any size: both have bounds;
- headers of one call stay for the next, ``On-Behalf-Of`` among them: each call has a client of its own;
- it lets ``urllib`` errors out, which may quote what was sent: here an answer says in words why there is none;
- it puts names into addresses as they are: they are percent-encoded.

Should a later version no longer come by ``_send``, its requests go out without any key, and keys are unknown.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from sgleaks import __version__
from sgleaks.errors import ToolError
from sgleaks.secret import KEY, Secret
from sgleaks.sendgrid.hosts import is_loopback
from sgleaks.sendgrid.pace import Pace

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from urllib.request import OpenerDirector, Request

AGENT = f"sgleaks/{__version__}"
WITHHELD = "withheld"  # what the package is given for a key
TIMEOUT = 10.0  # seconds without a byte
LONGEST = 20.0  # seconds until the last byte of an answer
MAX_ANSWER = 4 << 20  # bytes; 500 teammates, the longest page there is, are a tenth of it
TRIES = 3  # of one question; a fault is asked again once, a full window twice
MAX_WAIT = 60.0  # seconds; longer waits are not worth a run. Windows are a minute, where they are known
SOON = 0.5  # seconds after a fault of the server
DEFAULT_WAIT = 2.0  # seconds, where a full window does not say when it is empty again


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``body`` is JSON, None for none; ``status`` 0 is no answer at all. ``trouble`` says what is wrong
    with it, in words that quote nothing of it; ``wait`` is for how many seconds it wants nothing to be asked."""

    status: int
    body: Any = None
    trouble: str = ""
    wait: float | None = None


class Unusable(Exception):
    """An answer that is too long, too slow or cut off; the text says which."""


def require() -> None:
    """Raises ToolError, a single line, where the extra is not installed."""
    try:
        import sendgrid  # noqa: F401
    except ImportError:
        raise ToolError("asking SendGrid needs the package sendgrid: pip install 'sgleaks[verify]'") from None


class Api:
    """One address of SendGrid, asked with one key."""

    def __init__(self, host: str, key: Secret, pace: Pace) -> None:
        if not KEY.fullmatch(key.reveal()):
            raise ToolError("the key", "it has not the shape of a SendGrid API key", "give all of it, and nothing else")
        self._host, self._key, self._pace = host, key, pace

    def get(self, *path: str, **query: str | int) -> Answer:
        """What ``GET /v3/path`` answers; asked again after a fault or a full window, as long as time allows."""
        for number in range(1, TRIES + 1):
            if not self._pace.turn():
                return Answer(0, trouble="the time for asking is over")
            answer = self._once("get", path, query)
            if answer.status == 429 and (answer.wait or 0.0) > MAX_WAIT:
                return answer
            if answer.wait is not None:
                self._pace.pause(min(answer.wait, MAX_WAIT))
            elif answer.status >= 500 and number == 1:
                self._pace.pause(SOON)
            if answer.status != 429 and (answer.status < 500 or number > 1):
                return answer
        return answer

    def delete(self, *path: str) -> Answer:
        """What ``DELETE /v3/path`` answers. Asked once: what was deleted cannot be deleted again."""
        return self._once("delete", path, {}) if self._pace.turn() else Answer(0, trouble="the time for asking is over")

    def _once(self, method: Literal["get", "delete"], path: tuple[str, ...], query: Mapping[str, object]) -> Answer:
        from http.client import HTTPException
        from urllib.error import URLError

        from sendgrid import SendGridAPIClient

        logging.getLogger("python_http_client.client").disabled = True
        client = SendGridAPIClient(WITHHELD, host=self._host).client
        client.request_headers = {"Accept": "application/json", "User-Agent": AGENT}
        call = client._("/".join(quote(part, safe="") for part in path))
        call._make_request = self._send
        try:
            response = getattr(call, method)(query_params=query, timeout=TIMEOUT)
        except Unusable as problem:
            return Answer(0, trouble=str(problem))
        except (URLError, OSError, HTTPException) as error:
            return Answer(0, trouble=_trouble(error))
        return _answer(response.status_code, response.headers, response.body)

    def _send(self, _opener: OpenerDirector, request: Request, timeout: float) -> Bounded:
        """In place of the package's own: an opener that knows no redirects and makes no errors of statuses."""
        request.add_unredirected_header("Authorization", f"Bearer {self._key.reveal()}")
        return Bounded(_opener_for(self._host).open(request, timeout=timeout))


class Bounded:
    """A response as the package reads it, with bounds. ``read`` raises Unusable."""

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        self.getcode, self.info = response.getcode, response.info

    def read(self) -> bytes:
        end, data = monotonic() + LONGEST, bytearray()
        with self._response as response:
            while piece := response.read1(1 << 16):
                data += piece
                if len(data) > MAX_ANSWER:
                    raise Unusable(f"the answer is longer than {MAX_ANSWER >> 20} MiB")
                if monotonic() > end:
                    raise Unusable(f"the answer took longer than {LONGEST:.0f} seconds")
            if response.length:
                raise Unusable("the answer was cut off")
        return bytes(data)


def _opener_for(host: str) -> OpenerDirector:
    from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler

    opener = OpenerDirector()
    # A proxy sees nothing of TLS; what is asked of this machine in plain HTTP must not go to one.
    proxies = ProxyHandler({}) if is_loopback(host) else ProxyHandler()
    for handler in (proxies, HTTPHandler(debuglevel=0), HTTPSHandler(debuglevel=0)):
        opener.add_handler(handler)
    return opener


def _answer(status: int, headers: Mapping[str, str], data: bytes) -> Answer:
    wait = _wait(status, headers)
    if 300 <= status < 400:
        return Answer(status, trouble="it wants to lead elsewhere, which is not followed", wait=wait)
    if not data:
        return Answer(status, wait=wait)
    if "json" not in headers.get("Content-Type", "").lower():
        return Answer(status, trouble="the answer is not JSON", wait=wait)
    try:
        return Answer(status, json.loads(data), wait=wait)
    except (ValueError, RecursionError):
        return Answer(status, trouble="the answer is no valid JSON", wait=wait)


def _wait(status: int, headers: Mapping[str, str]) -> float | None:
    """Seconds, from ``Retry-After`` or, where a window is used up, from ``X-RateLimit-Reset`` (seconds since 1970)."""
    if status != 429 and headers.get("X-RateLimit-Remaining", "").strip() != "0":
        return None
    for name in ("Retry-After", "X-RateLimit-Reset"):
        value = headers.get(name, "").strip()
        try:
            moment = parsedate_to_datetime(value).timestamp() if "," in value else float(value)
        except ValueError:
            continue
        seconds = moment if name == "Retry-After" and "," not in value else moment - time()
        if seconds == seconds:  # no NaN
            return max(seconds, 0.0)
    return DEFAULT_WAIT if status == 429 else None


def _trouble(error: BaseException) -> str:
    """Why there is no answer, in words of our own: an error's text may quote what was sent."""
    import ssl

    cause = getattr(error, "reason", error)
    if isinstance(cause, ssl.SSLError):
        return "its certificate or TLS is not right"
    for kind, told in (
        (TimeoutError, f"it said nothing for {TIMEOUT:.0f} seconds"),
        (ConnectionRefusedError, "it refused the connection"),
        (ConnectionError, "it closed the connection"),
    ):
        if isinstance(cause, kind):
            return told
    return "it cannot be reached" if isinstance(cause, OSError) else "the answer is no HTTP"
