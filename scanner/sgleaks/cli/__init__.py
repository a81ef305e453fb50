"""The command line: parse, call, print, exit. One module a command, imported when it is named.

The only package that knows click. Nothing here decides anything about findings.
"""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from io import StringIO
from types import FrameType
from typing import NoReturn

import click

from sgleaks import __version__
from sgleaks.cli import faults, streams
from sgleaks.cli.page import WIDTH
from sgleaks.cli.saying import say, shown
from sgleaks.errors import ReportedBug, ToolError, frames, suggestion
from sgleaks.model import BUG, CLOSED_PIPE, INTERRUPTED, TERMINATED, USAGE

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
    streams.prepare()
    heard = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN  # as of a job in the background
    if heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    asked = []

    def end(number: int, _frame: FrameType | None) -> NoReturn:
        asked.append(number)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, end)  # as Ctrl-C: what is half done is taken away
    try:
        status = _run()
    except KeyboardInterrupt:  # also where a failure was just about to be told
        status = _interrupted()
    if heard:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is left that an interrupt should make Python speak of
    sys.exit(TERMINATED if asked and status == INTERRUPTED else status)


def _run() -> int:
    try:
        status: int = cli.main(prog_name="sgleaks", standalone_mode=False)
        streams.end()
    except click.exceptions.Exit as done:
        status = done.exit_code
    except click.ClickException as error:
        _tell(error)
        status = USAGE
    except ToolError as error:
        status = _failed(error)
    except click.Abort:
        status = _interrupted()
    except streams.ClosedPipe:
        status = CLOSED_PIPE
    except ReportedBug:
        status = BUG
    except MemoryError:
        status = _failed(faults.OUT_OF_MEMORY)
    except (OSError, ImportError) as error:
        failure = faults.failure_of(error)
        status = _failed(failure) if failure else _bug(error)
    except Exception as bug:  # noqa: BLE001 - the one place where a bug is told from a finding
        status = _bug(bug)
    return status


def _tell(error: click.ClickException) -> None:
    """What click says of a mistake."""
    text = StringIO()
    error.show(text)
    told = text.getvalue().removesuffix("\n")
    if not isinstance(error, click.exceptions.NoArgsIsHelpError):  # whose message is the help, which quotes nothing
        told = told.replace(error.message, shown(error.message))  # a line break in it is not ours
    say(told)


def _failed(failure: ToolError) -> int:
    parts = (shown(part) for part in (failure.what, failure.why, failure.next_step))
    say(f"sgleaks: {ToolError(*parts)}")
    return USAGE


def _interrupted() -> int:
    click.echo("sgleaks: interrupted; nothing is reported", err=True)
    return INTERRUPTED


def _bug(bug: Exception) -> int:
    click.echo("\n".join((f"sgleaks {__version__}: a bug. Please report these lines:", *frames(bug))), err=True)
    return BUG
