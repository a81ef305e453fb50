"""Finding and listing work trees, with real git. What a hostile one names as a program must never run."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from git_repos import Repository, git_environment, hostile_repository
from sgleaks.errors import ToolError
from sgleaks.git.discovery import Worktree
from sgleaks.git.lfs import POINTER_BYTES, is_lfs_pointer
from sgleaks.git.worktree import Listing, find, listing
from sgleaks.model import Skip

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
HARD_NAMES = (
    b"new\nline",
    b"\xff\xfe.env",
    b"-rf",
    b'qu"ote',
    b"quo'te",
    b"sp ace ",
    b"tab\t",
    b"back\\slash",
    b":!exclude",
    b"*",
    b"? mark",
    b"\x1b[31mred",
    b"dir\n/-x/\xe9",
)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, so that the ignore files of whoever runs the tests do not count."""
    folder = tmp_path_factory.mktemp("home")
    for name in os.environ:
        if name.startswith(("GIT_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return folder


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def found(path: Path) -> Worktree:
    worktree = find(path)
    assert worktree is not None
    return worktree


def listed(folder: Path) -> Listing:
    return listing(found(folder), folder)


def files(folder: Path) -> set[str]:
    result = listed(folder)
    assert result.skips == ()
    return {os.fsdecode(path) for path in result.files}


def checked(index: bytes) -> bytes:
    """An index with its last 20 bytes made its checksum."""
    return index[:-20] + hashlib.sha1(index[:-20], usedforsecurity=False).digest()


def reasons(result: Listing) -> list[tuple[str, str]]:
    return [(skip.path, skip.reason) for skip in result.skips]


# Finding


def test_nearest_work_tree_is_found_from_a_file_below(repo: Repository) -> None:
    outer = found(repo.write("a/b/file"))
    assert outer == Worktree(repo.root, repo.root / ".git", repo.root / ".git")
    inner = Repository(repo.root / "a")
    assert found(repo.root / "a" / "b").root == inner.root
    assert found(repo.root / "a" / "b" / "not" / "there").root == inner.root


def test_no_work_tree_outside_of_any_in_a_bare_one_and_inside_dot_git(tmp_path: Path, repo: Repository) -> None:
    bare = Repository(repo.root / "bare.git", "--bare").root
    shutil.rmtree(bare / ".git", ignore_errors=True)
    repo.git("init", "--quiet", "--bare", str(bare))
    assert [find(path) for path in (tmp_path, bare, bare / "hooks", repo.root / ".git" / "info")] == [None] * 4


def test_link_into_a_work_tree_is_followed(tmp_path: Path, repo: Repository) -> None:
    repo.write("src/file")
    (tmp_path / "link").symlink_to(repo.root / "src")
    assert found(tmp_path / "link").root == repo.root
    assert files(tmp_path / "link") == {"file"}


def test_linked_work_tree_has_an_index_of_its_own(tmp_path: Path, repo: Repository) -> None:
    repo.write("file")
    repo.add()
    repo.commit()
    repo.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    (repo.root / ".git" / "info" / "exclude").write_text("*.log\n")
    linked = Repository(tmp_path / "linked")
    linked.write("only-here")
    linked.write("x.log")
    worktree = found(linked.root)
    assert worktree.git_dir == repo.root / ".git" / "worktrees" / "linked"
    assert worktree.common_dir == repo.root / ".git"
    assert files(linked.root) == {"file", "only-here"}


@pytest.mark.parametrize(
    "content", [b"gitdir: ../nowhere\n", b"gitdir:", b"", b"gitdir: a\0b", b"garbage\n", b"gitdir: /dev\n"]
)
def test_dot_git_file_that_leads_nowhere_ends_the_search(repo: Repository, content: bytes) -> None:
    repo.write("sub/.git", content)
    assert find(repo.root / "sub") is None


def test_dot_git_folder_that_is_no_repository_does_not_end_the_search(repo: Repository) -> None:
    (repo.root / "sub" / ".git").mkdir(parents=True)
    repo.write("sub/file")
    assert found(repo.root / "sub").root == repo.root
    assert files(repo.root) == {"sub/file"}


# Listing


def test_tracked_and_untracked_files_are_listed_and_ignored_ones_are_not(repo: Repository) -> None:
    repo.write(".gitignore", b"*.log\n/build/\n!keep.log\n")
    for path in ("a.log", "keep.log", "build/x", "sub/b.log", "sub/build/x", "sub/tracked.log", "z", "sub/a"):
        repo.write(path)
    repo.write("sub/.gitignore", b"!again.log\n")
    repo.write("sub/again.log")
    repo.add("sub/tracked.log", "z")
    expected = {
        ".gitignore",
        "keep.log",
        "sub/.gitignore",
        "sub/a",
        "sub/again.log",
        "sub/build/x",
        "sub/tracked.log",
        "z",
    }
    assert files(repo.root) == expected
    assert list(listed(repo.root).files) == sorted(listed(repo.root).files)


def test_only_what_lies_below_the_folder_is_listed_relative_to_it(repo: Repository) -> None:
    for path in ("top", "sub/a", "sub/deep/b", "subway/c"):
        repo.write(path)
    repo.add("sub/a", "top")
    assert files(repo.root / "sub") == {"a", "deep/b"}


@pytest.mark.parametrize("tracked", [True, False], ids=["tracked", "untracked"])
@pytest.mark.skipif(os.name != "posix", reason="names that only POSIX allows")
def test_hard_names_come_through_unchanged(repo: Repository, *, tracked: bool) -> None:
    for name in HARD_NAMES:
        repo.write(name)
    if tracked:
        repo.add(*HARD_NAMES)
    assert listed(repo.root) == Listing(tuple(sorted(HARD_NAMES)), ())


def test_folder_with_a_hard_name_can_be_listed(repo: Repository) -> None:
    repo.write(b":(top)*\n/-x/file")
    repo.write(b":(top)*\n/-x/file2")
    repo.add(b":(top)*\n/-x/file")
    assert files(repo.root / os.fsdecode(b":(top)*\n/-x")) == {"file", "file2"}
    (repo.root / os.fsdecode(b":(top)*\n/-x/file2")).unlink()
    assert files(repo.root / os.fsdecode(b":(top)*\n/-x")) == {"file"}


def test_ignored_folder_that_is_named_is_listed_whole(repo: Repository) -> None:
    repo.write(".gitignore", b"build/\n")
    repo.write("build/deep/.gitignore", b"*\n")
    repo.write("build/deep/file")
    repo.write("build/forced")
    repo.add("build/forced")
    assert files(repo.root) == {".gitignore", "build/forced"}
    assert files(repo.root / "build") == {"forced", "deep/file", "deep/.gitignore"}
    assert files(repo.root / "build" / "deep") == {"file", ".gitignore"}


def test_unborn_repository_lists_what_is_untracked(repo: Repository) -> None:
    assert files(repo.root) == set()
    repo.write("file")
    assert files(repo.root) == {"file"}


def test_deleted_and_half_merged_files_are_listed_once_and_are_no_skips(repo: Repository) -> None:
    repo.write("file", b"base\n")
    repo.write("gone")
    repo.add()
    repo.commit()
    repo.git("checkout", "--quiet", "-b", "other")
    repo.write("file", b"theirs\n")
    repo.git("commit", "--quiet", "--all", "--message", "theirs")
    repo.git("checkout", "--quiet", "main")
    repo.write("file", b"ours\n")
    repo.git("commit", "--quiet", "--all", "--message", "ours")
    repo.git("merge", "other", check=False)
    assert repo.git("ls-files", "--unmerged").count(b"\n") == 3
    (repo.root / "gone").unlink()
    assert listed(repo.root) == Listing((b"file", b"gone"), ())


def test_folder_in_place_of_a_tracked_file_is_seen(repo: Repository) -> None:
    repo.write("thing")
    repo.add()
    (repo.root / "thing").unlink()
    repo.write("thing/file")
    assert "thing/file" in files(repo.root)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["update-index", "--index-version", "4"], id="index version 4 compresses paths"),
        pytest.param(["update-index", "--assume-unchanged", "a"], id="assumed unchanged, still there"),
        pytest.param(["update-index", "--skip-worktree", "a"], id="not to be looked at, still there"),
        pytest.param(["add", "--intent-to-add", "new"], id="intended to be added"),
        pytest.param(["update-index", "--untracked-cache"], id="untracked cache"),
        pytest.param(["update-index", "--fsmonitor"], id="file system monitor"),
        pytest.param(["config", "core.ignoreCase", "true"], id="configuration is not read"),
    ],
)
def test_what_the_index_may_hold_besides_does_not_matter(repo: Repository, command: list[str]) -> None:
    for path in ("a", "dir/b", "new", "dir/new"):
        repo.write(path)
    repo.add("a", "dir/b")
    repo.commit()
    repo.git(*command)
    before = (repo.root / ".git" / "index").read_bytes()
    assert files(repo.root) == {"a", "dir/b", "new", "dir/new"}
    assert (repo.root / ".git" / "index").read_bytes() == before


def test_split_index_is_read_whole(repo: Repository) -> None:
    repo.write(".gitignore", b"*\n")
    for number in range(50):
        repo.write(f"file{number}")
        repo.add(f"file{number}")
    repo.git("update-index", "--split-index")
    repo.write("later")
    repo.add("later")
    assert len(list((repo.root / ".git").glob("sharedindex.*"))) == 1
    assert files(repo.root) == {*(f"file{number}" for number in range(50)), "later"}


def test_sha256_repository_is_read(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "repo", "--object-format=sha256")
    repo.write(".gitignore", b"*\n")
    repo.write("dir/tracked")
    repo.add("dir/tracked")
    assert files(repo.root) == {"dir/tracked"}


@pytest.mark.parametrize("index", ["--sparse-index", "--no-sparse-index"])
def test_sparse_checkout_lists_what_is_left_out_as_deleted_files_are(repo: Repository, index: str) -> None:
    for path in ("top", "kept/a", "left/deep/b", "left/c"):
        repo.write(path)
    repo.add()
    repo.commit()
    repo.git("sparse-checkout", "init", "--cone", index)
    repo.git("sparse-checkout", "set", "kept")
    assert (b"040000" in repo.git("ls-files", "--stage", "--sparse")) == (index == "--sparse-index")
    repo.write("left/c", b"in spite of it\n")
    repo.write("left/untracked")
    assert files(repo.root) == {"top", "kept/a", "left/deep/b", "left/c", "left/untracked"}
    assert not (repo.root / "left" / "deep").exists()


def test_case_does_not_count_where_the_file_system_says_so(repo: Repository) -> None:
    repo.write(".gitignore", b"*.LOG\n")
    repo.write("x.log")
    assert files(repo.root) == {".gitignore", "x.log"}
    # How `git init` finds out: on such a file system this is the name of the configuration, too.
    (repo.root / ".git" / "CoNfIg").touch()
    assert files(repo.root) == {".gitignore"}


def test_links_are_listed_and_not_followed(tmp_path: Path, repo: Repository) -> None:
    repo.write("dir/file")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("x")
    for name, target in (("to-dir", "dir"), ("out", "../outside"), ("broken", "nowhere"), ("loop", "loop")):
        (repo.root / name).symlink_to(target)
    repo.add("to-dir", "loop")
    assert files(repo.root) == {"dir/file", "to-dir", "out", "broken", "loop"}


# Ignore files


def test_ignore_files_of_the_user_and_of_the_checkout_count(repo: Repository, home: Path) -> None:
    for name in ("a.user", "a.checkout", "a.txt"):
        repo.write(name)
    (repo.root / ".git" / "info" / "exclude").write_text("*.checkout\n")
    (home / ".config" / "git").mkdir(parents=True)
    (home / ".config" / "git" / "ignore").write_text("*.user\n")
    assert files(repo.root) == {"a.txt"}
    (home / "mine").write_text("*.txt\n")
    (home / ".gitconfig").write_text(f"[core]\nexcludesFile = {home / 'mine'}\n")
    assert files(repo.root) == {"a.user"}


def test_ignore_file_that_the_configuration_of_the_repository_names_does_not_count(repo: Repository) -> None:
    repo.write("all", b"*\n")
    repo.write("file")
    repo.git("config", "core.excludesFile", str(repo.root / "all"))
    assert files(repo.root) == {"all", "file"}


# Other repositories inside


def test_submodule_and_nested_repository_are_skips_and_list_by_themselves(tmp_path: Path, repo: Repository) -> None:
    other = Repository(tmp_path / "other")
    other.write("inside")
    other.add()
    other.commit()
    repo.git("submodule", "--quiet", "add", str(other.root), "deep/lib")
    repo.git("clone", "--quiet", str(other.root), "nested")
    result = listed(repo.root)
    assert result.files == (b".gitmodules",)
    assert reasons(result) == [("deep/lib", "submodule"), ("nested", "nested-repository")]
    assert all("sgleaks scan" in skip.detail for skip in result.skips)
    assert reasons(listed(repo.root / "deep")) == [("lib", "submodule")]
    assert found(repo.root / "deep" / "lib").git_dir == repo.root / ".git" / "modules" / "deep" / "lib"
    assert files(repo.root / "deep" / "lib") == files(repo.root / "nested") == {"inside"}


@pytest.fixture
def gitlink(repo: Repository) -> Repository:
    repo.write("file")
    repo.add()
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.commit()},lib")
    return repo


def test_submodule_that_is_not_checked_out_is_a_skip(gitlink: Repository) -> None:
    expected = Listing(
        (b"file",), (Skip("lib", "submodule", 'not checked out; "git submodule update --init" brings it'),)
    )
    assert listed(gitlink.root) == expected
    (gitlink.root / "lib").mkdir()
    assert listed(gitlink.root) == expected
    assert reasons(listed(gitlink.root / "lib")) == [(".", "submodule")]


def test_files_of_a_submodule_without_its_repository_are_listed(gitlink: Repository) -> None:
    gitlink.write("lib/a")
    gitlink.write("lib/deep/b")
    Repository(gitlink.root / "lib" / "nested").commit()
    skip = ("nested", "nested-repository")
    assert listed(gitlink.root).files == (b"file", b"lib/a", b"lib/deep/b")
    assert reasons(listed(gitlink.root)) == [("lib/nested", skip[1])]
    assert listed(gitlink.root / "lib").files == (b"a", b"deep/b")
    assert reasons(listed(gitlink.root / "lib")) == [skip]
    assert files(gitlink.root / "lib" / "deep") == {"b"}


def test_file_in_the_place_of_a_submodule_is_listed(gitlink: Repository) -> None:
    gitlink.write("lib")
    assert files(gitlink.root) == {"file", "lib"}


def test_link_on_the_way_to_a_submodule_is_not_followed(tmp_path: Path, repo: Repository) -> None:
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.commit()},dir/lib")
    (tmp_path / "outside" / "lib").mkdir(parents=True)
    (tmp_path / "outside" / "lib" / "file").write_text("x")
    (repo.root / "dir").symlink_to(tmp_path / "outside")
    result = listed(repo.root)
    assert not any(b"file" in path for path in result.files)
    assert ("dir/lib", "submodule") in reasons(result)


# Failures are never an empty listing


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[: len(data) // 2], id="cut off"),
        pytest.param(lambda data: data.replace(b"DIRC", b"CRID"), id="no index at all"),
        pytest.param(lambda data: checked(data[:7] + b"\x09" + data[8:]), id="version of the future"),
        pytest.param(lambda data: data[:0], id="empty file"),
    ],
)
def test_index_that_cannot_be_read_is_a_skip_and_files_are_still_listed(repo: Repository, damage: object) -> None:
    repo.write("tracked")
    repo.write("untracked")
    repo.add("tracked")
    index = repo.root / ".git" / "index"
    assert callable(damage)
    index.write_bytes(damage(index.read_bytes()))
    result = listed(repo.root)
    assert result.files == (b"tracked", b"untracked")
    assert reasons(result) == [(".", "unreadable")]
    assert result.skips[0].detail.startswith("the git index cannot be read: ")
    assert result == listed(repo.root), "the name of the temporary repository must not show"


def test_index_without_checksum_is_read(repo: Repository) -> None:
    repo.write(".gitignore", b"*\n")
    repo.write("tracked")
    repo.add("tracked")
    index = repo.root / ".git" / "index"
    index.write_bytes(index.read_bytes()[:-20] + bytes(20))  # `index.skipHash`
    assert files(repo.root) == {"tracked"}


def test_object_format_that_does_not_fit_the_index_is_a_skip(repo: Repository) -> None:
    repo.write("file")
    repo.add()
    with (repo.root / ".git" / "config").open("a") as config:
        config.write("[extensions]\nobjectFormat = sha256\n")
    assert listed(repo.root).files == (b"file",)
    assert reasons(listed(repo.root)) == [(".", "unreadable")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_index_that_is_a_pipe_is_a_skip_and_not_waited_for(repo: Repository) -> None:
    repo.write("sub/file")
    os.mkfifo(repo.root / ".git" / "index")
    detail = "the git index cannot be read: it is not a regular file"
    assert listed(repo.root / "sub") == Listing((b"file",), (Skip(".", "unreadable", detail),))


def test_missing_half_of_a_split_index_is_a_skip(repo: Repository) -> None:
    repo.write("file")
    repo.add()
    repo.git("update-index", "--split-index")
    for shared in (repo.root / ".git").glob("sharedindex.*"):
        shared.unlink()
    assert listed(repo.root).files == (b"file",)
    assert reasons(listed(repo.root)) == [(".", "unreadable")]


def test_path_in_the_index_that_leads_outside_is_a_skip(repo: Repository) -> None:
    repo.write("xx/xx/file")
    repo.add()
    index = repo.root / ".git" / "index"
    forged = index.read_bytes()[:-20].replace(b"xx/xx/file", b"../../file")
    forged = forged[: forged.find(b"TREE")] if b"TREE" in forged else forged
    index.write_bytes(checked(forged + bytes(20)))
    assert b"../../file" in repo.git("ls-files", "-z"), "git itself lists it"
    result = listed(repo.root)
    assert result.files == (b"xx/xx/file",)
    assert reasons(result) == [("../../file", "unreadable")]


def test_no_git_is_an_error_that_says_what_to_do(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repo.root))
    with pytest.raises(ToolError, match="install git"):
        listed(repo.root)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """A repository, owned and listed by a user whom permissions bind; root becomes one for as long as the test runs."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        monkeypatch.setenv("HOME", name)
        if root:
            os.chown(name, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield Repository(Path(name).resolve() / "repo")
        finally:
            if root:
                os.seteuid(0)
            for folder, _, _ in os.walk(name):
                os.chmod(folder, 0o700)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_folder_that_cannot_be_opened_is_a_skip(plain: Repository) -> None:
    plain.write("open/file")
    for path in ("open/locked", "lock\n'ed"):
        (plain.root / path).mkdir()
        (plain.root / path).chmod(0)
    assert listed(plain.root).files == (b"open/file",)
    assert reasons(listed(plain.root)) == [("lock\n'ed", "unreadable"), ("open/locked", "unreadable")]
    assert listed(plain.root / "open").skips == (Skip("locked", "unreadable", "permission denied"),)
    assert listed(plain.root / "open" / "locked").skips == (Skip(".", "unreadable", "permission denied"),)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_index_without_permission_is_a_skip(plain: Repository) -> None:
    plain.write("file")
    plain.add()
    (plain.root / ".git" / "index").chmod(0)
    assert listed(plain.root).files == (b"file",)
    assert reasons(listed(plain.root)) == [(".", "unreadable")]


# Whose repository it is, and what it brings


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_checkout_of_another_user_is_listed(repo: Repository) -> None:
    repo.write("tracked")
    repo.write("untracked")
    repo.add("tracked")
    for folder, _, names in os.walk(repo.root):
        for name in (".", *names):
            os.chown(os.path.join(folder, name), NOBODY, NOBODY)
    assert b"dubious ownership" in repo.git("status", check=False)
    assert files(repo.root) == {"tracked", "untracked"}


def test_nothing_of_a_hostile_repository_runs_or_hides_files(tmp_path: Path) -> None:
    hostile = hostile_repository(tmp_path)
    folder = hostile.repository.root
    result = listed(folder)
    assert hostile.fired() == set()
    assert result.files == (b".gitattributes", b".gitmodules", b"edited.bin", b"edited.txt", b"kept.txt", b"new.txt")
    assert reasons(result) == [("lib", "submodule")]


def test_hostile_repository_is_one(tmp_path: Path) -> None:
    hostile = hostile_repository(tmp_path)
    assert hostile.fired() == set(), "building it must not fire"
    here = f"--work-tree={hostile.repository.root}"
    expected = {
        ("status",): {"include.path", "filter.evil.clean", "filter.slow.process"},
        ("ls-files",): {"include.path"},
        ("log", "-p"): {"diff.evil.textconv", "remote.origin.uploadpack"},
        ("cat-file", "-p", ":kept.txt"): {"remote.origin.uploadpack"},
        ("evil",): {"alias.evil"},
        ("hook", "run", "pre-commit"): {"pre-commit"},
    }
    for args, programs in expected.items():
        hostile.repository.git(here, *args, check=False)
        assert hostile.fired() >= programs, args


def test_variables_that_a_hook_inherits_do_not_count(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("sub/tracked")
    repo.add()
    repo.write("sub/untracked")
    variables = {
        "GIT_DIR": "/nowhere",
        "GIT_WORK_TREE": "/",
        "GIT_COMMON_DIR": "/nowhere",
        "GIT_INDEX_FILE": ".git/index.lock",
        "GIT_OBJECT_DIRECTORY": "/nowhere",
        "GIT_PREFIX": "sub/",
        "GIT_NAMESPACE": "x",
        "GIT_CEILING_DIRECTORIES": "/",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.bare",
        "GIT_CONFIG_VALUE_0": "true",
        "GIT_CONFIG_PARAMETERS": "'core.bare'='true'",
        "GIT_GLOB_PATHSPECS": "1",
        "GIT_ICASE_PATHSPECS": "1",
        "GIT_EXEC_PATH": "/nowhere",
        "LC_ALL": "de_DE.UTF-8",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert files(repo.root) == {"sub/tracked", "sub/untracked"}
    assert files(repo.root / "sub") == {"tracked", "untracked"}


# Cost


def test_two_thousand_files_cost_one_git_process(repo: Repository, counted_git: Path) -> None:
    for number in range(2000):
        repo.write(f"dir{number % 40}/file{number}")
    repo.add(*(f"dir{number}" for number in range(20)))
    assert len(listed(repo.root).files) == 2000
    assert counted_git.read_text().split() == ["ls-files"]


def test_folder_without_untracked_files_costs_two_git_processes(repo: Repository, counted_git: Path) -> None:
    repo.write("sub/file")
    repo.add()
    assert files(repo.root / "sub") == {"file"}
    assert counted_git.read_text().split() == ["ls-files", "check-ignore"]


@pytest.fixture
def counted_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file into which git's subcommands are written as ours runs it."""
    log, real = tmp_path / "log", shutil.which("git")
    script = tmp_path / "bin" / "git"
    script.parent.mkdir()
    known = "ls-files|check-ignore|config|version|rev-parse|status"
    script.write_text(
        f'#!/bin/sh\nfor word; do case $word in {known}) echo $word >> "{log}";; esac; done\nexec {real} "$@"\n'
    )
    script.chmod(0o755)
    real_environment = git_environment()
    monkeypatch.setattr("git_repos.git_environment", lambda: real_environment)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
    return log


# LFS


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", True, id="pointer"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\r\noid sha256:0\r\n", True, id="Windows line ends"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\n".ljust(POINTER_BYTES - 1), True, id="longest"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\n".ljust(POINTER_BYTES), False, id="too long"),
        pytest.param(b"version https://git-lfs.github.com/spec/v12\n", False, id="another version"),
        pytest.param(b" version https://git-lfs.github.com/spec/v1\n", False, id="not at the start"),
        pytest.param(b"", False, id="empty"),
    ],
)
def test_lfs_pointer_is_told_from_content(data: bytes, *, expected: bool) -> None:
    assert is_lfs_pointer(data) is expected
