"""Three accounts against the guide's controls: the row each must give, and why a row cannot be evaluated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import accounts
import sendgrid_server as server
from cli import Done, sgleaks
from keys import key, secret_half
from sendgrid_server import Account, Profile, SendGrid
from sgleaks import account as account_checks
from sgleaks import guide
from sgleaks.account import Audit
from sgleaks.errors import ToolError
from sgleaks.rule import builtin_rules, load_folder
from sgleaks.secret import Secret
from sgleaks.sendgrid import account as sendgrid_account
from sgleaks.sendgrid.audit import Context, audit
from sgleaks.sendgrid.audit.addresses import flaw
from sgleaks.sendgrid.audit.ledger import Ledger
from sgleaks.sendgrid.pace import Pace
from sgleaks.sendgrid.scopes import categories
from sgleaks.settings import Profile as Level

ADMIN = key(100)
CONTROLS = [control.id for control in guide.load().controls]
CHECKS = account_checks.load()


@pytest.fixture
def world() -> Iterator[SendGrid]:
    with server.running() as world:
        yield world


def audited(
    world: SendGrid, account: Account, scopes: list[str] = accounts.AUDITOR, level: Level = "L2", **context: Any
) -> Audit:
    world.known[ADMIN] = Profile(scopes, account)
    opened = sendgrid_account.Account([world.url], Secret(ADMIN))
    return audit(Context(opened, **context), guide.load(), level)


def statuses(done: Audit) -> dict[str, str]:
    return {verdict.control.id: verdict.status for verdict in done.verdicts}


def details(done: Audit) -> set[str]:
    return {f"{finding.rule.id}: {finding.note}" for verdict in done.verdicts for finding in verdict.findings}


HARDENED = dict.fromkeys(CONTROLS, "pass") | {"2.1": "not-evaluated", "2.2": "not-evaluated"}
DEFAULT = {
    "1.1": "pass", "1.2": "not-evaluated", "1.3": "not-evaluated", "1.4": "fail", "2.1": "not-evaluated",
    "2.2": "not-evaluated", "2.3": "fail", "2.4": "fail", "3.1": "fail", "3.2": "pass", "3.3": "fail",
    "4.1": "not-evaluated", "4.2": "fail", "4.3": "not-evaluated",
}  # fmt: skip
DREADFUL = dict.fromkeys(CONTROLS, "fail") | {"2.1": "not-evaluated", "2.2": "not-evaluated"}


@pytest.mark.parametrize(
    ("account", "rows"),
    [(accounts.hardened(), HARDENED), (accounts.default(), DEFAULT), (accounts.dreadful(), DREADFUL)],
    ids=["hardened", "default", "dreadful"],
)
def test_an_account_gives_the_expected_row_for_each_control(
    account: Account, rows: dict[str, str], world: SendGrid
) -> None:
    done = audited(world, account)
    assert statuses(done) == rows
    for verdict in done.verdicts:
        assert verdict.reason or verdict.status != "not-evaluated"
        assert (verdict.status == "fail") is bool(verdict.findings)
    assert {request.method for request in world.asked} == {"GET"}
    assert len({request.path for request in world.asked}) == len(world.asked)


def test_what_is_wrong_with_the_dreadful_account_is_all_told(world: SendGrid) -> None:
    assert details(audited(world, accounts.dreadful(), level="L3")) >= {
        "exempt-teammate: exempt from the second factor",
        "single-sign-on: signin_url is not https",
        "single-sign-on: no certificate is valid now",
        "password-teammate: logs in with a password",
        "ip-allow-list: every address is let in",
        "ip-allow-list: 16,777,216 addresses are let in",
        "key-scopes: full access",
        "key-scopes: several jobs at once: mail-send, marketing",
        "key-scopes: rights of an administrator: api-keys",
        "usage-alert: no alert on usage",
        "usage-alert: no statistics are sent to anybody",
        "administrators: 7 administrators",
        "administrators: 1 invited to be administrators",
        "teammate-scopes: may change api-keys",
        "domain-authentication: its DNS records are not valid",
        "domain-authentication: set up in the old way",
        "link-branding: no valid link branding",
        "free-mail-single-sender: an address at yahoo.com",
        "enforced-tls: TLS is not required",
        "delivery-rates: more than 5% of the mail bounced in 28 days",
        "delivery-rates: more than 0.3% of the mail was reported as spam in 28 days",
        "event-webhook: its address is not https",
        "event-webhook: neither signed nor protected by OAuth",
        "event-webhook: events that no webhook gets: click",
        "inbound-parse: its address is not https",
        "inbound-parse: inbound mail is not checked for spam",
        "refused-access: refused in the last 7 days, by API",
        "mail-copied: a copy of all mail goes to somebody",
        "mail-copied: bounced mail is forwarded",
        "mail-copied: mail to abuse@ and postmaster@ is forwarded to evil.example",
        "unusual-volume: 90,000 messages were asked for, where 1,000 are usual",
    }


def test_the_default_account_says_why_rows_are_not_evaluated(world: SendGrid) -> None:
    reasons = {verdict.control.id: verdict.reason for verdict in audited(world, accounts.default()).verdicts}
    assert reasons["1.2"] == "single-sign-on: the free plan of this account has no integrations"
    assert "tells no age of a key: keep a ledger" in reasons["2.2"]
    assert reasons["2.1"].startswith("the API tells nothing of it. A repository does: Every login")
    assert "too little was sent" in reasons["4.1"]


def test_a_scope_that_is_missing_is_named_and_nothing_is_asked_for_it(world: SendGrid) -> None:
    done = audited(world, accounts.hardened(), ["stats.read"])
    reasons = {verdict.control.id: verdict.reason for verdict in done.verdicts}
    assert reasons["1.1"] == "exempt-teammate: the key lacks the scope teammates.read"
    assert "the key lacks the scope whitelabel.read" in reasons["3.3"]
    assert statuses(done)["4.1"] == "pass"
    assert {request.path.partition("?")[0] for request in world.asked} == {"/v3/scopes", "/v3/stats"}
    assert account_checks.exit_code(done, "low") == 3


@pytest.mark.parametrize("level", ["L1", "L2", "L3"])
def test_a_profile_leaves_out_what_is_above_it(level: Level, world: SendGrid) -> None:
    done = audited(world, accounts.dreadful(), level=level)
    assert [verdict.control.id for verdict in done.verdicts] == [
        control.id for control in guide.load().controls if control.level <= level
    ]
    assert ("enforced-tls: TLS is not required" in details(done)) is (level == "L3")


BROKEN: list[Any] = [
    None, [], {}, "x", 1, [{}], {"result": None}, {"result": [1]}, {"result": [{}]}, {"webhooks": [{}]}, {"results": 1},
]  # fmt: skip


@pytest.mark.parametrize("body", BROKEN, ids=repr)
def test_answers_that_are_not_as_sendgrid_writes_them_break_nothing(body: Any, world: SendGrid) -> None:
    account = Account({route: body for route in server.ROUTES if route not in ("scopes", "api_keys", "api_keys/{id}")})
    done = audited(world, account, level="L3")
    assert len(done.verdicts) == 14


class Hurried(Pace):
    """Waits for nothing."""

    def pause(self, seconds: float) -> None:
        del seconds


@pytest.mark.parametrize("status", [403, 404, 500])
def test_an_account_that_refuses_to_tell_is_not_called_clean(status: int, world: SendGrid) -> None:
    def trick(request: Any) -> None:
        if request.path == "/v3/scopes":
            return server.answer(request, 200, {"scopes": accounts.AUDITOR})
        return server.refuse(request, status, "x")

    world.known[ADMIN] = Profile(trick=trick)
    opened = sendgrid_account.Account([world.url], Secret(ADMIN), Hurried())
    done = audit(Context(opened), guide.load(), "L2")
    assert set(statuses(done).values()) == {"not-evaluated"}
    assert account_checks.exit_code(done, "low") == 3


# Ages of keys


@pytest.mark.parametrize(
    ("since", "first", "status"),
    [(200, 200, "fail"), (200, 10, "pass"), (10, 10, "not-evaluated"), (200, 91, "fail"), (200, 90, "pass")],
)
def test_a_ledger_tells_ages_it_can_know(since: int, first: int, status: str, world: SendGrid) -> None:
    today = date(2026, 11, 25)
    days = {accounts.id_of(seed): today - timedelta(first) for seed in (11, 12)}
    ledger = Ledger(today - timedelta(since), days)
    done = audited(world, accounts.hardened(), ledger=ledger, now=datetime(2026, 11, 25, tzinfo=UTC))
    assert statuses(done)["2.2"] == status


def test_a_ledger_holds_ids_and_days_and_forgets_keys_that_are_gone(tmp_path: Path, world: SendGrid) -> None:
    world.known[ADMIN] = Profile(accounts.AUDITOR, accounts.hardened())
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"version": 1, "since": "2020-01-01", "keys": {accounts.id_of(99): "2020-01-01"}}))
    run(world, tmp_path, "--ledger", "keys.json")
    told = json.loads(file.read_text())
    assert set(told["keys"]) == {accounts.id_of(11), accounts.id_of(12)}
    assert told["since"] == "2020-01-01"
    file.write_text("{}")
    assert "it is no ledger" in run(world, tmp_path, "--ledger", "keys.json").err


# Parts


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("https://hooks.acme.example/x", ""),
        ("http://hooks.acme.example", "is not https"),
        ("https://a:b@hooks.acme.example", "holds a credential"),
        ("https://203.0.113.9/x", "names no host of yours"),
        ("https://[::1]/x", "names no host of yours"),
        ("https://localhost/x", "names no host of yours"),
        ("https://x.ngrok.io/x", "is that of a tunnel to somebody's machine"),
        ("https://[", "is no address"),
        ("", "is not https"),
    ],
)
def test_an_address_is_judged(url: str, wrong: str) -> None:
    assert flaw(url) == wrong


def test_every_check_has_its_two_files_and_every_control_but_one_a_check() -> None:
    folder = Path(sendgrid_account.__file__).parent / "audit"
    shared = {"__init__", "addresses", "ledger", "statistics", "teammates"}
    modules = {path.stem.replace("_", "-") for path in folder.glob("*.py") if path.stem not in shared}
    assert modules == {check.rule.id for check in CHECKS} == {check.id for check in guide.load_checks()}
    assert set(CONTROLS) - {control for check in CHECKS for control in check.rule.controls} == {"2.1"}
    assert not modules & load_folder(builtin_rules()).keys()
    known = {scope for category in categories() for power in category.powers for scope in power.scopes}
    assert {scope for check in CHECKS for scope in check.scopes} <= known


@pytest.mark.parametrize(
    ("old", "new", "key_name", "mend"),
    [
        ("severity", "severty", "severty", "use one of title, severity"),
        ('controls   = ["1.1"]', "controls = [1.1]", "controls", "give a list of controls"),
        ('scopes     = ["teammates.read"]', 'scopes = ""', "scopes", "give a list of scopes"),
        ("cwe        = 308", "cwe = 0", "cwe", "give the number of a weakness"),
        ("https://", "http://", "references", "give a list of https addresses"),
    ],
)
def test_a_mistake_in_a_check_names_file_key_and_mend(
    old: str, new: str, key_name: str, mend: str, tmp_path: Path
) -> None:
    text = (builtin_rules() / "account" / "exempt-teammate.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "a.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(ToolError) as raised:
        account_checks.load(tmp_path)
    assert raised.value.what == f"{tmp_path / 'a.toml'}: {key_name}"
    assert raised.value.next_step.startswith(mend)


# The command


def run(world: SendGrid, folder: Path, *args: str, command: tuple[str, ...] = ("audit",)) -> Done:
    environment = {"SGLEAKS_SENDGRID_API": world.url, "SENDGRID_ADMIN_API_KEY": ADMIN}
    return sgleaks(*command, *args, cwd=folder, env=environment)


def test_json_is_as_the_contract_has_it(world: SendGrid, tmp_path: Path) -> None:
    world.known[ADMIN] = Profile(accounts.AUDITOR, accounts.default())
    done = run(world, tmp_path, "--format", "json")
    assert done.code == 1
    told = json.loads(done.out)
    assert (list(told), told["version"], told["profile"]) == (["version", "profile", "controls"], 1, "L2")
    assert {each["id"]: each["status"] for each in told["controls"]} == DEFAULT
    for each in told["controls"]:
        assert list(each) == ["id", "title", "level", "status", "findings", "reason"]
    (finding,) = next(each for each in told["controls"] if each["id"] == "2.3")["findings"]
    assert (finding["check"], finding["severity"], finding["subject"]) == (
        "key-scopes", "high", f"api_keys/{accounts.id_of(21)} (first)"
    )  # fmt: skip


def test_every_format_tells_it_and_none_tells_secrets(world: SendGrid, tmp_path: Path) -> None:
    world.known[ADMIN] = Profile(accounts.FULL, accounts.dreadful())
    for name in ("text", "json", "markdown", "sarif"):
        done = run(world, tmp_path, "--format", name, "-v")
        assert "unusual-volume" in done.out
        assert "this key may write" in done.err
        for secret in (secret_half(ADMIN), "made-up-token", "user:pass", "x@example.net", "me@"):
            assert secret not in done.out + done.err
    sarif = json.loads(run(world, tmp_path, "--format", "sarif").out)["runs"][0]
    assert sarif["automationDetails"]["id"] == "sgleaks/account/"
    assert {each["name"] for each in sarif["taxonomies"]} >= {"CWE"}


def test_a_clean_account_passes_and_says_what_is_left_open(world: SendGrid, tmp_path: Path) -> None:
    world.known[ADMIN] = Profile(accounts.AUDITOR, accounts.hardened())
    done = run(world, tmp_path)
    assert done.code == 0, done.out
    assert done.out.count(" pass ") == 12
    assert "open: SendGrid has no alerts for new keys" in done.out
    assert run(world, tmp_path, "--exit-zero", "--format", "json:a.json").out == ""
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("text", "why"), [("", "it is not set"), (f"{ADMIN}x", "it is no API key")])
def test_a_key_that_is_none_is_asked_for_and_not_quoted(text: str, why: str, tmp_path: Path, world: SendGrid) -> None:
    done = sgleaks("audit", cwd=tmp_path, env={"SGLEAKS_SENDGRID_API": world.url, "SENDGRID_ADMIN_API_KEY": text})
    assert (done.code, why in done.err, secret_half(ADMIN) in done.err) == (2, True, False)
    assert world.asked == []


def test_a_key_that_nobody_knows_is_said_so(world: SendGrid, tmp_path: Path) -> None:
    done = run(world, tmp_path)
    assert done.code == 2
    assert "SendGrid does not know it" in done.err


def test_findings_stay_the_same_ones(world: SendGrid) -> None:
    first, second = (audited(world, accounts.dreadful()).report.findings for _ in range(2))
    assert [each.fingerprint for each in first] == [each.fingerprint for each in second]
    assert len({each.fingerprint for each in first}) == len(first)
    assert replace(first[0]) == first[0]


# Repository and account together


def test_the_guide_puts_repository_and_account_side_by_side(world: SendGrid, tmp_path: Path) -> None:
    world.known[ADMIN] = Profile(accounts.AUDITOR, accounts.default())
    (tmp_path / "mail.env").write_text(f"SENDGRID_API_KEY={key(5)}\n")
    told = json.loads(run(world, tmp_path, "--account", "--format", "json", command=("guide",)).out)
    rows = {each["id"]: each for each in told["controls"]}
    assert {name: each["account"]["status"] for name, each in rows.items()} == DEFAULT
    assert rows["2.2"]["repository"]["findings"] >= 1
    assert rows["2.2"]["nist"] == ["SC-12"]
    for name in ("text", "markdown"):
        done = run(world, tmp_path, "--account", "--format", name, command=("guide",))
        assert done.code == 0, done.err
        assert "Key that may do too much: full access" in done.out
        assert "does not mean that a control is met" in done.out
