"""``sgleaks history``: everything a git repository ever held."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from sgleaks.cli import asking, complete, options, output
from sgleaks.cli.page import Command


@click.command("history", cls=Command)
@click.argument("repos", nargs=-1, type=complete.PATH, metavar="[REPO]...")
@click.option(
    "--engine",
    type=click.Choice(("auto", "pack", "git")),
    default="auto",
    help="What reads the objects.  [default: auto]",
)
@click.option("--author-emails", is_flag=True, help="Tell the addresses of authors, too.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only what came on this day or later.")
@click.option("--now", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day ages of keys are counted to.")
@asking.verifying
@options.common
@click.pass_context
def command(ctx: click.Context, /, repos: tuple[str, ...], verify: bool, blast_radius: bool, **given: Any) -> None:
    """Find every SendGrid credential that a git repository ever held.

    All objects are searched, whatever leads to them: branches, tags, pull requests, stash, notes, reflogs, or nothing;
    files, messages, names of authors, branches and tags. Each credential is told once, at the oldest place, with the
    commit that brought it and the one that took it away.

    \b
    Examples:
      sgleaks history                             this repository
      sgleaks history ../shop /srv/git/mail.git   others, bare or not
      sgleaks history --since 2026-01-01          what came this year
      sgleaks history --verify                    ask SendGrid which of the keys still live
    """
    from sgleaks import history
    from sgleaks.history.lives import Asked

    answered = asking.asker(verify=verify, blast_radius=blast_radius)
    places = [Path(repo) for repo in repos or (".",)]
    since: datetime | None = given.pop("since")
    now: datetime | None = given.pop("now")
    asked = Asked(
        terminal=None if given["quiet"] else output.terminal(),
        engine=given.pop("engine"),
        emails=given.pop("author_emails"),
        since=since.date().isoformat() if since else "",
        now=now.replace(tzinfo=UTC) if now else datetime.now(UTC),
    )
    settings = options.settings(places[0], **given)
    ctx.exit(output.tell(answered(history.scan(places, settings, asked)), settings))
