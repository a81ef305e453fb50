"""Keys are deleted by their ids, after they were looked up and somebody agreed, and never by mistake."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sendgrid_server as server
from cli import Done, sgleaks
from keys import key, secret_half
from sendgrid_server import Account, Profile, SendGrid
from sgleaks.secret import Secret
from sgleaks.sendgrid import account, revoke

ADMIN, LEAKED, OTHER = key(1), key(2), key(3)
RIGHTS = ["api_keys.read", "api_keys.delete", "api_keys.create"]


def id_of(text: str) -> str:
    return text[3:25]


@pytest.fixture
def world() -> Iterator[SendGrid]:
    with server.running() as world:
        account = Account(
            keys={
                id_of(ADMIN): ("admin", RIGHTS),
                id_of(LEAKED): ("shop\x1b[2J mailer", ["mail.send"]),
                id_of(OTHER): ("other", ["stats.read"]),
            }
        )
        world.known = {
            ADMIN: Profile(RIGHTS, account),
            LEAKED: Profile(["mail.send", "api_keys.delete"], account),
            OTHER: Profile(["stats.read"], account),
        }
        yield world


def run(world: SendGrid, folder: Path, *args: str, stdin: str = "", admin: str = ADMIN) -> Done:
    environment = {"SGLEAKS_SENDGRID_API": world.url, "SENDGRID_ADMIN_API_KEY": admin}
    return sgleaks("revoke", *args, cwd=folder, stdin=stdin.encode(), env=environment)


def deletions(world: SendGrid) -> list[str]:
    return [request.path.rpartition("/")[2] for request in world.asked if request.method == "DELETE"]


def test_a_key_is_looked_up_deleted_and_looked_up_again(world: SendGrid, tmp_path: Path) -> None:
    done = run(world, tmp_path, "--yes", id_of(LEAKED))
    assert done.code == 0, done.err
    assert [(each.method, each.path) for each in world.asked] == [
        ("GET", "/v3/scopes"),
        ("GET", f"/v3/api_keys/{id_of(LEAKED)}"),
        ("DELETE", f"/v3/api_keys/{id_of(LEAKED)}"),
        ("GET", f"/v3/api_keys/{id_of(LEAKED)}"),
    ]
    assert set(world.keys) == {f"Bearer {ADMIN}"}
    assert f'SG.{id_of(LEAKED)}.…  found, "shop␛[2J mailer", mail-only access\n' in done.out
    assert f'SG.{id_of(LEAKED)}.…  deleted, "shop␛[2J mailer", mail-only access\n' in done.out
    assert "What is left to do:" in done.out
    assert LEAKED not in world.known
    assert secret_half(ADMIN) not in done.out + done.err


def test_a_dry_run_deletes_nothing(world: SendGrid, tmp_path: Path) -> None:
    done = run(world, tmp_path, "--dry-run", id_of(LEAKED), f"SG.{id_of(OTHER)}.…")
    assert (done.code, deletions(world)) == (0, [])
    assert done.out.count("found") == 2
    assert "left to do" not in done.out


def test_nothing_is_deleted_where_nobody_can_be_asked(world: SendGrid, tmp_path: Path) -> None:
    done = run(world, tmp_path, id_of(LEAKED))
    assert (done.code, world.asked) == (2, [])
    assert "give --yes, or --dry-run" in done.err


@pytest.mark.parametrize(("answer", "code", "gone"), [("y", 0, [id_of(LEAKED)]), ("n", 1, []), ("", 1, [])])
def test_on_a_terminal_it_asks(answer: str, code: int, gone: list[str], world: SendGrid, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "SGLEAKS_SENDGRID_API": world.url, "SENDGRID_ADMIN_API_KEY": ADMIN}
    command = [sys.executable, "-m", "sgleaks", "revoke", id_of(LEAKED)]
    with subprocess.Popen(command, cwd=tmp_path, stdin=theirs, stdout=-1, stderr=-1, env=environment) as process:
        os.write(ours, f"{answer}\n".encode())
        out, err = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert b"delete it? [y/N]" in err
    assert (process.returncode, deletions(world)) == (code, gone), out


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        ((id_of(key(9)),), 3, "absent, no such key in this account"),
        ((id_of(ADMIN),), 1, "it is the key that asks"),
        ((id_of(ADMIN), id_of(OTHER)), 1, "deleted"),
        ((id_of(key(9)), id_of(OTHER)), 3, "deleted"),
    ],
)
def test_what_is_left_decides_the_exit_code(
    args: tuple[str, ...], code: int, told: str, world: SendGrid, tmp_path: Path
) -> None:
    done = run(world, tmp_path, "--yes", *args)
    assert (done.code, told in done.out) == (code, True)
    assert id_of(ADMIN) not in deletions(world)


def test_an_administrator_without_the_right_is_told_so(world: SendGrid, tmp_path: Path) -> None:
    world.known[ADMIN].scopes = ["api_keys.read"]
    done = run(world, tmp_path, "--yes", id_of(LEAKED))
    assert done.code == 1
    assert "refused" in done.out
    assert "lacks the scope api_keys.delete" in done.out
    world.known[ADMIN].scopes = ["stats.read"]
    assert "lacks the scope api_keys.read" in run(world, tmp_path, "--yes", id_of(LEAKED)).out


def test_a_deletion_that_does_not_show_is_not_called_done(world: SendGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revoke, "LOOKS", 1)
    world.known[ADMIN].trick = lambda request: server.answer(
        request, 204 if request.command == "DELETE" else 200, {"scopes": RIGHTS, "name": "x"}
    )
    opened = account.Account([world.url], Secret(ADMIN))
    assert revoke.delete(opened, revoke.find(opened, id_of(LEAKED))).outcome == "unconfirmed"


def test_the_keys_of_a_report_are_deleted(world: SendGrid, tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text(f"SENDGRID_API_KEY={LEAKED}\nSENDGRID_API_KEY2={OTHER}\n")
    report = sgleaks("scan", "a.env", "--format", "json:report.json", cwd=tmp_path)
    assert report.code == 1
    done = run(world, tmp_path, "--yes", "--from", "report.json")
    assert (done.code, sorted(deletions(world))) == (0, sorted((id_of(LEAKED), id_of(OTHER))))


def test_a_leaked_key_deletes_itself_only_where_that_is_said(world: SendGrid, tmp_path: Path) -> None:
    done = run(world, tmp_path, "--yes", "--with-leaked-key", stdin=LEAKED, admin="")
    assert (done.code, deletions(world)) == (0, [id_of(LEAKED)]), done.out + done.err
    assert set(world.keys) == {f"Bearer {LEAKED}"}
    assert secret_half(LEAKED) not in done.out + done.err
    again = run(world, tmp_path, "--yes", "--with-leaked-key", stdin=LEAKED, admin="")
    assert (again.code, "absent, SendGrid does not know it" in again.out) == (3, True)


def test_a_leaked_key_without_the_right_stays(world: SendGrid, tmp_path: Path) -> None:
    done = run(world, tmp_path, "--yes", "--with-leaked-key", stdin=OTHER, admin="")
    assert (done.code, OTHER in world.known) == (1, True)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "Name the ids of keys"),
        (("--yes", "--with-leaked-key", id_of(LEAKED)), "and no ids"),
        (("--yes", LEAKED), "a whole key on the command line"),
        (("--yes", "x"), "one is not the id of a key"),
        (("--yes", "../scopes/aaaaaaaaaaaa"), "one is not the id of a key"),
        (("--yes", "--from", "nothing.json"), "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(
    args: tuple[str, ...], words: str, world: SendGrid, tmp_path: Path
) -> None:
    done = run(world, tmp_path, *args)
    assert (done.code, world.asked) == (2, [])
    assert words in " ".join(done.err.split())
    assert secret_half(LEAKED) not in done.err
