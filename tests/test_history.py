"""Every way a repository can hold a key: each is found, at its oldest place, with its life."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from git_repos import hostile_repository
from history_repos import Past, clone
from keys import key, secret_half
from sgleaks import history
from sgleaks.git import reflogs
from sgleaks.model import Commit, Finding, Report, exit_code
from sgleaks.settings import Settings

KEY = key(1)
TEXT = f"SENDGRID_API_KEY={KEY}\n".encode()
REST = b"".join(b"line %d of a file that is long enough for a delta\n" % number for number in range(300))


def scanned(*paths: Path) -> Report:
    return history.scan(paths, Settings(jobs=1, only="credentials"))


def only(report: Report) -> Finding:
    (finding,) = report.findings
    return finding


@dataclass(frozen=True)
class Life:
    """What is to be told of the one key of a history; dates are month and day of 2024."""

    path: str
    first: str | None = "01-01"
    removed: str | None = None
    at_head: bool = False
    refs: tuple[str, ...] = ("refs/heads/main",)
    line: int = 1
    also: tuple[str, ...] = ()
    code: int = 1
    skips: tuple[str, ...] = ()


def day(commit: Commit | None) -> str | None:
    return commit.date[5:10] if commit else None


def told(report: Report) -> Life:
    finding = only(report)
    assert finding.secret
    assert finding.secret.reveal() == KEY
    exposure = finding.exposure
    assert exposure
    assert exposure.reachable == bool(exposure.refs)
    if exposure.first_seen and finding.origin.commit:
        assert exposure.first_seen == finding.origin.commit
    return Life(
        finding.origin.place,
        day(exposure.first_seen),
        day(exposure.removed_in),
        exposure.at_head,
        exposure.refs,
        finding.region.line,
        tuple(origin.place for origin, _ in finding.also),
        exit_code(report),
        tuple(skip.reason for skip in report.skips),
    )


Build = Callable[[Past], Life]


def deleted_file(past: Past) -> Life:
    past.write("deploy/mail.env", TEXT)
    past.at("01-01")
    past.remove("deploy/mail.env")
    past.at("02-02")
    return Life("deploy/mail.env", removed="02-02")


def at_head(past: Past) -> Life:
    past.write("a.env", TEXT)
    past.at("01-01")
    past.write("a.env", b"# more\n" + TEXT)
    past.at("02-02")
    return Life("a.env", at_head=True)


def back_after_removal(past: Past) -> Life:
    past.write("a.env", TEXT)
    past.at("01-01")
    past.write("a.env")
    past.at("02-02")
    past.write("new/b.env", TEXT)
    past.at("03-03")
    past.remove("new/b.env")
    past.at("04-04")
    return Life("a.env", removed="04-04", also=("new/b.env",))


def renamed(past: Past) -> Life:
    past.write("a.env", TEXT)
    past.at("01-01")
    past.git("mv", "a.env", "b.env")
    past.at("02-02")
    past.remove("b.env")
    past.at("03-03")
    return Life("a.env", removed="03-03", also=("b.env",))


def mode_changed(past: Past) -> Life:
    past.write("a.sh", TEXT)
    past.at("01-01")
    past.git("update-index", "--chmod=+x", "a.sh")
    past.dated("02-02", "commit", "--quiet", "--message", "executable")
    return Life("a.sh", at_head=True)


def evil_merge(past: Past) -> Life:
    past.at("01-01")
    past.git("checkout", "--quiet", "-b", "side")
    past.write("side")
    past.at("01-02")
    past.git("checkout", "--quiet", "main")
    past.write("main")
    past.at("01-03")
    past.git("merge", "--quiet", "--no-commit", "--no-ff", "side")
    past.write("evil.env", TEXT)
    past.at("01-04", "merge")
    past.remove("evil.env")
    past.at("01-05")
    return Life("evil.env", first="01-04", removed="01-05")


def merge_that_drops_it(past: Past) -> Life:
    past.at("01-01")
    past.git("checkout", "--quiet", "-b", "side")
    past.write("side.env", TEXT)
    past.at("01-02")
    past.git("checkout", "--quiet", "main")
    past.write("main")
    past.at("01-03")
    past.dated("01-04", "merge", "--quiet", "--strategy=ours", "--message", "ours", "side")
    past.git("branch", "--delete", "--force", "side")
    return Life("side.env", first="01-02", removed="01-04")


def octopus(past: Past) -> Life:
    past.at("01-01")
    for number, name in enumerate(("one", "two", "three")):
        past.git("checkout", "--quiet", "-b", name, "main")
        past.write(f"{name}.env", TEXT if name == "two" else b"no\n")
        past.at(f"01-0{number + 2}")
    past.git("checkout", "--quiet", "main")
    past.dated("01-09", "merge", "--quiet", "--message", "octopus", "one", "two", "three")
    past.git("branch", "--delete", "--force", "one", "two", "three")
    past.remove("two.env")
    past.at("01-10")
    return Life("two.env", first="01-03", removed="01-10")


def orphan_branch(past: Past) -> Life:
    past.at("01-01")
    past.git("checkout", "--quiet", "--orphan", "pages")
    past.write("site.js", TEXT)
    past.at("01-02")
    past.git("checkout", "--quiet", "main")
    return Life("site.js", first="01-02", refs=("refs/heads/pages",))


def branch_that_keeps_it(past: Past) -> Life:
    past.write("a.env", TEXT)
    past.at("01-01")
    past.git("branch", "old")
    past.remove("a.env")
    past.at("02-02")
    return Life("a.env", removed="02-02", refs=("refs/heads/main", "refs/heads/old"))


def pull_request(past: Past) -> Life:
    past.at("01-01")
    past.git("checkout", "--quiet", "--detach")
    past.write("a.env", TEXT)
    commit = past.at("01-02")
    past.git("checkout", "--quiet", "main")
    past.git("update-ref", "refs/pull/7/head", commit)
    return Life("a.env", first="01-02", refs=("refs/pull/7/head",))


def stash(past: Past) -> Life:
    past.write("a.env")
    past.at("01-01")
    past.write("a.env", TEXT)
    past.dated("01-02", "stash", "push", "--quiet")
    return Life("a.env", first="01-02", refs=("refs/stash",))


def older_stash(past: Past) -> Life:
    past.write("a.env")
    past.at("01-01")
    past.write("a.env", TEXT)
    past.dated("01-02", "stash", "push", "--quiet")
    past.write("a.env", b"other\n")
    past.dated("01-03", "stash", "push", "--quiet")
    return Life("a.env", first="01-02", refs=("refs/stash@{1}",))


def untracked_in_stash(past: Past) -> Life:
    past.at("01-01")
    past.write("new.env", TEXT)
    past.dated("01-02", "stash", "push", "--quiet", "--include-untracked")
    return Life("new.env", first="01-02", refs=("refs/stash",))


def notes(past: Past) -> Life:
    commit = past.at("01-01")
    past.dated("01-02", "notes", "add", "--message", TEXT.decode())
    return Life(commit, first="01-02", refs=("refs/notes/commits",))


def reflog_only(past: Past) -> Life:
    past.at("01-01")
    past.write("a.env", TEXT)
    past.at("01-02")
    past.git("reset", "--quiet", "--hard", "HEAD~1")
    return Life("a.env", first="01-02", refs=("HEAD@{1}", "ORIG_HEAD", "refs/heads/main@{1}"))


def amended(past: Past) -> Life:
    past.write("a.env", TEXT)
    past.at("01-01")
    past.write("a.env")
    past.git("add", "--all")
    past.dated("01-02", "commit", "--quiet", "--amend", "--message", "clean")
    return Life("a.env", refs=("HEAD@{1}", "refs/heads/main@{1}"))


def unreachable_commit(past: Past) -> Life:
    reflog_only(past)
    past.git("reflog", "expire", "--expire=all", "--all")
    (past.root / ".git/ORIG_HEAD").unlink()
    return Life("a.env", first="01-02", refs=())


def dangling_blob(past: Past) -> Life:
    past.at("01-01")
    oid = past.git("hash-object", "-w", "--stdin", stdin=TEXT).decode().strip()
    return Life(f"blob/{oid}", first=None, refs=())


def staged(past: Past) -> Life:
    past.at("01-01")
    past.write("a.env", TEXT)
    past.add("a.env")
    past.remove("a.env")
    return Life("a.env", first=None, refs=("the index",))


def tag_message(past: Past) -> Life:
    past.at("01-01")
    past.git("tag", "--annotate", "--message", f"one\n\n{KEY}", "v1")
    return Life("refs/tags/v1", first=None, refs=("refs/tags/v1",), line=8)


def tag_of_a_blob(past: Past) -> Life:
    past.at("01-01")
    oid = past.git("hash-object", "-w", "--stdin", stdin=TEXT).decode().strip()
    past.git("tag", "--annotate", "--message", "the key", "key", oid)
    return Life("refs/tags/key", first=None, refs=("refs/tags/key",))


def tag_of_a_tree(past: Past) -> Life:
    past.at("01-01")
    past.write("in/a.env", TEXT)
    past.add()
    tree = past.git("write-tree").decode().strip()
    past.git("rm", "--quiet", "--cached", "in/a.env")
    past.git("tag", "tree", tree)
    return Life("in/a.env", first=None, refs=("refs/tags/tree",))


def replaced(past: Past) -> Life:
    past.write("a.env", TEXT)
    past.at("01-01")
    clean = past.git("hash-object", "-w", "--stdin", stdin=b"clean\n").decode().strip()
    past.git("replace", past.id("HEAD:a.env"), clean)
    return Life("a.env", at_head=True)


def replacement(past: Past) -> Life:
    past.write("a.env", b"clean\n")
    past.at("01-01")
    oid = past.git("hash-object", "-w", "--stdin", stdin=TEXT).decode().strip()
    clean = past.id("HEAD:a.env")
    past.git("replace", clean, oid)
    return Life(f"refs/replace/{clean}", first=None, refs=(f"refs/replace/{clean}",))


def grafted(past: Past) -> Life:
    deleted_file(past)
    (past.root / ".git/info/grafts").write_text(past.id("HEAD") + "\n")
    return Life("deploy/mail.env", removed="02-02")


def binary_attribute(past: Past) -> Life:
    past.write(".gitattributes", b"*.env -diff binary\n")
    past.write("a.env", TEXT)
    past.at("01-01")
    past.remove("a.env")
    past.at("02-02")
    return Life("a.env", removed="02-02")


def utf_16(past: Past) -> Life:
    past.write("a.ps1", ("\ufeff# key\r\n" + TEXT.decode()).encode("utf-16-le"))
    past.at("01-01")
    past.remove("a.ps1")
    past.at("02-02")
    return Life("a.ps1", removed="02-02", line=2)


def crlf(past: Past) -> Life:
    past.write("a.env", b"one\r\ntwo\r\n" + TEXT.replace(b"\n", b"\r\n"))
    past.at("01-01")
    return Life("a.env", at_head=True, line=3)


def archive(past: Past) -> Life:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("etc/mail.env", TEXT)
    past.write("backup.zip", buffer.getvalue())
    past.at("01-01")
    past.remove("backup.zip")
    past.at("02-02")
    return Life("backup.zip!etc/mail.env", removed="02-02")


def binary(past: Past) -> Life:
    past.write("core", bytes(range(256)) + TEXT + bytes(range(256)))
    past.at("01-01")
    return Life("core", at_head=True, line=2)


def commit_message(past: Past) -> Life:
    commit = past.at("01-01", f"Use the key\n\n{KEY}")
    past.at("01-02")
    return Life(f"commit/{commit}", line=7)


def author(past: Past) -> Life:
    past.at("01-01")
    commit = past.dated("01-02", "commit", "--quiet", "--allow-empty", "--message", "x", GIT_AUTHOR_NAME=KEY)
    return Life(f"commit/{commit}", first="01-02", at_head=True, line=3)


def name_of_a_branch(past: Past) -> Life:
    past.at("01-01")
    past.git("branch", f"fix/{KEY}")
    past.git("reflog", "expire", "--expire=all", "--all")
    shown = f"refs/heads/fix/{KEY[:26]}…"
    return Life(shown, first=None, refs=(shown,))


def entry_of_a_reflog(past: Past) -> Life:
    past.at("01-01")
    past.dated("01-02", "update-ref", "-m", f"reset: {KEY}", "--create-reflog", "refs/heads/b", "HEAD")
    return Life("logs/refs/heads/b", first=None, refs=("refs/heads/b",))


def submodule(past: Past) -> Life:
    inner = Past(past.root / "lib")
    commit = inner.at("01-01")
    past.git("update-index", "--add", "--cacheinfo", f"160000,{commit},lib")
    past.write("a.env", TEXT)
    past.add("a.env")
    past.dated("01-01", "commit", "--quiet", "--message", "with a library")
    return Life("a.env", at_head=True)


def unborn_head(past: Past) -> Life:
    past.write("a.env", TEXT)
    past.at("01-01")
    past.git("symbolic-ref", "HEAD", "refs/heads/none")
    return Life("a.env")


def detached_in_a_worktree(past: Past) -> Life:
    past.at("01-01")
    past.git("worktree", "add", "--quiet", "--detach", "tree")
    inner = Past(past.root / "tree")
    inner.write("a.env", TEXT)
    inner.at("01-02")
    (past.root / ".git/worktrees/tree/logs/HEAD").unlink()
    return Life("a.env", first="01-02", refs=("worktrees/tree/HEAD",))


def packed_and_loose(past: Past) -> Life:
    past.write("a.txt", REST)
    past.at("01-01")
    for number in range(2, 9):
        past.write("a.txt", REST + (TEXT if number == 4 else b"") + b"%d\n" % number)
        past.at(f"01-0{number}")
    past.git("gc", "--quiet", "--aggressive", "--prune=now")
    past.write("a.txt", b"loose\n")
    past.at("01-09")
    return Life("a.txt", first="01-04", removed="01-05", line=301)


def two_packs(past: Past) -> Life:
    past.write("a.txt", REST)
    past.at("01-01")
    past.git("repack", "--quiet", "-d")
    past.write("a.txt", REST + TEXT)
    past.at("01-02")
    past.git("repack", "--quiet", "-d")
    return Life("a.txt", first="01-02", at_head=True, line=301)


CASES: tuple[Build, ...] = (
    deleted_file, at_head, back_after_removal, renamed, mode_changed, evil_merge, merge_that_drops_it, octopus,
    orphan_branch, branch_that_keeps_it, pull_request, stash, older_stash, untracked_in_stash, notes, reflog_only,
    amended, unreachable_commit, dangling_blob, staged, tag_message, tag_of_a_blob, tag_of_a_tree, replaced,
    replacement, grafted, binary_attribute, utf_16, crlf, archive, binary, commit_message, author, name_of_a_branch,
    entry_of_a_reflog, submodule, unborn_head, detached_in_a_worktree, packed_and_loose, two_packs,
)  # fmt: skip


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_key_is_found_wherever_it_was(build: Build, tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    expected = build(past)
    assert told(scanned(past.root)) == expected


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_bare_repository_of_either_format(object_format: str, tmp_path: Path) -> None:
    past = Past(tmp_path / "repository", f"--object-format={object_format}")
    expected = deleted_file(past)
    past.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    assert told(scanned(past.root)) == expected
    assert told(scanned(tmp_path / "bare.git")) == expected


def test_linked_worktree_is_the_whole_repository(tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    expected = deleted_file(past)
    past.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "tree"))
    life = told(scanned(tmp_path / "tree"))
    assert (life.path, life.removed) == (expected.path, expected.removed)
    assert life.refs == ("refs/heads/main", "refs/heads/other")


def test_empty_repository_is_clean(tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    report = scanned(past.root)
    assert (report.findings, report.skips, exit_code(report)) == ((), (), 0)


def test_shallow_clone_is_never_clean(tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    deleted_file(past)
    clone(past.root, tmp_path / "shallow", "--depth", "1")
    report = scanned(tmp_path / "shallow")
    assert report.findings == ()
    assert exit_code(report) == 3
    assert "unshallow" in report.skips[0].detail


def test_what_a_shallow_clone_has_begins_at_its_boundary(tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    at_head(past)
    clone(past.root, tmp_path / "shallow", "--depth", "1")
    life = told(scanned(tmp_path / "shallow"))
    assert (life.first, life.at_head, life.code, life.skips) == ("02-02", True, 1, ("missing",))


def test_partial_clone_says_how_much_is_missing(tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    past.git("config", "uploadpack.allowFilter", "true")
    deleted_file(past)
    clone(past.root, tmp_path / "partial", "--filter=blob:none", "--no-checkout")
    report = scanned(tmp_path / "partial")
    assert (report.findings, exit_code(report)) == ((), 3)
    assert report.skips[0].detail.startswith("1 that the history names are not here")


def test_what_a_partial_clone_has_is_searched(tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    past.git("config", "uploadpack.allowFilter", "true")
    past.write("large", REST)
    past.write("a.env", TEXT)
    past.at("01-01")
    past.write("large", REST + b"more\n")
    past.at("01-02")
    past.remove("a.env")
    past.at("02-02")
    clone(past.root, tmp_path / "partial", "--filter=blob:limit=1k", "--no-checkout")
    refs = ("refs/heads/main", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    expected = Life("a.env", removed="02-02", refs=refs, skips=("missing",))
    assert told(scanned(tmp_path / "partial")) == expected


def test_objects_of_an_alternate_inside_are_read_and_outside_are_told(tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    deleted_file(past)
    other = Past(tmp_path / "other")
    (other.root / ".git/objects/info").mkdir(exist_ok=True)
    (other.root / ".git/objects/info/alternates").write_text(f"{past.root}/.git/objects\n")
    other.git("update-ref", "refs/heads/main", past.id("HEAD"))
    report = scanned(other.root)
    assert (report.findings, exit_code(report)) == ((), 3)
    (past.root / ".git/objects").rename(other.root / ".git/lent")
    (other.root / ".git/objects/info/alternates").write_text("../lent\n")
    assert told(scanned(other.root)).removed == "02-02"


def test_broken_and_dangling_refs_are_told(tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    at_head(past)
    (past.root / ".git/refs/heads/broken").write_text("nonsense\n")
    (past.root / ".git/refs/heads/gone").write_text("1" * 40 + "\n")
    report = scanned(past.root)
    assert {(skip.path, skip.reason) for skip in report.skips} == {
        ("refs/heads/broken", "unreadable"),
        ("refs/heads/gone", "missing"),
    }
    assert only(report).exposure


@pytest.mark.parametrize("what", ["HEAD~1", "HEAD~1^{tree}", "HEAD~1:deploy/mail.env"], ids=["commit", "tree", "blob"])
def test_damaged_history_is_never_clean(what: str, tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    deleted_file(past)
    oid = past.id(what)
    (past.root / ".git/objects" / oid[:2] / oid[2:]).unlink()
    report = scanned(past.root)
    assert report.incomplete


def test_same_key_of_many_versions_is_told_once(tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    for number in range(1, 7):
        past.write("a.env", b"#\n" * number + TEXT)
        past.write(f"copy{number % 2}.env", TEXT)
        past.at(f"01-0{number}")
    life = told(scanned(past.root))
    assert (life.path, life.also, life.line) == ("a.env", ("copy1.env", "copy0.env"), 2)


def test_reflogs_that_lead_elsewhere_are_not_read_and_unreadable_ones_are_told(tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    past.at("01-01")
    logs = past.root / ".git/logs"
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/mail.env").write_bytes(TEXT)
    (logs / "refs/link").symlink_to(tmp_path / "secret/mail.env")
    (logs / "refs/folder").symlink_to(tmp_path / "secret")
    assert scanned(past.root).findings == ()
    (logs / "HEAD").write_bytes(b"x" * (reflogs.REFLOG_BYTES + 1))
    assert [(skip.path, skip.reason) for skip in scanned(past.root).skips] == [("logs/HEAD", "too-large")]
    (logs / "HEAD").unlink()
    logs.rename(tmp_path / "logs")
    logs.symlink_to(tmp_path / "secret")
    assert scanned(past.root).findings == ()


def test_hostile_repository_fires_nothing(tmp_path: Path) -> None:
    hostile = hostile_repository(tmp_path)
    hostile.fired()
    report = scanned(hostile.repository.root)
    assert hostile.fired() == set()
    assert report.incomplete


def test_several_repositories_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        at_head(Past(tmp_path / name))
    monkeypatch.chdir(tmp_path)
    report = scanned(Path("one"), Path("two"))
    assert [finding.origin.path for finding in report.findings] == ["one/a.env", "two/a.env"]


def test_names_hold_no_secret(tmp_path: Path) -> None:
    past = Past(tmp_path / "repository")
    past.write("a.env", TEXT)
    past.at("01-01", f"Add {KEY}")
    assert secret_half(KEY) not in repr(scanned(past.root))
