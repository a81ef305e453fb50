"""``sgleaks scan``: files, folders, archives, standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from sgleaks.cli import options, output
from sgleaks.errors import ToolError


@click.command("scan")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@options.common
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], **given: Any) -> None:
    """Find SendGrid credentials in files, folders, archives, or in standard input (-).

    In a git work tree: the tracked files, and the untracked ones that git does not ignore. A file that is named is
    scanned whatever git says.

    \b
    Examples:
      sgleaks scan                                this folder
      sgleaks scan deploy/ .env backup.zip        some of it
      sgleaks scan --format sarif:out.sarif .     text here, SARIF there: add --format text
      kubectl get secret mail -o yaml | sgleaks scan -
    """
    from sgleaks import pipeline

    if "-" in paths and len(paths) > 1:
        raise ToolError("-", "standard input is scanned alone", "give the other paths to a second run")
    places = [Path(path) for path in paths or (".",)]
    settings = options.settings(Path() if "-" in paths else places[0], **given)
    streamed = paths == ("-",)
    report = pipeline.scan_stream(sys.stdin.buffer, settings) if streamed else pipeline.scan(places, settings)
    ctx.exit(output.tell(report, settings))
