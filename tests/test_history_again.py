"""A search that leaves out what an earlier one has searched: it tells what a search of everything tells."""

from __future__ import annotations

import random
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from forge import bare
from git_repos import git_environment
from keys import key
from sgleaks import history
from sgleaks.formats.json import as_json, written
from sgleaks.history.earlier import NOTHING, Earlier
from sgleaks.model import Report
from sgleaks.settings import Settings

SETTINGS = Settings(jobs=1)


def git(place: Path, *args: str) -> str:
    return subprocess.run(
        ["git", *args], cwd=place, env=git_environment(), check=True, capture_output=True, text=True
    ).stdout


def mirrored(theirs: Path, ours: Path) -> Path:
    """A mirror, brought up to date in the way that sweeps do: what is new comes as a pack."""
    if not ours.exists():
        git(theirs, "clone", "--quiet", "--mirror", "--no-local", str(theirs), str(ours))
    else:
        fetch = ("fetch", "--quiet", "--prune", "--force", "--no-write-fetch-head", str(theirs), "+refs/*:refs/*")
        git(ours, "-c", "fetch.unpackLimit=1", "-c", "gc.auto=0", *fetch)
    return ours


def again(place: Path, earlier: Earlier) -> tuple[Report, Earlier]:
    report, searched = history.scan_again(place, SETTINGS, earlier)
    return report, Earlier.of(searched.text)


def told(report: Report) -> tuple[str, object]:
    return written(as_json(report)), replace(report.stats)


def as_whole(place: Path) -> tuple[str, object]:
    return told(history.scan_again(place, SETTINGS, NOTHING)[0])


@pytest.mark.parametrize("seed", range(6))
def test_report_is_that_of_a_search_of_everything(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    earlier = NOTHING
    theirs = tmp_path / "forge" / "shop.git"
    for push in range(4):
        for _ in range(rng.randint(1, 3)):
            content = rng.choice(
                ("x\n", f"KEY={key(rng.randint(1, 3))}\n", "client = SendGridAPIClient(k)\n", "smtp.sendgrid.net\n")
            )
            files = {f"{rng.choice('abc')}{rng.choice(('.env', '.py', '.yml'))}": f"{content}{push}\n"}
            bare(tmp_path / "forge", "shop", files, remove=rng.random() < 0.4)
        if push and rng.random() < 0.5:
            git(theirs, "update-ref", f"refs/pull/{push}/head", "main")
            git(theirs, "update-ref", "refs/heads/main", "main~1")  # a push by force: the mirror keeps what it had
        place = mirrored(theirs, tmp_path / "mirror.git")
        report, earlier = again(place, earlier)
        assert told(report) == as_whole(place)
        assert earlier.packs
    assert len(earlier.packs) > 1


def test_packs_that_were_searched_are_not_read_again(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(3000).hex()
    theirs = bare(tmp_path / "forge", "shop", {"mail.env": f"KEY={key(1)}\n", "noise.txt": noise})
    place = mirrored(theirs, tmp_path / "mirror.git")
    _, earlier = again(place, NOTHING)
    (pack,) = (place / "objects" / "pack").glob("*.pack")
    row = next(line for line in git(place, "verify-pack", "-v", str(pack)).splitlines() if " blob   6000" in line)
    bare(tmp_path / "forge", "shop", {"mail.env": "none\n", "new.env": f"KEY={key(2)}\n"})
    mirrored(theirs, place)
    pack.chmod(0o644)
    with pack.open("r+b") as file:  # whoever reads this object now notices
        file.seek(int(row.split()[4]) + 1000)
        file.write(b"\0" * 100)
    report, after = again(place, earlier)
    assert report.skips == ()
    found = {finding.secret.key_id: finding for finding in report.findings if finding.secret}
    assert set(found) == {key(1)[3:25], key(2)[3:25]}
    gone = found[key(1)[3:25]].exposure
    assert gone
    assert (gone.at_head, bool(gone.removed_in)) == (False, True)
    assert after.packs > earlier.packs
    assert [skip.reason for skip in again(place, NOTHING)[0].skips] == ["damaged"]


def test_search_that_could_not_read_everything_is_no_earlier_one(tmp_path: Path) -> None:
    place = mirrored(bare(tmp_path / "forge", "shop", {"noise.txt": "x" * 9}), tmp_path / "mirror.git")
    (pack,) = (place / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[:-30])
    report, searched = again(place, NOTHING)
    assert report.skips
    assert searched == NOTHING


def test_packs_that_are_gone_mean_a_search_of_everything(tmp_path: Path) -> None:
    theirs = bare(tmp_path / "forge", "shop", {"mail.env": f"KEY={key(1)}\n"})
    place = mirrored(theirs, tmp_path / "mirror.git")
    _, earlier = again(place, NOTHING)
    bare(tmp_path / "forge", "shop", {"new.env": f"KEY={key(2)}\n"})
    mirrored(theirs, place)
    git(place, "gc", "--quiet")
    report, after = again(place, earlier)
    assert told(report) == as_whole(place)
    assert not after.packs & earlier.packs


def test_loose_objects_are_searched_each_time(tmp_path: Path) -> None:
    place = bare(tmp_path, "shop", {"mail.env": f"KEY={key(1)}\n"})
    report, searched = again(place, NOTHING)
    assert len(report.findings) > 0
    assert searched == NOTHING
