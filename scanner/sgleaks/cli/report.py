"""``sgleaks report``: saved reports in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sgleaks.cli import complete, options, output
from sgleaks.cli.page import Command


@click.command("report", cls=Command)
@click.argument("reports", nargs=-1, type=complete.PATH, metavar="REPORT...")
@options.common
@click.pass_context
def command(ctx: click.Context, /, reports: tuple[str, ...], **given: Any) -> None:
    """Tell reports that were written with --format json, several as one, in any format.

    Excerpts are not in a report, so none are told. The exit code is that of a run which found the same.

    \b
    Examples:
      sgleaks report sweep.json --format html:sweep.html
      sgleaks report shop.json mail.json --format markdown
    """
    if not reports:
        raise click.UsageError("Missing argument 'REPORT...'.", ctx)
    from sgleaks.ruleset import Ruleset
    from sgleaks.saved import read

    settings = options.settings(Path(), **given)
    ctx.exit(output.tell(read([Path(each) for each in reports], Ruleset(settings).all), settings))
