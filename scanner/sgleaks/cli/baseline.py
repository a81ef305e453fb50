"""``sgleaks baseline``: accepted findings, each with a reason."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sgleaks.cli import complete, options
from sgleaks.cli.page import Command, Group
from sgleaks.cli.saying import note, unleaked
from sgleaks.errors import ToolError
from sgleaks.settings import BASELINE

if TYPE_CHECKING:
    from sgleaks.baseline import Changed
    from sgleaks.model import Report
    from sgleaks.settings import Settings

HISTORY = click.option(
    "--history", "past", is_flag=True, help="What the whole history held, not only what is there now."
)
REASON = click.option("--reason", required=True, metavar="TEXT", help="Why these findings are accepted.")
EXPIRES = click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Until when they are.")


class Silent(Command):
    """A command that tells no findings and fails for none."""

    unheard = ("What is told", "What fails")


@click.group("baseline", cls=Group)
def command() -> None:
    """Accept findings that are known, each with a reason.

    They stay in every report as ignored, and no longer fail a run. The file is .sgleaks-baseline.toml at the root of
    the repository, made to be committed: no secret can be read or guessed from it.

    \b
    Examples:
      sgleaks baseline create --reason "keys of a closed account"
      sgleaks baseline prune
    """


@command.command("create", cls=Silent)
@click.argument("path", default=".", type=complete.PATH)
@REASON
@EXPIRES
@HISTORY
@options.common
def create(path: str, reason: str, expires: datetime | None, *, past: bool, **given: Any) -> None:
    """Accept all that a scan finds now. There must be no baseline yet.

    \b
    Examples:
      sgleaks baseline create --reason "keys of a closed account"
      sgleaks baseline create --history --reason "withdrawn, see the incident of March"
    """
    file, report, _ = _scanned(path, past=past, **given)
    if file.exists():
        raise ToolError(str(file), "it is there already", "use `sgleaks baseline update`")
    _tell(file, _accepted(file, report, path, reason, expires))


@command.command("update", cls=Silent)
@click.argument("path", default=".", type=complete.PATH)
@REASON
@EXPIRES
@HISTORY
@options.common
def update(path: str, reason: str, expires: datetime | None, *, past: bool, **given: Any) -> None:
    """Accept what a scan finds now, besides what is accepted already.

    \b
    Examples:
      sgleaks baseline update --reason "made up, for the tests of the parser"
      sgleaks baseline update --rule env-file-not-ignored --reason "later" --expires 2027-01-31
    """
    file, report, _ = _scanned(path, past=past, **given)
    _tell(file, _accepted(file, report, path, reason, expires))


@command.command("prune", cls=Silent)
@click.argument("path", default=".", type=complete.PATH)
@HISTORY
@options.common
def prune(path: str, *, past: bool, **given: Any) -> None:
    """Drop the entries that fit nothing any more, in files or, with --history, in all that the history held.

    \b
    Examples:
      sgleaks baseline prune
    """
    from sgleaks.baseline import prune as dropped

    file, report, settings = _scanned(path, past=past, **given)
    if settings.rule or settings.skip_rule or settings.only:
        raise ToolError("baseline prune", "a scan with some rules cannot say what is gone", "leave out such options")
    if not file.exists():
        raise ToolError(str(file), "there is no baseline", "`sgleaks baseline create` makes one")
    _tell(file, dropped(file, report, Path(path)))


def _scanned(path: str, *, past: bool, **given: Any) -> tuple[Path, Report, Settings]:
    """The baseline's file, and what a scan finds."""
    settings = options.settings(Path(path), **given)
    file = Path(settings.baseline) if settings.baseline else _root(Path(path)) / BASELINE
    if settings.baseline and not file.exists():
        from dataclasses import replace

        settings = replace(settings, baseline="")  # it is about to be made
    if past:
        from sgleaks import history

        return file, history.scan([Path(path)], settings), settings
    from sgleaks import pipeline

    return file, pipeline.scan([Path(path)], settings), settings


def _root(path: Path) -> Path:
    """The root of the repository around a path, or the path itself."""
    place = path.absolute()
    return next((folder for folder in (place, *place.parents) if (folder / ".git").exists()), path)


def _accepted(file: Path, report: Report, path: str, reason: str, expires: datetime | None) -> Changed:
    from sgleaks.baseline import update as accept

    if not reason.strip():
        raise ToolError("--reason", "it says nothing", "say why these findings are accepted")
    day: date | None = expires.date() if expires else None
    return accept(file, report, Path(path), unleaked(reason.strip()), day)


def _tell(file: Path, changed: Changed) -> None:
    told = f"{changed.entries:,} accepted in {file} ({changed.added:,} new, {changed.dropped:,} dropped)"
    note(told)
