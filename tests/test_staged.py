"""``sgleaks scan --staged``: what the index holds against HEAD, never the work tree, and only lines that were added."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import Done, scan_json, sgleaks
from git_repos import Repository, hostile_repository
from keys import key, secret_half

KEY, OTHER = (f"SENDGRID_API_KEY={key(seed)}\n".encode() for seed in (1, 2))
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """A commit with a key on the second line of ``old.env``, and one in UTF-16."""
    repository = Repository(tmp_path / "repo")
    repository.write("old.env", b"a=1\n" + KEY + b"b=2\n")
    repository.write("wide.txt", (KEY.decode() + "more\n").encode("utf-16"))
    repository.write("plain.txt", b"one\ntwo\nthree\n")
    repository.add()
    repository.commit()
    return repository


def staged(repo: Repository, *args: str, cwd: Path | None = None) -> Done:
    return scan_json("--staged", *args, cwd=cwd or repo.root)


def lines(done: Done) -> list[tuple[str, int]]:
    return [(path, line) for path, line, _ in done.places]


def _write(path: str, content: bytes) -> Callable[[Repository], None]:
    def stage(repo: Repository) -> None:
        repo.write(path, content)
        repo.add(path)

    return stage


def _renamed(repo: Repository) -> None:
    repo.git("mv", "old.env", "new.env")


def _renamed_and_edited(repo: Repository) -> None:
    repo.git("mv", "old.env", "new.env")
    repo.write("new.env", b"a=1\n" + KEY + b"b=2\nc=3\nd=4\n" + OTHER)
    repo.add("new.env")


def _removed(repo: Repository) -> None:
    repo.git("rm", "-q", "old.env")


def _executable(repo: Repository) -> None:
    repo.git("update-index", "--chmod=+x", "old.env")


def _link(repo: Repository) -> None:
    (repo.root / "link").symlink_to(f"/run/{key(2)}")
    repo.add("link")


def _file_to_link(repo: Repository) -> None:
    (repo.root / "old.env").unlink()
    (repo.root / "old.env").symlink_to(f"/run/{key(2)}")
    repo.add("old.env")


def _intent_to_add(repo: Repository) -> None:
    repo.write("later.env", OTHER)
    repo.git("add", "--intent-to-add", "later.env")


def _binary_attribute(repo: Repository) -> None:
    repo.write(".gitattributes", b"*.env -diff\n")
    repo.write("old.env", b"a=1\n" + KEY + b"b=2\n" + OTHER)
    repo.add(".gitattributes", "old.env")


def _crlf(repo: Repository) -> None:
    repo.git("config", "core.autocrlf", "true")
    repo.write("old.env", (b"a=1\n" + KEY + b"b=2\n" + OTHER).replace(b"\n", b"\r\n"))
    repo.add("old.env")


def _odd_name(repo: Repository) -> None:
    _write("x\n@@ -1 +1,9 @@\ny.env", KEY)(repo)


def _key_in_name(repo: Repository) -> None:
    _write(f"dump-{key(2)}.txt", b"nothing\n")(repo)


CASES = [
    pytest.param(lambda _: None, [], id="nothing-staged"),
    pytest.param(_write("new.env", KEY), [("new.env", 1)], id="new-file"),
    pytest.param(_write("plain.txt", b"one\ntwo\n" + KEY + b"three\n"), [("plain.txt", 3)], id="added-line"),
    pytest.param(_write("old.env", b"a=1\n" + KEY + b"b=2\nc=3\n"), [], id="an-old-key-in-a-touched-file"),
    pytest.param(_write("old.env", b"a=1\nb=2\n"), [], id="a-removal"),
    pytest.param(_write("old.env", b"z=0\n\na=1\n" + KEY + b"b=2\n"), [], id="an-old-key-further-down"),
    pytest.param(_write("old.env", b"a=1\nb=2\n" + KEY), [("old.env", 3)], id="a-moved-line-is-an-added-line"),
    pytest.param(_write("old.env", b"a=1\n" + OTHER + b"b=2\n"), [("old.env", 2)], id="another-key-in-its-place"),
    pytest.param(_write("nul.bin", b"\0\0\n\0\n" + KEY), [("nul.bin", 3)], id="binary"),
    pytest.param(_write("wide.txt", (KEY.decode() + "edited\n").encode("utf-16")), [], id="old-key-in-utf16"),
    pytest.param(_write("wide.txt", (KEY + OTHER).decode().encode("utf-16")), [("wide.txt", 2)], id="new-key-in-utf16"),
    pytest.param(_write("old.env", (b"a=1\n" + KEY).decode().encode("utf-16")), [], id="the-same-key-now-in-utf16"),
    pytest.param(_removed, [], id="deleted-file"),
    pytest.param(_renamed, [], id="renamed"),
    pytest.param(_renamed_and_edited, [("new.env", 6)], id="renamed-and-edited"),
    pytest.param(_executable, [], id="mode-only"),
    pytest.param(_link, [("link", 1)], id="link"),
    pytest.param(_file_to_link, [("old.env", 1)], id="file-becomes-link"),
    pytest.param(_intent_to_add, [], id="intent-to-add"),
    pytest.param(_binary_attribute, [("old.env", 4)], id="binary-attribute"),
    pytest.param(_crlf, [("old.env", 4)], id="autocrlf"),
    pytest.param(_key_in_name, [(f"dump-{key(2)[:26]}….txt", 1)], id="key-in-a-name"),
]


@pytest.mark.parametrize(("stage", "expected"), CASES)
def test_staged(repo: Repository, stage: Callable[[Repository], None], expected: list[tuple[str, int]]) -> None:
    stage(repo)
    done = staged(repo)
    assert lines(done) == expected
    assert done.code == bool(expected)
    assert secret_half(key(1)) not in done.out + done.err
    assert secret_half(key(2)) not in done.out + done.err
    assert all(finding["commit"] is None for finding in done.report["findings"])


def test_a_name_cannot_pass_for_a_hunk_header(repo: Repository) -> None:
    _odd_name(repo)
    repo.commit()
    repo.write("x\n@@ -1 +1,9 @@\ny.env", KEY + b"more\n")
    repo.add()
    assert staged(repo).places == []


def test_what_a_file_quotes_cannot_pass_for_a_hunk_header(repo: Repository) -> None:
    repo.write("old.env", b"@@ -1 +1,9 @@\nindex 11..22\na=1\n" + KEY + b"b=2\n")
    repo.add()
    assert staged(repo).places == []


def test_the_index_counts_and_not_the_work_tree(repo: Repository) -> None:
    repo.write("one.env", OTHER)
    repo.write("two.env", b"nothing\n")
    repo.add()
    repo.write("one.env", b"nothing\n")
    repo.write("two.env", KEY)
    assert lines(staged(repo)) == [("one.env", 1)]
    (repo.root / "one.env").unlink()
    assert lines(staged(repo)) == [("one.env", 1)]


def test_everything_is_added_before_the_first_commit(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "new")
    assert staged(repo).code == 0
    repo.write("a.env", KEY)
    repo.add()
    assert lines(staged(repo)) == [("a.env", 1)]


def test_sha256(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "new", "--object-format=sha256")
    repo.write("a.env", b"a=1\n")
    repo.add()
    assert staged(repo).code == 0
    repo.commit()
    repo.write("a.env", b"a=1\n" + KEY)
    repo.add()
    assert lines(staged(repo)) == [("a.env", 2)]


@pytest.mark.parametrize("second", [0, 20], ids=["", "a line end in the time of day"])
def test_archive_has_old_and_new_keys(repo: Repository, second: int) -> None:
    import io
    import zipfile

    def packed(second: int, **members: bytes) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in members.items():
                archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, second)), content)
        return file.getvalue()

    _write("a.zip", packed(0, one=KEY))(repo)
    assert lines(staged(repo)) == [("a.zip!one", 1)]
    repo.commit()
    _write("a.zip", packed(second, one=KEY, two=OTHER))(repo)
    assert lines(staged(repo)) == [("a.zip!two", 1)]


def test_submodule_and_lfs_pointer_are_named(repo: Repository) -> None:
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.git('rev-parse', 'HEAD').decode().strip()},lib")
    _write("big.bin", LFS)(repo)
    done = staged(repo)
    assert {(skip["path"], skip["reason"]) for skip in done.report["skips"]} == {
        ("lib", "submodule"),
        ("big.bin", "lfs-pointer"),
    }
    assert done.code == 0


def test_conflict_is_named_and_the_rest_scanned(repo: Repository) -> None:
    repo.git("switch", "-qc", "side")
    _write("plain.txt", b"side\n")(repo)
    _write("side.env", OTHER)(repo)
    repo.commit()
    repo.git("switch", "-q", "main")
    _write("plain.txt", b"main\n")(repo)
    repo.commit()
    repo.git("merge", "-q", "side", check=False)
    done = staged(repo)
    assert lines(done) == [("side.env", 1)]
    assert [(skip["path"], skip["reason"]) for skip in done.report["skips"]] == [("plain.txt", "unsupported")]
    _write("plain.txt", b"both\n")(repo)
    assert staged(repo).report["skips"] == []


def test_paths_limit_it_and_are_literal(repo: Repository) -> None:
    for path in ("deploy/a.env", "src/b.env", "*.env"):
        _write(path, KEY)(repo)
    assert lines(staged(repo, "deploy")) == [("deploy/a.env", 1)]
    assert lines(staged(repo, "*.env")) == [("*.env", 1)]
    assert lines(staged(repo, "b.env", cwd=repo.root / "src")) == [("src/b.env", 1)]
    assert lines(staged(repo, "--exclude", "*.env")) == []
    outside = staged(repo, "..")
    assert (outside.code, outside.out) == (2, "")
    assert "outside of the repository" in outside.err


def test_subfolder_tells_of_everything_from_the_root(repo: Repository) -> None:
    for path in ("deploy/a.env", "src/b.env"):
        _write(path, KEY)(repo)
    assert lines(staged(repo, cwd=repo.root / "src")) == [("deploy/a.env", 1), ("src/b.env", 1)]


def _hook(repo: Repository, out: Path) -> None:
    import sys

    hook = repo.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    source = Path(__file__).parents[1] / "scanner"
    command = f'"{sys.executable}" -m sgleaks scan --staged --no-config -q'
    hook.write_text(f'#!/bin/sh\nPYTHONPATH="{source}" {command} >"{out}" 2>&1\n')
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize("args", [["-a"], ["old.env"], ["--amend", "-a"]], ids=["all", "file", "amend"])
def test_commit_hands_the_hook_an_index_of_its_own(repo: Repository, tmp_path: Path, args: list[str]) -> None:
    _hook(repo, tmp_path / "told")
    repo.write("old.env", b"a=1\n" + KEY + b"b=2\n" + OTHER)
    refused = repo.git("commit", "-m", "x", *args, check=False)
    assert b"main" not in refused
    assert "old.env:4:" in (tmp_path / "told").read_text()
    assert "old.env:2:" not in (tmp_path / "told").read_text()


def test_commit_of_one_file_does_not_look_at_another_that_is_staged(repo: Repository, tmp_path: Path) -> None:
    _hook(repo, tmp_path / "told")
    _write("secret.env", OTHER)(repo)
    repo.write("plain.txt", b"edited\n")
    assert b"1 file changed" in repo.git("commit", "-m", "x", "plain.txt")
    assert lines(staged(repo)) == [("secret.env", 1)]


def test_amend_tells_of_what_is_new_against_the_commit(repo: Repository, tmp_path: Path) -> None:
    _hook(repo, tmp_path / "told")
    repo.git("commit", "--amend", "--no-edit", "--allow-empty")
    assert (tmp_path / "told").read_text() == ""


def test_linked_work_tree_and_submodule(repo: Repository, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Repository(tmp_path / "linked")
    _write("a.env", KEY)(linked)
    assert lines(staged(linked)) == [("a.env", 1)]
    assert staged(repo).places == []
    outer = Repository(tmp_path / "outer")
    outer.git("submodule", "--quiet", "add", str(repo.root), "lib")
    inner = Repository(outer.root / "lib")
    _write("b.env", OTHER)(inner)
    assert lines(staged(inner)) == [("b.env", 1)]


def test_split_index(repo: Repository) -> None:
    repo.git("update-index", "--split-index")
    _write("a.env", KEY)(repo)
    assert lines(staged(repo)) == [("a.env", 1)]


def test_hostile_repository_fires_nothing(tmp_path: Path) -> None:
    hostile = hostile_repository(tmp_path)
    hostile.fired()
    done = staged(hostile.repository)
    assert hostile.fired() == set()
    assert done.code == 0


def test_damaged_index_is_incomplete(repo: Repository) -> None:
    (repo.root / ".git" / "index").write_bytes(b"DIRC" + bytes(40))
    done = staged(repo)
    assert done.code == 3
    assert [skip["reason"] for skip in done.report["skips"]] == ["unreadable"]


def test_missing_object_is_incomplete(repo: Repository) -> None:
    _write("a.env", KEY)(repo)
    oid = repo.git("rev-parse", ":a.env").decode().strip()
    os.unlink(repo.root / ".git" / "objects" / oid[:2] / oid[2:])
    done = staged(repo)
    assert done.code == 3
    assert [(skip["path"], skip["reason"]) for skip in done.report["skips"]] == [("a.env", "missing")]


def test_misuse(repo: Repository, tmp_path: Path) -> None:
    assert staged(repo, "--range", "HEAD").code == 2
    assert staged(repo, "-").code == 2
    (tmp_path / "none").mkdir()
    assert scan_json("--staged", cwd=tmp_path / "none").code == 2
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    assert "bare repository" in scan_json("--staged", cwd=tmp_path / "bare.git").err


def test_summary_counts_objects(repo: Repository) -> None:
    _write("a.env", b"nothing\n")(repo)
    assert "1 blob" in sgleaks("scan", "--staged", "--no-config", cwd=repo.root).err


def test_objects_borrowed_from_elsewhere_are_read(repo: Repository, tmp_path: Path) -> None:
    repo.git("clone", "-q", "--shared", ".", str(tmp_path / "shared"))
    shared = Repository(tmp_path / "shared")
    _write("old.env", b"a=1\n" + KEY + b"b=2\n" + OTHER)(shared)
    done = staged(shared)
    assert lines(done) == [("old.env", 4)]
    assert done.report["skips"] == []


def test_large_file_has_lines_too(repo: Repository) -> None:
    body = b"x" * 99 + b"\n"
    big = body * 180_000
    _write("big.txt", big + KEY + b"end\n")(repo)
    assert lines(staged(repo)) == [("big.txt", 180_001)]
    repo.commit()
    _write("big.txt", b"more\n" + big + KEY + b"end\n" + OTHER)(repo)
    assert lines(staged(repo)) == [("big.txt", 180_004)]
