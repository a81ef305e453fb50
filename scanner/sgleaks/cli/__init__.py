"""The command line: parse, call, print, exit. One module a command, imported when it is named.

The only package that knows click. Nothing here decides anything about findings.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from io import StringIO, TextIOWrapper
from typing import NoReturn, TextIO

import click

from sgleaks import __version__
from sgleaks.cli.page import WIDTH
from sgleaks.cli.saying import note, say
from sgleaks.errors import ReportedBug, ToolError, frames, suggestion
from sgleaks.model import BUG, INTERRUPTED, USAGE

COMMANDS = {
    "Find": {
        "scan": "Files, folders, archives, standard input, or what changes bring.",
        "history": "All that a git repository ever held, and what leads to it.",
        "sweep": "Every repository of an organisation.",
        "report": "Saved reports in another format, several as one.",
    },
    "Keep out": {
        "install": "Put git hooks into a repository, beside what is there.",
        "uninstall": "Take those hooks out again.",
        "ci": "Scan what a CI job is about; annotations, summary, SARIF.",
        "baseline": "Accept findings that are known, each with a reason.",
        "hook": "Answer git's hooks; what `install` puts in calls it.",
    },
    "Ask SendGrid": {
        "verify": "Whether keys live, and what they may do.",
        "audit": "An account, held against the hardening guide.",
        "revoke": "Delete keys by their ids.",
    },
    "Look up": {
        "rules": "List, explain and test rules.",
        "guide": "The hardening guide's controls, and which rules serve each.",
        "doctor": "What works here, and how to mend what does not.",
        "completion": "The completion script of a shell.",
    },
}
NAMES = [name for commands in COMMANDS.values() for name in commands]


class Commands(click.Group):
    """Imports the module of a command when the command is named; ``--help`` imports none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return NAMES

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in NAMES:
            return None
        command: click.Command = import_module(f"sgleaks.cli.{name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message.rstrip('.')}{suggestion(args[0], NAMES)}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, known in COMMANDS.items():
            with formatter.section(heading):
                formatter.write_dl(list(known.items()), col_max=max(map(len, NAMES)))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH})
@click.version_option(__version__, "-V", "--version", prog_name="sgleaks", message="%(prog)s %(version)s")
def cli() -> None:
    """Find leaked SendGrid credentials and SendGrid misconfiguration in repositories.

    --help after a command tells its options, with examples.

    \b
    Examples:
      sgleaks scan                  this folder, or this repository's work tree
      sgleaks scan --format sarif:sgleaks.sarif src
      git show HEAD:.env | sgleaks scan -
      sgleaks history               everything this repository ever held
      sgleaks install               stop keys before they are committed
    """


def main() -> NoReturn:
    """Runs the command line and exits: 0 clean, 1 findings, 2 usage or configuration, 3 incomplete, 70 a bug."""
    _speak_utf_8()
    try:
        status = cli.main(prog_name="sgleaks", standalone_mode=False)
    except click.exceptions.Exit as done:
        status = done.exit_code
    except click.ClickException as error:
        _tell(error.show)
        status = USAGE
    except ToolError as error:
        note(str(error))
        status = USAGE
    except (KeyboardInterrupt, click.Abort):
        click.echo("sgleaks: interrupted; nothing is reported", err=True)
        status = INTERRUPTED
    except BrokenPipeError:
        status = _closed_pipe()
    except ReportedBug:
        status = BUG
    except ModuleNotFoundError as missing:
        status = _missing(missing)
    except Exception as bug:  # noqa: BLE001 - the one place where a bug is told from a finding
        status = _bug(bug)
    sys.exit(status)


def _speak_utf_8() -> None:
    """Files and pipes get UTF-8 whatever the locale says, as formats want it; a terminal gets what it can show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def _tell(show: Callable[[TextIO], None]) -> None:
    """What click says of a mistake, without the keys in what it quotes."""
    text = StringIO()
    show(text)
    say(text.getvalue().removesuffix("\n"))


def _closed_pipe() -> int:
    """Whoever read the output has seen enough (``| head``); Python must not complain of it once more at exit."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141  # as a shell says it of SIGPIPE


def _missing(missing: ModuleNotFoundError) -> int:
    package = (missing.name or "").partition(".")[0]
    if package in ("", "sgleaks"):
        return _bug(missing)
    click.echo(f"sgleaks: the Python package {package} is not installed\n  help: install sgleaks once more", err=True)
    return USAGE


def _bug(bug: Exception) -> int:
    click.echo("\n".join((f"sgleaks {__version__}: a bug. Please report these lines:", *frames(bug))), err=True)
    return BUG
