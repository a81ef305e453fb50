"""What is taken from outside has a bound: at it all is well, one more is told and never clean.

Bounds that a module is about are tested beside it: archives, decoders, packs, formats, answers of servers. Here are the
others, each with a function that makes something as large as it is told.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import Done, sgleaks
from git_repos import Repository
from keys import key
from sgleaks.ci.trust import MAX_FILES
from sgleaks.cli.hook import MAX_LINES
from sgleaks.cli.verify import MAX_INPUT, MAX_KEYS, read_keys
from sgleaks.errors import ToolError
from sgleaks.git.cat_file import MAX_OBJECT, RESTARTS
from sgleaks.git.pushes import MAX_REFS, received
from sgleaks.git.repository import ALTERNATES, ALTERNATES_BYTES, find
from sgleaks.retrace import MAX_REPORT
from sgleaks.syntax import MAX_SIZE, bicep, draft, yaml
from sgleaks.triage.baseline import MAX_SIZE as MAX_BASELINE

ZEROS, ONES = "0" * 40, "1" * 40


# Files that are parsed: nested too deeply, too large, referring to too much


def nested_json(depth: int) -> bytes:
    return b'{"sendgrid": ' * depth + b"1" + b"}" * depth


def nested_hcl(depth: int) -> bytes:
    return b"sendgrid {\n" * depth + b"}\n" * depth


def nested_yaml(depth: int) -> bytes:
    return b"sendgrid: " + b"[" * (depth - 1) + b"]" * (depth - 1) + b"\n"


def nested_toml(depth: int) -> bytes:
    return b"sendgrid = " + b"[" * depth + b"]" * depth + b"\n"


def nested_bicep(depth: int) -> bytes:
    return b"param sendgrid object = " + b"{\na: " * depth + b"1\n" + b"}\n" * depth


def merged_yaml(settings: int) -> bytes:
    """Mappings of a hundred settings merged into others, as often as it takes to add so many."""
    times, rest = divmod(settings, 100)
    anchor = b"sendgrid: &a\n" + b"".join(b"  k%d: 1\n" % number for number in range(100))
    few = b"few: &b\n" + b"".join(b"  k%d: 1\n" % number for number in range(rest))
    return anchor + few + b"".join(b"m%d:\n  <<: *a\n" % number for number in range(times)) + b"n:\n  <<: *b\n"


def padded_json(size: int) -> bytes:
    return b'{"sendgrid": 1' + b" " * (size - 15) + b"}"


PARSED: dict[str, tuple[str, Callable[[int], bytes], int]] = {
    "nested JSON": ("a.json", nested_json, draft.MAX_DEPTH),
    "nested HCL": ("a.tf", nested_hcl, draft.MAX_DEPTH),
    "nested YAML": ("a.yaml", nested_yaml, draft.MAX_DEPTH),
    "nested TOML": ("a.toml", nested_toml, draft.MAX_DEPTH - 1),
    "nested Bicep": ("a.bicep", nested_bicep, bicep.MAX_DEPTH),
    "merge keys": ("b.yaml", merged_yaml, yaml.MAX_MERGED - 1),
    "large JSON": ("b.json", padded_json, MAX_SIZE),
}


def facts(name: str, data: bytes) -> str:
    """Why a file was not read whole; nothing if it was."""
    from sgleaks.model import Blob, Origin, View
    from sgleaks.syntax import Unparsed, facts_of

    try:
        facts_of(View(data, Blob(data, Origin(name))))
    except Unparsed as why:
        return str(why)
    return ""


@pytest.mark.parametrize(("name", "make", "bound"), PARSED.values(), ids=PARSED)
def test_file_is_parsed_up_to_its_bound_and_beyond_it_said_to_be_unparsed(
    name: str, make: Callable[[int], bytes], bound: int
) -> None:
    assert facts(name, make(bound)) == ""
    assert facts(name, make(bound + 2)) != ""


def test_what_is_behind_too_deep_a_nesting_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    mail = b'resource "sendgrid_api_key" "k" {\n  name   = "x"\n  scopes = ["mail.send", "teammates.create"]\n}\n'
    for depth, code in ((draft.MAX_DEPTH - 1, 1), (draft.MAX_DEPTH + 1, 3)):
        (tmp_path / "main.tf").write_bytes(nested_hcl(depth) + mail)
        done = sgleaks("scan", "--no-config", "--fail-on", "note", "--format", "json", cwd=tmp_path)
        assert [skip["reason"] for skip in done.report["skips"]] == (["unparsed"] if code == 3 else [])
        assert (done.code in (0, 1)) if code == 1 else (done.code == 3)


def test_billion_laughs_take_no_time(tmp_path: Path) -> None:
    lines = ["a0: &a0 [sendgrid]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 200)]
    (tmp_path / "a.yaml").write_text("\n".join(lines))
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 50))
    (tmp_path / "a.xml").write_text(f"<!DOCTYPE x [{entities}]><sendgrid password='&a49;'>&a49;</sendgrid>")
    (tmp_path / "a.env").write_text(f"K={key()}")
    started = time.process_time()
    assert sgleaks("scan", "--no-config", cwd=tmp_path).code == 1
    assert time.process_time() - started < 5


# What git hands over


def refs(count: int) -> str:
    return f"{ZEROS} {ONES} refs/heads/x\n" * count


def test_refs_of_a_push() -> None:
    assert len(received(refs(MAX_REFS), ()).wanted) == MAX_REFS
    with pytest.raises(ToolError, match="more than 10,000 refs"):
        received(refs(MAX_REFS + 1), ())


@pytest.mark.parametrize("hook", ["pre-push", "pre-receive"])
def test_lines_of_a_push_are_never_cut(tmp_path: Path, hook: str) -> None:
    repo = Repository(tmp_path / "repo")
    repo.write("a.env", key().encode())
    repo.add()
    oid = repo.commit()
    end = f" {oid} refs/heads/x {ZEROS}\n" if hook == "pre-push" else f"{ZEROS} {oid} refs/heads/x\n"
    gone = f"(delete) {ZEROS} refs/heads/" if hook == "pre-push" else f"{ONES} {ZEROS} refs/heads/"
    tail = f" {ONES}\n" if hook == "pre-push" else "\n"
    end = f"refs/heads/x{end}" if hook == "pre-push" else end

    def run(size: int) -> Done:
        text = gone + "x" * (size - len(gone) - len(tail) - len(end)) + tail + end
        assert len(text) == size
        return sgleaks("hook", hook, "--no-config", cwd=repo.root, stdin=text.encode())

    assert run(MAX_LINES).code in ((1,) if hook == "pre-push" else (0, 1))
    done = run(MAX_LINES + 1)
    assert (done.code, done.err.splitlines()[0]) == (2, "sgleaks: the push: its refs are more than 8 MiB")


def test_folders_that_objects_are_borrowed_from(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "repo")
    lent = repo.root / "lent"
    for count, reasons in ((ALTERNATES - 1, []), (ALTERNATES, ["too-large"])):
        for number in range(count):
            (lent / f"{number}").mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{lent}/{number}\n" for number in range(count))
        (repo.root / ".git/objects/info/alternates").write_text(lines)
        found = find(repo.root)
        assert found
        assert len(found.objects) == min(count + 1, ALTERNATES)
        assert [skip.reason for skip in found.skips] == reasons


def test_list_of_folders_that_objects_are_borrowed_from(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "repo")
    file = repo.root / ".git/objects/info/alternates"
    for size, reasons in ((ALTERNATES_BYTES, []), (ALTERNATES_BYTES + 1, ["too-large"])):
        file.write_text("#" * size)
        found = find(repo.root)
        assert found
        assert [skip.reason for skip in found.skips] == reasons


@pytest.mark.parametrize("engine", ["git", "auto"])
def test_object_that_says_it_is_huge(tmp_path: Path, engine: str) -> None:
    repo = Repository(tmp_path / "repo")
    for size, reason in ((MAX_OBJECT, "damaged"), (MAX_OBJECT + 1, "too-large")):
        header = f"blob {size}\0".encode()
        oid = hashlib.sha1(header, usedforsecurity=False).hexdigest()
        path = repo.root / ".git/objects" / oid[:2] / oid[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zlib.compress(header + b"no more"))
        done = sgleaks("history", "--engine", engine, "--no-config", "--format", "json", cwd=repo.root)
        assert (done.code, {skip["reason"] for skip in done.report["skips"]}) == (3, {reason})
        path.unlink()


def test_damaged_objects_are_all_told_and_those_beside_them_found(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "repo")
    repo.write("a.env", f"SENDGRID_API_KEY={key()}\n".encode())
    repo.add()
    repo.commit()
    for number in range(RESTARTS + 5):
        oid = hashlib.sha1(b"%d" % number, usedforsecurity=False).hexdigest()
        (repo.root / ".git/objects" / oid[:2]).mkdir(exist_ok=True)
        (repo.root / ".git/objects" / oid[:2] / oid[2:]).write_bytes(zlib.compress(b"blob 9\0cut off")[:-4])
    done = sgleaks("history", "--jobs", "1", "--no-config", "--format", "json", cwd=repo.root)
    told = [skip for skip in done.report["skips"] if skip["reason"] == "damaged"]
    more = sum(int(skip["detail"].split()[0]) for skip in told if skip["path"] == "objects")
    assert done.code == 1
    assert sum(skip["path"] != "objects" for skip in told) + more == RESTARTS + 5
    assert any("so much is" in skip["detail"] for skip in told)


def test_many_refs_are_all_followed(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "repo")
    repo.write("a.env", f"SENDGRID_API_KEY={key()}\n".encode())
    repo.add()
    oid = repo.commit()
    packed = "".join(f"{oid} refs/heads/b{number:06}\n" for number in range(5_000))
    (repo.root / ".git/packed-refs").write_text(f"# pack-refs with: peeled fully-peeled sorted \n{packed}")
    done = sgleaks("history", "--no-config", "--format", "json", cwd=repo.root)
    assert done.code == 1
    assert "in 5,001 refs" in done.err


# Files that the user names


def test_keys_that_are_asked_about() -> None:
    lines = (key(0) + "\n").encode()
    assert len(read_keys(lines * MAX_KEYS)) == MAX_KEYS
    with pytest.raises(ToolError, match="more than 10,000 keys"):
        read_keys(lines * (MAX_KEYS + 1))
    assert len(read_keys(lines + b"#" * (MAX_INPUT - len(lines)))) == 1
    with pytest.raises(ToolError, match="more than 1 MiB"):
        read_keys(lines + b"#" * (MAX_INPUT - len(lines) + 1))


def test_report_that_keys_are_looked_for_in(tmp_path: Path) -> None:
    with (tmp_path / "r.json").open("wb") as file:
        file.truncate(MAX_REPORT + 1)
    for args in (["verify", "r.json"], ["verify", "-"]):
        with (tmp_path / "r.json").open("rb") as file:
            done = subprocess.run(
                [sys.executable, "-m", "sgleaks", *args], cwd=tmp_path, stdin=file, capture_output=True, check=False
            )
        assert done.returncode == 2
        assert b"256 MiB" in done.stderr


def test_baseline(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text(key())
    for size, code in ((MAX_BASELINE, 1), (MAX_BASELINE + 1, 2)):
        (tmp_path / "b.toml").write_bytes(b"#" * size)
        assert sgleaks("scan", "--no-config", "--baseline", "b.toml", cwd=tmp_path).code == code


def test_rules_of_the_base_of_a_pull_request(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "repo")
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"text\n").decode().strip()

    def base(files: int) -> str:
        tree = "".join(f"100644 blob {blob}\t{number}.md\n" for number in range(files))
        below = repo.git("mktree", stdin=tree.encode()).decode().strip()
        root = repo.git("mktree", stdin=f"040000 tree {below}\trules\n".encode()).decode().strip()
        return repo.git("commit-tree", root, "-m", "x").decode().strip()

    (repo.root / "rules").mkdir()
    for files, told in ((MAX_FILES - 1, "no rule is in it"), (MAX_FILES, "more than 10,000 files")):
        first = base(files)
        head = repo.git("commit-tree", f"{first}^{{tree}}", "-p", first, "-m", "y").decode().strip()
        repo.git("update-ref", "HEAD", head)
        (tmp_path / "event.json").write_text(
            json.dumps({"pull_request": {"base": {"sha": first}, "head": {"sha": head}, "number": 1}, "number": 1})
        )
        env = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
               "GITHUB_SHA": head, "RUNNER_TEMP": str(tmp_path), "GITHUB_REF": "refs/pull/1/merge"}  # fmt: skip
        done = sgleaks("ci", "github", "--rules", "rules", "--no-annotations", cwd=repo.root, env=env)
        assert (done.code, told in done.err) == (2, True)
