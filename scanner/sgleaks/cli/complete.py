"""What a shell is told when it completes: files, names of formats, ids of rules."""

from __future__ import annotations

import click

# Any text, which a shell completes to a file. What it names is looked at later, where a mistake has a better message.
PATH = click.Path(readable=False)


def formats(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Names of formats that begin like this."""
    from sgleaks.formats import FORMATS

    return [name for name in FORMATS if name.startswith(begun)]


def rules(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Ids of built-in rules that begin like this."""
    from sgleaks.rule import builtin_rules, load_folder

    return [name for name in load_folder(builtin_rules(), examples=False) if name.startswith(begun)]
