"""Elsewhere: without what only POSIX has, without wheels that a platform may lack, in other encodings."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cli import Done, sgleaks
from forge import Forge, bare, served
from git_repos import Repository
from keys import key

ELSEWHERE = Path(__file__).with_name("elsewhere.py")
MAIL = """\
require "sendgrid-ruby"
Mail.defaults { delivery_method :smtp, address: "smtp.sendgrid.net", user_name: "apikey", password: "%s" }
"""


def elsewhere(
    missing: str, *arguments: str | Path, cwd: Path, stdin: bytes = b"", env: dict[str, str] | None = None
) -> Done:
    done = subprocess.run(
        [sys.executable, ELSEWHERE, missing, *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, **(env or {})},
        capture_output=True,
        check=False,
        timeout=120,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """A repository with a key in a file, in a large one, behind a link, in an archive, and one that was taken out."""
    repository = Repository(tmp_path / "shop")
    root = repository.root
    for folder in ("deep/down", "packed"):
        (root / folder).mkdir(parents=True)
    (root / "deep/down/mail.rb").write_text(MAIL % key(1))
    (root / "large.log").write_bytes(b"nothing\r\n" * 100_000 + f"SENDGRID={key(2)}\r\n\x1a\r\n".encode())
    (root / "link.env").symlink_to("deep/down/mail.rb")
    (root / "way.out").symlink_to(tmp_path)
    with zipfile.ZipFile(root / "packed/a.zip", "w") as archive:
        archive.writestr("x.env", f"SENDGRID_API_KEY={key(3)}")
    (root / "old.env").write_text(f"SENDGRID_API_KEY={key(4)}\n")
    repository.add()
    repository.commit()
    (root / "old.env").unlink()
    repository.add()
    repository.commit("gone")
    (root / "new.env").write_text(f"SENDGRID_API_KEY={key(5)}\n")
    return repository


def test_every_module_can_be_imported_without_posix(tmp_path: Path) -> None:
    done = elsewhere("posix", "import", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert int(done.out) > 200


COMMANDS = {
    "work tree": ("scan", "."),
    "plain folder": ("scan", "deep"),
    "named files": ("scan", "large.log", "link.env"),
    "staged": ("scan", "--staged"),
    "range": ("scan", "--range", "HEAD"),
    "history": ("history", "."),
    "history by git": ("history", "--engine", "git", "."),
    "doctor": ("doctor",),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_without_posix_the_same_is_found(command: tuple[str, ...], shop: Repository) -> None:
    shop.git("add", ".")
    arguments = [*command, *(("--format", "json") if command[0] != "doctor" else ())]
    there, here = elsewhere("posix", *arguments, cwd=shop.root), sgleaks(*arguments, cwd=shop.root)
    assert (there.code, there.out) == (here.code, here.out)
    assert "a bug" not in there.err


def test_without_posix_a_split_index_is_read(shop: Repository) -> None:
    shop.git("update-index", "--split-index")
    assert list((shop.root / ".git").glob("sharedindex.*"))
    there, here = (run(cwd=shop.root) for run in (_scanned_elsewhere, _scanned_here))
    assert (there.code, there.out) == (here.code, here.out)
    assert there.code == 1


def _scanned_elsewhere(cwd: Path) -> Done:
    return elsewhere("posix", "scan", "--format", "json", cwd=cwd)


def _scanned_here(cwd: Path) -> Done:
    return sgleaks("scan", "--format", "json", cwd=cwd)


def test_without_links_nothing_is_borrowed_unseen(shop: Repository, tmp_path: Path) -> None:
    """git would follow the list of alternates of an object directory by itself, wherever it leads."""
    (shop.root / ".git/objects/info/alternates").write_text(f"{tmp_path / 'elsewhere'}\n")
    done = elsewhere("posix", "scan", "--staged", cwd=shop.root)
    assert (done.code, done.out) == (2, "")
    assert "the objects could not be reached" in done.err


def test_without_posix_hooks_answer(shop: Repository) -> None:
    shop.git("add", ".")
    done = elsewhere("posix", "hook", "pre-commit", cwd=shop.root)
    assert done.code == 1, done.err
    assert "new.env" in done.err
    head = shop.git("rev-parse", "HEAD").decode().strip()
    refs = f"refs/heads/main {head} refs/heads/main {'0' * 40}\n".encode()
    done = elsewhere("posix", "hook", "pre-push", "origin", cwd=shop.root, stdin=refs)
    assert done.code == 1, done.err
    assert "old.env" in done.err


def test_without_posix_an_organisation_is_swept(tmp_path: Path) -> None:
    bare(tmp_path, "acme/shop", {".env": f"SENDGRID_API_KEY={key()}\n"})
    with served(Forge(tmp_path)) as forge:
        variables = {"GITHUB_API_URL": forge.url, "NO_PROXY": "127.0.0.1", "GH_TOKEN": "", "GITHUB_TOKEN": ""}
        done = elsewhere("posix", "sweep", "github:acme", "--jobs", "1", cwd=tmp_path, env=variables)
    assert done.code == 1, done.err
    assert "in 1 repository, 1 blob, 1 commit" in done.err


# What a platform may have no wheel of, and whether everything is found without it.
WHEELS = {
    "stringzilla": True,
    "numpy": True,
    "isal": True,
    "dulwich": True,
    "isal,dulwich,numpy,stringzilla": True,
    "zstandard": True,
    "sendgrid": True,
    "distributed": True,
    "tree_sitter_ruby": False,
    "tree_sitter": False,
}


@pytest.mark.parametrize("wheel", WHEELS)
def test_without_a_wheel_the_same_is_found_or_it_is_said(wheel: str, shop: Repository) -> None:
    for command in ("scan", "history"):
        here = sgleaks(command, "--format", "json", cwd=shop.root)
        there = elsewhere(wheel, command, "--format", "json", cwd=shop.root)
        assert there.code == here.code == 1, there.err
        assert [one["secret"] for one in there.report["findings"] if one["rule"] == "api-key"] == [
            one["secret"] for one in here.report["findings"] if one["rule"] == "api-key"
        ]
        assert WHEELS[wheel] or command == "history" or there.report["skips"] != here.report["skips"]
        if WHEELS[wheel]:
            assert there.out == here.out


def test_a_grammar_that_is_missing_is_named(shop: Repository) -> None:
    done = elsewhere("tree_sitter_ruby", "scan", "--format", "json", "--only", "misconfiguration", cwd=shop.root)
    (skip,) = [skip for skip in done.report["skips"] if skip["path"] == "deep/down/mail.rb"]
    assert "the Python package tree-sitter-ruby is not installed" in skip["detail"]
    assert done.report["summary"]["findings"] == len(done.report["findings"])
    done = elsewhere("tree_sitter_ruby", "scan", "--rule", "smtp-without-tls", cwd=shop.root)
    assert (done.code, done.out) == (3, "")


def test_what_a_format_needs_is_named(shop: Repository) -> None:
    done = elsewhere("sarif_om", "scan", "--format", "sarif", cwd=shop.root)
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(
        "sgleaks: the Python package sarif_om is not installed\n  help: install sgleaks once more\n"
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-16"])
def test_a_pipe_gets_utf_8_whatever_the_locale(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "naïve→.rb").write_text('sendgrid_username = ENV["SENDGRID_USERNAME"] # ¬ → …\n', "utf-8")
    done = sgleaks("scan", cwd=tmp_path, env={"PYTHONIOENCODING": encoding})
    assert (done.code, done.err) == (0, "sgleaks: 1 finding (1 note) in 1 file, 58 bytes\n")
    assert "--> naïve→.rb:1:21" in done.out
    assert "# ¬ → …" in done.out
