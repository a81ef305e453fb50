"""``sgleaks audit``: an account against the guide."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sgleaks import settings
from sgleaks.cli import asking, complete, options
from sgleaks.cli.saying import note
from sgleaks.errors import ToolError
from sgleaks.formats.audit import FORMATS
from sgleaks.model import SEVERITIES, Severity
from sgleaks.settings import Profile

if TYPE_CHECKING:
    from sgleaks.account import Audit
    from sgleaks.formats import Style
    from sgleaks.formats.color import Mode


@click.command("audit")
@options.formats(tuple(FORMATS))
@click.option(
    "--profile", type=click.Choice(settings.PROFILES), default="L2", help="Controls up to this level.  [default: L2]"
)
@click.option(
    "--ledger",
    type=complete.PATH,
    metavar="FILE",
    help="Remembers since when keys are there, to tell their age: ids and days.",
)
@click.option(
    "--rotation-days",
    type=click.IntRange(1, settings.MAX_DAYS),
    default=90,
    metavar="N",
    help="After which a key is to be replaced.  [default: 90]",
)
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), default="low", help="Exit 1 from this severity on.  [default: low]"
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 even with findings.")
@click.option("--color", type=click.Choice(settings.COLORS), default="auto", help="Colours in text.  [default: auto]")
@click.option("-q", "--quiet", is_flag=True, help="Nothing on what a pass leaves open.")
@click.option("-v", "--verbose", is_flag=True, help="Also what to do about each finding.")
@click.pass_context
def command(
    ctx: click.Context,
    formats: tuple[str, ...],
    profile: Profile,
    ledger: str | None,
    rotation_days: int,
    fail_on: Severity,
    exit_zero: bool,
    color: Mode,
    quiet: bool,
    verbose: bool,
) -> None:
    """Hold a SendGrid account against the hardening guide.

    An API key is taken from SENDGRID_ADMIN_API_KEY; one that may only read is enough, and better. Nothing is changed:
    every question is a GET. A control passes, fails, or is not evaluated, with the reason: a scope that the key lacks,
    a plan that lacks the feature, or something that the API does not tell.

    Exits 1 for findings, else 3 where a better key could tell more, else 0.

    \b
    Examples:
      sgleaks audit
      sgleaks audit --profile L3 --format markdown:audit.md --format json
      sgleaks audit --ledger keys.json --fail-on medium
    """
    from sgleaks.account import exit_code
    from sgleaks.formats import Style
    from sgleaks.formats.color import wants_color

    done = audited(profile, ledger, rotation_days)
    verbosity = 1 if verbose else -1 if quiet else 0
    style = Style(wants_color(color, sys.stdout.isatty(), os.environ), verbosity, "low")
    _tell(done, formats, style)
    ctx.exit(exit_code(done, fail_on, exit_zero=exit_zero))


def audited(profile: Profile, ledger: str | None = None, rotation_days: int = 90) -> Audit:
    """What SendGrid tells of the account whose key is in the environment. Raises ToolError."""
    from sgleaks import guide
    from sgleaks.sendgrid.account import Unavailable
    from sgleaks.sendgrid.api import require
    from sgleaks.sendgrid.audit import Context, audit
    from sgleaks.sendgrid.audit import ledger as ledgers
    from sgleaks.sendgrid.audit.old_account_key import ids_of

    require()
    account = asking.account(asking.administrator())
    if writing := [scope for scope in account.scopes if not scope.endswith(".read") and "." in scope]:
        note(f"note: this key may write ({len(writing)} scopes); one with .read scopes is enough for an audit")
    context = Context(account, rotation_days=rotation_days)
    if ledger is None:
        return audit(context, guide.load(), profile)
    today = context.now.date()
    known = ledgers.read(Path(ledger), today)
    try:
        known = known.seen(ids_of(account), today)
    except Unavailable as why:
        raise ToolError("--ledger", f"the account does not tell its keys: {why}", "leave it out") from None
    done = audit(Context(account, known, rotation_days, context.now), guide.load(), profile)
    ledgers.save(known, Path(ledger))
    return done


def _tell(audit: Audit, formats: tuple[str, ...], style: Style) -> None:
    from dataclasses import replace

    from sgleaks.files import write

    for name, _, path in (entry.partition(":") for entry in formats or ("text",)):
        if path:
            write(Path(path), FORMATS[name](audit, replace(style, color=False)), "the audit")
        else:
            for piece in FORMATS[name](audit, style):
                click.echo(piece, nl=False, color=style.color)
