"""Whether a repository is as it was, asked without git: told as git tells it, or not at all."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from forge import Forge, bare, served
from git_repos import git_environment
from sgleaks.git.clone import Access, refs_at
from sgleaks.sweep.http import LINE_BYTES, SECONDS, Line
from sgleaks.sweep.refs import AT_ONCE, digests, listed
from sgleaks.sweep.target import Source

TOKEN = "forge-token-of-the-tests"
OID = b"1" * 40


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's git or network counts."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("FORGE_TOKEN", TOKEN)


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    with served(Forge(tmp_path / "forge", TOKEN)) as one:
        yield one


def source(forge: Forge, name: str, origin: str = "") -> Source:
    return Source(name, f"{forge.url}/{name}.git", Access(origin or forge.url, "FORGE_TOKEN", "x-access-token"))


def git(place: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=place, env=git_environment(), check=True, capture_output=True)


def plain(_: Path) -> None:
    pass


def with_pull_requests_and_tags(place: Path) -> None:
    git(place, "update-ref", "refs/pull/7/head", "refs/heads/main")
    git(place, "tag", "-m", "one", "v1", "main")
    git(place, "tag", "light", "main")


def with_another_head(place: Path) -> None:
    git(place, "branch", "next", "main")
    git(place, "symbolic-ref", "HEAD", "refs/heads/next")


def detached(place: Path) -> None:
    git(place, "update-ref", "--no-deref", "HEAD", "refs/heads/main")


def unborn(place: Path) -> None:
    git(place, "symbolic-ref", "HEAD", "refs/heads/none")


def empty(place: Path) -> None:
    git(place, "update-ref", "-d", "refs/heads/main")


KINDS = (plain, with_pull_requests_and_tags, with_another_head, detached, unborn, empty)


@pytest.mark.parametrize("kind", KINDS)
def test_digest_is_the_one_that_git_gives(kind: object, forge: Forge) -> None:
    place = bare(forge.root, "acme/shop", {"a": "b\n"})
    kind(place)  # type: ignore[operator]
    one = source(forge, "acme/shop")
    assert list(digests([one])) == [(one, refs_at(one.address, one.access))]


def test_every_change_is_another_digest(forge: Forge) -> None:
    place = bare(forge.root, "acme/shop", {"a": "b\n"})
    one, found = source(forge, "acme/shop"), []
    for change in KINDS:
        change(place)
        found += [digest for _, digest in digests([one])]
    assert len({*found}) == len(KINDS)
    assert "" not in found


def test_connections_are_kept(forge: Forge) -> None:
    sources = [source(forge, f"acme/shop-{number}") for number in range(60)]
    for one in sources:
        bare(forge.root, one.name, {"a": one.name})
    found = list(digests(sources))
    assert [one for one, _ in found] == sources
    assert len({digest for _, digest in found} - {""}) == len(sources)
    assert forge.asked.total() == len(sources)
    assert len(forge.peers) <= AT_ONCE


@pytest.mark.parametrize("how", ["gone", "error", "junk", "refused"])
def test_what_is_out_of_the_ordinary_is_left_to_git(how: str, forge: Forge) -> None:
    names = [f"acme/shop-{number}" for number in range(6)]
    for name in names:
        bare(forge.root, name, {"a": name})
    forge.broken = {names[1]: how, names[4]: how}
    told = [bool(digest) for _, digest in digests(source(forge, name) for name in names)]
    assert told == [True, False, True, True, False, True]


def test_redirects_are_not_followed(forge: Forge, tmp_path: Path) -> None:
    bare(tmp_path / "other", "acme/shop", {"a": "b\n"})
    bare(forge.root, "acme/shop", {"a": "b\n"})
    with served(Forge(tmp_path / "other")) as other:
        moved = {"Location": f"{other.url}/acme/shop.git/info/refs?service=git-upload-pack"}
        forge.trouble["/acme/shop.git/info/refs"] = [(302, moved, b"")]
        assert [digest for _, digest in digests([source(forge, "acme/shop")])] == [""]
        assert other.asked.total() == 0


def test_token_is_sent_to_its_origin_only(forge: Forge, tmp_path: Path) -> None:
    bare(tmp_path / "other", "acme/shop", {"a": "b\n"})
    with served(Forge(tmp_path / "other")) as other:
        ((_, digest),) = digests([source(other, "acme/shop", forge.url)])
        assert digest == ""
        assert other.asked.total() == 0


def test_token_is_not_sent_where_others_can_read_it() -> None:
    address = "http://git.example.org"
    one = Source("acme/shop", f"{address}/acme/shop.git", Access(address, "FORGE_TOKEN", "x"))
    assert list(digests([one])) == [(one, "")]


@pytest.mark.parametrize("variable", ["http_proxy", "ALL_PROXY"])
def test_proxies_are_left_to_git(variable: str, forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    bare(forge.root, "acme/shop", {"a": "b\n"})
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv(variable, "http://127.0.0.1:1")
    assert [digest for _, digest in digests([source(forge, "acme/shop")])] == [""]
    assert forge.asked.total() == 0


@pytest.mark.parametrize("setting", ["http.proxy", "url.ssh://git@h.example/.insteadOf"])
def test_settings_of_the_user_are_left_to_git(
    setting: str, forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare(forge.root, "acme/shop", {"a": "b\n"})
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    subprocess.run(["git", "config", "--file", str(tmp_path / "config"), setting, forge.url], check=True)
    assert [digest for _, digest in digests([source(forge, "acme/shop")])] == [""]
    assert forge.asked.total() == 0


@pytest.mark.parametrize("address", ["ssh://git@127.0.0.1:1/x.git", "https://user@127.0.0.1:1/x.git"])
def test_other_addresses_are_left_to_git(address: str) -> None:
    one = Source("x", address)
    assert list(digests([one])) == [(one, "")]


def test_server_that_closes_what_is_kept_is_asked_again(forge: Forge) -> None:
    names = [f"acme/shop-{number}" for number in range(4 * AT_ONCE)]
    for name in names:
        bare(forge.root, name, {"a": name})
    forge.patience = 1
    assert all(digest for _, digest in digests(source(forge, name) for name in names))
    assert len(forge.peers) == len(names)


@pytest.mark.parametrize("size", [LINE_BYTES, LINE_BYTES + 1])
def test_answers_that_are_too_large_are_left_to_git(size: int, forge: Forge) -> None:
    body = packets(*HEAD, OID + b" HEAD")
    while len(body) < size - 2 * 60_004:
        body += packets(OID + b" refs/heads/" + b"x" * 59_946)
    left = size - len(body) - 4
    body += packets(
        OID + b" refs/heads/" + b"y" * (left // 2 - 57), OID + b" refs/heads/" + b"z" * (left - left // 2 - 57)
    )
    body += b"0000"
    assert len(body) == size
    headers = {"Content-Type": "application/x-git-upload-pack-advertisement"}
    forge.trouble["/acme/shop.git/info/refs"] = [(200, headers, body)]
    ((_, digest),) = digests([source(forge, "acme/shop")])
    assert bool(digest) == (size <= LINE_BYTES)


def test_configuration_that_cannot_be_read_is_left_to_git(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[http\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    assert [digest for _, digest in digests([source(forge, "acme/shop")])] == [""]
    assert forge.asked.total() == 0


def packets(*lines: bytes | None) -> bytes:
    return b"".join(b"0000" if line is None else b"%04x%s\n" % (len(line) + 5, line) for line in lines)


HEAD = (b"# service=git-upload-pack", None)


def test_answer_is_read_as_git_lists_it() -> None:
    body = packets(
        *HEAD,
        OID + b" HEAD\0multi_ack symref=HEAD:refs/heads/main symref=refs/x:refs/y agent=git",
        OID + b" refs/heads/main",
        None,
    )
    assert listed(body) == [b"ref: refs/heads/main\tHEAD", OID + b"\tHEAD", OID + b"\trefs/heads/main"]
    assert listed(packets(*HEAD, b"0" * 40 + b" capabilities^{}\0agent=git", None)) == []


WHOLE = packets(*HEAD, OID + b" HEAD\0agent=git", OID + b" refs/heads/main", None)


@pytest.mark.parametrize("cut", range(len(WHOLE)))
def test_answer_that_is_cut_off_is_none(cut: int) -> None:
    assert listed(WHOLE[:cut]) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"0001",
        b"-001",
        b"0003",
        b"ffff",
        packets(b"# service=git-receive-pack", None, OID + b" HEAD", None),
        packets(*HEAD, b"shallow " + OID, None),
        packets(*HEAD, OID + b" HEAD", OID + b" refs/heads/main\0late", None),
        packets(*HEAD, b"ERR there is no such thing", None),
        packets(*HEAD, b"version 2", None),
        packets(*HEAD, OID + b" HEAD", None) + b"more",
    ],
)
def test_answer_that_is_out_of_the_ordinary_is_none(body: bytes) -> None:
    assert listed(body) is None


def test_whoever_waits_for_an_answer_can_be_told_to_stop() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        line = Line(("http", *silent.getsockname()))
        stop = threading.Timer(0.2, line.end)
        stop.start()
        begun = time.monotonic()
        assert line.get("/", {}) is None
        assert time.monotonic() - begun < SECONDS / 2
        stop.join()
        line.close()
