"""``sgleaks rules``: list, explain and test rules."""

from __future__ import annotations

from pathlib import Path

import click

from sgleaks import check, guide
from sgleaks.cli import complete
from sgleaks.cli.page import Group
from sgleaks.cli.saying import say
from sgleaks.errors import ToolError, suggestion
from sgleaks.formats import page
from sgleaks.formats.plain import visible_lines
from sgleaks.model import CLEAN, FINDINGS, Rule
from sgleaks.rule import builtin_rules, load_folder


@click.group("rules", cls=Group, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List, explain and test rules.

    \b
    Examples:
      sgleaks rules                   every rule, a line each
      sgleaks rules show api-key      what it finds, why it matters, what to do
      sgleaks rules check my-rules/   run the examples of your own rules
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_rules)


@command.command("list")
def list_rules() -> None:
    """A line for each rule: severity, id, title.

    \b
    Examples:
      sgleaks rules list
    """
    for rule in load_folder(builtin_rules()).values():
        click.echo(page.line(rule))


@command.command("show")
@click.argument("name", metavar="ID", shell_complete=complete.rules)
@click.option(
    "--rules", multiple=True, type=complete.PATH, metavar="DIR", help="A folder of further rules; repeatable."
)
def show(name: str, rules: tuple[str, ...]) -> None:
    """What a rule finds, why it matters, what to do, references and examples.

    \b
    Examples:
      sgleaks rules show api-key
      sgleaks rules show --rules my-rules relay-token     a rule of your own
    """
    known: dict[str, Rule] = {}
    for folder in (builtin_rules(), *map(Path, rules)):
        known |= load_folder(folder)
    if name not in known:
        raise ToolError(
            f'rule "{name}"', f"there is no such rule{suggestion(name, list(known))}", "`sgleaks rules` lists them"
        )
    click.echo(visible_lines(page.page(known[name], guide.load())), nl=False)


@command.command("check")
@click.argument("folder", type=complete.PATH, metavar="[DIR]", required=False)
@click.pass_context
def check_rules(ctx: click.Context, folder: str | None) -> None:
    """Run every example and counter-example of the rules in DIR, or of the built-in ones. Exits 1 when one fails.

    \b
    Examples:
      sgleaks rules check             the rules that come with sgleaks
      sgleaks rules check my-rules    your own
    """
    rules = load_folder(Path(folder) if folder else builtin_rules())
    failures = [failure for rule in rules.values() for failure in check.failures(rule)]
    for failure in failures:
        say(failure, err=False)
    examples = sum(len(rule.examples) + len(rule.counter_examples) for rule in rules.values())
    click.echo(f"sgleaks: {len(rules)} rules, {examples} examples, {len(failures)} failures", err=True)
    ctx.exit(FINDINGS if failures else CLEAN)
