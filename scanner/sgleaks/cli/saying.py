"""What is said beside a report: the one way in which a command tells anything that it was given or has met.

A message may quote an argument, a file's name, a branch's, a configuration, another program: no secret in it is shown,
and nothing of it is raw.
"""

from __future__ import annotations

import click


def unleaked(text: str) -> str:
    """See `names.unleaked`, which is imported when there is something to say."""
    from sgleaks.names import unleaked as told

    return told(text)


def shown(text: str) -> str:
    """The text as a part of a line: no secret in it, and nothing that moves the cursor, breaks the line or hides."""
    from sgleaks.formats.plain import visible

    return visible(unleaked(text))


def say(text: str, *, err: bool = True) -> None:
    """Lines, whose breaks are ours, on standard error, or on standard output where they are what was asked for."""
    from sgleaks.formats.plain import visible_lines

    click.echo(visible_lines(unleaked(text)), err=err)


def note(text: str) -> None:
    """A line on standard error that says whose it is."""
    click.echo(f"sgleaks: {shown(text)}", err=True)
