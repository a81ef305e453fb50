"""Since when keys were seen in an account: SendGrid does not tell how old one is. Ids and days, nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sgleaks.errors import ToolError
from sgleaks.files import write
from sgleaks.secret import KEY_ID

VERSION = 1
MAX_FILE = 1 << 20  # bytes; an account has 100 keys at most


@dataclass(frozen=True, slots=True)
class Ledger:
    """``since`` is the day of the first look, ``keys`` the day each was seen first, by its id."""

    since: date
    keys: dict[str, date]

    def seen(self, ids: Iterable[str], today: date) -> Ledger:
        """With the keys that there are today; those that are gone are forgotten."""
        return Ledger(self.since, {key: self.keys.get(key, today) for key in sorted(ids)})


def read(path: Path, today: date) -> Ledger:
    """The ledger of a file; one that begins today where there is no file. Raises ToolError."""
    try:
        table = json.loads(path.read_bytes()[:MAX_FILE])
        keys = {key: date.fromisoformat(day) for key, day in table["keys"].items() if KEY_ID.fullmatch(key)}
        if table["version"] != VERSION or len(keys) != len(table["keys"]):
            raise ValueError
        return Ledger(date.fromisoformat(table["since"]), keys)
    except FileNotFoundError:
        return Ledger(today, {})
    except OSError as error:
        raise ToolError(str(path), f"cannot be read: {error.strerror}", "name another file") from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise ToolError(str(path), "it is no ledger of keys, version 1", "name another file, or delete it") from None


def save(ledger: Ledger, path: Path) -> None:
    """Writes it whole or not at all. Raises ToolError."""
    keys = {key: day.isoformat() for key, day in ledger.keys.items()}
    table = {"version": VERSION, "since": ledger.since.isoformat(), "keys": keys}
    write(path, [json.dumps(table, indent=2) + "\n"], "the ledger")
