"""All targets: each is a line of `TARGETS` in one of the modules here, with check, seeds and documented refusals."""

from __future__ import annotations

from pathlib import Path

from fuzz import answers, archives, documents, objects, outputs, texts
from fuzz.target import Target

MODULES = (texts, objects, outputs, archives, documents, answers)
TARGETS: dict[str, Target] = {name: target for module in MODULES for name, target in module.TARGETS.items()}


def module_of(name: str) -> str:
    """The module that a target is in."""
    return next(module.__name__ for module in MODULES if name in module.TARGETS)


def corpus(name: str) -> dict[str, bytes]:
    """The inputs that a target once failed on, by what was wrong."""
    folder = Path(__file__).parent / "corpus" / name
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*"))}
