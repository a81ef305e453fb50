"""``sgleaks verify``: asks SendGrid about keys."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sgleaks.cli import asking, complete
from sgleaks.cli.saying import note
from sgleaks.errors import ToolError
from sgleaks.settings import COLORS

if TYPE_CHECKING:
    from sgleaks.formats.color import Mode
    from sgleaks.secret import Secret
    from sgleaks.validity import Validity

MAX_KEYS = 10_000
MAX_INPUT = 1 << 20  # bytes of keys: more than so many
Told = list[tuple[str, str, "Validity"]]  # id, SHA-256, answer


@click.command("verify")
@click.argument("source", default="-", type=complete.PATH, metavar="[REPORT|-]")
@click.option(
    "--root",
    default=".",
    type=complete.PATH,
    metavar="DIR",
    help="Where the files of REPORT are.  [default: this folder]",
)
@click.option("--format", "name", type=click.Choice(("text", "json")), default="text", help="[default: text]")
@asking.BLAST_RADIUS
@click.option("--exit-zero", is_flag=True, help="Exit 0 even when keys live.")
@click.option("--color", type=click.Choice(COLORS), default="auto", help="Colours in text.  [default: auto]")
@click.pass_context
def command(
    ctx: click.Context, source: str, root: str, name: str, blast_radius: bool, exit_zero: bool, color: Mode
) -> None:
    """Ask SendGrid whether keys live and what they may do.

    Keys come on standard input, one a line, or are those of a report in JSON. A report holds no keys: they are looked
    for again in the files that it names, then in the history and in all files of --root. A key that is not there any
    more is said to be unknown.

    Exits 1 if a key lives, else 3 if the state of one is unknown, else 0.

    \b
    Examples:
      sgleaks verify <keys.txt
      pass show sendgrid | sgleaks verify --format json
      sgleaks verify report.json
      sgleaks verify report.json --root ../shop --blast-radius
    """
    from sgleaks.sendgrid.verify import exit_code

    verifier = asking.verifier(blast_radius=blast_radius)
    data, where = _input(source)
    if source != "-" or data.lstrip().startswith(b"{"):
        told = _of_report(data, where, Path(root), verifier.ask)
    else:
        told = [_told(secret, answer) for secret, answer in verifier.ask(read_keys(data)).items()]
    _show(told, name, color)
    ctx.exit(0 if exit_zero else exit_code(answer for _, _, answer in told))


def _input(source: str) -> tuple[bytes, str]:
    from sgleaks.retrace import MAX_REPORT, read

    if source != "-":
        return read(Path(source)), source
    if sys.stdin.isatty():
        note("reading keys from standard input, one a line")
    data = sys.stdin.buffer.read(MAX_REPORT + 1)
    if len(data) > MAX_REPORT:
        raise ToolError("standard input", f"more than {MAX_REPORT >> 20} MiB", "give keys or a report in JSON")
    return data, "standard input"


def read_keys(data: bytes) -> list[Secret]:
    """The keys of lines; empty lines and comments (#) hold none. Raises ToolError that quotes nothing."""
    from sgleaks.secret import KEY, Secret

    if len(data) > MAX_INPUT:
        raise ToolError("standard input", f"keys of more than {MAX_INPUT >> 20} MiB", "ask about fewer at once")
    keys = []
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if not KEY.fullmatch(text):
            raise ToolError(f"standard input, line {number}", "it is no API key", "give a key a line, or a JSON report")
        keys.append(Secret(text))
    if len(keys) > MAX_KEYS:
        raise ToolError("standard input", f"more than {MAX_KEYS:,} keys", "ask about fewer at once")
    if not keys:
        raise ToolError("standard input", "there is no key", "give a key a line, or name a report in JSON")
    return keys


def _of_report(data: bytes, name: str, root: Path, ask: asking.Ask) -> Told:
    from sgleaks.retrace import keys, traces
    from sgleaks.validity import Validity

    wanted = traces(data, name)
    found = keys(wanted, root)
    answers = ask(list(found.values()))
    gone = Validity("unknown", detail=f"not asked: it is in no file that the report names, nor elsewhere in {root}")
    ids = {trace.sha256: trace.key_id for trace in wanted}
    if not ids:
        note("there is no API key in the report")
    if lost := len(ids) - len(found):
        note(f"{lost:,} of {len(ids):,} keys could not be found again, and cannot be asked about")
    return [(ids[digest], digest, answers[found[digest]] if digest in found else gone) for digest in sorted(ids)]


def _told(secret: Secret, answer: Validity) -> tuple[str, str, Validity]:
    return secret.key_id or "", secret.sha256 or "", answer


def _show(told: Told, name: str, color: Mode) -> None:
    from sgleaks.formats import validity
    from sgleaks.formats.color import wants_color

    if name == "json":
        click.echo(validity.document(told), nl=False)
        return
    colored = wants_color(color, sys.stdout.isatty(), os.environ)
    for key_id, _, answer in told:
        for line in validity.lines(key_id, answer, color=colored):
            click.echo(line, color=colored)
