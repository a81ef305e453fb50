"""``sgleaks guide``: the hardening guide's controls, and what covers each."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from sgleaks import guide, settings
from sgleaks.cli import complete
from sgleaks.formats import guide_markdown, matrix
from sgleaks.formats.color import Mode, wants_color
from sgleaks.ruleset import Ruleset
from sgleaks.settings import Profile, Settings


@click.command("guide")
@click.option(
    "--format", "name", type=click.Choice(("text", "markdown", "json")), default="text", help="[default: text]"
)
@click.option("--profile", type=click.Choice(settings.PROFILES), help="Up to this level.  [default: all]")
@click.option(
    "--rules", multiple=True, type=complete.PATH, metavar="DIR", help="A folder of further rules; repeatable."
)
@click.option("--account", is_flag=True, help="Hold this folder and the account of SENDGRID_ADMIN_API_KEY against it.")
@click.option("--color", type=click.Choice(settings.COLORS), default="auto", help="Colours in text.  [default: auto]")
def command(name: str, profile: Profile | None, rules: tuple[str, ...], *, account: bool, color: Mode) -> None:
    """The hardening guide's controls, which rules and account checks serve each, and what none of them can see.

    \b
    Examples:
      sgleaks guide                                every control
      sgleaks guide --profile L1                   the baseline, and what runs at that level
      sgleaks guide --format markdown > guide.md   for an auditor
      sgleaks guide --account                      what this folder and the account say of each
    """
    colored = wants_color(color, sys.stdout.isatty(), os.environ)
    if account:
        _compliance(name, profile or "L2", rules, colored=colored)
        return
    known = Ruleset(Settings(rules=rules)).all.values()
    book = guide.load()
    rows = guide.matrix(book, known, guide.load_checks(), profile)
    if name == "json":
        click.echo(matrix.as_json(book, rows, profile), nl=False)
    elif name == "markdown":
        click.echo(guide_markdown.page(book, rows), nl=False)
    else:
        for line in matrix.text(book, rows, color=colored):
            click.echo(line, color=colored)


def _compliance(name: str, profile: Profile, rules: tuple[str, ...], *, colored: bool) -> None:
    """Asks the account first: a scan of a large folder must not be in vain."""
    from sgleaks import pipeline
    from sgleaks.cli.audit import audited
    from sgleaks.formats import compliance

    audit = audited(profile)
    given = Settings(profile=profile, rules=rules, verbosity=1)  # which asks for what a run says of each control
    rows = compliance.standings(audit, pipeline.scan([Path()], given))
    if name == "text":
        for line in compliance.text(audit, rows, color=colored):
            click.echo(line, color=colored)
    else:
        write = compliance.markdown if name == "markdown" else compliance.as_json
        click.echo(write(audit, rows), nl=False)
