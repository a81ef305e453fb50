"""Comments that silence findings: in any language, on the line or above, with their reasons, and told when useless."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import Done, scan_json, sgleaks
from keys import key
from sgleaks.formats.plain import visible

KEY = key(1)


def scanned(folder: Path, text: str, name: str = "app.py", *args: str) -> Done:
    (folder / name).write_text(text)
    return scan_json(*args, ".", cwd=folder)


def ignored(done: Done) -> list[dict[str, str] | None]:
    return [finding["ignored"] for finding in done.report["findings"]]


@pytest.mark.parametrize(
    "line",
    [
        "KEY = '{key}'  # sgleaks: ignore[api-key] a closed account",
        "KEY = '{key}';  // sgleaks: ignore[api-key] a closed account",
        "KEY = '{key}'  /* sgleaks: ignore[api-key] a closed account */",
        "<b>{key}</b> <!-- sgleaks: ignore[api-key] a closed account -->",
        "{key} -- sgleaks: ignore[api-key] a closed account",
        "; sgleaks: ignore[api-key] a closed account\nkey = {key}",
        "{{# sgleaks: ignore[api-key] a closed account #}}\n{key}",
        "# sgleaks: ignore[account-password, api-key] a closed account\nKEY = '{key}'",
        "# sgleaks: ignore[api-key]: a closed account\r\nKEY = '{key}'\r",
    ],
)
def test_any_comment_on_the_line_or_above_silences(tmp_path: Path, line: str) -> None:
    done = scanned(tmp_path, f"first\n{line.format(key=KEY)}\nlast\n")
    assert ignored(done) == [{"kind": "inline", "reason": "a closed account"}]
    assert (done.code, done.report["notices"]) == (0, [])


@pytest.mark.parametrize(
    "text",
    [
        "# sgleaks: ignore[api-key] two lines above\n\nKEY = '{key}'",
        "KEY = '{key}'\n# sgleaks: ignore[api-key] the line below",
        "KEY = '{key}'  # sgleaks: ignore[subuser-password] another rule",
        "KEY = '{key}'  # sgleaks ignore[api-key] no colon",
    ],
)
def test_anything_else_silences_nothing(tmp_path: Path, text: str) -> None:
    done = scanned(tmp_path, text.format(key=KEY) + "\n")
    assert ignored(done) == [None]
    assert done.code == 1


def test_utf16(tmp_path: Path) -> None:
    text = f"first\nKEY = '{KEY}'  # sgleaks: ignore[api-key] a closed account\n"
    (tmp_path / "app.ps1").write_bytes(text.encode("utf-16"))
    assert ignored(scan_json(".", cwd=tmp_path)) == [{"kind": "inline", "reason": "a closed account"}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("KEY = '{key}'  # sgleaks: ignore", ["names no rule", "gives no reason"]),
        ("KEY = '{key}'  # sgleaks: ignore a closed account", ["names no rule"]),
        ("KEY = '{key}'  # sgleaks: ignore[api-key]", ["gives no reason"]),
        ("SENDGRID = 1  # sgleaks: ignore[api-key] gone by now", ["silences nothing"]),
    ],
)
def test_what_is_wrong_with_a_comment_is_told_and_fails_nothing(tmp_path: Path, text: str, told: list[str]) -> None:
    done = scanned(tmp_path, text.format(key=KEY) + "\n")
    assert done.code == 0
    assert [(notice["path"], notice["line"]) for notice in done.report["notices"]] == [("app.py", 1)] * len(told)
    assert all(any(each in notice["text"] for notice in done.report["notices"]) for each in told)
    text_form = sgleaks("scan", "--no-config", "--only", "credentials", ".", cwd=tmp_path)
    assert [line for line in text_form.err.splitlines() if line.startswith("note: app.py:1: ")]


def test_a_rule_that_was_not_asked_for_says_nothing_about_a_comment(tmp_path: Path) -> None:
    text = "SENDGRID = 1  # sgleaks: ignore[api-key] gone by now\n"
    assert scanned(tmp_path, text, "app.py", "--skip-rule", "api-key").report["notices"] == []


def test_comments_can_be_disobeyed(tmp_path: Path) -> None:
    text = f"KEY = '{KEY}'  # sgleaks: ignore[api-key] says a stranger\n"
    done = scanned(tmp_path, text, "app.py", "--no-inline-ignores")
    assert (done.code, ignored(done)) == (1, [None])


def test_a_reason_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(f"KEY = '{KEY}'  # sgleaks: ignore[api-key] \x1b[2J\u202egone\n")
    done = sgleaks("scan", "--no-config", "--only", "credentials", "-v", ".", cwd=tmp_path)
    assert "\x1b" not in done.out
    assert visible("\x1b[2J\u202egone") in done.out


def test_a_reason_that_holds_a_key_does_not_leak_it(tmp_path: Path) -> None:
    other = key(2)
    done = scanned(tmp_path, f"KEY = '{KEY}'  # sgleaks: ignore[api-key] like {other}\n")
    assert other not in done.out
    assert other[26:] not in done.out
