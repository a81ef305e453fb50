"""Puts a report where it was asked for: formats to standard output or files, the summary to standard error."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

import click

from sgleaks.errors import ToolError
from sgleaks.formats import Style, render
from sgleaks.formats.color import wants_color
from sgleaks.formats.summary import summary
from sgleaks.model import Report, exit_code
from sgleaks.settings import Settings


def tell(report: Report, settings: Settings) -> int:
    """Writes the report in every format that is set, then the summary; gives the exit code. Raises ToolError."""
    for name, _, path in (entry.partition(":") for entry in settings.formats):
        if path:
            _to_file(Path(path), name, report, _style(settings, color=False))
        else:
            style = _style(settings, color=wants_color(settings.color, sys.stdout.isatty(), os.environ))
            for piece in render(name, report, style):
                click.echo(piece, nl=False, color=style.color)
    if settings.verbosity >= 0:
        style = _style(settings, color=wants_color(settings.color, sys.stderr.isatty(), os.environ))
        click.echo(summary(report, style), err=True, color=style.color)
    return exit_code(report, settings.fail_on, exit_zero=settings.exit_zero)


def terminal() -> TextIO | None:
    """Standard error, where it is a terminal on which a line can be written over."""
    return sys.stderr if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else None


def _style(settings: Settings, *, color: bool) -> Style:
    return Style(color, settings.verbosity, settings.min_confidence)


def _to_file(path: Path, name: str, report: Report, style: Style) -> None:
    """Whole or not at all, and readable by its owner only: a report says where the keys are."""
    from tempfile import NamedTemporaryFile

    try:
        with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            try:
                file.writelines(render(name, report, style))
                file.close()
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise ToolError(str(path), f"the report cannot be written: {error.strerror}", "give another path") from None
