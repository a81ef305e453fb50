"""Saved reports told again: the same as they were, several as one, and nothing else taken for one."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import jsonschema
import pytest

import sgleaks as package
from cli import sgleaks
from git_repos import Repository
from keys import key, secret_half
from sgleaks.formats import FORMATS
from sgleaks.sweep.progress import Progress
from sgleaks.sweep.visit import Outcome

SCHEMA = json.loads((Path(package.__file__).parent / "schemas" / "report.schema.json").read_text())


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder ``shop`` with a repository that has keys, and a password, in its history."""
    repository = Repository(tmp_path / "shop")
    repository.write("deploy/mail.env", f"SENDGRID_API_KEY={key(1)}\n".encode())
    repository.write("a.zip!x", f"{key(2)}\n".encode())
    repository.add()
    repository.commit()
    repository.write("deploy/mail.env", b"SENDGRID_API_KEY=\n")
    repository.add()
    repository.commit("away")
    return tmp_path


@pytest.mark.parametrize("command", ["scan", "history"])
def test_json_of_a_saved_report_is_the_report(command: str, shop: Path) -> None:
    first = sgleaks(command, "shop", "--no-config", "--format", "json", cwd=shop)
    (shop / "saved.json").write_text(first.out)
    again = sgleaks("report", "saved.json", "--no-config", "--format", "json", cwd=shop)
    assert json.loads(again.out) == first.report
    assert again.code == first.code


def test_several_reports_are_one_and_a_key_is_told_once(shop: Path) -> None:
    for name in ("mail", "web"):
        sgleaks("history", "shop", "--no-config", "--format", f"json:{name}.json", cwd=shop)
    done = sgleaks("report", "mail.json", "web.json", "--no-config", "--format", "json", cwd=shop)
    assert {finding["path"].partition("/")[0] for finding in done.report["findings"]} == {"mail", "web"}
    assert {tuple(one["repositories"]) for one in done.report["sweep"]["keys"]} == {("mail", "web")}
    jsonschema.validate(done.report, SCHEMA)
    (shop / "both.json").write_text(done.out)
    assert sgleaks("report", "both.json", "--no-config", "--format", "json", cwd=shop).out == done.out
    text = sgleaks("report", "both.json", "--no-config", cwd=shop)
    assert "is in 2 repositories" in text.err


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_tell_a_saved_report(name: str, shop: Path) -> None:
    sgleaks("history", "shop", "--no-config", "--format", "json:saved.json", cwd=shop)
    done = sgleaks("report", "saved.json", "--no-config", "--format", name, cwd=shop)
    assert done.code == 1, done.err
    assert key(1)[3:25] in done.out
    assert secret_half(key(1)) not in done.out + done.err


EMPTY = {"version": 1, "findings": [], "skips": [], "notices": [], "summary": {}}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        json.dumps({**EMPTY, "version": 2}),
        json.dumps({**EMPTY, "findings": [{}]}),
        json.dumps({**EMPTY, "findings": 7}),
        json.dumps({**EMPTY, "skips": [{"path": "x", "reason": "?", "detail": ""}]}),
        "[" * 100_000,
    ],
)
def test_what_is_no_report_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text)
    done = sgleaks("report", "x.json", cwd=tmp_path)
    assert done.code == 2
    assert "no report of sgleaks" in done.err


def test_report_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = sgleaks("report", "x.json", cwd=tmp_path)
    assert (done.code, "cannot be read" in done.err) == (2, True)


# Progress of sweeps


def test_off_a_terminal_there_is_a_line_a_minute() -> None:
    now = [0.0]
    out = io.StringIO()
    progress = Progress(out, live=False, clock=lambda: now[0])
    progress.begin(1000, lambda: (3, 2))
    for second in range(1, 200):
        now[0] = float(second)
        progress.visiting("x")
        progress.done(Outcome("x", refs="1", report="{}", cloned=10_000_000))
    for second in range(200, 260):  # nothing ends
        now[0] = float(second)
        progress.tick()
    progress.end()
    lines = out.getvalue().splitlines()
    assert len(lines) == 4
    told = "60 of 1,000 repositories, 1.0 a second, 0 unchanged; 15:40 left; 0.60 GB cloned; 3 findings, 2 failures"
    assert lines[0] == f"sgleaks: {told}"
    assert "\x1b" not in out.getvalue()


def screen(text: str) -> list[str]:
    """What a terminal shows at the end of all this."""
    lines, row = [""], 0
    for part in re.split(r"(\r\x1b\[J|\r\x1b\[\d+A\x1b\[J|\n)", text):
        if part == "\n":
            row += 1
            lines.append("")
        elif part.startswith("\r"):
            row -= int((re.search(r"(\d+)A", part) or [0, 0])[1])
            lines[row:] = [""]
        else:
            lines[row] += part
    return lines


def test_on_a_terminal_a_table_is_written_over_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    now = [0.0]
    out = io.StringIO()
    progress = Progress(out, live=True, clock=lambda: now[0])
    progress.begin(10, lambda: (1, 0), "no-such-folder", jobs=2)
    names = ["git.example/acme/shop", f"git.example/acme/\x1b[2J{key(1)}", "git.example/acme/waits"]
    for number, name in enumerate(names):
        now[0] = number / 10
        progress.visiting(name)
    for second in range(1, 70):
        now[0] = float(second)
        progress.tick()
    first, second_line, *table = screen(out.getvalue())
    assert first == "0 of 10 repositories, 0.0 a second, 0 unchanged"
    assert second_line == "0.00 GB cloned; 1 findings, 0 failures"
    assert table[0] == "     1:09  git.example/acme/shop"
    assert len(table) == 2
    assert max(map(len, (first, second_line, *table))) < 60
    assert secret_half(key(1)) not in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()
    progress.done(Outcome(names[0], refs="1", report="{}"))
    progress.say("waiting 5 s for the rate limit of git.example")
    now[0] = 71.0
    progress.tick()
    shown = screen(out.getvalue())
    assert shown[0] == "sgleaks: waiting 5 s for the rate limit of git.example"
    assert shown[1].startswith("1 of 10 repositories")
    assert shown[-1].endswith("waits")
    progress.end()
    assert screen(out.getvalue()) == ["sgleaks: waiting 5 s for the rate limit of git.example", ""]
