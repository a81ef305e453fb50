"""Readers of foreign bytes, each with what must hold of any: run for seconds by the tests, for hours by `make fuzz`.

A target is a line of `TARGETS` in one of the modules here: its name, its check, its seeds, what it may refuse with.
"""

from __future__ import annotations

from pathlib import Path

from fuzz import answers, archives, documents, objects, outputs, texts
from fuzz.target import Target

TARGETS: dict[str, Target] = {
    name: target
    for module in (texts, objects, outputs, archives, documents, answers)
    for name, target in module.TARGETS.items()
}


def corpus(name: str) -> dict[str, bytes]:
    """The inputs that a target once failed on, by what was wrong."""
    folder = Path(__file__).parent / "corpus" / name
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*"))}
