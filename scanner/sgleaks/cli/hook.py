"""``sgleaks hook``: what git and pre-commit call."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sgleaks.cli import options
from sgleaks.cli.page import Group
from sgleaks.cli.saying import note, shown
from sgleaks.errors import ToolError
from sgleaks.formats import Style
from sgleaks.formats.color import wants_color

if TYPE_CHECKING:
    from sgleaks.formats.gate import Hook
    from sgleaks.gate import Answer
    from sgleaks.settings import Settings

SECONDS = 3.0  # of pre-receive; GitHub Enterprise Server gives all hooks together five
MAX_LINES = 8 << 20  # bytes of what git writes to a hook: all refs of a push that is searched, with long names

THEN = click.option("--then", metavar="HOOK", help="A hook that was there before, to be run first with the same input.")


@click.group("hook", cls=Group)
def command() -> None:
    """Answer git: may this commit be made, this push be sent or taken?

    `sgleaks install` and `.pre-commit-hooks.yaml` set these up; nobody types them.

    \b
    Examples:
      sgleaks hook pre-commit
      sgleaks hook pre-push origin <refs
    """


@command.command("pre-commit")
@THEN
@options.common
@click.pass_context
def pre_commit(ctx: click.Context, /, then: str | None, **given: Any) -> None:
    """Stop a commit that would add a credential.

    What the index holds counts, not the files; only what is added, never what was there before or is taken away.

    \b
    Examples:
      sgleaks hook pre-commit
      sgleaks hook pre-commit --only credentials --fail-on high
    """
    from sgleaks import gate

    _before(ctx, then, [], "")
    settings = options.settings(Path(), **given)
    ctx.exit(_told(gate.pre_commit(settings), "pre-commit", settings))


@command.command("pre-push")
@click.argument("remote", default="origin")
@click.argument("url", default="")
@THEN
@options.common
@click.pass_context
def pre_push(ctx: click.Context, /, remote: str, url: str, then: str | None, **given: Any) -> None:
    """Stop a push that would send a credential, in any of its commits and of any ref of it.

    \b
    Examples:
      sgleaks hook pre-push origin git@example.com:shop.git <refs
    """
    from sgleaks import gate

    text = _input()
    _before(ctx, then, [remote, url], text)
    settings = options.settings(Path(), **given)
    ctx.exit(_told(gate.pre_push(text, remote, settings), "pre-push", settings))


@command.command("pre-receive")
@click.option(
    "--deadline", type=click.FloatRange(0), default=SECONDS, metavar="SECONDS", help="0 for none.  [default: 3]"
)
@click.option("--strict", is_flag=True, help="Refuse also what could not be seen in time.")
@THEN
@options.common
@click.pass_context
def pre_receive(ctx: click.Context, /, deadline: float, then: str | None, *, strict: bool, **given: Any) -> None:
    """Refuse a push that brings a credential to this server.

    Nothing that the push holds is obeyed: no configuration, no baseline, no comment. Give --config and --baseline.

    \b
    Examples:
      sgleaks hook pre-receive <refs
      sgleaks hook pre-receive --strict --deadline 10 --config /etc/sgleaks.toml <refs
    """
    from sgleaks import gate

    text = _input()
    _before(ctx, then, [], text)
    given["no_config"] = given["config"] is None
    settings = options.settings(Path(), **given)
    answer = gate.pre_receive(text, settings, deadline)
    late = any(skip.reason == "interrupted" for skip in answer.report.skips)
    code = _told(answer, "pre-receive", settings)
    if late and not code:
        note(f"{'refused' if strict else 'let through'}: not all could be seen in {deadline:g} s")
    ctx.exit(1 if late and strict else code)


def _told(answer: Answer, hook: Hook, settings: Settings) -> int:
    """Says what there is; gives the exit code that git obeys."""
    from sgleaks.cli.output import report_into_files
    from sgleaks.formats.gate import render, stopping
    from sgleaks.gate import BLOCKING
    from sgleaks.model import FINDINGS, INCOMPLETE

    report, unseen = answer.report, [skip for skip in answer.report.skips if skip.reason in BLOCKING]
    report_into_files(report, settings)
    style = Style(hook != "pre-receive" and wants_color(settings.color, sys.stderr.isatty(), os.environ))
    for skip in unseen[:3]:
        note(f"not scanned: {_shown(skip.path)}: {skip.reason} {_shown(skip.detail)}".rstrip())
    if stopping(report, settings.fail_on):
        for line in render(report, hook, settings.fail_on, style):
            click.echo(line, err=True, color=style.color)
        return 0 if settings.exit_zero else FINDINGS
    if unseen:
        note(f"{answer.what} could not be scanned whole; --no-verify goes on without")
        return 0 if settings.exit_zero else INCOMPLETE
    if not (report.stats.blobs or report.stats.commits or report.stats.files) and settings.verbosity >= 0:
        note(f"there was nothing to scan in {answer.what}")
    return 0


def _shown(text: str) -> str:
    from sgleaks.formats.plain import clip

    return clip(shown(text), 200)


def _input() -> str:
    """What git writes to the hook; nothing on a terminal, where it would wait for ever."""
    data = b"" if sys.stdin.isatty() else sys.stdin.buffer.read(MAX_LINES + 1)
    if len(data) > MAX_LINES:
        raise ToolError("the push", f"its refs are more than {MAX_LINES >> 20} MiB", "push some at a time")
    return data.decode("utf-8", "surrogateescape")


def _before(ctx: click.Context, hook: str | None, args: list[str], text: str) -> None:
    """Runs the hook that was there before; what it refuses is refused."""
    if hook and os.access(hook, os.X_OK):
        import subprocess

        told = text.encode("utf-8", "surrogateescape")
        try:
            done = subprocess.run([hook, *args], input=told, check=False)
        except OSError:  # it does not say what runs it, or this is Windows; git takes it for a script
            done = subprocess.run(["sh", hook, *args], input=told, check=False)
        if done.returncode:
            ctx.exit(done.returncode)
