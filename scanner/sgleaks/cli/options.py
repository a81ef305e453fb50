"""The options that mean the same everywhere, and the settings they make together with the configuration file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from sgleaks import settings as config_file
from sgleaks.cli import complete
from sgleaks.errors import ToolError, suggestion
from sgleaks.formats import FORMATS
from sgleaks.model import CONFIDENCES, SEVERITIES
from sgleaks.settings import Settings

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def formats(known: Sequence[str]) -> Callable[[Decorated], Decorated]:
    """``--format NAME[:PATH]``, repeatable, of the ``known`` ones."""

    def check(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            name = value.partition(":")[0]
            if name not in known:
                near = suggestion(name, list(known))
                raise click.BadParameter(f'no format is called "{name}"{near}; there are {", ".join(known)}')
        return values

    return click.option(
        "--format",
        "formats",
        multiple=True,
        metavar="NAME[:PATH]",
        callback=check,
        shell_complete=complete.formats,
        help=f"How to tell it: {', '.join(known)}; repeatable, with :PATH into a file.  [default: text]",
    )


def _choice(name: str, metavar: str, values: tuple[str, ...], told: str) -> Callable[[Decorated], Decorated]:
    listed = f"{', '.join(values[:-1])} or {values[-1]}"
    return click.option(name, type=click.Choice(values), metavar=metavar, help=told.format(listed))


OPTIONS = (
    formats(FORMATS),
    _choice("--fail-on", "LEVEL", SEVERITIES, "Exit 1 from this severity on: {}.  [default: low]"),
    click.option("--exit-zero", is_flag=True, default=None, help="Exit 0 even with findings."),
    _choice(
        "--profile",
        "LEVEL",
        config_file.PROFILES,
        "Level of the guide: {}; L1 is the baseline, L3 adds rules that are off.  [default: L2]",
    ),
    _choice("--only", "KIND", config_file.ONLY, "One kind of rule: {}."),
    click.option("--rule", multiple=True, metavar="ID", shell_complete=complete.rules, help="This rule; repeatable."),
    click.option(
        "--skip-rule", multiple=True, metavar="ID", shell_complete=complete.rules, help="Not this rule; repeatable."
    ),
    click.option(
        "--rules", multiple=True, type=complete.PATH, metavar="DIR", help="A folder of further rules; repeatable."
    ),
    click.option(
        "--baseline",
        type=complete.PATH,
        metavar="FILE",
        help="Accepted findings.  [default: .sgleaks-baseline.toml, upwards]",
    ),
    click.option("--no-inline-ignores", is_flag=True, help="Obey no `sgleaks: ignore` comments."),
    click.option("--exclude", multiple=True, metavar="GLOB", help="Do not scan these, as in .gitignore; repeatable."),
    _choice("--min-confidence", "LEVEL", CONFIDENCES, "Show findings from this on: {}.  [default: medium]"),
    click.option(
        "--config",
        type=complete.PATH,
        metavar="FILE",
        help="Configuration.  [default: sgleaks.toml or pyproject.toml, upwards]",
    ),
    click.option("--no-config", is_flag=True, help="Read no configuration."),
    click.option(
        "--jobs", type=click.IntRange(0, config_file.MAX_JOBS), metavar="N", help="Processes.  [default: one a core]"
    ),
    _choice("--color", "WHEN", config_file.COLORS, "Colours in text: {}.  [default: auto]"),
    click.option("-q", "--quiet", is_flag=True, help="Findings only, no summary."),
    click.option("-v", "--verbose", is_flag=True, help="Also low confidence, dropped candidates and every skip."),
)


def common(function: Decorated) -> Decorated:
    """Adds the common options, in order, as keyword arguments to hand to ``settings``."""
    return common_but()(function)


def common_but(*names: str) -> Callable[[Decorated], Decorated]:
    """Adds the common options but those of these parameters, for a command that means something else by them."""

    def added(function: Decorated) -> Decorated:
        for option in reversed(OPTIONS):
            function = option(function)
        parameters: list[click.Parameter] = function.__click_params__  # type: ignore[attr-defined]  # click's own
        parameters[:] = [each for each in parameters if each.name not in names]
        return function

    return added


def settings(
    start: Path,
    *,
    config: str | None,
    no_config: bool,
    no_inline_ignores: bool,
    quiet: bool,
    verbose: bool,
    **given: Any,
) -> Settings:
    """The settings for what begins at ``start``: defaults, then the file, then what was given. Raises ToolError."""
    loaded = _loaded(start, config, no_config=no_config)
    changes = {name: value for name, value in given.items() if value not in (None, ())}
    changes["verbosity"] = 1 if verbose else -1 if quiet else 0
    if no_inline_ignores:
        changes["inline_ignores"] = False
    if not (loaded.baseline or "baseline" in changes or no_config) and (
        found := config_file.find_baseline(Path(start).absolute())
    ):
        changes["baseline"] = str(found)
    if "exclude" in changes:
        changes["exclude"] = (*loaded.exclude, *changes["exclude"])
    return replace(loaded, **changes)


def _loaded(start: Path, file: str | None, *, no_config: bool) -> Settings:
    if no_config:
        if file:
            raise ToolError("--config and --no-config", "they contradict each other", "leave one out")
        return Settings()
    found = Path(file) if file else config_file.find(Path(start).absolute())
    return config_file.load(found) if found else Settings()
