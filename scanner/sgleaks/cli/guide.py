"""``sgleaks guide``: the hardening guide's controls, and what covers each."""

from __future__ import annotations

import os
import sys

import click

from sgleaks import guide, settings
from sgleaks.formats import guide_markdown, matrix
from sgleaks.formats.color import Mode, wants_color
from sgleaks.ruleset import Ruleset
from sgleaks.settings import Profile, Settings


@click.command("guide")
@click.option(
    "--format", "name", type=click.Choice(("text", "markdown", "json")), default="text", help="[default: text]"
)
@click.option("--profile", type=click.Choice(settings.PROFILES), help="Up to this level.  [default: all]")
@click.option("--rules", multiple=True, metavar="DIR", help="A folder of further rules; repeatable.")
@click.option("--color", type=click.Choice(settings.COLORS), default="auto", help="Colours in text.  [default: auto]")
def command(name: str, profile: Profile | None, rules: tuple[str, ...], color: Mode) -> None:
    """The hardening guide's controls, which rules and account checks serve each, and what none of them can see.

    \b
    Examples:
      sgleaks guide                                every control
      sgleaks guide --profile L1                   the baseline, and what runs at that level
      sgleaks guide --format markdown > guide.md   for an auditor
    """
    known = Ruleset(Settings(rules=rules)).all.values()
    book = guide.load()
    rows = guide.matrix(book, known, guide.load_checks(), profile)
    if name == "json":
        click.echo(matrix.as_json(book, rows, profile), nl=False)
    elif name == "markdown":
        click.echo(guide_markdown.page(book, rows), nl=False)
    else:
        colored = wants_color(color, sys.stdout.isatty(), os.environ)
        for line in matrix.text(book, rows, color=colored):
            click.echo(line, color=colored)
