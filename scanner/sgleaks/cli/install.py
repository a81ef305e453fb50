"""``sgleaks install``: git hooks, beside what is there."""

from __future__ import annotations

from pathlib import Path

import click

from sgleaks.cli import complete
from sgleaks.cli.saying import note

NAMES = ("pre-commit", "pre-push", "pre-receive")


@click.command("install")
@click.argument("repo", default=".", type=complete.PATH)
@click.option(
    "--hook", "hooks", multiple=True, type=click.Choice(NAMES), help="Which; repeatable.  [default: see below]"
)
@click.option("--force", is_flag=True, help="Also where another program manages the hooks.")
def command(repo: str, hooks: tuple[str, ...], *, force: bool) -> None:
    """Put git hooks into a repository: pre-commit and pre-push, or pre-receive into a bare one.

    A hook that is there already is kept and run first; `sgleaks uninstall` puts it back. core.hooksPath is respected.

    \b
    Examples:
      sgleaks install
      sgleaks install --hook pre-push
      sgleaks install /srv/git/shop.git
    """
    from sgleaks.git.repository import find
    from sgleaks.install import install

    found = find(Path(repo))
    usual = NAMES[2:] if found and found.bare else NAMES[:2]
    for file, told in install(Path(repo), hooks or usual, force=force):
        note(f"{file}: {told}")
