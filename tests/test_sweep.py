"""Sweeps of a real forge on loopback: everything found, killed, resumed; tokens and hostile answers in bounds."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli import Done, sgleaks
from forge import Forge, bare, served
from keys import key, secret_half
from sgleaks.model import FINDINGS, INCOMPLETE, INTERRUPTED, USAGE
from sgleaks.sweep.http import MAX_ANSWER, MAX_REDIRECTS

SIZE = int(os.environ.get("SGLEAKS_SWEEP_REPOSITORIES", "40"))  # 200 is what a release is held against
KEYS = 5  # that the repositories share
TOKEN = "forge-token-of-the-tests"
TIMEOUT = "4"
JOBS = "4"


class Organisation(NamedTuple):
    """A forge with the repositories of ``acme``, some of them broken; and names of the broken ones."""

    forge: Forge
    broken: frozenset[str]


def environment(**more: str) -> dict[str, str]:
    return {
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "GH_TOKEN": "",
        "GITHUB_TOKEN": "",
        "GITLAB_TOKEN": "",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **more,
    }


def sweep(forge: Forge, cwd: Path, *args: str | Path, target: str = "github:acme", **more: str) -> Done:
    """A finished sweep of the forge, told as JSON."""
    options = (
        "--forge-url",
        forge.url,
        "--token-env",
        "FORGE_TOKEN",
        "--timeout",
        TIMEOUT,
        "--jobs",
        JOBS,
        "--no-config",
    )
    return sgleaks(
        "sweep", target, *options, "--format", "json", *args, cwd=cwd, env=environment(FORGE_TOKEN=TOKEN, **more)
    )


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def objects(place: Path, kind: str) -> list[Path]:
    """The files of the loose objects of a kind."""
    listed = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch-check"], cwd=place, capture_output=True, check=True
    ).stdout.decode()
    ids = [line.split()[0] for line in listed.splitlines() if line.split()[1] == kind]
    return [place / "objects" / oid[:2] / oid[2:] for oid in ids]


def break_some(forge: Forge) -> frozenset[str]:
    """Twelve repositories, each broken in a way of its own; of three it is the row of the API that is odd."""
    names = [f"acme/broken-{number}" for number in range(9)]
    for number, name in enumerate(names):
        bare(forge.root, name, {"a.env": f"SENDGRID_API_KEY={key(900 + number)}\n"})
    ways = ("gone", "error", "cut", "slow", "junk", "refused")
    forge.broken |= dict(zip(names, ways, strict=False))
    for file in objects(forge.root / f"{names[6]}.git", "blob"):
        file.chmod(0o644)
        file.write_bytes(b"\0" * 40)
    for file in objects(forge.root / f"{names[7]}.git", "tree"):
        file.unlink()
    (forge.root / f"{names[8]}.git" / "HEAD").unlink()
    port = free_port()
    rows = {
        "acme/nobody": f"http://127.0.0.1:{port}/acme/nobody.git",
        "acme/program": "ext::sh -c true",
        "acme/../../out": f"{forge.url}/acme/out.git",
    }
    forge.extra = [{"full_name": name, "clone_url": address} for name, address in rows.items()]
    host = forge.url.removeprefix("http://")
    return frozenset([*(f"{host}/{name}" for name in names), f"127.0.0.1:{port}/acme/nobody"])


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Organisation]:
    root = tmp_path_factory.mktemp("forge")
    for number in range(SIZE - 12):
        found = {"deploy/mail.env": f"SENDGRID_API_KEY={key(number % KEYS)}\n"} if number % 3 == 0 else {}
        bare(root, f"acme/shop-{number:03}", {"README": f"shop {number}\n", **found}, remove=number % 2 == 1)
    with served(Forge(root, TOKEN)) as forge:
        yield Organisation(forge, break_some(forge))


@pytest.fixture(scope="module")
def swept(organisation: Organisation, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """An uninterrupted sweep."""
    return sweep(organisation.forge, tmp_path_factory.mktemp("swept"))


def failures(report: dict[str, Any]) -> set[str]:
    return {row["name"] for row in report["sweep"]["repositories"] if row["failure"]}


def test_everything_is_found_and_every_failure_is_a_row(organisation: Organisation, swept: Done) -> None:
    assert swept.code == FINDINGS
    assert failures(swept.report) == organisation.broken
    told = {skip["path"] for skip in swept.report["skips"] if skip["reason"] == "not-listed"}
    assert {path.partition("/acme/")[2] for path in told} == {"program", "../../out"}
    found = {one["secret"]["key_id"]: one for one in swept.report["sweep"]["keys"]}
    assert set(found) == {key(number)[3:25] for number in range(KEYS)}
    holding = [number for number in range(SIZE - 12) if number % 3 == 0]
    for number in range(KEYS):
        mine = [each for each in holding if each % KEYS == number]
        one = found[key(number)[3:25]]
        assert [name.rpartition("-")[2] for name in one["repositories"]] == [f"{each:03}" for each in mine]
        assert len(one["at_head"]) == sum(each % 2 == 0 for each in mine)
    assert len(swept.report["sweep"]["repositories"]) == SIZE - 12 + len(organisation.broken)


def test_killed_at_random_moments_it_ends_with_the_same_report(
    organisation: Organisation, swept: Done, tmp_path: Path
) -> None:
    command = [
        sys.executable, "-m", "sgleaks", "sweep", "github:acme", "--forge-url", organisation.forge.url,
        "--token-env", "FORGE_TOKEN", "--timeout", TIMEOUT, "--jobs", JOBS, "--no-config", "--format", "json",
    ]  # fmt: skip
    rng = random.Random(os.environ.get("SGLEAKS_SEED", "7"))
    for _ in range(5):
        running = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, **environment(FORGE_TOKEN=TOKEN)},
        )  # fmt: skip
        time.sleep(rng.uniform(0.3, 1.5))
        running.send_signal(signal.SIGKILL)
        running.communicate()
    done = sweep(organisation.forge, tmp_path)
    assert done.code == swept.code
    assert done.out == swept.out
    assert not (tmp_path / "sgleaks-sweep.sqlite.clones").exists()


def test_workers_end_with_a_coordinator_that_is_killed(organisation: Organisation, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sgleaks", "sweep", "github:acme", "--forge-url", organisation.forge.url]
    mark = f"SGLEAKS_TEST={tmp_path.name}"
    running = subprocess.Popen(
        [*command, "--token-env", "FORGE_TOKEN", "--no-config"], cwd=tmp_path, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env={**os.environ, **environment(FORGE_TOKEN=TOKEN, SGLEAKS_TEST=tmp_path.name)},
    )  # fmt: skip

    def alive() -> list[bytes]:
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if mark.encode() in (place / "environ").read_bytes():
                    found.append((place / "cmdline").read_bytes())
            except OSError:
                continue
        return [each for each in found if b"sgleaks" in each and b"git" not in each.split(b"\0")[0]]

    deadline = time.monotonic() + 15
    while len(alive()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(alive()) >= 2
    running.kill()
    running.wait()
    deadline = time.monotonic() + 15
    while alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert alive() == []


def test_interrupted_it_says_how_to_go_on(organisation: Organisation, tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "sgleaks", "sweep", "github:acme", "--forge-url", organisation.forge.url, "--no-config"],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
        env={**os.environ, **environment(GH_TOKEN=TOKEN)},
    )  # fmt: skip
    deadline = time.monotonic() + 15
    while not (tmp_path / "sgleaks-sweep.sqlite.clones").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=20)
    assert running.returncode == INTERRUPTED
    assert "what is done is in the ledger" in err.decode()
    assert "Traceback" not in err.decode()
    assert not (tmp_path / "sgleaks-sweep.sqlite.clones").exists()


def pushed_to(root: Path) -> dict[str, int]:
    """Five pushes: names of the repositories, each with the number of the key that came with it, 0 for none."""
    bare(root, "acme/shop-3", {"b.env": f"SENDGRID_API_KEY={key(1103)}\n"})
    bare(root, "acme/shop-8", {"b.env": f"SENDGRID_API_KEY={key(1108)}\n"}, remove=True)
    bare(root, "acme/shop-5", {"a.env": "none\n"})
    bare(root, "acme/shop-6", {"c.env": f"SENDGRID_API_KEY={key(3)}\n"})
    place = bare(root, "acme/shop-1", {"b.env": f"SENDGRID_API_KEY={key(1101)}\n"})
    for args in (("refs/pull/7/head", "main"), ("refs/heads/main", "main~1")):
        subprocess.run(["git", "update-ref", *args], cwd=place, check=True)
    return {"acme/shop-3": 1103, "acme/shop-8": 1108, "acme/shop-5": 0, "acme/shop-6": 0, "acme/shop-1": 1101}


@pytest.mark.parametrize("options", [(), ("--keep", "mirrors")], ids=["cloned", "kept"])
def test_second_sweep_visits_only_what_changed(options: tuple[str, ...], tmp_path: Path) -> None:
    root = tmp_path / "forge"
    for number in range(SIZE):
        bare(root, f"acme/shop-{number}", {"a.env": f"SENDGRID_API_KEY={key(number)}\n"})
    with served(Forge(root, TOKEN)) as forge:
        first = sweep(forge, tmp_path, *options)
        assert len(first.report["sweep"]["keys"]) == SIZE
        pushed = pushed_to(root)
        forge.asked.clear()
        second = sweep(forge, tmp_path, *options)
        asked = {path: count for path, count in forge.asked.items() if not path.startswith("/api/")}
        afresh = sweep(forge, tmp_path, "--state", "afresh.sqlite")
    assert second.out == afresh.out
    brought = {path.removesuffix(".git/git-upload-pack") for path in asked if path.endswith("git-upload-pack")}
    assert brought == {f"/{name}" for name in pushed}
    unchanged = {path: count for path, count in asked.items() if path.partition(".git")[0] not in brought}
    assert set(unchanged.values()) == {1}
    assert len(unchanged) == SIZE - len(pushed)
    keys = {one["secret"]["key_id"]: one for one in second.report["sweep"]["keys"]}
    new = set(keys) - {one["secret"]["key_id"] for one in first.report["sweep"]["keys"]}
    assert new == {key(number)[3:25] for number in pushed.values() if number}
    assert keys[key(5)[3:25]]["at_head"] == []
    assert [name.rpartition("/")[2] for name in keys[key(3)[3:25]]["at_head"]] == ["shop-3", "shop-6"]


def test_second_sweep_starts_no_git_for_what_is_as_it_was(tmp_path: Path) -> None:
    for number in range(6):
        bare(tmp_path / "forge", f"acme/shop-{number}", {"a.env": f"SENDGRID_API_KEY={key(number)}\n"})
    path, log = logged_git(tmp_path)
    with served(Forge(tmp_path / "forge", TOKEN)) as forge:
        first = sweep(forge, tmp_path, PATH=path)
        log.unlink()
        second = sweep(forge, tmp_path, PATH=path)
    assert second.out == first.out
    assert "ls-remote" not in log.read_text().split()
    assert log.read_text().splitlines().count("config") == 1


def logged_git(folder: Path) -> tuple[str, Path]:
    """A ``PATH`` on which git writes its arguments into a file, one a line; and the file."""
    programs, log = folder / "bin", folder / "argv"
    programs.mkdir()
    real = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, check=True).stdout.decode().strip()
    (programs / "git").write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >> '{log}'\nexec '{real}' \"$@\"\n")
    (programs / "git").chmod(0o755)
    return os.pathsep.join((str(programs), os.environ["PATH"])), log


def test_other_rules_mean_another_search(tmp_path: Path) -> None:
    bare(tmp_path / "forge", "acme/shop", {"a.env": f"SENDGRID_API_KEY={key(1)}\n"})
    with served(Forge(tmp_path / "forge", TOKEN)) as forge:
        assert sweep(forge, tmp_path, "--skip-rule", "api-key", "--only", "credentials").code == 0
        assert sweep(forge, tmp_path, "--only", "credentials").code == FINDINGS


def test_kept_mirrors_are_fetched_into(tmp_path: Path) -> None:
    bare(tmp_path / "forge", "acme/shop", {"a.env": f"SENDGRID_API_KEY={key(1)}\n"})
    with served(Forge(tmp_path / "forge", TOKEN)) as forge:
        sweep(forge, tmp_path, "--keep", "mirrors")
        (head,) = (tmp_path / "mirrors").rglob("HEAD")
        bare(tmp_path / "forge", "acme/shop", {"b.env": f"SENDGRID_API_KEY={key(2)}\n"})
        second = sweep(forge, tmp_path, "--keep", "mirrors")
        assert len(second.report["sweep"]["keys"]) == 2
        assert head.exists()
        assert not list((tmp_path / "mirrors").rglob("*.new"))


def test_pull_requests_are_searched(tmp_path: Path) -> None:
    place = bare(tmp_path / "forge", "acme/shop", {"a.env": f"SENDGRID_API_KEY={key(1)}\n"})
    (place / "refs" / "pull" / "7").mkdir(parents=True)
    (place / "refs" / "pull" / "7" / "head").write_bytes(
        subprocess.run(["git", "rev-parse", "main"], cwd=place, capture_output=True, check=True).stdout
    )
    subprocess.run(["git", "update-ref", "-d", "refs/heads/main"], cwd=place, check=True)
    with served(Forge(tmp_path / "forge", TOKEN)) as forge:
        (one,) = sweep(forge, tmp_path).report["sweep"]["keys"]
    assert one["at_head"] == []


# Tokens


def test_token_is_seen_by_the_forge_alone_and_by_nothing_on_this_machine(tmp_path: Path) -> None:
    bare(tmp_path / "forge", "acme/shop", {"a.env": f"SENDGRID_API_KEY={key(1)}\n"})
    bare(tmp_path / "other", "acme/lure", {"a.env": f"SENDGRID_API_KEY={key(2)}\n"})
    path, log = logged_git(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    with served(Forge(tmp_path / "forge", TOKEN)) as forge, served(Forge(tmp_path / "other")) as other:
        forge.extra = [{"full_name": "acme/lure", "clone_url": f"{other.url}/acme/lure.git"}]
        forge.trouble["/acme/moved.git/info/refs"] = [
            (302, {"Location": f"{other.url}/acme/lure.git/info/refs?service=git-upload-pack"}, b"") for _ in range(3)
        ]
        forge.extra += [{"full_name": "acme/moved", "clone_url": f"{forge.url}/acme/moved.git"}]
        done = sweep(forge, work, "--keep", "mirrors", "--report", "out", "-v", PATH=path, TMPDIR=str(work))
        assert set(forge.tokens) == {TOKEN}
        assert other.tokens == []
    assert {each.rpartition("/")[2] for each in failures(done.report)} == {"moved"}
    assert len(done.report["sweep"]["keys"]) == 2  # what is elsewhere is cloned as anybody would
    import base64

    needles = [TOKEN, base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()]
    texts = [
        done.out,
        done.err,
        log.read_text(),
        *(p.read_bytes().decode("latin-1") for p in work.rglob("*") if p.is_file()),
    ]
    assert len(texts) > 10
    for needle in (*needles, secret_half(key(1)), secret_half(key(2))):
        kept = [text for text in texts if needle in text]
        assert kept == []


@pytest.mark.parametrize("how", ["redirect", "next"])
def test_token_never_follows_an_answer_to_another_host(how: str, tmp_path: Path) -> None:
    (tmp_path / "forge").mkdir()
    with served(Forge(tmp_path / "forge", TOKEN)) as forge, served(Forge(tmp_path / "forge")) as other:
        elsewhere = f"{other.url}/api/v3/orgs/acme/repos"
        answer = (
            (302, {"Location": elsewhere}, b"")
            if how == "redirect"
            else (200, {"Link": f'<{elsewhere}>; rel="next"'}, b"[]")
        )
        forge.trouble["/api/v3/orgs/acme/repos"] = [answer]
        done = sweep(forge, tmp_path)
        assert other.asked.total() == 0
    assert done.code == INCOMPLETE
    assert "another host" in done.out


def test_token_is_not_sent_where_others_can_read_it(tmp_path: Path) -> None:
    done = sgleaks(
        "sweep", "github:acme", "--forge-url", "http://git.example.org", cwd=tmp_path, env=environment(GH_TOKEN=TOKEN)
    )
    assert done.code == USAGE
    assert "https://" in done.err


def test_token_variable_that_is_not_set_is_told(tmp_path: Path) -> None:
    done = sgleaks("sweep", "github:acme", "--token-env", "NO_SUCH", cwd=tmp_path)
    assert (done.code, "NO_SUCH is not set" in done.err) == (USAGE, True)


# What forges answer


LIST = "/api/v3/orgs/acme/repos"


@pytest.mark.parametrize(
    "answer",
    [
        (403, {"Retry-After": "0"}, b'{"message": "You have exceeded a secondary rate limit."}'),
        (429, {"Retry-After": "0"}, b""),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}, b'{"message": "API rate limit exceeded"}'),
        (502, {}, b"<html>"),
        (503, {}, b""),
        (200, {}, b'[{"full_name": "acme/sh'),
        (200, {"Content-Length": "100000"}, b"["),
        (302, {"Location": LIST}, b""),
    ],
    ids=["secondary", "429", "primary", "502", "503", "truncated-json", "cut-off", "redirect"],
)
def test_passing_trouble_is_waited_out(answer: tuple[int, dict[str, str], bytes], tmp_path: Path) -> None:
    for number in range(9):
        bare(tmp_path / "forge", f"acme/shop-{number}", {"README": "x\n"})
    with served(Forge(tmp_path / "forge", TOKEN, trouble={LIST: [answer]})) as forge:
        done = listed(forge, tmp_path)
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) == 9
    assert forge.asked[LIST] == 3


def listed(forge: Forge, cwd: Path) -> Done:
    target = ("github:acme", "--forge-url", forge.url, "--list-only")
    return sgleaks("sweep", *target, cwd=cwd, env=environment(GH_TOKEN=TOKEN))


@pytest.mark.parametrize("more", [0, 1])
def test_pages_of_a_forge_have_a_longest(more: int, tmp_path: Path) -> None:
    page: tuple[int, dict[str, str], bytes] = (200, {}, b"[" + b" " * (MAX_ANSWER - 2 + more) + b"]")
    with served(Forge(tmp_path, TOKEN, trouble={LIST: [page]})) as forge:
        done = listed(forge, tmp_path)
    assert (done.code, "the answer is too large" in done.err) == ((3, True) if more else (0, False))


@pytest.mark.parametrize("more", [0, 1])
def test_redirects_of_a_forge_have_an_end(more: int, tmp_path: Path) -> None:
    bare(tmp_path / "forge", "acme/shop", {"README": "x\n"})
    with served(Forge(tmp_path / "forge", TOKEN)) as forge:
        forge.trouble[LIST] = [(302, {"Location": forge.url + LIST}, b"")] * (MAX_REDIRECTS + more)
        done = listed(forge, tmp_path)
    assert (done.code, len(done.out.splitlines())) == ((3, 0) if more else (0, 1))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((403, {"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso"}, b"{}"), "single sign-on"),
        ((200, {"X-GitHub-SSO": "partial-results; organizations=21955855"}, b"[]"), "single sign-on hides"),
        ((403, {}, b'{"message": "Forbidden"}'), "refused (403)"),
        ((401, {}, b"{}"), "not accepted"),
        ((200, {}, b'{"message": "what?"}'), "not what its documentation says"),
        ((200, {}, b'[{"full_name": 7}]'), "not what its documentation says"),
    ],
    ids=["sso", "sso-partial", "forbidden", "token", "shape", "row"],
)
def test_refusals_are_told_and_make_the_sweep_incomplete(
    answer: tuple[int, dict[str, str], bytes], said: str, tmp_path: Path
) -> None:
    (tmp_path / "forge").mkdir()
    with served(Forge(tmp_path / "forge", TOKEN, trouble={LIST: [answer]})) as forge:
        done = sweep(forge, tmp_path)
    assert done.code == INCOMPLETE
    assert said in done.out


def test_groups_with_subgroups_of_gitlab(tmp_path: Path) -> None:
    for name in ("acme/shop", "acme/web/front", "acme/web/deep/back", *(f"acme/x{number}" for number in range(9))):
        bare(tmp_path / "forge", name, {"a.env": f"SENDGRID_API_KEY={key(name.__len__())}\n"})
    with served(Forge(tmp_path / "forge", TOKEN)) as forge:
        done = sweep(forge, tmp_path, target="gitlab:acme")
        assert len(done.report["sweep"]["repositories"]) == 12
        below = sweep(forge, tmp_path, target="gitlab:acme/web")
        assert [row["name"].partition("/")[2] for row in below.report["sweep"]["repositories"]] == [
            "acme/web/deep/back", "acme/web/front",
        ]  # fmt: skip
    assert set(forge.tokens) == {TOKEN}


FLAGS: dict[str, dict[str, Any]] = {
    "acme/old": {"archived": True},
    "acme/fork": {"fork": True},
    "acme/stale": {"pushed_at": "2019-05-05T00:00:00Z", "visibility": "private"},
}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ((), "new old stale"),
        (("--forks",), "fork new old stale"),
        (("--no-archived",), "new stale"),
        (("--pushed-since", "2020-01-01"), "new old"),
        (("--visibility", "private"), "new old stale"),
        (("--visibility", "public", "--visibility", "internal"), "new old"),
        (("--include", "acme/*e*"), "new stale"),
        (("--include", "acme/*", "--exclude", "*/new"), "old stale"),
    ],
    ids=["default", "forks", "no-archived", "pushed-since", "private", "public", "include", "exclude"],
)
def test_filters_choose_repositories(options: tuple[str, ...], names: str, tmp_path: Path) -> None:
    for name in ("new", *(flag.partition("/")[2] for flag in FLAGS)):
        (tmp_path / "forge" / "acme" / f"{name}.git").mkdir(parents=True)
    with served(Forge(tmp_path / "forge", TOKEN, flags=FLAGS)) as forge:
        done = sgleaks(
            "sweep", "github:acme", "--forge-url", forge.url, "--list-only", *options,
            cwd=tmp_path, env=environment(GH_TOKEN=TOKEN),
        )  # fmt: skip
    assert [line.rpartition("/")[2] for line in done.out.splitlines()] == names.split()


def test_wikis_are_searched_where_asked_for_and_need_not_exist(tmp_path: Path) -> None:
    bare(tmp_path / "forge", "acme/shop", {"README": "x\n"})
    bare(tmp_path / "forge", "acme/mail", {"README": "x\n"})
    bare(tmp_path / "hidden", "acme/shop.wiki", {"Home.md": f"The key is {key(3)}\n"})
    (tmp_path / "hidden" / "acme" / "shop.wiki.git").rename(tmp_path / "forge" / "acme" / "shop.wiki.git")
    with served(Forge(tmp_path / "forge", TOKEN)) as forge:
        done = sweep(forge, tmp_path, "--include", "acme/shop", "--include", "acme/mail", "--wikis")
    assert done.code == FINDINGS
    assert [row["name"].rpartition("/")[2] for row in done.report["sweep"]["repositories"]] == [
        "mail",
        "shop",
        "shop.wiki",
    ]


# Targets without a forge


def test_addresses_of_a_file(tmp_path: Path) -> None:
    bare(tmp_path / "forge", "acme/shop", {"a.env": f"SENDGRID_API_KEY={key(1)}\n"})
    bare(tmp_path / "clones", "mail", {"a.env": f"SENDGRID_API_KEY={key(2)}\n"})
    user = "token-as-user-name"  # which forges take, too
    with served(Forge(tmp_path / "forge", TOKEN)) as forge:
        lines = (
            "# ours",
            "",
            forge.url.replace("://", f"://{user}@") + "/acme/shop.git",
            "clones/mail.git",
            "ext::sh -c true",
            "https://u:p@h.example/x",
        )
        (tmp_path / "list").write_text("\n".join(lines))
        done = sweep(forge, tmp_path, target="@list")
    assert len(done.report["sweep"]["keys"]) == 2
    assert sum(skip["reason"] == "not-listed" for skip in done.report["skips"]) == 2
    assert "u:p" not in done.out
    told = (tmp_path / "sgleaks-sweep.sqlite").read_bytes() + f"{done.out}{done.err}".encode()
    assert user.encode() not in told


def test_folder_of_clones_whose_configuration_is_not_obeyed(tmp_path: Path) -> None:
    from git_repos import Repository, hostile_repository

    hostile = hostile_repository(tmp_path / "clones")
    honest = Repository(tmp_path / "clones" / "team" / "mail")
    honest.write("sgleaks.toml", b'ignore = [{ paths = ["**"], reason = "x" }]\n')
    honest.write("a.env", f"SENDGRID_API_KEY={key(2)} # sgleaks: ignore[api-key] mine\n".encode())
    honest.add()
    honest.commit()
    hostile.fired()
    done = sgleaks("sweep", "clones", "--no-config", "--format", "json", cwd=tmp_path)
    assert hostile.fired() == set()
    (one,) = done.report["sweep"]["keys"]
    assert one["repositories"] == ["clones/team/mail"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("githb:acme", "github"),
        ("nowhere", "no forge and no folder"),
        ("github:", "no organisation"),
        ("github:a/../b", "no org"),
    ],
)
def test_what_is_no_target_is_told(target: str, said: str, tmp_path: Path) -> None:
    done = sgleaks("sweep", target, cwd=tmp_path)
    assert done.code == USAGE
    assert said in done.err


# The ledger


def test_ledger_is_its_owner_s_alone_and_only_one_sweep_s(tmp_path: Path) -> None:
    (tmp_path / "clones").mkdir()
    sgleaks("sweep", "clones", "--no-config", cwd=tmp_path)
    ledger = tmp_path / "sgleaks-sweep.sqlite"
    assert ledger.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(ledger)) as other:
        other.execute("begin exclusive")
        done = sgleaks("sweep", "clones", "--no-config", cwd=tmp_path)
    assert (done.code, "another sweep" in done.err) == (USAGE, True)
    ledger.write_text("no ledger\n" * 1000)
    done = sgleaks("sweep", "clones", "--no-config", cwd=tmp_path)
    assert (done.code, "no ledger" in done.err) == (USAGE, True)


def test_baseline_of_the_sweep_is_held_against_all_repositories(tmp_path: Path) -> None:
    for number in range(3):
        bare(tmp_path / "clones", f"r{number}", {"a.txt": f"{key(1)}\n"})
    first = sgleaks("sweep", "clones", "--no-config", "--format", "json", cwd=tmp_path)
    fingerprints = {finding["fingerprint"]: finding["rule"] for finding in first.report["findings"]}
    entries = "".join(
        f'[[accepted]]\nfingerprint = "{mark}"\nrule = "{rule}"\nreason = "known"\n'
        for mark, rule in fingerprints.items()
    )
    (tmp_path / "known.toml").write_text(entries)
    done = sgleaks("sweep", "clones", "--no-config", "--baseline", "known.toml", "--format", "json", cwd=tmp_path)
    assert done.code == 0, done.err
    assert all(finding["ignored"]["reason"] == "known" for finding in done.report["findings"])
    assert len(done.report["findings"]) == len(first.report["findings"]) > 0


def test_report_folder_has_every_format_and_sarif_of_each_repository(tmp_path: Path) -> None:
    for number in range(3):
        bare(tmp_path / "clones", f"team/r{number}", {"a.env": f"SENDGRID_API_KEY={key(1)}\n"})
    done = sgleaks("sweep", "clones", "--no-config", "--format", "json", "--report", "out", cwd=tmp_path)
    out = tmp_path / "out"
    assert json.loads((out / "report.json").read_text()) == done.report
    assert {path.name for path in out.glob("*.*")} == {
        "index.html",
        "report.json",
        "report.jsonl",
        "report.csv",
        "report.md",
    }
    places = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.sarif"))
    assert places == [f"sarif/clones/team/r{number}.git.sarif" for number in range(3)]
    run = json.loads((out / places[0]).read_text())["runs"][0]
    assert run["automationDetails"]["id"] == "sgleaks/history/clones/team/r0.git"
    assert "3 repositories" in (out / "report.md").read_text()
    again = sgleaks("report", "out/report.json", "--no-config", "--format", "json", cwd=tmp_path)
    assert again.out == done.out
    assert again.code == done.code
