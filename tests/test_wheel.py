"""The wheel as a user gets it: built, installed without development packages, run from another directory."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from keys import key

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` folder of a fresh environment that holds the built wheel and its run-time dependencies only."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT], check=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=True)
    bin_folder = folder / "venv" / "bin"
    subprocess.run([bin_folder / "python", *pip[1:], "install", wheel], check=True)
    return bin_folder


def test_installed_wheel_scans_from_the_root_folder(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "mail.env").write_text(f"SENDGRID_API_KEY={key()}\n")
    done = subprocess.run(
        [installed / "sgleaks", "scan", tmp_path], cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "mail.env:1:18" in done.stdout


def test_installed_wheel_brings_its_rules_and_types(installed: Path) -> None:
    done = subprocess.run(
        [installed / "sgleaks", "rules", "check"], cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failures" in done.stderr
    packaged = subprocess.run(
        [
            installed / "python",
            "-c",
            "import sgleaks, pathlib; print(*pathlib.Path(sgleaks.__file__).parent.rglob('*'))",
        ],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert all(
        name in packaged
        for name in (
            "py.typed",
            "report.schema.json",
            "rules/credentials/api-key.toml",
            "rules/guide.toml",
            "rules/scopes.toml",
            "rules/account/key-scopes.toml",
        )
    )
    told = subprocess.run([installed / "sgleaks", "guide"], cwd="/", capture_output=True, text=True, check=True).stdout
    assert "Implement API Key Best Practices" in told


def test_installed_wheel_runs_without_development_packages(installed: Path) -> None:
    listed = subprocess.run(
        [installed / "python", "-m", "pip", "list"], capture_output=True, text=True, check=True
    ).stdout
    assert not any(name in listed.lower() for name in ("pytest", "ruff", "mypy", "hypothesis"))
