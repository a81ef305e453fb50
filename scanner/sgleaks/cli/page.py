"""What ``--help`` looks like: options under headings, commands with all of their first sentence."""

from __future__ import annotations

import click

WIDTH = 100  # columns at most; a terminal that has fewer gets fewer

# Options that many commands have, by the names of their parameters. What a command alone has stands before them.
HEADINGS = {
    "What is told": ("formats", "min_confidence", "color", "quiet", "verbose"),
    "What fails": ("fail_on", "exit_zero"),
    "Which rules": ("profile", "only", "rule", "skip_rule", "rules"),
    "What is accepted": ("baseline", "no_inline_ignores"),
    "Which files, and how": ("exclude", "config", "no_config", "jobs"),
}
_HEADING = {name: heading for heading, names in HEADINGS.items() for name in names}


class Command(click.Command):
    """A command whose common options stand below headings, the same ones in every command.

    ``unheard`` are headings of options that it takes and that change nothing here.
    """

    unheard: tuple[str, ...] = ()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows: dict[str, list[tuple[str, str]]] = {heading: [] for heading in ("Options", *HEADINGS)}
        options = [parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option)]
        grouped = len(options) > len(_HEADING) // 2
        for option in options:
            if record := option.get_help_record(ctx):
                rows[_HEADING.get(option.name or "", "Options") if grouped else "Options"].append(record)
        width = max((len(left) for records in rows.values() for left, _ in records), default=0)
        for heading, records in rows.items():
            if records and heading not in self.unheard:
                with formatter.section(heading):  # all as wide as the widest, so that nothing jumps
                    formatter.write_dl([(left.ljust(width), right) for left, right in records])


class Group(click.Group):
    """Commands of a command, each with its first sentence, however long that is."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        known = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, inner.get_short_help_str(1000)) for name, inner in known if inner])
