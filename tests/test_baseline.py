"""Accepted findings: they hold through rebase, squash, edits and moves, and what is new is reported all the same."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cli import Done, sgleaks
from keys import key, secret_half
from sgleaks.samples import render
from sgleaks.settings import BASELINE

KEY, OTHER = key(1), key(2)
PASSWORD, ANOTHER = render("{password}", 1), render("{password}", 2)
LINE = f"SENDGRID_API_KEY={KEY}\n"
LOGIN = f"""EMAIL_HOST = "smtp.sendgrid.net"
EMAIL_HOST_USER = "shop"
EMAIL_HOST_PASSWORD = "{PASSWORD}"
"""
ONLY = ("--only", "credentials")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with a key in one file, a password in another, and both accepted."""
    root = tmp_path / "shop"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "mail.env").write_text(LINE)
    (root / "settings.py").write_text(LOGIN)
    commit(root)
    done = sgleaks("baseline", "create", "--reason", "a closed account", *ONLY, cwd=root)
    assert (done.code, done.out) == (0, "")
    commit(root)
    return root


def git(root: Path, *args: str) -> str:
    import subprocess

    who = ("-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *who, *args], cwd=root, check=True, capture_output=True, text=True).stdout


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x")


def scan(root: Path, *args: str) -> Done:
    return sgleaks("scan", "--format", "json", *ONLY, *args, cwd=root)


def counting(done: Done) -> list[tuple[str, int]]:
    return [(each["path"], each["line"]) for each in done.report["findings"] if not each["ignored"]]


def test_accepted_findings_fail_nothing_and_are_told_with_their_reason(shop: Path) -> None:
    done = scan(shop)
    assert done.code == 0
    assert {each["path"]: each["ignored"] for each in done.report["findings"]} == {
        "mail.env": {"kind": "baseline", "reason": "a closed account"},
        "settings.py": {"kind": "baseline", "reason": "a closed account"},
    }
    assert done.report["notices"] == []


def test_the_file_is_sorted_one_entry_a_line_and_gives_nothing_away(shop: Path) -> None:
    text = (shop / BASELINE).read_text()
    entries = [line for line in text.splitlines() if line.startswith("  {")]
    assert len(entries) == len(tomllib.loads(text)["accepted"]) == 2
    assert entries == sorted(entries, key=lambda line: "path" in line)
    for secret in (KEY, secret_half(KEY), PASSWORD):
        assert secret not in text
    assert set().union(*tomllib.loads(text)["accepted"]) == {"path", "rule", "fingerprint", "reason"}


def test_it_cannot_be_told_from_the_file_which_password_it_is(shop: Path) -> None:
    before = (shop / BASELINE).read_text()
    (shop / "settings.py").write_text(LOGIN.replace(PASSWORD, ANOTHER))
    (shop / BASELINE).unlink()
    assert sgleaks("baseline", "create", "--reason", "a closed account", *ONLY, cwd=shop).code == 0
    assert (shop / BASELINE).read_text() == before


def test_edits_above_and_reformatting(shop: Path) -> None:
    (shop / "mail.env").write_text(f"# one\n# two\n\nexport SENDGRID_API_KEY='{KEY}'\n")
    (shop / "settings.py").write_text("import os\n\n" + LOGIN.replace(" = ", "  =  "))
    assert counting(scan(shop)) == []


def test_a_moved_file(shop: Path) -> None:
    (shop / "deploy").mkdir()
    git(shop, "mv", "mail.env", "deploy/mail.env")
    git(shop, "mv", "settings.py", "deploy/settings.py")
    assert counting(scan(shop, "--staged")) == []
    commit(shop)
    assert counting(scan(shop)) == []


def test_rebase_and_squash(shop: Path) -> None:
    git(shop, "checkout", "-q", "-b", "work", "HEAD~1")
    (shop / "readme.txt").write_text("one\n")
    commit(shop)
    (shop / "readme.txt").write_text("two\n")
    commit(shop)
    git(shop, "rebase", "-q", "main")
    assert counting(scan(shop)) == []
    git(shop, "reset", "-q", "--soft", git(shop, "rev-list", "--max-parents=0", "HEAD").strip())
    commit(shop)
    assert counting(scan(shop)) == []
    assert counting(sgleaks("history", "--format", "json", *ONLY, cwd=shop)) == []


def test_a_new_key_on_an_accepted_line_is_reported(shop: Path) -> None:
    (shop / "mail.env").write_text(LINE.replace(KEY, OTHER))
    git(shop, "add", "-A")
    assert counting(scan(shop, "--staged")) == [("mail.env", 1)]
    done = scan(shop)
    assert counting(done) == [("mail.env", 1)]
    assert done.code == 1
    assert ["fits nothing" in notice["text"] for notice in done.report["notices"]] == [True]


def test_a_password_like_an_accepted_one_in_another_file_is_reported(shop: Path) -> None:
    (shop / "other.py").write_text(LOGIN.replace(PASSWORD, ANOTHER))
    assert counting(scan(shop)) == [("other.py", 3)]


def test_the_same_entries_serve_history_range_and_subfolders(shop: Path) -> None:
    assert counting(sgleaks("history", "--format", "json", *ONLY, cwd=shop)) == []
    assert counting(scan(shop, "--range", "HEAD")) == []
    (shop / "deploy").mkdir()
    (shop / "deploy" / "settings.py").write_text(LOGIN)
    assert sgleaks("baseline", "update", "--reason", "the same", *ONLY, cwd=shop).code == 0
    assert counting(scan(shop, "deploy")) == []


def test_expired_entries_count_no_more(shop: Path) -> None:
    (shop / BASELINE).unlink()
    made = sgleaks("baseline", "create", "--reason", "until then", "--expires", "2024-01-31", *ONLY, cwd=shop)
    assert made.code == 0
    done = scan(shop)
    assert done.code == 1
    assert len(counting(done)) == 2
    assert [" expired on 2024-01-31" in notice["text"] for notice in done.report["notices"]] == [True, True]


def test_update_adds_and_prune_drops(shop: Path) -> None:
    (shop / "mail.env").write_text(LINE.replace(KEY, OTHER))
    done = sgleaks("baseline", "update", "--reason", "another", *ONLY, cwd=shop)
    assert "3 accepted in " in done.err
    done = sgleaks("baseline", "prune", cwd=shop)
    assert "2 accepted in " in done.err
    assert counting(scan(shop)) == []
    assert scan(shop).report["notices"] == []


def test_prune_knows_of_the_history_when_asked(shop: Path) -> None:
    git(shop, "rm", "-q", "mail.env")
    commit(shop)
    assert "1 dropped" not in sgleaks("baseline", "prune", "--history", cwd=shop).err
    assert "1 dropped" in sgleaks("baseline", "prune", cwd=shop).err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("accepted = [", "not valid TOML"),
        ("ignored = []", "it is no baseline"),
        ('accepted = ["x"]', "entry 1: it is no table"),
        ('accepted = [{rule = "api-key", reason = "x"}]', "entry 1: fingerprint: it is missing"),
        ('accepted = [{fingerprint = "abc", rule = "api-key", reason = "x"}]', "entry 1: fingerprint: it is none"),
        (f'accepted = [{{fingerprint = "{"0" * 32}", rule = "api-key"}}]', "entry 1: reason: it is missing"),
        (f'accepted = [{{fingerprint = "{"0" * 32}", rule = "api-key", reason = "x", until = 1}}]', "entry 1: until"),
        (
            f'accepted = [{{fingerprint = "{"0" * 32}", rule = "api-key", reason = "x", expires = "soon"}}]',
            "entry 1: expires: it is no day",
        ),
    ],
)
def test_bad_files_are_named_with_the_mend(shop: Path, text: str, told: str) -> None:
    (shop / BASELINE).write_text(text)
    done = scan(shop)
    assert done.code == 2
    assert told in done.err


def test_a_baseline_is_not_made_twice_nor_without_a_reason(shop: Path) -> None:
    assert "it is there already" in sgleaks("baseline", "create", "--reason", "x", cwd=shop).err
    assert sgleaks("baseline", "update", cwd=shop).code == 2
    assert "it says nothing" in sgleaks("baseline", "update", "--reason", " ", cwd=shop).err


def test_no_config_means_no_baseline_either(shop: Path) -> None:
    assert len(counting(scan(shop, "--no-config"))) == 2
    assert counting(scan(shop, "--no-config", "--baseline", BASELINE)) == []


def test_the_configuration_names_another_file(shop: Path) -> None:
    (shop / BASELINE).rename(shop / "known.toml")
    assert len(counting(scan(shop))) == 2
    (shop / "sgleaks.toml").write_text('baseline = "known.toml"\n')
    assert counting(scan(shop)) == []
