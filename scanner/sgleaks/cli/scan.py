"""``sgleaks scan``: files, folders, archives, standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sgleaks.cli import asking, complete, options, output
from sgleaks.cli.page import Command
from sgleaks.errors import ToolError

if TYPE_CHECKING:
    from sgleaks.model import Report
    from sgleaks.settings import Settings


@click.command("scan", cls=Command)
@click.argument("paths", nargs=-1, type=complete.PATH, metavar="[PATH]...")
@click.option("--staged", is_flag=True, help="What the git index holds against HEAD: what a commit would bring.")
@click.option("--range", "span", metavar="A..B", help="What each commit of a range brought, as `git log` takes it.")
@asking.verifying
@options.common
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    staged: bool,
    span: str | None,
    verify: bool,
    blast_radius: bool,
    **given: Any,
) -> None:
    """Find SendGrid credentials and misconfiguration in files, folders, archives, or in standard input (-).

    In a git work tree: the tracked files, and the untracked ones that git does not ignore. A file that is named is
    scanned whatever git says.

    \b
    Examples:
      sgleaks scan                                this folder
      sgleaks scan deploy/ .env backup.zip        some of it
      sgleaks scan --format sarif:out.sarif .     text here, SARIF there: add --format text
      sgleaks scan --staged                       what the next commit would bring
      sgleaks scan --range origin/main..HEAD      what is not pushed yet, commit by commit
      sgleaks scan --verify                       ask SendGrid about the keys that are found
      kubectl get secret mail -o yaml | sgleaks scan -
    """
    answered = asking.asker(verify=verify, blast_radius=blast_radius)
    if staged or span is not None:
        report, settings = _changed(paths, span, staged=staged, **given)
        ctx.exit(output.tell(answered(report), settings))
    from sgleaks import pipeline

    if "-" in paths and len(paths) > 1:
        raise ToolError("-", "standard input is scanned alone", "give the other paths to a second run")
    places = [Path(path) for path in paths or (".",)]
    settings = options.settings(Path() if "-" in paths else places[0], **given)
    streamed = paths == ("-",)
    report = pipeline.scan_stream(sys.stdin.buffer, settings) if streamed else pipeline.scan(places, settings)
    ctx.exit(output.tell(answered(report), settings))


def _changed(paths: tuple[str, ...], span: str | None, *, staged: bool, **given: Any) -> tuple[Report, Settings]:
    from sgleaks import changed

    if staged and span is not None:
        raise ToolError("--staged and --range", "they exclude each other", "leave one out")
    if "-" in paths:
        raise ToolError("-", "standard input is no path of a repository", "leave it out, or leave out the option")
    settings = options.settings(Path(), **given)
    report = changed.scan_staged(paths, settings) if span is None else changed.scan_range(span, paths, settings)
    return report, settings
