"""``sgleaks doctor``: what works here, and how to mend what does not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from sgleaks.cli import complete
from sgleaks.cli.saying import shown
from sgleaks.errors import ToolError

MARKS = {"good": "ok", "note": "--", "bad": "!!"}


@click.command("doctor")
@click.argument("path", default=".", type=complete.PATH)
@click.pass_context
def command(ctx: click.Context, path: str) -> None:
    """Say what works here: git, engines, configuration, baseline, hooks. Exit code 1 where something must be mended.

    \b
    Examples:
      sgleaks doctor
      sgleaks doctor ../shop
    """
    from sgleaks.doctor import answers
    from sgleaks.formats.color import wants_color
    from sgleaks.formats.plain import TextStyle, styled

    color = wants_color("auto", sys.stdout.isatty(), os.environ)
    styles: dict[str, TextStyle] = {"good": "good", "note": "note", "bad": "error"}
    place = Path(path)
    if not place.exists():
        raise ToolError(path, "there is no such path", "name a repository")
    found = list(answers(place))
    for state, what, said, mend in found:
        told = f"  (mend: {shown(mend)})" if mend else ""
        mark = styled(MARKS[state], styles[state], color=color)
        click.echo(f"{mark}  {what:<18} {shown(said)}{told}", color=color)
    bad = sum(answer.state == "bad" for answer in found)
    click.echo(f"\nsgleaks: {f'{bad} to mend, marked !!' if bad else 'it works here; what is marked -- is optional'}")
    ctx.exit(int(bad > 0))
