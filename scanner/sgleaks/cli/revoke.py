"""``sgleaks revoke``: deletes keys at SendGrid."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sgleaks.cli import asking, complete
from sgleaks.errors import ToolError

if TYPE_CHECKING:
    from sgleaks.sendgrid.account import Account
    from sgleaks.sendgrid.revoke import Key

CHECKLIST = """\
What is left to do:
  [ ] Put a new key, with no more scopes than it needs, into the secret store; let what used the old one read it there.
  [ ] Look for mail you did not send, and for other keys, teammates, webhooks and settings you did not make
      (`sgleaks audit`); in paid plans the activity feed names the key of each mail.
  [ ] Take the key out of the files. It is dead now, so the history need not be rewritten for its sake; if it must
      be, ask the host to drop its caches, forks and pull requests too.
  [ ] `sgleaks history --verify` shows that no key of the history lives.
  [ ] Write down since when the key was readable, which `exposure` in the JSON of `sgleaks history` says, and until
      when."""
GIVEN = re.compile(r"(?:SG\.)?([A-Za-z0-9_-]{22})(?:\.(?:…|\.\.\.)?)?")  # as a report shows it, too


@click.command("revoke")
@click.argument("key_ids", nargs=-1, metavar="[KEY_ID]...")
@click.option(
    "--from",
    "reports",
    multiple=True,
    type=complete.PATH,
    metavar="REPORT",
    help="The keys of a JSON report; repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Look the keys up, and delete none.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--with-leaked-key", is_flag=True, help="Let the keys on standard input delete themselves.")
@click.pass_context
def command(
    ctx: click.Context,
    key_ids: tuple[str, ...],
    reports: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    with_leaked_key: bool,
) -> None:
    """Delete keys at SendGrid, by their ids: the 22 characters between the dots.

    An administrator's key with the scopes api_keys.read and api_keys.delete is taken from SENDGRID_ADMIN_API_KEY. Each
    key is looked up and shown, then asked for, deleted, and looked up again. Nothing brings a deleted key back.

    Exits 0 if all are gone, 1 if one is left, 3 if nobody can tell of one: not in this account, or no clear answer.

    \b
    Examples:
      sgleaks revoke --dry-run --from report.json
      sgleaks revoke --from report.json
      sgleaks revoke --yes --with-leaked-key <key.txt
    """
    from sgleaks.sendgrid.api import require

    ids = _ids(key_ids, reports)
    if with_leaked_key and ids:
        raise click.UsageError("--with-leaked-key takes the keys from standard input, and no ids.")
    if not with_leaked_key and not ids:
        raise click.UsageError("Name the ids of keys, or a report with --from.")
    if not (yes or dry_run) and (with_leaked_key or not sys.stdin.isatty()):
        raise click.UsageError("There is nobody to ask: give --yes, or --dry-run.")
    require()
    done = _by_themselves(dry_run=dry_run) if with_leaked_key else _by_administrator(ids, dry_run=dry_run, yes=yes)
    if any(key.outcome == "deleted" for key in done):
        click.echo(CHECKLIST)
    ctx.exit(_code(done, dry_run=dry_run))


def _ids(given: tuple[str, ...], reports: tuple[str, ...]) -> list[str]:
    from sgleaks.retrace import read, traces
    from sgleaks.secret import KEY_TEXT

    ids = []
    for text in given:
        if KEY_TEXT.search(text):
            why = "a whole key on the command line can be read by every process, and stays in the shell's history"
            raise ToolError("KEY_ID", why, "give the 22 characters between the dots only")
        if not (match := GIVEN.fullmatch(text)):
            raise ToolError("KEY_ID", "one is not the id of a key", "give the 22 characters between the dots")
        ids.append(match[1])
    for name in reports:
        ids += (trace.key_id for trace in traces(read(Path(name)), name))
    return list(dict.fromkeys(ids))


def _by_administrator(ids: list[str], *, dry_run: bool, yes: bool) -> list[Key]:
    from sgleaks.sendgrid.revoke import Key

    account = asking.account(asking.administrator())
    done = []
    for key_id in ids:
        if key_id == account.key.key_id:
            done.append(Key(key_id, "refused", detail="it is the key that asks; delete it with another one"))
            _tell(done[-1])
        else:
            done.append(_one(account, key_id, dry_run=dry_run, yes=yes))
    return done


def _by_themselves(*, dry_run: bool) -> list[Key]:
    from sgleaks.cli.verify import MAX_INPUT, read_keys
    from sgleaks.sendgrid.account import Refused
    from sgleaks.sendgrid.revoke import Key

    done = []
    for key in read_keys(sys.stdin.buffer.read(MAX_INPUT + 1)):
        key_id = key.key_id or ""
        try:
            done.append(_one(asking.account(key), key_id, dry_run=dry_run, yes=True))
        except Refused as refused:
            done.append(Key(key_id, "absent", detail=refused.why))
            _tell(done[-1])
    return done


def _one(account: Account, key_id: str, *, dry_run: bool, yes: bool) -> Key:
    """Looks a key up, and deletes it if that is wanted."""
    from dataclasses import replace

    from sgleaks.sendgrid.revoke import delete, find

    key = find(account, key_id)
    if account.key.key_id == key_id and key.outcome == "refused":
        key = replace(key, outcome="found", detail="")  # it lives; that it may not read of itself is no matter
    _tell(key)
    if key.outcome != "found" or dry_run:
        return key
    if not (yes or click.confirm("  delete it?", err=True)):
        return replace(key, outcome="refused", detail="left, as you said")
    deleted = delete(account, key)
    _tell(deleted)
    return deleted


def _tell(key: Key) -> None:
    from sgleaks.formats.plain import clip, visible

    told = [
        f'"{clip(visible(key.name), 100)}"' if key.name else "",
        f"{key.access} access" if key.access else "",
        key.detail,
    ]
    click.echo(f"SG.{key.id}.…  {key.outcome}{''.join(f', {each}' for each in told if each)}")


def _code(done: list[Key], *, dry_run: bool) -> int:
    from sgleaks.model import CLEAN, FINDINGS, INCOMPLETE

    outcomes = {key.outcome for key in done} - {"deleted"} - ({"found"} if dry_run else set())
    if outcomes & {"found", "refused", "unconfirmed"}:
        return FINDINGS
    return INCOMPLETE if outcomes else CLEAN
