"""``sgleaks scan --range``: what every commit of a range brought, not the net difference."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cli import Done, scan_json, sgleaks
from git_repos import Repository, git_environment, hostile_repository
from keys import key, secret_half
from sgleaks.git.hunks import added_lines
from sgleaks.git.run import GitError

KEY, OTHER, THIRD = (f"SENDGRID_API_KEY={key(seed)}\n".encode() for seed in (1, 2, 3))


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """A commit tagged ``base`` that holds a key in ``old.env``."""
    repository = Repository(tmp_path / "repo")
    repository.write("old.env", b"a=1\n" + KEY)
    repository.write("plain.txt", b"one\ntwo\n")
    repository.add()
    repository.commit("base")
    repository.git("tag", "base")
    return repository


def ranged(repo: Repository, text: str = "base..HEAD", *args: str, cwd: Path | None = None) -> Done:
    return scan_json("--range", text, *args, cwd=cwd or repo.root)


def change(repo: Repository, message: str = "change", **contents: bytes | None) -> str:
    """A commit in which files, their dots spelt as underscores, have this content or are gone."""
    for name, content in contents.items():
        path = name.replace("_", ".")
        if content is None:
            (repo.root / path).unlink()
        else:
            repo.write(path, content)
    repo.add()
    return repo.commit(message)


def places(done: Done) -> list[tuple[str, int, str]]:
    return [(f["path"], f["line"], f["commit"]["id"]) for f in done.report["findings"]]


def test_key_that_came_and_went_in_the_range_is_found_with_its_commit(repo: Repository) -> None:
    came = change(repo, "Add mail\n\nbody", mail_env=b"x=1\n" + OTHER)
    change(repo, "Remove", mail_env=b"x=1\n")
    done = ranged(repo)
    assert done.code == 1
    (finding,) = done.report["findings"]
    assert (finding["path"], finding["line"]) == ("mail.env", 2)
    assert finding["commit"] == {
        "id": came,
        "author": "Ada",
        "date": "2026-01-31T10:00:00Z",
        "subject": "Add mail",
    }
    assert done.report["summary"]["commits"] == 2
    assert secret_half(key(2)) not in done.out + done.err


def test_what_was_there_before_is_not_told(repo: Repository) -> None:
    change(repo, old_env=b"a=2\n" + KEY + b"more=1\n")
    change(repo, old_env=b"a=2\n")
    assert ranged(repo).code == 0


def test_key_that_comes_back_is_told(repo: Repository) -> None:
    change(repo, old_env=b"a=1\n")
    back = change(repo, old_env=b"a=1\n" + KEY)
    assert places(ranged(repo)) == [("old.env", 2, back)]


def test_of_one_place_the_oldest_commit_is_told(repo: Repository) -> None:
    first = change(repo, mail_env=OTHER)
    change(repo, mail_env=None)
    change(repo, mail_env=OTHER)
    assert places(ranged(repo)) == [("mail.env", 1, first)]


def test_each_place_has_its_commit(repo: Repository) -> None:
    first = change(repo, b_env=OTHER)
    second = change(repo, a_env=OTHER)
    assert places(ranged(repo)) == [("a.env", 1, second), ("b.env", 1, first)]


def test_rename_brings_nothing_and_its_edit_does(repo: Repository) -> None:
    repo.git("mv", "old.env", "new.env")
    repo.commit()
    assert ranged(repo).code == 0
    repo.git("mv", "new.env", "newer.env")
    edited = change(repo, newer_env=b"a=1\n" + KEY + OTHER)
    assert places(ranged(repo)) == [("newer.env", 3, edited)]


def _merged(repo: Repository, **resolved: bytes | None) -> str:
    """A merge of two lines of work that both changed ``plain.txt``; the second brought ``side.env``."""
    repo.git("switch", "-qc", "side")
    change(repo, plain_txt=b"side\ntwo\n", side_env=THIRD)
    repo.git("switch", "-q", "main")
    change(repo, plain_txt=b"main\ntwo\n")
    repo.git("merge", "-q", "--no-commit", "side", check=False)
    return change(repo, "merge", **resolved)


def test_merge_brings_what_is_in_none_of_its_parents(repo: Repository) -> None:
    merge = _merged(repo, plain_txt=b"main\ntwo\n" + OTHER, evil_env=KEY)
    side = repo.git("rev-parse", "side").decode().strip()
    assert places(ranged(repo)) == [("evil.env", 1, merge), ("plain.txt", 3, merge), ("side.env", 1, side)]
    assert places(ranged(repo, "HEAD^..HEAD"))[:2] == [("evil.env", 1, merge), ("plain.txt", 3, merge)]


def test_merge_of_a_key_that_one_parent_has_brings_nothing(repo: Repository) -> None:
    repo.git("switch", "-qc", "side")
    side = change(repo, plain_txt=b"side\n" + OTHER)
    repo.git("switch", "-q", "main")
    change(repo, plain_txt=b"main\ntwo\n")
    repo.git("merge", "-q", "--no-commit", "side", check=False)
    change(repo, "merge", plain_txt=b"main and side\n" + OTHER)
    assert places(ranged(repo)) == [("plain.txt", 2, side)]


def test_octopus(repo: Repository) -> None:
    for name in ("one", "two"):
        repo.git("switch", "-qc", name, "base")
        repo.write(f"{name}.txt")
        repo.add()
        repo.commit()
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--no-commit", "one", "two")
    merge = change(repo, "octopus", evil_env=OTHER)
    assert places(ranged(repo)) == [("evil.env", 1, merge)]


def test_spellings_of_ranges(repo: Repository) -> None:
    repo.git("switch", "-qc", "side")
    side = change(repo, side_env=OTHER)
    repo.git("switch", "-q", "main")
    main = change(repo, main_env=THIRD)
    repo.git("tag", "-a", "-m", "release", "v1")
    expected = {
        "base..": [("main.env", 1, main)],
        "base..v1": [("main.env", 1, main)],
        "..side": [("side.env", 1, side)],
        "main...side": [("main.env", 1, main), ("side.env", 1, side)],
        "HEAD^!": [("main.env", 1, main)],
        "HEAD..base": [],
        f"{main}~..{main}": [("main.env", 1, main)],
    }
    assert {text: places(ranged(repo, text)) for text in expected} == expected
    assert [place[0] for place in places(ranged(repo, "side"))] == ["old.env", "side.env"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "--all",
        "-n1",
        "--output=x",
        "nowhere",
        "base..nowhere",
        "^base",
        "base HEAD",
        "HEAD:old.env",
        "0" * 40,
        "a\nb",
    ],
)
def test_bad_range_is_a_mistake_and_says_what_to_do(repo: Repository, text: str) -> None:
    done = ranged(repo, text) if not text.startswith("-") else scan_json(f"--range={text}", cwd=repo.root)
    assert (done.code, done.out) == (2, "")
    assert "--range" in done.err
    assert "help:" in done.err
    assert not (repo.root / "x").exists()


def test_unborn_head_and_no_repository(tmp_path: Path) -> None:
    assert ranged(Repository(tmp_path / "new"), "HEAD").code == 2
    (tmp_path / "none").mkdir()
    assert scan_json("--range", "HEAD", cwd=tmp_path / "none").code == 2


def test_key_in_a_message_is_told_unless_paths_are_given(repo: Repository) -> None:
    commit = change(repo, f"Use {key(2)}", plain_txt=b"three\n")
    done = ranged(repo)
    assert [place[::2] for place in places(done)] == [(f"commit/{commit}", commit)]
    assert secret_half(key(2)) not in done.out + done.err
    assert places(ranged(repo, "base..", "plain.txt")) == []


def test_paths_limit_it(repo: Repository) -> None:
    repo.write("deploy/a.env", OTHER)
    repo.write("src/b.env", THIRD)
    commit = change(repo)
    assert places(ranged(repo, "base..", "deploy")) == [("deploy/a.env", 1, commit)]
    assert places(ranged(repo, "base..", "b.env", cwd=repo.root / "src")) == [("src/b.env", 1, commit)]
    assert places(ranged(repo, "base..", "--exclude", "src/")) == [("deploy/a.env", 1, commit)]


def test_bare_repository_and_linked_work_tree(repo: Repository, tmp_path: Path) -> None:
    commit = change(repo, mail_env=OTHER)
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    assert places(ranged(repo, cwd=tmp_path / "bare.git")) == [("mail.env", 1, commit)]
    assert places(ranged(repo, "base..", "mail.env", cwd=tmp_path / "bare.git")) == [("mail.env", 1, commit)]
    repo.git("worktree", "add", "-q", "-b", "linked", str(tmp_path / "linked"))
    assert places(ranged(repo, cwd=tmp_path / "linked")) == [("mail.env", 1, commit)]


def test_sha256(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "new", "--object-format=sha256")
    change(repo, a_env=b"a=1\n")
    commit = change(repo, a_env=b"a=1\n" + OTHER)
    assert places(ranged(repo, "HEAD~..")) == [("a.env", 2, commit)]


def test_utf16_counts_unless_the_parent_has_the_secret(repo: Repository) -> None:
    first = change(repo, wide_txt=OTHER.decode().encode("utf-16"))
    second = change(repo, wide_txt=(OTHER + b"x\n" + THIRD).decode().encode("utf-16"))
    assert places(ranged(repo)) == [("wide.txt", 1, first), ("wide.txt", 3, second)]


def test_shallow_boundary_in_the_range_is_incomplete(repo: Repository, tmp_path: Path) -> None:
    change(repo, mail_env=OTHER)
    last = change(repo, last_env=THIRD)
    repo.git("clone", "-q", "--depth", "2", repo.root.as_uri(), str(tmp_path / "shallow"))
    whole = ranged(repo, "HEAD", cwd=tmp_path / "shallow")
    assert places(whole) == [("last.env", 1, last)]
    assert [skip["reason"] for skip in whole.report["skips"]] == ["missing"]
    assert ranged(repo, "HEAD", "plain.txt", cwd=tmp_path / "shallow").code == 3
    assert ranged(repo, "HEAD~..", cwd=tmp_path / "shallow").report["skips"] == []
    assert ranged(repo, f"{repo.git('rev-parse', 'base').decode().strip()}..", cwd=tmp_path / "shallow").code == 2


def test_missing_blob_is_incomplete_and_the_rest_is_told(repo: Repository) -> None:
    change(repo, gone_env=OTHER)
    here = change(repo, here_env=THIRD)
    oid = repo.git("rev-parse", ":gone.env").decode().strip()
    (repo.root / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    done = ranged(repo)
    assert places(done) == [("here.env", 1, here)]
    assert [(skip["path"], skip["reason"]) for skip in done.report["skips"]] == [("gone.env", "missing")]
    assert ranged(repo, "base..", "gone.env").code == 3


def test_missing_tree_is_incomplete(repo: Repository) -> None:
    change(repo, plain_txt=b"three\n")
    oid = repo.git("rev-parse", "HEAD^{tree}").decode().strip()
    (repo.root / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    assert ranged(repo).code == 3


def test_submodule_is_named(repo: Repository) -> None:
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},lib")
    repo.git("commit", "-qm", "lib")
    done = ranged(repo)
    assert [(skip["path"], skip["reason"]) for skip in done.report["skips"]] == [("lib", "submodule")]
    assert done.code == 0


def test_replaced_objects_are_seen_as_they_are(repo: Repository) -> None:
    commit = change(repo, mail_env=OTHER)
    repo.git("replace", commit, "base")
    assert places(ranged(repo)) == [("mail.env", 1, commit)]


def test_hostile_repository_fires_nothing(tmp_path: Path) -> None:
    hostile = hostile_repository(tmp_path)
    hostile.fired()
    done = ranged(hostile.repository, "HEAD")
    assert hostile.fired() == set()
    assert [(skip["path"], skip["reason"]) for skip in done.report["skips"]] == [("kept.txt", "missing")]
    assert done.code == 3


def test_same_bytes_twice(repo: Repository) -> None:
    change(repo, mail_env=OTHER, more_env=THIRD)
    assert ranged(repo).out == ranged(repo).out
    assert "GIT_DIR" not in git_environment()


def test_missing_old_version_of_a_renamed_file_does_not_end_it(repo: Repository) -> None:
    repo.write("big.txt", b"".join(b"%d\n" % number for number in range(99)))
    repo.add()
    repo.commit()
    oid = repo.git("rev-parse", ":big.txt").decode().strip()
    repo.git("mv", "big.txt", "renamed.txt")
    moved = change(repo, renamed_txt=b"".join(b"%d\n" % number for number in range(90)) + OTHER)
    last = change(repo, last_env=THIRD)
    (repo.root / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    assert places(ranged(repo, "HEAD~2..")) == [("last.env", 1, last), ("renamed.txt", 91, moved)]


def test_report_obeys_the_schema_in_every_format(repo: Repository) -> None:
    commit = change(repo, mail_env=OTHER)
    schema = json.loads(files("sgleaks").joinpath("schemas/report.schema.json").read_text("utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(ranged(repo).report)] == []
    text = sgleaks("scan", "--no-config", "--only", "credentials", "--range", "base..", cwd=repo.root)
    assert " --> mail.env:1:18\n" in text.out
    assert f"= commit: {commit[:12]} 2026-01-31T10:00:00Z Ada: change\n" in text.out
    assert "1 commit" in text.err
    only = ("--no-config", "--only", "credentials")
    sarif = sgleaks("scan", *only, "--range", "base..", "--format", "sarif", cwd=repo.root).report
    (result,) = sarif["runs"][0]["results"]
    assert commit in json.dumps(result)


def test_git_that_fails_between_hunks_leaves_the_last_file_out() -> None:
    def lines() -> Iterator[bytes]:
        yield from (b"index 11..22 100644", b"@@ -1 +1,2 @@", b"index 33..44", b"@@ -0,0 +7 @@ f", b"+@@ -1 +9 @@")
        raise GitError("git diff-tree failed", "", "")

    assert added_lines(lines()) == {("11", "22"): frozenset({1, 2})}
    assert added_lines(list(lines_until_failure(lines()))) == {
        ("11", "22"): frozenset({1, 2}),
        ("33", "44"): frozenset({7}),
    }


def lines_until_failure(lines: Iterator[bytes]) -> Iterator[bytes]:
    with suppress(GitError):
        yield from lines
