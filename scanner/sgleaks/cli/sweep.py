"""``sgleaks sweep``: every repository of an organisation."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from sgleaks.cli import asking, complete, options, output
from sgleaks.cli.page import Command
from sgleaks.cli.saying import note, shown
from sgleaks.model import CLEAN, INCOMPLETE, INTERRUPTED

VISIBILITIES = ("public", "private", "internal")  # as in `sweep.forges`, which is not loaded for a help text
STATE = "sgleaks-sweep.sqlite"


@click.command("sweep", cls=Command)
@click.argument("targets", nargs=-1, type=complete.PATH, metavar="TARGET...")
@click.option(
    "--state",
    type=complete.PATH,
    metavar="FILE",
    default=STATE,
    help=f"The ledger of what is done.  [default: {STATE}]",
)
@click.option(
    "--report",
    "folder",
    type=complete.PATH,
    metavar="DIR",
    help="Write HTML, JSON, CSV, Markdown, and SARIF a repository, here.",
)
@click.option("--list-only", is_flag=True, help="Tell which repositories there are, and clone none.")
@click.option("--include", multiple=True, metavar="GLOB", help="Only repositories of such a name; repeatable.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Not repositories of such a name; repeatable.")
@click.option("--forks", is_flag=True, help="Forks, too.")
@click.option("--no-archived", is_flag=True, help="No archived repositories; keys in them live on, though.")
@click.option("--wikis", is_flag=True, help="The wikis of repositories, too.")
@click.option("--gists", is_flag=True, help="Public gists of a GitHub user, snippets of GitLab projects, too.")
@click.option(
    "--visibility",
    multiple=True,
    type=click.Choice(VISIBILITIES),
    help="Only what such people can see, where the forge tells; repeatable.",
)
@click.option(
    "--pushed-since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only what was pushed to since then."
)
@click.option(
    "--keep", type=complete.PATH, metavar="DIR", help="Keep mirrors here; the next sweep fetches what is new."
)
@click.option("--timeout", type=click.FloatRange(1), default=3600, metavar="SECONDS", help="For each clone or search.")
@click.option(
    "--forge-url", metavar="URL", help="Where the forge is.  [default: GITHUB_API_URL, CI_SERVER_URL, else public]"
)
@click.option(
    "--token-env", metavar="NAME", help="The variable that holds the token.  [default: GH_TOKEN and its likes]"
)
@click.option("--dask", metavar="ADDRESS", help="Let the workers of this dask scheduler clone and search.")
@asking.verifying
@options.common_but("exclude")
@click.pass_context
def command(ctx: click.Context, /, targets: tuple[str, ...], verify: bool, blast_radius: bool, **given: Any) -> None:
    """Find SendGrid credentials in every repository of an organisation: its whole history, pull requests included.

    TARGET is github:ORG, github:ORG/REPO, gitlab:GROUP, gitea:ORG, bitbucket:WORKSPACE, azure:ORG or azure:ORG/PROJECT,
    a folder of clones, or @FILE with a clone address a line. Tokens come from the environment: GH_TOKEN, GITHUB_TOKEN,
    GITLAB_TOKEN, GITEA_TOKEN, BITBUCKET_TOKEN, AZURE_DEVOPS_TOKEN, or the variable that --token-env names.

    What is done stays done: killed, the same command goes on where it was, and the next sweep searches only
    repositories in which something changed. A repository that fails is told, and makes the exit code 3.

    \b
    Examples:
      sgleaks sweep github:acme --report acme     everything, and a folder of reports
      sgleaks sweep --list-only gitlab:acme/web   what there is
      sgleaks sweep @repos.txt --jobs 8           addresses of a file
      sgleaks sweep gitea:acme --forge-url https://git.acme.example --token-env ACME_TOKEN
    """
    if not targets:
        raise click.UsageError("Missing argument 'TARGET...'.", ctx)
    from sgleaks.sweep import Plan, listing, sweep
    from sgleaks.sweep.progress import Progress
    from sgleaks.sweep.target import Choice, Lister

    verifier = asking.of_sweep(verify=verify, blast_radius=blast_radius, dask=given["dask"])
    since: datetime | None = given.pop("pushed_since")
    choice = Choice(
        include=given.pop("include"),
        exclude=given.pop("exclude"),
        archived=not given.pop("no_archived"),
        forks=given.pop("forks"),
        wikis=given.pop("wikis"),
        gists=given.pop("gists"),
        visibility=given.pop("visibility"),
        pushed_since=since.date().isoformat() if since else "",
    )
    live = output.terminal()
    progress = Progress(None if given["quiet"] else sys.stderr, live=live is not None)
    lister = Lister(choice, progress.say, given.pop("forge_url") or "", given.pop("token_env") or "")
    keep, folder = given.pop("keep"), given.pop("folder")
    plan = Plan(
        targets,
        Path(given.pop("state")),
        str(Path(keep).absolute()) if keep else "",
        given.pop("dask") or "",
        given.pop("timeout"),
        outcomes=bool(folder),
    )
    if given.pop("list_only"):
        sources, unlisted = listing(plan, lister)
        for source in sources:
            click.echo(shown(source.name))
        for each in unlisted:
            note(f"not listed: {each.target}: {each.why}")
        ctx.exit(INCOMPLETE if unlisted else CLEAN)
    settings = options.settings(Path(), **given)
    try:
        report = sweep(plan, lister, settings, progress, verifier)
    except KeyboardInterrupt:
        progress.end()
        progress.say("interrupted; what is done is in the ledger, and the same command goes on from there")
        ctx.exit(INTERRUPTED)
    if folder:
        from sgleaks.sweep import reports

        output.report_into_folder(report, reports(plan.state, settings, verifier), settings, Path(folder))
        report = report if settings.tells_outcomes else replace(report, asked=None)
    ctx.exit(output.tell(report, settings))
