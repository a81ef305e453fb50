"""What is said beside a report: the one way in which a command tells anything that it was given or has met.

A message may quote an argument, a file's name, a branch's, a configuration, another program: no secret in it is shown.
"""

from __future__ import annotations

import click


def unleaked(text: str) -> str:
    """See `names.unleaked`, which is imported when there is something to say."""
    from sgleaks.names import unleaked as told

    return told(text)


def say(text: str, *, err: bool = True, color: bool | None = None) -> None:
    """A line on standard error, or on standard output where it is what was asked for."""
    click.echo(unleaked(text), err=err, color=color)


def note(text: str) -> None:
    """A line on standard error that says whose it is."""
    say(f"sgleaks: {text}")
