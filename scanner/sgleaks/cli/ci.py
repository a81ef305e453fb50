"""``sgleaks ci``: what a CI job is about, scanned and told the way its service shows it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import click

from sgleaks.ci import CATEGORIES, SCOPES, is_for_code_scanning
from sgleaks.cli import complete, options
from sgleaks.cli.page import Command, Group
from sgleaks.cli.saying import say, unleaked
from sgleaks.errors import ToolError

if TYPE_CHECKING:
    from sgleaks.ci import Change
    from sgleaks.model import Report
    from sgleaks.settings import Settings

GITHUB_FILES = {"sarif": "sgleaks.sarif", "json": "sgleaks.json"}
GITLAB_FILES = {
    **GITHUB_FILES,
    "gitlab": "gl-secret-detection-report.json",
    "codequality": "gl-code-quality-report.json",
}
# Every option may come from a variable such as SGLEAKS_CI_FAIL_ON: no input of an action then passes through a shell.
PREFIX = "SGLEAKS_CI"


class Job(Command):
    """A command that takes further arguments from SGLEAKS_CI_ARGS, quoted as for a shell, and runs no shell."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            further = shlex.split(os.environ.get(f"{PREFIX}_ARGS", ""))
        except ValueError as error:
            raise ToolError(f"{PREFIX}_ARGS", f"{error}".lower(), "quote the arguments as for a shell") from None
        return super().parse_args(ctx, [*further, *args])


def job(function: Callable[..., None]) -> Callable[..., None]:
    """Adds what every service takes."""
    for option in reversed(
        (
            click.option("--scope", type=click.Choice(SCOPES), default="auto", help="What to scan.  [default: auto]"),
            click.option("--base", metavar="COMMIT", help="Where the range begins, instead of what the event says."),
            click.option("--head", metavar="COMMIT", help="Where the range ends, instead of what the event says."),
            click.option("--reports", type=complete.PATH, metavar="DIR", help="Where reports are written."),
        )
    ):
        function = option(function)
    return options.common(function)


@click.group("ci", cls=Group)
def command() -> None:
    """Scan what a CI job is about, and tell it the way the service shows it.

    The event says which commits are new. A clone that is too shallow is deepened through its own remote, or the job
    fails and says how to mend it. Configuration and baseline of a pull request are those of the commit it is based on.

    \b
    Examples:
      sgleaks ci github
      sgleaks ci gitlab --scope history
    """


@command.command("github", cls=Job, context_settings={"auto_envvar_prefix": PREFIX})
@click.option("--annotations/--no-annotations", default=True, help="Findings beside the lines.  [default: on]")
@click.option("--summary/--no-summary", default=True, help="A summary of the job.  [default: on]")
@click.option(
    "--upload-sarif",
    type=click.Choice(("auto", "true", "false")),
    default="auto",
    help="What the output `upload-sarif` says.  [default: auto]",
)
@click.option("--category", metavar="NAME", default="", help="The category of the SARIF file.")
@click.option("--allow-pull-request-target", is_flag=True, help="Scan also for pull_request_target.")
@job
@click.pass_context
def github(
    ctx: click.Context,
    /,
    annotations: bool,
    summary: bool,
    upload_sarif: str,
    category: str,
    allow_pull_request_target: bool,
    **given: Any,
) -> None:
    """Scan what an event of GitHub Actions brought: annotations, a job summary, SARIF and JSON, outputs.

    \b
    Examples:
      sgleaks ci github
      sgleaks ci github --scope history --fail-on high
      sgleaks ci github --base origin/main --head HEAD
    """
    from sgleaks.ci.github import change_of
    from sgleaks.formats.github import command as workflow_command
    from sgleaks.formats.markup import prose
    from sgleaks.model import USAGE

    try:
        change = change_of(os.environ, targets=allow_pull_request_target)
        folder = _folder(given, os.path.join(os.environ.get("RUNNER_TEMP", ""), "sgleaks"))
        change, span, report, settings = _scanned(change, given)
        files = _written(report, GITHUB_FILES, folder, category or CATEGORIES[change.scope])
    except ToolError as error:
        told = unleaked(f"{error.what}: {error.why}; {error.next_step}")
        click.echo(workflow_command("error", told, title="sgleaks"), nl=False)
        _append("GITHUB_STEP_SUMMARY", f"# sgleaks: nothing was scanned\n\n{prose(told)}\n")
        _append("GITHUB_OUTPUT", _outputs({"exit-code": str(USAGE)}))
        raise
    code = _told_inertly(_heading(change, span), report, settings)
    if annotations:
        from sgleaks.formats import Style, render

        for piece in render("github", report, Style()):
            click.echo(piece, nl=False)
    if summary:
        from sgleaks.formats.job import job_summary

        _append("GITHUB_STEP_SUMMARY", job_summary(report, unleaked(change.what), span))
    upload = is_for_code_scanning(change) if upload_sarif == "auto" else upload_sarif == "true" and bool(files)
    outputs = {
        "findings": str(sum(finding.confidence != "low" for finding in report.findings)),
        "new-findings": str(sum(finding.counts for finding in report.findings)),
        "sarif-file": files.get("sarif", ""),
        "json-file": files.get("json", ""),
        "exit-code": str(code),
        "scanned-range": span,
        "upload-sarif": str(upload).lower(),
    }
    _append("GITHUB_OUTPUT", _outputs(outputs))
    ctx.exit(code)


@command.command("gitlab", cls=Job, context_settings={"auto_envvar_prefix": PREFIX})
@job
@click.pass_context
def gitlab(ctx: click.Context, /, **given: Any) -> None:
    """Scan what a GitLab pipeline is about: text in the log; secret detection, Code Quality, SARIF and JSON as files.

    \b
    Examples:
      sgleaks ci gitlab
      sgleaks ci gitlab --scope history --fail-on high
    """
    from sgleaks.ci.gitlab import change_of
    from sgleaks.cli.output import tell

    change = change_of(os.environ)
    folder = _folder(given, ".")
    change, span, report, settings = _scanned(change, given)
    _written(report, GITLAB_FILES, folder, CATEGORIES[change.scope])
    say(_heading(change, span))
    ctx.exit(tell(report, settings))


def _folder(given: dict[str, Any], default: str) -> Path:
    folder = Path(given.pop("reports") or default)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(str(folder), f"it cannot be made: {error.strerror}", "give another --reports") from None
    return folder


def _scanned(change: Change, given: dict[str, Any]) -> tuple[Change, str, Report, Settings]:
    """The change as it was scanned, its range, the report and the settings. Raises ToolError."""
    from sgleaks import ci
    from sgleaks.ci.depth import deepened, range_of, resolved
    from sgleaks.ci.trust import trusted
    from sgleaks.git.repository import find

    repository = find(Path(), outside=True)
    if repository is None:
        raise ToolError("sgleaks ci", "this is not in a git repository", "check the repository out first")
    scope, *ends = given.pop("scope"), given.pop("base"), given.pop("head")
    change = ci.chosen(change, scope, *(resolved(name, repository) if name else "" for name in ends))
    change, repository = deepened(change, repository)
    with trusted(change, repository, given) as (start, chosen, told):
        settings = _with_text(options.settings(start, **chosen))
        report = ci.scan(told, repository, settings)
    return told, range_of(told, repository), report, settings


def _with_text(settings: Settings) -> Settings:
    """The settings, with text in the log where every format that is asked for goes into a file."""
    if all(":" in entry for entry in settings.formats):
        return replace(settings, formats=("text", *settings.formats))
    return settings


def _written(report: Report, names: dict[str, str], folder: Path, category: str) -> dict[str, str]:
    """The files by format; none where nothing was scanned."""
    from sgleaks.files import write
    from sgleaks.formats import Style, render

    if not category:
        return {}
    # GitHub shows suppressed results as alerts all the same.
    shown = replace(report, findings=tuple(finding for finding in report.findings if finding.ignored is None))
    files = {}
    for name, file in names.items():
        write(folder / file, render(name, shown if name == "sarif" else report, Style(category=category)), "the report")
        files[name] = str((folder / file).absolute())
    return files


def _told_inertly(heading: str, report: Report, settings: Settings) -> int:
    """Prints the report so that no line of it is a command to the runner; gives the exit code.

    All of it goes to standard output: the runner reads both, in no order.
    """
    from sgleaks.cli.output import tell

    token = token_hex(16)
    click.echo(f"::stop-commands::{token}")
    try:
        say(heading, err=False)
        return tell(report, settings, err=False)
    finally:
        click.echo(f"::{token}::")


def _heading(change: Change, span: str) -> str:
    from sgleaks.formats.plain import visible

    return visible(f"sgleaks: {change.what}, {change.scope}{f': {span}' if span else ''}")


def _append(variable: str, text: str) -> None:
    """Adds to the file that a variable of the runner names; nothing where there is none."""
    if file := os.environ.get(variable):
        try:
            with Path(file).open("a", encoding="utf-8") as opened:
                opened.write(text)
        except OSError as error:
            raise ToolError(f"{variable}: {file}", f"{error.strerror}", "run it in a job of a workflow") from None


def _outputs(values: dict[str, str]) -> str:
    """In the form with a delimiter, which no value can guess."""
    end = f"sgleaks-{token_hex(16)}"
    return "".join(f"{name}<<{end}\n{value}\n{end}\n" for name, value in values.items())
