"""``sgleaks uninstall``: takes the hooks out again."""

from __future__ import annotations

from pathlib import Path

import click

from sgleaks.cli import complete
from sgleaks.cli.saying import note


@click.command("uninstall")
@click.argument("repo", default=".", type=complete.PATH)
def command(repo: str) -> None:
    """Take out the hooks that `sgleaks install` wrote, and put back what was there before.

    \b
    Examples:
      sgleaks uninstall
    """
    from sgleaks.install import uninstall

    done = list(uninstall(Path(repo)))
    for file, told in done:
        note(f"{file}: {told}")
    if not done:
        click.echo("sgleaks: there was no hook of ours", err=True)
