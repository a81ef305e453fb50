"""``--verify`` and ``sgleaks verify`` as people run them: what is told, what is not, and what never leaves."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import sendgrid_server as server
from cli import Done, sgleaks
from keys import key, secret_half
from sendgrid_server import Account, Profile, SendGrid
from sgleaks.sendgrid.api import MAX_ANSWER
from sgleaks.sendgrid.scopes import categories
from sgleaks.sendgrid.verdict import MAX_SCOPES
from test_formats_json import SCHEMA

FULL, MAIL, DEAD, EUROPEAN = key(1), key(2), key(3), key(4)
KEYS = (FULL, MAIL, DEAD, EUROPEAN)
ALL = [scope for category in categories() if category.name not in ("billing", "email-validation", "internal")
       for power in category.powers for scope in power.scopes]  # fmt: skip
ACCOUNT = Account(
    {
        "user/username": {"username": "acme_ops", "user_id": 81234567},
        "user/account": {"type": "paid", "reputation": 97.4},
        "user/credits": {"remain": 900, "total": 1000, "used": 100},
        "whitelabel/domains": [{"domain": "acme.example"}, {"domain": "acme.test"}],
        "teammates": {"result": [{"username": "ada"}, {"username": "bob"}]},
        "templates": {"result": [{}, {}, {}]},
        "marketing/contacts/count": {"contact_count": 12345},
    }
)
LOGGING = "import logging\nlogging.basicConfig(level=logging.DEBUG)\n"
WIRE = "import http.client\nhttp.client.HTTPConnection.debuglevel = 1\n"
OFFLINE = """\
import socket
def forbidden(*_args, **_named):
    raise SystemExit("a socket was opened")
for name in ("connect", "connect_ex", "bind", "sendto"):
    setattr(socket, "socket", type("Socket", (socket.socket,), {name: forbidden}))
socket.getaddrinfo = socket.create_connection = forbidden
"""
NO_EXTRA = """\
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("sendgrid", "python_http_client"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocker())
"""


class World:
    """SendGrid's two addresses, and a run of sgleaks that asks them."""

    def __init__(self, here: SendGrid, there: SendGrid, folder: Path) -> None:
        self.here, self.there, self.folder = here, there, folder

    def run(self, *args: str | Path, stdin: str = "", hook: str = "", env: dict[str, str] | None = None) -> Done:
        """A run, in which ``hook`` is executed before anything else."""
        hooks = self.folder.parent / "hooks"
        hooks.mkdir(exist_ok=True)
        (hooks / "sitecustomize.py").write_text(hook)
        places = f"{self.here.url},{self.there.url}"
        clean = {"PYTHONPATH": str(hooks), "SGLEAKS_SENDGRID_API": places, "SENDGRID_ADMIN_API_KEY": "", **(env or {})}
        return sgleaks(*args, cwd=self.folder, stdin=stdin.encode(), env=clean)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    folder = tmp_path / "shop"
    folder.mkdir()
    with server.running() as here, server.running() as there:
        here.known = {FULL: Profile(ALL, ACCOUNT), MAIL: Profile(["mail.send", "2fa_required"])}
        there.known = {EUROPEAN: Profile(["mail.send", "stats.read"])}
        yield World(here, there, folder)


@pytest.fixture
def shop(world: World) -> World:
    for number, text in enumerate(KEYS):
        (world.folder / f"{number}.env").write_text(f"SENDGRID_API_KEY={text}\n")
    return world


def states(document: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {row["key_id"]: (row["validity"]["state"], row["validity"]["access"]) for row in document["keys"]}


ANSWERS = {
    FULL[3:25]: ("active", "full"),
    MAIL[3:25]: ("active", "mail-only"),
    DEAD[3:25]: ("inactive", None),
    EUROPEAN[3:25]: ("active", "restricted"),
}


# scan and history


def test_a_scan_tells_what_sendgrid_says_of_each_key(shop: World) -> None:
    done = shop.run("scan", "--verify", "--format", "json")
    assert done.code == 1
    found = {each["path"]: each for each in done.report["findings"] if each["rule"] == "api-key"}
    told = {
        path: (each["severity"], each["security_severity"], each["validity"]["state"], each["validity"]["access"])
        for path, each in found.items()
    }
    assert told == {
        "0.env": ("critical", 10.0, "active", "full"),
        "1.env": ("critical", 9.8, "active", "mail-only"),
        "2.env": ("low", 3.9, "inactive", None),
        "3.env": ("critical", 9.8, "active", "restricted"),
    }
    assert not [error.message for error in Draft202012Validator(SCHEMA).iter_errors(done.report)]
    assert found["1.env"]["validity"]["powers"] == [
        {
            "category": "mail-send",
            "risk": "critical",
            "can": "send phishing or spam from the verified domain and IP reputation of the owner",
            "scopes": ["mail.send"],
        }
    ]
    assert found["1.env"]["validity"]["scopes"] == ["2fa_required", "mail.send"]


def test_every_format_tells_of_it(shop: World) -> None:
    text = shop.run("scan", "--verify", "0.env")
    assert "= verified: active, full access: send phishing or spam" in text.out
    assert text.err.splitlines()[-1].endswith("SendGrid says: 1 active")
    assert "verified: `active, mail only:" in shop.run("scan", "--verify", "1.env", "--format", "markdown").out
    sarif = json.loads(shop.run("scan", "--verify", "2.env", "--format", "sarif", "--only", "credentials").out)
    (result,) = sarif["runs"][0]["results"]
    assert "SendGrid says: inactive: refused by" in result["message"]["text"]
    assert result["properties"]["validity"]["state"] == "inactive"
    assert result["properties"]["security-severity"] == "3.9"


def test_a_dead_key_still_counts_and_a_bound_can_let_it_pass(shop: World) -> None:
    assert shop.run("scan", "--verify", "2.env").code == 1
    assert shop.run("scan", "--verify", "2.env", "--fail-on", "medium").code == 0


def test_it_says_who_gets_what_before_it_asks_whatever_is_quiet(shop: World) -> None:
    done = shop.run("scan", "--verify", "-q", "2.env")
    assert done.err.startswith(f"sgleaks: asking {shop.here.url} about 1 key: GET /v3/scopes, the key in the Auth")
    assert f"what it refuses is asked of {shop.there.url} too" in done.err


def test_nothing_is_asked_where_nothing_is_found(world: World) -> None:
    (world.folder / "a.txt").write_text("SENDGRID_API_KEY=\n")
    assert world.run("scan", "--verify", "a.txt", "--only", "credentials").code == 0
    assert world.here.asked == []


def test_a_history_and_what_is_staged_can_be_asked_about(shop: World) -> None:
    git(shop.folder, "init", "--quiet")
    git(shop.folder, "add", ".")
    staged = shop.run("scan", "--staged", "--verify", "--format", "json", "--only", "credentials")
    assert sorted(each["validity"]["state"] for each in staged.report["findings"]) == ["active"] * 3 + ["inactive"]
    git(shop.folder, "commit", "--quiet", "-m", "all")
    git(shop.folder, "rm", "--quiet", "0.env")
    git(shop.folder, "commit", "--quiet", "-m", "gone")
    past = shop.run("history", "--verify", "--format", "json")
    found = {each["path"]: each["validity"]["state"] for each in past.report["findings"]}
    assert found == {"0.env": "active", "1.env": "active", "2.env": "inactive", "3.env": "active"}


def test_a_silenced_key_that_lives_is_said_to(shop: World) -> None:
    (shop.folder / "0.env").write_text(f"SENDGRID_API_KEY={FULL} # sgleaks: ignore[api-key] old\n")
    done = shop.run("scan", "--verify", "0.env")
    assert f"note: 0.env:1: SG.{FULL[3:25]}.… is ignored here, and it lives" in done.err


def git(folder: Path, *args: str) -> None:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *args]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


# verify


def test_keys_are_read_a_line(world: World) -> None:
    done = world.run("verify", "--format", "json", stdin="\n".join(("# ours", "", *KEYS)))
    document = json.loads(done.out)
    assert states(document) == ANSWERS
    assert [list(document), *map(list, document["keys"])] == [
        ["version", "keys"],
        *[["key_id", "sha256", "validity"]] * 4,
    ]
    assert done.code == 1


@pytest.mark.parametrize(
    ("trick", "keys", "code"),
    [(None, (DEAD,), 0), (None, (DEAD, MAIL), 1), (server.giving(503, {}), (DEAD,), 3), (None, (), 2)],
)
def test_exit_codes_say_the_worst(trick: server.Trick | None, keys: tuple[str, ...], code: int, world: World) -> None:
    world.here.trick = trick
    assert world.run("verify", stdin="\n".join(keys)).code == code
    if code == 1:
        assert world.run("verify", "--exit-zero", stdin="\n".join(keys)).code == 0


SCOPES = b'{"scopes": ["mail.send"]}'


@pytest.mark.parametrize("more", [0, 1])
def test_answers_have_a_longest(more: int, world: World) -> None:
    body = SCOPES + b" " * (MAX_ANSWER - len(SCOPES) + more)
    world.here.trick = server.writing(200, body, {"Content-Type": "application/json"})
    done = world.run("verify", "--format", "json", stdin=MAIL)
    (answer,) = json.loads(done.out)["keys"]
    assert (answer["validity"]["state"], done.code) == (("unknown", 3) if more else ("active", 1))


@pytest.mark.parametrize("more", [0, 1])
def test_keys_have_so_many_scopes_at_most(more: int, world: World) -> None:
    world.here.trick = server.giving(200, {"scopes": [f"some.{number}" for number in range(MAX_SCOPES + more)]})
    (answer,) = json.loads(world.run("verify", "--format", "json", stdin=MAIL).out)["keys"]
    assert len(answer["validity"]["scopes"]) == (0 if more else MAX_SCOPES)


def test_a_line_that_is_no_key_is_not_quoted_and_nothing_is_asked(world: World) -> None:
    done = world.run("verify", stdin=f"{MAIL}\n{FULL}x\n")
    assert done.code == 2
    assert "standard input, line 2: it is no API key" in done.err
    assert world.here.asked == []


def test_a_report_is_asked_about_where_its_files_are(shop: World) -> None:
    (shop.folder.parent / "report.json").write_text(shop.run("scan", "--format", "json").out)
    done = shop.run("verify", "../report.json", "--format", "json")
    assert states(json.loads(done.out)) == ANSWERS
    assert done.err.count("\n") == 1


def test_a_key_that_moved_or_is_in_the_history_is_found_again(shop: World) -> None:
    git(shop.folder, "init", "--quiet")
    git(shop.folder, "add", ".")
    git(shop.folder, "commit", "--quiet", "-m", "all")
    report = shop.run("scan", "--format", "json").out
    git(shop.folder, "rm", "--quiet", "0.env")
    (shop.folder / "1.env").rename(shop.folder / "moved.env")
    (shop.folder / ".gitignore").write_text("nothing\n")
    assert states(json.loads(shop.run("verify", "--format", "json", stdin=report).out)) == ANSWERS


def test_a_key_that_is_nowhere_is_said_to_be_unknown(shop: World) -> None:
    report = shop.run("scan", "--format", "json").out
    (shop.folder / "0.env").unlink()
    done = shop.run("verify", "--format", "json", stdin=report)
    assert states(json.loads(done.out)) == {**ANSWERS, FULL[3:25]: ("unknown", None)}
    assert "1 of 4 keys could not be found again" in done.err
    for number in (1, 3):
        (shop.folder / f"{number}.env").unlink()
    assert shop.run("verify", stdin=report).code == 3


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"version": 2, "findings": []}', '{"version": 1}', '{"version": 1, "findings": [1]}']
)
def test_what_is_no_report_is_said_so(text: str, world: World) -> None:
    (world.folder / "report.json").write_text(text)
    done = world.run("verify", "report.json")
    assert (done.code, "it is no report in JSON" in done.err) == (2, True)


def test_a_report_leads_out_of_no_root(shop: World) -> None:
    (shop.folder.parent / "secret.env").write_text(f"SENDGRID_API_KEY={key(9)}\n")
    (shop.folder / "9.env").write_text(f"SENDGRID_API_KEY={key(9)}\n")
    report = shop.run("scan", "--format", "json").out.replace("9.env", "../secret.env")
    (shop.folder / "9.env").unlink()
    told = states(json.loads(shop.run("verify", "--format", "json", stdin=report).out))
    assert told[key(9)[3:25]] == ("unknown", None)


def test_text_tells_the_worst_that_a_key_can_do_and_what_it_gets_at(world: World) -> None:
    out = world.run("verify", "--blast-radius", stdin=FULL).out
    assert out.startswith(f"SG.{FULL[3:25]}.…  active, full access\n")
    assert "\n  critical  teammates: invite an own admin user, full account takeover; make a" in out
    assert "\n  low       stats: read sending statistics\n" in out
    assert max(map(len, out.splitlines())) <= 100
    reached = ["login: acme_ops", "account: paid, reputation 97.4", "mail left to send: 900 of 1,000",
               "sender domains: acme.example, acme.test", "teammates: 2", "API keys: 0", "templates: 3",
               "contacts: 12,345"]  # fmt: skip
    for line in reached:
        assert f"\n  {line}\n" in out
    assert "\n  subusers: could not be read (403)\n" in out
    assert {request.method for request in world.here.asked} == {"GET"}


def test_nothing_more_is_asked_of_a_key_unless_that_is_wanted(world: World) -> None:
    world.run("verify", stdin=FULL)
    assert [request.path for request in world.here.asked] == ["/v3/scopes"]


# What never leaves


@pytest.mark.parametrize(
    "trick",
    [
        None,
        lambda request: server.raw(request, 200, request.headers["Authorization"].encode(), {"X-Key": "x"}),
        lambda request: server.refuse(request, 401, request.headers["Authorization"]),
        lambda request: server.giving(200, {"scopes": [request.headers["Authorization"][7:]]})(request),
        lambda request: server.giving(302, {}, {"Location": "http://127.0.0.1:9/" + request.headers["Authorization"]})(
            request
        ),
        server.closing,
        server.noise,
    ],
    ids=["well", "echo", "echo-401", "echo-scope", "echo-redirect", "closing", "noise"],
)
def test_no_secret_half_is_told_whatever_is_logged(trick: server.Trick | None, shop: World) -> None:
    shop.here.trick = trick
    for args, stdin in (
        (("scan", "--verify", "-v", "--blast-radius"), ""),
        (("scan", "--verify", "--format", "json"), ""),
        (("scan", "--verify", "--format", "sarif"), ""),
        (("verify", "--blast-radius"), "\n".join(KEYS)),
        (("revoke", "--yes", "--with-leaked-key"), DEAD),
    ):
        done = shop.run(*args, stdin=stdin, hook=LOGGING + WIRE)
        assert done.code in (0, 1, 2, 3), done.err
        assert shop.here.asked
        for text in KEYS:
            assert secret_half(text) not in done.out + done.err


def test_the_key_of_the_environment_is_never_sent(shop: World) -> None:
    other = key(50)
    shop.run("scan", "--verify", env={"SENDGRID_API_KEY": other, "SENDGRID_ADMIN_API_KEY": other})
    credentials = {*shop.here.keys, *shop.there.keys}
    assert credentials == {f"Bearer {text}" for text in KEYS}
    assert set(shop.there.keys) == {f"Bearer {text}" for text in (DEAD, EUROPEAN)}
    for request in (*shop.here.asked, *shop.there.asked):
        elsewhere = [value for name, value in request.headers.items() if name != "Authorization"]
        assert not any(secret_half(text) in f"{request.path}{elsewhere}" for text in KEYS)


@pytest.mark.parametrize(
    "args", [("scan",), ("scan", "-v"), ("history",), ("guide",), ("rules", "list"), ("--version",)]
)
def test_no_socket_is_opened_unless_asked_for(args: tuple[str, ...], shop: World) -> None:
    git(shop.folder, "init", "--quiet")
    done = shop.run(*args, hook=OFFLINE, env={"SENDGRID_ADMIN_API_KEY": FULL})
    assert done.code in (0, 1), done.err
    assert "socket" not in done.err
    assert shop.here.asked == shop.there.asked == []


def test_the_guard_against_sockets_guards(shop: World) -> None:
    done = shop.run("scan", "--verify", hook=OFFLINE)
    assert "a socket was opened" in done.err
    assert shop.here.asked == []


def test_without_the_extra_all_else_works_and_it_is_asked_for_in_a_line(shop: World) -> None:
    assert shop.run("scan", hook=NO_EXTRA).code == 1
    wanted = "sgleaks: asking SendGrid needs the package sendgrid: pip install 'sgleaks[verify]'\n"
    environment = {"SENDGRID_ADMIN_API_KEY": FULL}
    for args in (("scan", "--verify"), ("verify",), ("revoke", "--yes", MAIL[3:25]), ("audit",)):
        done = shop.run(*args, hook=NO_EXTRA, env=environment)
        assert (done.code, done.err) == (2, wanted)
    assert shop.here.asked == []


def test_an_address_elsewhere_is_refused_before_anything_is_scanned(shop: World) -> None:
    for args in (("scan", "--verify"), ("verify",), ("revoke", "--yes", MAIL[3:25]), ("audit",)):
        environment = {"SGLEAKS_SENDGRID_API": "http://192.0.2.1", "SENDGRID_ADMIN_API_KEY": FULL}
        done = shop.run(*args, env=environment, stdin=MAIL)
        assert done.code == 2
        assert "it names something else than an address of this machine" in done.err
