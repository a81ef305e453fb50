"""What servers may answer, and what may be concluded: a table of behaviours, asked through the real door."""

from __future__ import annotations

import random
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509  # which the sendgrid package brings
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import sendgrid_server as server
from keys import key, key_shaped
from sendgrid_server import BAD_KEY, FORBIDDEN, MISSING, RESIDENCY, UNROUTED, Profile, SendGrid, Trick
from sgleaks.errors import ToolError
from sgleaks.secret import Secret
from sgleaks.sendgrid import api, hosts
from sgleaks.sendgrid.api import Api
from sgleaks.sendgrid.pace import Pace
from sgleaks.sendgrid.verify import REFUSALS, Verifier
from sgleaks.validity import Validity

KEY = key(1)
ALIVE = {"scopes": ["mail.send", "2fa_required", "sender_verification_eligible"]}
ERRORS = {"errors": [{"message": "x", "field": None}]}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def world() -> Iterator[SendGrid]:
    with server.running() as world:
        yield world


@pytest.fixture
def europe() -> Iterator[SendGrid]:
    with server.running() as europe:
        yield europe


def asked(*places: str, text: str = KEY, seconds: float = 20) -> Validity:
    verifier = Verifier(places, lambda _: None, pace=Pace(seconds))
    return verifier.ask([Secret(text)])[Secret(text)]


def soon() -> str:
    return str(int(time.time()) + 2)


# behaviour of the global address, the state of the key, its access, a word of the reason
ANSWERS: dict[str, tuple[Trick, str, str | None, str]] = {
    "mail": (server.giving(200, ALIVE), "active", "mail-only", ""),
    "mail and batches": (
        server.giving(200, {"scopes": ["mail.send", "mail.batch.create", "user.scheduled_sends.read"]}),
        "active",
        "mail-only",
        "",
    ),
    "some": (server.giving(200, {"scopes": ["mail.send", "templates.read"]}), "active", "restricted", ""),
    "reading": (server.giving(200, {"scopes": ["stats.read"]}), "active", "restricted", ""),
    "billing": (server.giving(200, {"scopes": ["billing.read", "2fa_required"]}), "active", "billing", ""),
    "full": (server.giving(200, {"scopes": ["mail.send", "teammates.create"]}), "active", "full", ""),
    "a scope that nobody knows": (server.giving(200, {"scopes": ["moon.write"]}), "active", "restricted", ""),
    "no power": (server.giving(200, {"scopes": ["2fa_required", "ui.provision"]}), "restricted", None, ""),
    "another type of JSON": (
        server.giving(200, ALIVE, {"Content-Type": "application/hal+json; charset=utf-8"}), "active", "mail-only", ""
    ),
    "no scopes": (server.giving(200, {"scopes": []}), "unknown", None, "lists no scopes"),
    "no list": (server.giving(200, {"scopes": "mail.send"}), "unknown", None, "lists no scopes"),
    "numbers": (server.giving(200, {"scopes": [1, 2]}), "unknown", None, "lists no scopes"),
    "another document": (server.giving(200, {"ok": True}), "unknown", None, "lists no scopes"),
    "a bare list": (server.giving(200, ["mail.send"]), "unknown", None, "lists no scopes"),
    "controls in a scope": (server.giving(200, {"scopes": ["mail\x1b[2J"]}), "unknown", None, "lists no scopes"),
    "a portal": (server.writing(200, b"<html>log in"), "unknown", None, "not JSON"),
    "JSON as HTML": (server.writing(200, b'{"scopes": ["mail.send"]}'), "unknown", None, "not JSON"),
    "broken JSON": (server.writing(200, b'{"scopes": ["mail', JSON), "unknown", None, "no valid JSON"),
    "deep JSON": (server.writing(200, b"[" * 100_000, JSON), "unknown", None, "no valid JSON"),
    "no UTF-8": (server.writing(200, b'{"scopes": ["\xff"]}', JSON), "unknown", None, "no valid JSON"),
    "nothing": (server.writing(200, b"", JSON), "unknown", None, "lists no scopes"),
    "cut off": (
        server.writing(200, b'{"scopes": ["a"]}', {**JSON, "Content-Length": "900"}), "unknown", None, "cut off"
    ),
    "endless": (server.endless, "unknown", None, "longer than 4 MiB"),
    "hangs up": (server.closing, "unknown", None, ""),
    "no HTTP": (server.noise, "unknown", None, "no HTTP"),
    "bad key": (server.saying(*BAD_KEY), "inactive", None, "refused by 127.0.0.1"),
    "documented 401": (server.saying(*UNROUTED), "inactive", None, "refused by"),
    "key not seen": (server.saying(*MISSING), "unknown", None, "did not see the key"),
    "no credits": (server.saying(401, "Maximum credits exceeded"), "unknown", None, "likely alive"),
    "may not send": (
        server.saying(401, "authenticated user is not authorized to send mail"), "unknown", None, "likely alive"
    ),
    "401 of a proxy": (server.writing(401, b"<html>proxy"), "unknown", None, "not JSON"),
    "401 without a reason": (server.giving(401, {"errors": []}), "unknown", None, "not as SendGrid writes it"),
    "401 of another service": (server.giving(401, {"error": "no"}), "unknown", None, "not as SendGrid writes it"),
    "forbidden": (server.saying(*FORBIDDEN), "unknown", None, "likely alive"),
    "forbidden in HTML": (server.writing(403, b"<html>"), "unknown", None, "likely alive"),
    "payment": (server.giving(402, ERRORS), "unknown", None, "402"),
    "not there": (server.giving(404, ERRORS), "unknown", None, "404"),
    "method": (server.giving(405, ERRORS), "unknown", None, "405"),
    "elsewhere": (server.saying(*RESIDENCY), "unknown", None, "not to be had from this region"),
    "fault": (server.giving(500, ERRORS), "unknown", None, "500"),
    "bad gateway": (server.writing(502, b"<html>bad gateway"), "unknown", None, "502"),
    "unavailable": (server.giving(503, ERRORS), "unknown", None, "503"),
    "fault, then well": (server.turns(server.giving(500, {}), server.giving(200, ALIVE)), "active", "mail-only", ""),
    "full, then well": (
        server.turns(server.giving(429, ERRORS, {"Retry-After": "0"}), server.giving(200, ALIVE)),
        "active",
        "mail-only",
        "",
    ),
    "full for an hour": (server.giving(429, ERRORS, {"Retry-After": "3600"}), "unknown", None, "take too long"),
    "full till tomorrow": (
        lambda request: server.answer(request, 429, ERRORS, {"Retry-After": formatdate(time.time() + 86_400)}),
        "unknown",
        None,
        "take too long",
    ),
    "always full": (server.giving(429, ERRORS, {"Retry-After": "0"}), "unknown", None, "too many requests"),
    "a wait that is no number": (
        server.giving(429, ERRORS, {"Retry-After": "nan", "X-RateLimit-Reset": "0"}), "unknown", None, "too many"
    ),
    "informational": (server.giving(204, None), "unknown", None, "204"),
}  # fmt: skip


def test_there_are_enough_of_them() -> None:
    assert len(ANSWERS) >= 30


@pytest.mark.parametrize(("trick", "state", "access", "reason"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_believed_as_far_as_it_is_sendgrids(
    trick: Trick, state: str, access: str | None, reason: str, world: SendGrid
) -> None:
    world.trick = trick
    validity = asked(world.url, seconds=8)
    assert (validity.state, validity.access) == (state, access), validity
    assert reason in validity.detail
    assert validity.checked.endswith("Z")


REDIRECTS = (301, 302, 303, 307, 308)


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_redirect_is_not_followed(status: int, world: SendGrid, europe: SendGrid) -> None:
    world.trick = server.giving(status, {}, {"Location": f"{europe.url}/v3/scopes"})
    europe.trick = server.giving(200, ALIVE)
    validity = asked(world.url)
    assert (validity.state, validity.detail.split(": ", 2)[1:]) == (
        "unknown",
        [f"{status}", "it wants to lead elsewhere, which is not followed"],
    )
    assert europe.asked == []
    assert len(world.asked) == 1


# behaviour here and in Europe; the state; how often Europe is asked
REGIONS: dict[str, tuple[Trick, Trick, str, int]] = {
    "a European key": (server.saying(*BAD_KEY), server.giving(200, ALIVE), "active", 1),
    "kept in Europe": (server.saying(*RESIDENCY), server.giving(200, ALIVE), "active", 1),
    "dead": (server.saying(*BAD_KEY), server.saying(*BAD_KEY), "inactive", 1),
    "kept in Europe, where nobody knows it": (server.saying(*RESIDENCY), server.saying(*BAD_KEY), "unknown", 1),
    "Europe is down": (server.saying(*BAD_KEY), server.giving(503, ERRORS), "unknown", 2),
    "Europe forbids": (server.saying(*BAD_KEY), server.saying(*FORBIDDEN), "unknown", 1),
    "Europe lies": (server.saying(*BAD_KEY), server.writing(200, b"<html>"), "unknown", 1),
    "known here": (server.giving(200, ALIVE), server.giving(200, ALIVE), "active", 0),
    "forbidden here": (server.saying(*FORBIDDEN), server.giving(200, ALIVE), "unknown", 0),
}


@pytest.mark.parametrize(("here", "there", "state", "times"), REGIONS.values(), ids=REGIONS)
def test_no_key_is_dead_before_both_addresses_said_so(
    here: Trick, there: Trick, state: str, times: int, world: SendGrid, europe: SendGrid
) -> None:
    world.trick, europe.trick = here, there
    assert asked(world.url, europe.url).state == state
    assert len(europe.asked) == times


def test_a_refused_connection_leaves_a_key_unknown() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"http://127.0.0.1:{free.getsockname()[1]}"
    validity = asked(place)
    assert (validity.state, validity.detail.partition(": ")[2]) == ("unknown", "it refused the connection")


def test_a_silent_server_is_not_waited_for(world: SendGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "TIMEOUT", 0.2)
    world.trick = server.silent
    assert "said nothing" in asked(world.url).detail


def test_a_slow_answer_has_an_end(world: SendGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "LONGEST", 0.2)

    def drop_by_drop(request: Any) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.end_headers()
        for _ in range(100):
            request.wfile.write(b" ")
            time.sleep(0.05)

    world.trick = drop_by_drop
    assert "took longer" in asked(world.url).detail


def test_a_random_key_of_the_right_shape_is_inactive(world: SendGrid, europe: SendGrid) -> None:
    world.known[KEY] = Profile(["mail.send"])
    for seed in range(20):
        assert asked(world.url, europe.url, text=key_shaped(random.Random(seed))).state == "inactive"
    assert asked(world.url, europe.url).state == "active"


# On the wire


def test_the_key_is_in_one_header_and_nothing_else_is_told(world: SendGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENDGRID_API_KEY", key(9))
    world.known[KEY] = Profile(["mail.send"])
    asked(world.url)
    (request,) = world.asked
    assert (request.method, request.path, request.body) == ("GET", "/v3/scopes", b"")
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers.pop("authorization") == f"Bearer {KEY}"
    assert headers.pop("host") == world.url.removeprefix("http://")
    assert headers == {
        "accept": "application/json", "accept-encoding": "identity", "connection": "close", "user-agent": api.AGENT
    }  # fmt: skip
    assert api.AGENT.startswith("sgleaks/")


@pytest.mark.parametrize("text", ["", "x", f"{KEY}\r\nX-Evil: 1", KEY[:-1], f"{KEY}x"])
def test_what_is_no_key_is_never_sent(text: str, world: SendGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENDGRID_API_KEY", key(9))
    with pytest.raises(ToolError) as raised:
        Api(world.url, Secret(text), Pace())
    assert not text or text not in str(raised.value)
    assert world.asked == []


def test_names_stay_in_their_part_of_an_address(world: SendGrid) -> None:
    Api(world.url, Secret(KEY), Pace()).get("api_keys", "../mail/send?x=1#y", limit=1)
    assert world.asked[0].path == "/v3/api_keys/..%2Fmail%2Fsend%3Fx%3D1%23y?limit=1"


def test_what_one_key_was_asked_with_does_not_stay_for_the_next(world: SendGrid) -> None:
    asked(world.url)
    asked(world.url, text=key(2))
    assert world.keys == [f"Bearer {KEY}", f"Bearer {key(2)}"]


def test_a_proxy_never_sees_what_is_asked_of_this_machine(
    world: SendGrid, europe: SendGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, europe.url)
    world.known[KEY] = Profile(["mail.send"])
    assert asked(world.url).state == "active"
    assert europe.asked == []


def test_no_key_goes_to_a_server_whose_certificate_is_not_right(world: SendGrid, tmp_path: Path) -> None:
    certificate = tmp_path / "self-signed.pem"
    certificate.write_bytes(self_signed())
    world.known[KEY] = Profile(["mail.send"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with server.running(SendGrid(), context) as secure:
        secure.known = world.known
        validity = asked(secure.url)
    assert (validity.state, secure.asked) == ("unknown", [])
    assert "its certificate or TLS is not right" in validity.detail


def self_signed() -> bytes:
    """A private key and a certificate for this machine that nobody vouches for."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
    certificate = builder.not_valid_before(now).not_valid_after(now + timedelta(1)).sign(private, hashes.SHA256())
    plain = serialization.NoEncryption()
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return pem + certificate.public_bytes(serialization.Encoding.PEM)


# Many keys


def test_a_key_is_asked_about_once_in_a_run(world: SendGrid) -> None:
    said: list[str] = []
    verifier = Verifier([world.url], said.append)
    for _ in range(2):
        verifier.ask([Secret(KEY), Secret(KEY)])
    assert (len(world.asked), len(said)) == (1, 1)


def test_nothing_is_said_where_nothing_is_asked() -> None:
    said: list[str] = []
    assert Verifier(["http://127.0.0.1:9"], said.append).ask([]) == {}
    assert said == []


def test_asking_stops_when_sendgrid_does_not_want_to_be_asked(world: SendGrid) -> None:
    world.trick = server.saying(*FORBIDDEN)
    keys = [Secret(key(seed)) for seed in range(30)]
    answers = Verifier([world.url], lambda _: None).ask(keys)
    assert REFUSALS <= len(world.asked) <= REFUSALS + 1
    assert {answers[each].state for each in keys} == {"unknown"}
    assert answers[keys[-1]].detail.startswith("not asked")


def test_dead_keys_do_not_stop_it(world: SendGrid) -> None:
    keys = [Secret(key(seed)) for seed in range(12)]
    answers = Verifier([world.url], lambda _: None).ask(keys)
    assert {each.state for each in answers.values()} == {"inactive"}


def test_a_window_that_is_used_up_is_waited_for(world: SendGrid) -> None:
    world.trick = lambda request: server.answer(
        request, 200, ALIVE, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": soon()}
    )
    begin = time.monotonic()
    Verifier([world.url], lambda _: None).ask([Secret(key(seed)) for seed in range(3)])
    assert time.monotonic() - begin > 0.9


# Where to


@pytest.mark.parametrize(
    ("given", "places"),
    [
        ("", hosts.SENDGRID),
        ("http://127.0.0.1:8000", ("http://127.0.0.1:8000",)),
        ("http://localhost:8000/, http://[::1]:9", ("http://127.0.0.1:8000", "http://[::1]:9")),
        ("https://127.9.9.9", ("https://127.9.9.9",)),
    ],
)
def test_only_sendgrid_and_this_machine_are_asked(given: str, places: tuple[str, ...]) -> None:
    assert hosts.hosts({hosts.VARIABLE: given}) == places


@pytest.mark.parametrize(
    "given",
    [
        "http://192.0.2.1", "https://api.sendgrid.com.evil.example", "http://127.0.0.1@evil.example", "ftp://127.0.0.1",
        "http://127.0.0.1.nip.io", "http://127.1", "http://2130706433", "http://localhost.evil.example", "127.0.0.1:80",
        "http://evil.example#@127.0.0.1", "http://evil.example\\@127.0.0.1", "http://127.0.0.1:99999", "http://[::1",
        "http://0.0.0.0:80", "http://127.0.0.1/x", "http://127.0.0.1,http://127.0.0.1,http://127.0.0.1", ",",
        "http://[::ffff:192.0.2.1]", "https://api.sendgrid.com", "http://127.0.0.1?x", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_an_address_elsewhere_is_refused(given: str) -> None:
    with pytest.raises(ToolError, match=hosts.VARIABLE):
        hosts.hosts({hosts.VARIABLE: given})
