"""Asking SendGrid from the command line: the options for it, and what is said while it is asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sgleaks.cli.saying import note
from sgleaks.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sgleaks.model import Report
    from sgleaks.secret import Secret
    from sgleaks.sendgrid.account import Account
    from sgleaks.sendgrid.verify import Verifier
    from sgleaks.validity import Validity

    Ask = Callable[[Iterable[Secret]], Mapping[Secret, Validity]]

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

SWEEP_SECONDS = 7 * 24 * 3600.0  # a sweep asks between visits, as long as it lasts

BLAST_RADIUS = click.option(
    "--blast-radius", is_flag=True, help="Also what live keys get at: account, domains, counts. GET only."
)


def verifying(function: Decorated) -> Decorated:
    """Adds ``--verify`` and ``--blast-radius``."""
    ask = click.option("--verify", is_flag=True, help="Ask SendGrid whether the keys live, and what they may do.")
    return ask(BLAST_RADIUS(function))


def verifier(*, blast_radius: bool) -> Verifier:
    """Asks where SGLEAKS_SENDGRID_API says, else SendGrid; says so on standard error. Raises ToolError."""
    from sgleaks.sendgrid.hosts import hosts
    from sgleaks.sendgrid.verify import Verifier

    shown = _progress if sys.stderr.isatty() else None
    return Verifier(hosts(os.environ), note, shown, blast_radius)


def asker(*, verify: bool, blast_radius: bool) -> Callable[[Report], Report]:
    """What puts SendGrid's answers into a report, or leaves it as it is. Raises ToolError before any scan."""
    if blast_radius and not verify:
        raise click.UsageError("--blast-radius goes with --verify.")
    return verifier(blast_radius=blast_radius).report if verify else lambda report: report


def of_sweep(*, verify: bool, blast_radius: bool, dask: str | None) -> Verifier | None:
    """What asks about the keys of a sweep, for as long as it takes. Raises ToolError before anything is listed."""
    if blast_radius and not verify:
        raise click.UsageError("--blast-radius goes with --verify.")
    if not verify:
        return None
    if dask:
        raise click.UsageError("--verify is not for --dask: keys would have to leave the machines that find them.")
    from sgleaks.sendgrid.hosts import hosts
    from sgleaks.sendgrid.pace import Pace
    from sgleaks.sendgrid.verify import Verifier, announcement

    places = hosts(os.environ)
    verifier = Verifier(places, lambda _: None, None, blast_radius, Pace(SWEEP_SECONDS))
    note(announcement(None, places, blast_radius=blast_radius))
    return verifier


def administrator() -> Secret:
    """The administrator's key of the environment. Raises ToolError, which quotes nothing of it."""
    from sgleaks.secret import KEY, Secret
    from sgleaks.sendgrid.account import VARIABLE

    text = os.environ.get(VARIABLE, "").strip()
    if not KEY.fullmatch(text):
        why = "it is no API key" if text else "it is not set"
        raise ToolError(
            VARIABLE, why, "set it to an administrator's API key, from a secret store; it is never an option"
        )
    return Secret(text)


def account(key: Secret) -> Account:
    """The account that a key opens; says first whom it asks. Raises ToolError."""
    from sgleaks.sendgrid.account import Account
    from sgleaks.sendgrid.hosts import hosts

    places = hosts(os.environ)
    note(f"asking {' or '.join(places)} with the key {key.redacted}, in the Authorization header")
    return Account(places, key)


def _progress(done: int, of: int) -> None:
    click.echo(f"\rsgleaks: {done:,} of {of:,} answered", err=True, nl=done == of)
