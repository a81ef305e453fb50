"""``sgleaks scan`` as its user meets it: what is named, what is walked, what is skipped, and how it exits."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from cli import scan_json, sgleaks
from git_repos import Repository
from keys import key, secret_half
from sgleaks.secret import Secret


def plant(folder: Path, name: str, text: str | bytes) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_clean_folder_exits_0_and_says_what_was_covered(tmp_path: Path) -> None:
    plant(tmp_path, "a/readme.txt", "nothing here\n")
    done = sgleaks("scan", cwd=tmp_path)
    assert (done.code, done.out) == (0, "")
    assert "no findings in 1 file" in done.err


def test_key_exits_1_with_its_place(tmp_path: Path) -> None:
    plant(tmp_path, "deploy/mail.env", f"A=1\n\nSENDGRID_API_KEY={key()}\n")
    done = scan_json(cwd=tmp_path)
    (finding,) = done.report["findings"]
    assert done.code == 1
    assert (finding["path"], finding["line"], finding["column"]) == ("deploy/mail.env", 3, 18)
    assert (finding["end_line"], finding["end_column"]) == (3, 87)
    assert finding["secret"]["sha256"] == Secret(key()).sha256


def test_named_files_folders_and_standard_input(tmp_path: Path) -> None:
    first, second = plant(tmp_path, "one.env", key(1)), plant(tmp_path, "two/two.env", key(2))
    assert scan_json(first, cwd=tmp_path).places == [("one.env", 1, 1)]
    assert scan_json("one.env", "two", cwd=tmp_path).places == [("one.env", 1, 1), ("two/two.env", 1, 1)]
    assert scan_json(second.parent, cwd=Path("/")).places == [("two.env", 1, 1)]
    assert scan_json("-", cwd=tmp_path, stdin=f"x {key(3)}".encode()).places == [("-", 1, 3)]


def test_file_named_twice_is_told_once(tmp_path: Path) -> None:
    plant(tmp_path, "a/one.env", key())
    for paths in (("a", "a/one.env", "./a"), ("a/one.env", "a")):
        report = scan_json(*paths, cwd=tmp_path).report
        assert (len(report["findings"]), report["summary"]["files"]) == (1, 1)


def test_link_that_is_named_is_followed_under_its_own_name(tmp_path: Path) -> None:
    plant(tmp_path, "elsewhere/real.env", key())
    plant(tmp_path, "here/x.txt", "x")
    (tmp_path / "here/link.env").symlink_to("../elsewhere/real.env")
    assert scan_json("link.env", cwd=tmp_path / "here").places == [("link.env", 1, 1)]


def test_missing_path_is_a_usage_error_that_names_it(tmp_path: Path) -> None:
    done = sgleaks("scan", "nowhere.env", cwd=tmp_path)
    assert done.code == 2
    assert "nowhere.env" in done.err
    assert "help:" in done.err


def test_git_folder_is_not_scanned_outside_git_and_ignored_files_are_not_inside(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    plant(repository.root, ".gitignore", "local.env\n")
    plant(repository.root, "local.env", key(1))
    plant(repository.root, "tracked.env", key(2))
    plant(repository.root, "new.env", key(3))
    plant(repository.root, ".git/description", key(4))
    repository.git("add", "tracked.env", ".gitignore")
    assert [path for path, _, _ in scan_json(cwd=repository.root).places] == ["new.env", "tracked.env"]
    assert [path for path, _, _ in scan_json("local.env", cwd=repository.root).places] == ["local.env"]


def test_deleted_tracked_file_is_no_skip(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    plant(repository.root, "gone.env", key(1))
    repository.git("add", "gone.env")
    (repository.root / "gone.env").unlink()
    done = scan_json(cwd=repository.root)
    assert (done.code, done.report["skips"]) == (0, [])


def test_folder_of_the_index_that_is_a_link_out_of_the_work_tree_is_not_followed(tmp_path: Path) -> None:
    plant(tmp_path, "outside/x.env", key(1))
    repository = Repository(tmp_path / "r")
    plant(repository.root, "a/x.env", "harmless")
    repository.git("add", "a/x.env")
    (repository.root / "a/x.env").unlink()
    (repository.root / "a").rmdir()
    (repository.root / "a").symlink_to(tmp_path / "outside")
    done = scan_json(cwd=repository.root)
    assert done.report["findings"] == []
    assert [(skip["path"], skip["reason"]) for skip in done.report["skips"]] == [("a", "link-out-of-root")]


def test_links_pipes_sockets_and_loops_are_named_and_never_block(tmp_path: Path) -> None:
    root = tmp_path / "root"
    plant(tmp_path, "outside.env", key(1))
    plant(root, "inside.env", key(2))
    (root / "out").symlink_to(tmp_path / "outside.env")
    (root / "again").symlink_to("inside.env")
    (root / "nowhere").symlink_to("nothing")
    (root / "loop").symlink_to("loop")
    (root / "up").symlink_to(".")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(root)  # a socket's path is short
        server.bind("sock")
        done = scan_json(cwd=root)
    assert done.places == [("inside.env", 1, 1)]
    assert {skip["path"]: skip["reason"] for skip in done.report["skips"]} == {
        "out": "link-out-of-root",
        "nowhere": "broken-link",
        "loop": "link-loop",
        "pipe": "special-file",
        "sock": "special-file",
    }


def test_key_in_the_text_of_a_link_and_in_file_names_is_found_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(key(1))
    plant(tmp_path, f"{key(2)}.txt", "x")
    plant(tmp_path, f"dir-{key(3)}/a.txt", "x")
    plant(tmp_path, f"b/{key(4).replace('.', '%2E')}.txt", key(5))
    for format_name in ("text", "json", "sarif"):
        done = sgleaks("scan", "--no-config", "-v", "--format", format_name, cwd=tmp_path)
        assert done.code == 1
        for seed in range(1, 6):
            assert secret_half(key(seed)) not in done.out + done.err
    found = {finding["secret"]["sha256"] for finding in scan_json(cwd=tmp_path).report["findings"]}
    assert found == {Secret(key(seed)).sha256 for seed in range(1, 6)}


def test_unreadable_file_makes_the_scan_incomplete(tmp_path: Path) -> None:
    file = plant(tmp_path, "secret.env", key())
    file.chmod(0)
    if os.access(file, os.R_OK):  # root reads everything but its own memory
        file = Path("/proc/self/mem")
    done = scan_json(file, cwd=tmp_path)
    assert done.code == 3
    assert done.report["skips"][0]["reason"] == "unreadable"


def test_undecodable_and_odd_names(tmp_path: Path) -> None:
    names = [b"caf\xe9.env", b"a\nb.env", b"-v", b"sp ace.env", b"quote'\".env", b"\x1b[31m.env"]
    for number, name in enumerate(names):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_text(key(number))
    done = scan_json(cwd=tmp_path)
    assert len(done.places) == len(names)
    text = sgleaks("scan", "--no-config", cwd=tmp_path)
    assert text.code == 1
    assert "\x1b" not in text.out


@pytest.mark.parametrize("jobs", ["1", "2", "5"])
def test_many_files_give_the_same_bytes_whatever_the_processes(tmp_path: Path, jobs: str) -> None:
    for number in range(1500):
        plant(tmp_path, f"d{number % 7}/f{number}.txt", key(number) if number % 100 == 0 else "x" * number)
    done = scan_json("--jobs", jobs, cwd=tmp_path)
    assert done.report["summary"]["files"] == 1500
    assert len(done.places) == 15
    assert done.out == scan_json("--jobs", "1", cwd=tmp_path).out


def test_large_file_is_cut_and_keeps_its_lines_and_columns(tmp_path: Path) -> None:
    with (tmp_path / "big.log").open("w") as file:
        for number in range(40):
            file.write("x" * 1_000_000 + "é" + key(number) + ("\n" if number % 3 == 0 else ""))
    expected, line, column = [], 1, 1
    for number in range(40):
        column += 1_000_001
        expected.append(("big.log", line, column))
        column += 69
        if number % 3 == 0:
            line, column = line + 1, 1
    assert scan_json(cwd=tmp_path).places == expected


def test_key_at_every_cut_of_a_large_file_is_found_once(tmp_path: Path) -> None:
    from sgleaks.sources.stream import OVERLAP, SEGMENT

    for number, at in enumerate((SEGMENT - 69, SEGMENT - 30, SEGMENT, SEGMENT + OVERLAP - 30, SEGMENT + OVERLAP)):
        text = bytearray(b"." * (SEGMENT * 2))
        text[at : at + 69] = key(number).encode()
        (tmp_path / f"{number}.bin").write_bytes(text)
    assert [column for _, _, column in scan_json(cwd=tmp_path).places] == [
        at + 1 for at in (SEGMENT - 69, SEGMENT - 30, SEGMENT, SEGMENT + OVERLAP - 30, SEGMENT + OVERLAP)
    ]


def test_too_many_findings_of_a_file_are_cut_and_said(tmp_path: Path) -> None:
    plant(tmp_path, "list.txt", "\n".join(key(number) for number in range(10_100)))
    done = scan_json(cwd=tmp_path)
    assert len(done.report["findings"]) == 10_000
    assert [skip["reason"] for skip in done.report["skips"]] == ["too-many-findings"]


def test_low_confidence_and_placeholders_never_fail_a_run(tmp_path: Path) -> None:
    broken = key()[:-1] + ("B" if key()[-1] != "B" else "C")
    plant(tmp_path, "a.txt", f"{broken}\nSG.{'x' * 22}.{'x' * 43}\n")
    done = scan_json(cwd=tmp_path)
    assert done.code == 0
    assert [finding["confidence"] for finding in done.report["findings"]] == ["low"]
    quiet, verbose = sgleaks("scan", cwd=tmp_path), sgleaks("scan", "-v", cwd=tmp_path)
    assert quiet.out == ""
    assert "a.txt:1:1" in verbose.out
    assert "a.txt:2:1" in verbose.err  # dropped, with its reason


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 1),
        (("--exit-zero",), 0),
        (("--fail-on", "critical"), 1),
        (("--rule", "account-password"), 0),
        (("--skip-rule", "api-key"), 0),
        (("--only", "misconfiguration"), 0),
        (("--only", "credentials"), 1),
        (("--exclude", "*.env"), 0),
        (("--profile", "L3"), 1),
        (("--jobs", "1", "-q"), 1),
    ],
    ids=str,
)
def test_options_decide_the_exit_code(tmp_path: Path, options: tuple[str, ...], code: int) -> None:
    plant(tmp_path, "mail.env", key())
    assert sgleaks("scan", *options, cwd=tmp_path).code == code


def test_key_in_a_test_file_weighs_one_level_less(tmp_path: Path) -> None:
    plant(tmp_path, "tests/test_mail.py", key())
    assert scan_json(cwd=tmp_path).report["findings"][0]["severity"] == "high"
    assert sgleaks("scan", "--fail-on", "critical", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("scna",), "scan"),
        (("scan", "--formt", "json"), "--format"),
        (("scan", "--format", "jsn"), "json"),
        (("scan", "--rule", "apikey"), "api-key"),
        (("scan", "--fail-on", "hihg"), "high"),
        (("rules", "show", "api-kye"), "api-key"),
    ],
    ids=str,
)
def test_misspelt_words_suggest_the_right_one(tmp_path: Path, arguments: tuple[str, ...], hint: str) -> None:
    done = sgleaks(*arguments, cwd=tmp_path)
    assert done.code == 2
    assert hint in done.err


def test_two_formats_at_once_and_files_only_their_owner_reads(tmp_path: Path) -> None:
    plant(tmp_path, "mail.env", key())
    done = sgleaks("scan", "--format", "text", "--format", "sarif:out.sarif", "mail.env", cwd=tmp_path)
    assert "mail.env:1:1" in done.out
    assert (tmp_path / "out.sarif").read_text().startswith("{")
    assert (tmp_path / "out.sarif").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mail.env", "out.sarif"]


def test_report_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    done = sgleaks("scan", "--format", "json:nowhere/out.json", cwd=tmp_path)
    assert done.code == 2
    assert "nowhere/out.json" in done.err


def test_closed_pipe_is_no_error_message(tmp_path: Path) -> None:
    for number in range(300):
        plant(tmp_path, f"{number}.env", key(number))
    command = f"{sys.executable} -m sgleaks scan | head -n 1"
    import subprocess

    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_key_as_the_name_of_a_variable_says_so(tmp_path: Path) -> None:
    plant(tmp_path, "send.py", f'client = SendGridAPIClient(os.environ.get("{key()}"))\n')
    assert "the name of a variable" in scan_json(cwd=tmp_path).report["findings"][0]["message"]


def test_several_keys_on_a_line_mask_each_other(tmp_path: Path) -> None:
    plant(tmp_path, "a.js", f'a("{key(1)}", "{key(2)}");')
    done = sgleaks("scan", cwd=tmp_path)
    assert done.out.count("a.js:1:") == 2
    assert secret_half(key(1)) not in done.out
    assert secret_half(key(2)) not in done.out
