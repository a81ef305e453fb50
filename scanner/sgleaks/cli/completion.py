"""``sgleaks completion``: what a shell needs to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from sgleaks.errors import ToolError

SHELLS = ("bash", "zsh", "fish", "powershell")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      sgleaks completion bash >>~/.bashrc
      sgleaks completion fish >~/.config/fish/completions/sgleaks.fish
    """
    from sgleaks.cli import cli

    made = get_completion_class(shell)
    if made is None:  # PowerShell came with click 8.5
        raise ToolError(shell, "this version of click has no completion for it", "pip install --upgrade click")
    click.echo(made(cli, {}, "sgleaks", "_SGLEAKS_COMPLETE").source())
