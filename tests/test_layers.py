"""Who may import whom, and which module is the one door to a dependency."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "scanner" / "sgleaks"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = (
    {"model", "secret", "validity", "errors", "once", "__init__"},
    {
        "settings",
        "rule",
        "guide",
        "samples",
        "anchors",
        "table",
        "account",
        "text",
        "workers",
        "files",
        "git",
        "syntax",
    },
    {"sources", "decoders", "matchers", "triage", "sendgrid", "formats"},
    {
        "pipeline",
        "examine",
        "ruleset",
        "names",
        "check",
        "whole",
        "baseline",
        "gate",
        "install",
        "doctor",
        "history",
        "changed",
        "retrace",
        "ci",
        "saved",
        "sweep",
    },
    {"cli", "__main__"},
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# The values, what serves them, and what joins the stages may use their neighbours; the stages (2) never do.
SIDEWAYS_IS_FINE = {0, 1, 3, 4}

DOORS = {
    "click": {"cli"},
    "distributed": {"sweep/executor.py"},
    "dulwich": {"git/codec.py"},
    "git": set(),  # GitPython: only in sgleaks.git, which is checked by its level below
    "http.client": {"sweep/http.py", "sendgrid/api.py"},
    "isal": {"git/codec.py"},
    "numpy": {"git"},
    "pathspec": {"triage", "git", "matchers/checks"},
    "pickle": {"workers"},
    "sarif_om": {"formats/sarif.py"},
    "sendgrid": {"sendgrid/api.py"},
    "sqlite3": {"sweep/ledger.py"},
    "stringzilla": {"anchors.py"},
    "subprocess": {"git", "cli/hook.py"},  # a hook runs the one that was there before it
    "tree_sitter": {"syntax/tree.py"},
    "urllib.error": {"sweep/http.py", "sendgrid/api.py"},
    "urllib.request": {"sweep/http.py", "sendgrid/api.py"},
    "zstandard": {"sources"},
}


def imports(module: Path) -> Iterator[str]:
    """Dotted names a module imports, wherever in it; those under TYPE_CHECKING too, since they are dependencies."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part(module: Path) -> str:
    """The first name below the package: ``formats`` for formats/text.py, ``model`` for model.py."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_the_layers(module: Path) -> None:
    own = part(module)
    for name in imports(module):
        if name.split(".")[0] == "sgleaks" and len(name.split(".")) > 1:
            other = name.split(".")[1]
            if other in LEVEL and other != own:
                assert LEVEL[other] < LEVEL[own] or (LEVEL[other] == LEVEL[own] and LEVEL[own] in SIDEWAYS_IS_FINE), (
                    f"{own} must not import {other}"
                )


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_dependency_has_one_door(module: Path) -> None:
    where = module.relative_to(PACKAGE).as_posix()
    for name in imports(module):
        doors = DOORS.get(name.split(".")[0]) or DOORS.get(name)
        if doors is not None:
            assert any(where.startswith(door) for door in doors), f"{where} must not import {name}"


def test_every_module_has_its_level() -> None:
    assert {part(module) for module in MODULES} <= set(LEVEL)
