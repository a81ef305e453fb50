"""``sweep --verify``: each key of an organisation is asked about once, whoever holds it, killed or not."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import sendgrid_server as server
from cli import Done, sgleaks
from forge import bare
from keys import key, secret_half
from sendgrid_server import Account, Profile, SendGrid
from sgleaks.model import FINDINGS, USAGE
from test_verify import ALL, OFFLINE

REPOSITORIES, JOBS = 20, "4"
FULL, MAIL, DEAD, EUROPEAN, SILENCED = (key(number) for number in range(5))
KEYS = (FULL, MAIL, DEAD, EUROPEAN, SILENCED)
LOGIN = "acme_ops"
STATE = "sgleaks-sweep.sqlite"


class World:
    """SendGrid's two addresses, a folder of clones, and sweeps of it."""

    def __init__(self, here: SendGrid, there: SendGrid, folder: Path) -> None:
        self.here, self.there, self.folder = here, there, folder
        self.environment = {"SGLEAKS_SENDGRID_API": f"{here.url},{there.url}"}

    def sweep(self, *args: str | Path, hook: str = "") -> Done:
        """A sweep, told as JSON; ``hook`` is executed before anything else."""
        hooks = self.folder / "hooks"
        hooks.mkdir(exist_ok=True)
        (hooks / "sitecustomize.py").write_text(hook)
        options = ("--no-config", "--jobs", JOBS, "--only", "credentials", "--format", "json")
        environment = {**self.environment, "PYTHONPATH": str(hooks)}
        return sgleaks("sweep", "clones", *options, *args, cwd=self.folder, env=environment)

    def questions(self) -> dict[str, tuple[int, int]]:
        """How often each key was shown to either address since this was asked last."""
        here, there = (Counter(text.removeprefix("Bearer ") for text in one.keys) for one in (self.here, self.there))
        self.here.asked.clear()
        self.there.asked.clear()
        return {text: (here[text], there[text]) for text in {*here, *there}}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    for number in range(REPOSITORIES):
        text = KEYS[number % len(KEYS)]
        bare(tmp_path / "clones", f"r{number:02}", {"mail.env": f"SENDGRID_API_KEY={text}\n", "README": f"{number}\n"})
    with server.running() as here, server.running() as there:
        account = Account({"user/username": {"username": LOGIN, "user_id": 1}})
        here.known = {FULL: Profile(ALL, account), MAIL: Profile(["mail.send"]), SILENCED: Profile(["mail.send"])}
        there.known = {EUROPEAN: Profile(["mail.send", "stats.read"])}
        yield World(here, there, tmp_path)


ONCE = {FULL: (1, 0), MAIL: (1, 0), SILENCED: (1, 0), DEAD: (1, 1), EUROPEAN: (1, 1)}
STATES = {FULL: "active", MAIL: "active", SILENCED: "active", DEAD: "inactive", EUROPEAN: "active"}


def states(report: dict[str, Any]) -> dict[str, str | None]:
    """What is told of each key, by its id. Fails where findings of one key differ."""
    told = {(each["secret"]["key_id"], each["validity"] and each["validity"]["state"]) for each in report["findings"]}
    assert len(told) == len({identity for identity, _ in told})
    return dict(told)


def by_id(values: dict[str, str]) -> dict[str, str]:
    return {text[3:25]: value for text, value in values.items()}


def test_each_key_is_asked_about_once_whichever_repositories_hold_it(world: World) -> None:
    done = world.sweep("--verify", "--report", "out")
    assert world.questions() == ONCE
    assert states(done.report) == by_id(STATES)
    assert done.code == FINDINGS
    keys = {one["secret"]["key_id"]: one for one in done.report["sweep"]["keys"]}
    assert {(one["state"], one["access"]) for one in keys.values()} == {
        ("active", "full"), ("active", "mail-only"), ("inactive", None), ("active", "restricted"),
    }  # fmt: skip
    assert all(len(one["repositories"]) == REPOSITORIES // len(KEYS) for one in keys.values())
    (first,) = (each for each in done.err.splitlines() if "asking" in each)
    assert first.startswith(f"sgleaks: asking {world.here.url} about each key that is found: GET /v3/scopes")
    told = [done.out, done.err, *(path.read_bytes().decode("latin-1") for path in world.folder.rglob("*.*")
                                  if path.is_file() and "clones" not in path.parts)]  # fmt: skip
    assert not [text for text in told if any(secret_half(each) in text for each in KEYS)]
    assert '"state": "inactive"' in (world.folder / "out" / "report.json").read_text()


def test_without_it_nothing_is_asked_and_nothing_told(world: World) -> None:
    assert set(states(world.sweep(hook=OFFLINE).report).values()) == {None}
    world.sweep("--verify")
    assert world.questions() == ONCE
    assert set(states(world.sweep(hook=OFFLINE).report).values()) == {None}
    assert world.questions() == {}


def test_keys_of_an_earlier_sweep_are_asked_about_and_then_for_a_day_not_again(world: World) -> None:
    world.sweep()
    assert states(world.sweep("--verify").report) == by_id(STATES)
    assert world.questions() == ONCE
    bare(world.folder / "clones", "r03", {"new.env": f"SENDGRID_API_KEY={key(9)}\n"})
    assert states(world.sweep("--verify").report) == by_id({**STATES, key(9): "inactive"})
    assert world.questions() == {key(9): (1, 1)}
    with closing(sqlite3.connect(world.folder / STATE)) as ledger, ledger:
        ledger.execute("update answers set checked = '2026-01-01T00:00:00Z'")
    world.here.known.pop(MAIL)
    assert states(world.sweep("--verify").report) == by_id({**STATES, key(9): "inactive", MAIL: "inactive"})
    assert world.questions() == {**ONCE, MAIL: (1, 1), key(9): (1, 1)}


def test_what_got_no_clear_answer_is_asked_about_again_by_the_next_sweep(world: World) -> None:
    world.here.known[MAIL].trick = server.turns(
        server.saying(403, "access forbidden"), server.giving(200, {"scopes": ["mail.send"]})
    )
    assert states(world.sweep("--verify").report) == by_id({**STATES, MAIL: "unknown"})
    assert world.questions() == ONCE
    assert states(world.sweep("--verify").report) == by_id(STATES)
    assert world.questions() == {MAIL: (1, 0)}


def test_answers_outlive_a_sendgrid_that_does_not_want_to_be_asked(world: World) -> None:
    world.sweep("--verify")
    with closing(sqlite3.connect(world.folder / STATE)) as ledger, ledger:
        ledger.execute("update answers set checked = '2026-01-01T00:00:00Z'")
    for number in range(10, 16):
        bare(world.folder / "clones", f"a-{number}", {"a.env": f"SENDGRID_API_KEY={key(number)}\n"})
    world.here.trick = server.giving(503, {})
    told = states(world.sweep("--verify", "--jobs", "1").report)
    unknown = {text[3:25] for text in map(key, range(10, 16))}
    assert {identity for identity, state in told.items() if state == "unknown"} == unknown
    assert {identity: told[identity] for identity in by_id(STATES)} == by_id(STATES)


def test_what_live_keys_get_at_tells_their_account(world: World) -> None:
    world.sweep("--verify")
    world.questions()
    done = world.sweep("--verify", "--blast-radius")
    assert DEAD not in world.questions()
    (account,) = done.report["sweep"]["accounts"]
    assert (account["login"], account["keys"]) == (LOGIN, [FULL[3:25]])
    assert account["repositories"] == [f"clones/r{number:02}.git" for number in range(0, REPOSITORIES, len(KEYS))]
    world.sweep("--verify", "--blast-radius", "--report", "report")
    for name, heading in (("report.md", "## By SendGrid account\n"), ("index.html", ">SendGrid accounts</h2>")):
        section = (
            (world.folder / "report" / name).read_text("utf-8").partition(heading)[2].split("<h2>")[0].split("## ")[0]
        )
        assert all(text in section for text in (LOGIN, FULL[3:25], "clones/r00.git")), name
        assert DEAD[3:25] not in section


def test_a_key_that_is_accepted_and_lives_is_said_to(world: World) -> None:
    found = {each["secret"]["key_id"]: each["fingerprint"] for each in world.sweep().report["findings"]}
    entry = f'[[accepted]]\nfingerprint = "{found[SILENCED[3:25]]}"\nrule = "api-key"\nreason = "known"\n'
    (world.folder / "known.toml").write_text(entry)
    done = world.sweep("--verify", "--baseline", "known.toml")
    assert any("is ignored here, and it lives" in each["text"] for each in done.report["notices"])


def test_killed_it_asks_nothing_twice_that_was_answered(world: World) -> None:
    for number in range(10, 40):
        bare(world.folder / "clones", f"more-{number}", {"a.env": f"SENDGRID_API_KEY={key(number)}\n"})
    command = [sys.executable, "-m", "sgleaks", "sweep", "clones", "--no-config", "--jobs", JOBS, "--verify"]
    environment = {**os.environ, **world.environment}
    asked: Counter[str] = Counter()
    for _ in range(3):
        before = len(world.here.asked)
        running = subprocess.Popen(
            command, cwd=world.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while len(world.here.asked) < before + 6 and running.poll() is None:
            time.sleep(0.002)
        running.send_signal(signal.SIGKILL)
        running.wait()
        answered = told_in(world.folder / STATE)
        asked += Counter(world.here.keys)
        world.here.asked.clear()
    assert 6 <= len(answered) < 35
    done = world.sweep("--verify")
    again = {text.removeprefix("Bearer ") for text in world.here.keys}
    assert not {text[3:25] for text in again} & answered
    assert len(states(done.report)) == 35
    assert None not in states(done.report).values()
    total = asked + Counter(world.here.keys)
    assert total.total() <= 35 + 3  # one that each kill may have cut off before it was written


def told_in(state: Path) -> set[str]:
    """The ids of the keys that have an answer in a ledger."""
    from hashlib import sha256

    digests = {sha256(text.encode()).hexdigest(): text[3:25] for text in map(key, range(40))}
    with closing(sqlite3.connect(state)) as ledger:
        return {digests[digest] for (digest,) in ledger.execute("select sha256 from answers")}


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--blast-radius",), "--verify"), (("--verify", "--dask", "tcp://127.0.0.1:1"), "keys would have to leave")],
)
def test_what_it_is_not_for_is_told(options: tuple[str, ...], said: str, world: World) -> None:
    done = world.sweep(*options)
    assert (done.code, said in done.err) == (USAGE, True)
    assert world.questions() == {}
