"""How a report is told. One module a format, imported when named; none of them may hold a secret.

A format module has ``render(report, style)``, which yields pieces of text for one file or stream.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from sgleaks.model import Confidence, Report

FORMATS = (
    "text", "json", "jsonl", "sarif", "csv", "markdown", "html",
    "github", "gitlab", "codequality", "junit", "sonarqube",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """How much to tell and how. ``verbosity`` is -1 for ``-q``, 1 for ``-v``.

    ``category`` is that of a SARIF file; where it is empty, what was scanned makes one.
    """

    color: bool = False
    verbosity: int = 0
    min_confidence: Confidence = "medium"
    category: str = ""


class Format(Protocol):
    """What a format module gives."""

    def render(self, report: Report, style: Style) -> Iterator[str]: ...


def render(name: str, report: Report, style: Style) -> Iterator[str]:
    """The report in the named format, one of ``FORMATS``, in pieces."""
    module: Format = import_module(f"sgleaks.formats.{name}")
    return module.render(report, style)
