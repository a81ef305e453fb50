"""Puts a report where it was asked for: formats to standard output or files, the summary to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

import click

from sgleaks.errors import ToolError
from sgleaks.formats import Style, render
from sgleaks.formats.color import wants_color
from sgleaks.formats.summary import help_of, summary
from sgleaks.model import Report, exit_code
from sgleaks.settings import Settings


def tell(report: Report, settings: Settings, *, err: bool = True) -> int:
    """Writes the report in every format that is set, then the summary; gives the exit code. Raises ToolError.

    The summary goes to standard error, unless ``err`` says otherwise.
    """
    report_into_files(report, settings)
    for name, _, path in (entry.partition(":") for entry in settings.formats):
        if not path:
            style = _style(settings, color=wants_color(settings.color, sys.stdout.isatty(), os.environ))
            for piece in render(name, report, style):
                click.echo(piece, nl=False, color=style.color)
    if settings.verbosity >= 0:
        file = sys.stderr if err else sys.stdout
        style = _style(settings, color=wants_color(settings.color, file.isatty(), os.environ))
        click.echo(summary(report, style), err=err, color=style.color)
        if "text" in settings.formats and file.isatty() and (told := help_of(report)):
            click.echo(f"  {told}", err=err)
    return exit_code(report, settings.fail_on, exit_zero=settings.exit_zero)


def report_into_files(report: Report, settings: Settings) -> None:
    """Writes those of the formats that are to go into files. Raises ToolError."""
    for name, _, path in (entry.partition(":") for entry in settings.formats):
        if path:
            from sgleaks.files import write

            write(Path(path), render(name, report, _style(settings, color=False)), "the report")


FOLDER = {
    "html": "index.html",
    "json": "report.json",
    "jsonl": "report.jsonl",
    "csv": "report.csv",
    "markdown": "report.md",
}


def report_into_folder(report: Report, repositories: Iterable[Report], settings: Settings, folder: Path) -> None:
    """Writes the formats of ``FOLDER``, and a SARIF file for each repository. Raises ToolError."""
    from sgleaks.files import write

    style = _style(settings, color=False)
    _made(folder)
    for name, file in FOLDER.items():
        write(folder / file, render(name, report, style), "the report")
    for each in repositories:
        (name,) = each.repositories
        place = folder / "sarif" / f"{quote(name)}.sarif"
        _made(place.parent)
        write(place, render("sarif", each, replace(style, category=f"sgleaks/history/{name}")), "the report")


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(str(folder), f"it cannot be made: {error.strerror}", "give another --report") from None


def terminal() -> TextIO | None:
    """Standard error, where it is a terminal on which a line can be written over."""
    return sys.stderr if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else None


def _style(settings: Settings, *, color: bool) -> Style:
    return Style(color, settings.verbosity, settings.min_confidence)
