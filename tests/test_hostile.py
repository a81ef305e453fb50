"""Files made to hurt a scanner: it takes time in proportion to their size, little memory, and still finds keys in them.

The same at a hundred times the size is measured by hand now and then; here it is small enough for every run.
"""

from __future__ import annotations

import base64
import gzip
import io
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import scan_json
from keys import key
from sgleaks.examine import MAX_FINDINGS, examine
from sgleaks.model import Blob, Finding, Origin, Skip
from sgleaks.ruleset import Ruleset
from sgleaks.settings import Settings

SIZE = 256 << 10  # bytes of the smaller of two files whose times are compared
RATIO = 3.0  # of their times, where the second is twice as long; a search in quadratic time would take four times
NOISE = 0.15  # seconds of it that mean nothing
MEMORY = 120 << 10  # KiB of the command for a file of 2 MiB; it needs 20 for none

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def near_keys(size: int, last: int) -> bytes:
    """Key after key with ``last`` characters for 43."""
    rng = random.Random(1)
    halves = ((rng.choices(LETTERS, k=22), rng.choices(LETTERS, k=last)) for _ in range(500))
    return repeated("".join(f"SG.{''.join(one)}.{''.join(other)}." for one, other in halves).encode(), size)


def repeated(unit: bytes, size: int) -> bytes:
    return (unit * (size // len(unit) + 1))[:size]


def again(unit: bytes, before: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: before + repeated(unit, size)


def numbered(unit: str) -> Callable[[int], bytes]:
    """The unit over and over, with another number in it each time."""
    return lambda size: b"".join(unit.replace("#", str(n)).encode() for n in range(size // len(unit)))[:size]


# A file of a given size, without a key in it.
FILES: dict[str, Callable[[int], bytes]] = {
    "starts of keys": again(b"SG."),
    "keys but for their last character": lambda size: near_keys(size, 42),
    "keys without their second half": lambda size: near_keys(size, 0),
    "starts of keys in base64": again(b"U0cu"),
    "starts of keys in base64, second alignment": again(b"FNHLi"),
    "starts of keys in base64, third alignment": again(b"xTRy4"),
    "starts of keys in base64, a line each": again(b"U0cu\n"),
    "starts of keys in base64, escaped line ends": again(b"U0cuU0cu\\n"),
    "half an anchor": again(b"NHL"),
    "starts of gzip in base64": again(b"H4sI"),
    "starts of gzip in base64 in base64": again(b"VTBjd"),
    "mentions": again(b"SendGrid"),
    "mentions, a line each": again(b"sendgrid\n"),
    "mentions in JSON": again(b'{"service": "sendgrid", "user": "apikey", "value": "abc def", "n": [1, 2, 3]},\n'),
    "placeholder passwords": again(b"sendgrid password=hunter2x;"),
    "one mention and passwords": again(b"password=", b"smtp.sendgrid.net "),
    "names of settings": again(b"sendgrid_password: "),
    "quotes and equals signs": again(b"sendgrid=\"'`"),
    "white space": again(b" " * 4096 + b"\n" * 4096, b'sendgrid_password = "'),
    "parts of string literals": again(b'"SG" + "'),
    "string literals": again(b'"SG." + "a" + "b" + '),
    "templates": again(b"SG.${a}.${b}"),
    "templates with many names": numbered("SG.${a#}.${b#}"),
    "formats": again(b"'SG.%s.%s' % (a, b)\n"),
    "percent escapes": again(b"SG%2E%41"),
    "percent escapes, nested": again(b"SG%25252E"),
    "entities": again(b"&#83;&#71;&#46;", b"sendgrid "),
    "entities, nested": again(b"SG&amp;amp;#46;"),
    "backslashes": again(b"SG\\u002e", b"sendgrid "),
    "backslashes alone": again(b"\\", b"sendgrid SG\\\\"),
    "soft line breaks": again(b"SG=\n=2E"),
    "hexadecimal": again(b"53472e", b"sendgrid "),
    "starts of keys in UTF-16": lambda size: ("\ufeff" + "SG." * (size // 6)).encode("utf-16-le"),
    "text in UTF-16": lambda size: ("\ufeff" + "no key for sendgrid\r\n" * (size // 42)).encode("utf-16-be"),
    "line breaks": again(b"\n", b"SG.${a}sendgrid"),
    "one line": again(b"var a=function(b){return b+1};", b"sendgrid "),
    "nothing but NULs": again(b"\0", b"SENDGRID"),
}


@pytest.fixture(scope="module")
def rules() -> Ruleset:
    """Rules whose patterns are compiled, so that no measurement pays for it."""
    rules = Ruleset(Settings())
    list(examine([Blob(b"sendgrid password", Origin("x"))], rules))
    return rules


def seconds(data: bytes, rules: Ruleset) -> float:
    start = time.process_time()
    for _ in examine([Blob(data, Origin("x"))], rules):
        pass
    return time.process_time() - start


@pytest.mark.parametrize("make", FILES.values(), ids=FILES)
def test_twice_the_size_takes_twice_the_time(rules: Ruleset, make: Callable[[int], bytes]) -> None:
    first, second = make(SIZE), make(2 * SIZE)
    assert seconds(second, rules) < RATIO * seconds(first, rules) + NOISE


@pytest.mark.parametrize("make", FILES.values(), ids=FILES)
def test_key_at_the_end_is_still_found_where_it_stands(rules: Ruleset, make: Callable[[int], bytes]) -> None:
    data = make(64 << 10)
    encoding = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(data[:2], "utf-8")
    data = data[: len(data) // 2 * 2] + f"\nx {key()}\n".encode(encoding)
    results = list(examine([Blob(data, Origin("x"))], rules))
    (found,) = (r for r in results if isinstance(r, Finding) and r.rule.id == "api-key" and r.confidence == "high")
    line = data.decode(encoding, "replace").count("\n")
    assert (found.region.line, found.region.column) == (line, 3)


def test_many_keys_of_a_file_are_cut_and_said(rules: Ruleset) -> None:
    rng = random.Random(1)
    for separator in ("\n", " "):
        data = separator.join(key(rng) for _ in range(MAX_FINDINGS + 100)).encode()
        start = time.process_time()
        results = list(examine([Blob(data, Origin("x"))], rules))
        assert [r.reason for r in results if isinstance(r, Skip)] == ["too-many-findings"]
        assert [r.secret.reveal() for r in results if isinstance(r, Finding) and r.secret] == (
            data.decode().split(separator)[:MAX_FINDINGS]
        )
        assert time.process_time() - start < 20


def test_no_hostile_file_ends_a_scan_or_hides_another(tmp_path: Path) -> None:
    for number, make in enumerate(FILES.values()):
        (tmp_path / f"{number:02}.txt").write_bytes(make(32 << 10))
    (tmp_path / "mail.env").write_text(key())
    done = scan_json(cwd=tmp_path)
    assert done.code == 1
    assert ("mail.env", 1, 1) in done.places
    assert done.report["summary"]["files"] == len(FILES) + 1
    assert [skip for skip in done.report["skips"] if skip["reason"] != "bomb"] == []
    assert "Traceback" not in done.err


# Run by a small process, because a process begins with the peak of the one that started it.
PEAK = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(folder: Path) -> tuple[int, int]:
    """Exit code and peak memory, in KiB, of the command that scans a folder in one process."""
    command = [sys.executable, "-m", "sgleaks", "scan", "--no-config", "-q", "--jobs", "1", str(folder)]
    done = subprocess.run([sys.executable, "-c", PEAK, *command], capture_output=True, check=True, timeout=120)
    code, memory = map(int, done.stdout.split())
    return code, memory // (1024 if sys.platform == "darwin" else 1)  # bytes there


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell a process's peak memory so")
@pytest.mark.parametrize("name", ["percent escapes", "soft line breaks", "starts of keys in base64", "templates"])
def test_memory_does_not_grow_many_times_beyond_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.txt").write_bytes(FILES[name](2 << 20))
    code, memory = peak(tmp_path)
    assert code == 0
    assert memory < MEMORY


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell a process's peak memory so")
def test_memory_does_not_grow_with_a_large_file_and_the_key_at_its_end_is_found(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        for _ in range(64):
            file.write(repeated(b"var a=function(b){return b+1};", 1 << 20))
        file.write(key().encode())
    code, memory = peak(tmp_path)
    assert code == 1
    assert memory < MEMORY


def zipped(name: str, data: bytes, copies: int = 1) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(copies):
            archive.writestr(f"{number}{name}", data)
    return file.getvalue()


def test_archives_in_archives_that_unpack_to_hundreds_of_times_their_size_are_a_skip(tmp_path: Path) -> None:
    data = zipped("a.txt", bytes(160 << 20))
    for _ in range(3):
        data = zipped("b.zip", data, copies=16)
    (tmp_path / "bomb.zip").write_bytes(data)
    done = scan_json(cwd=tmp_path)
    assert (done.code, [skip["reason"] for skip in done.report["skips"]]) == (3, ["bomb"])


def test_bombs_in_base64_are_a_skip_and_what_stands_before_them_is_found(tmp_path: Path) -> None:
    bomb = base64.b64encode(gzip.compress(bytes(20 << 20), mtime=0))
    (tmp_path / "a.txt").write_bytes(key().encode() + b"\n" + b"\n".join([bomb] * 50))
    done = scan_json(cwd=tmp_path)
    assert (done.code, done.places) == (1, [("a.txt", 1, 1)])
    assert [skip["reason"] for skip in done.report["skips"]] == ["bomb"]


def test_thousands_of_tiny_files_are_all_read(tmp_path: Path) -> None:
    for number in range(2500):
        folder = tmp_path / str(number // 500)
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.txt").write_text(key(number) if number % 500 == 7 else f"{number} SendGrid\n")
    done = scan_json(cwd=tmp_path)
    assert done.report["summary"]["files"] == 2500
    assert [path for path, _, _ in done.places] == [f"{n}/{n * 500 + 7}.txt" for n in range(5)]


GROW = (
    "import sys\nwith open(sys.argv[1], 'ab', buffering=0) as f:\n    while True:\n        f.write(b'x' * 999 + b'\\n')"
)


def test_file_that_grows_while_it_is_read_ends_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "app.log"
    file.write_bytes(b"line\n" * (1 << 20) + key().encode() + b"\n")
    size = file.stat().st_size
    with subprocess.Popen([sys.executable, "-c", GROW, file]) as writer:
        try:
            while file.stat().st_size == size:
                time.sleep(0.01)
            done = scan_json("app.log", cwd=tmp_path)
        finally:
            writer.kill()
    assert (done.code, done.places) == (1, [("app.log", (1 << 20) + 1, 1)])
    assert [skip["reason"] for skip in done.report["skips"]] == ["changed-while-reading"]
