"""The labelled cases, by the command as users run it: every credential is found in its place, and nothing else is."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from sgleaks.samples import render

Found = set[tuple[str, str, int]]  # rule, path, line


def _cases() -> list[tuple[str, dict[str, Any]]]:
    """Every case with the folder it is written to; folders keep files of the same name apart."""
    files = sorted((Path(__file__).parent / "cases").glob("*.toml"))
    return [
        (f"{file.stem}-{number:03}", case)
        for file in files
        for number, case in enumerate(tomllib.loads(file.read_text("utf-8"))["cases"], 1)
    ]


CASES = _cases()


def _bytes(case: dict[str, Any], seed: int) -> bytes:
    options = case.get("options", [])
    text = render(case["text"], seed)
    if "nonl" in options:
        text = text.removesuffix("\n")
    if "crlf" in options:
        text = text.replace("\n", "\r\n")
    if "binary" in options:
        return text.encode("latin-1")
    if "utf16" in options:
        return b"\xff\xfe" + text.encode("utf-16-le")
    data = text.encode("utf-8-sig" if "bom" in options else "utf-8")
    return _zip(data) if "zip" in options else data


def _zip(data: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("sendgrid.env", data)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What one scan of all cases reports. Low confidence does not count, here as in a run."""
    root = tmp_path_factory.mktemp("cases")
    for seed, (folder, case) in enumerate(CASES):
        path = root / folder / case["path"]
        path.parent.mkdir(parents=True)
        path.write_bytes(_bytes(case, seed))
    command = [sys.executable, "-m", "sgleaks", "scan", "--format", "json", "--no-config", "--only", "credentials", "."]
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr.decode()
    findings = json.loads(done.stdout)["findings"]
    return {(f["rule"], f["path"], f["line"]) for f in findings if f["confidence"] != "low" and not f["ignored"]}


@pytest.mark.parametrize(
    ("folder", "case"),
    [pytest.param(folder, case, id=f"{folder}-{case['path']}-{case['why']}") for folder, case in CASES],
)
def test_case(found: Found, folder: str, case: dict[str, Any]) -> None:
    place = f"{folder}/{case['path']}"
    here = {(rule, line) for rule, path, line in found if path == place or path.startswith(f"{place}!")}
    assert here == {(each["rule"], each["line"]) for each in case.get("expected", [])}, case["why"]
