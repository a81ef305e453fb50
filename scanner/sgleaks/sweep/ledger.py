"""The ledger of sweeps: one SQLite file, in which everything that is done stays done.

A visit is written whole or not at all, so a sweep can be killed anywhere and goes on where it was. No secret is in it:
findings are the JSON that reports show. Nothing here knows where repositories come from.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, Self

from sgleaks.errors import ToolError
from sgleaks.sweep.target import Source, Unlisted
from sgleaks.sweep.visit import Outcome
from sgleaks.validity import Validity

VERSION = 2  # of the tables
FAULTS = (sqlite3.OperationalError, sqlite3.DatabaseError)  # of the disk or the file; its kinds are bugs of ours
MEND = "see whether the disk is full, or give another --state"
TABLES = """
create table repositories (
    name text primary key, address text not null, listed integer not null, refs text not null default '',
    rules text not null default '', summary text not null default '{}', searched text not null default ''
);
create table findings (repository text not null references repositories, number integer not null, finding text not null,
    primary key (repository, number)) without rowid;
create table skips (repository text not null, path text not null, reason text not null, detail text not null);
create index skips_of on skips (repository);
create table failures (repository text primary key, reason text not null, why text not null);
create table keys (repository text not null, sha256 text not null, primary key (repository, sha256)) without rowid;
create table answers (
    sha256 text primary key, state text not null, checked text not null, far integer not null, answer text not null
);
create table unlisted (target text not null, why text not null);
"""


class Row(NamedTuple):
    """A repository as the ledger has it: its report's parts as JSON values, or why there is none."""

    name: str
    findings: list[Any]
    skips: list[tuple[str, str, str]]  # path, reason, detail
    summary: Mapping[str, int]
    failure: tuple[str, str] | None  # reason, why


class Ledger:
    """An open ledger; nobody else can open it meanwhile. Raises ToolError where the file is another's, or no ledger."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # before SQLite makes one that everybody can read
            self._db = sqlite3.connect(path, timeout=1, isolation_level=None)
            self._db.execute("pragma locking_mode = exclusive")
            self._db.execute("pragma synchronous = full")
            self._db.execute("begin exclusive")
            (version,) = self._db.execute("pragma user_version").fetchone()
            if version == 0 and not self._db.execute("select 1 from sqlite_master").fetchone():
                for statement in TABLES.strip().split(";\n"):
                    self._db.execute(statement)
                self._db.execute(f"pragma user_version = {VERSION}")
            elif version != VERSION:
                raise ToolError(str(path), "it is not a ledger of this version", "give another --state")
            self._db.execute("commit")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise ToolError(str(path), "another sweep uses it", "wait for it, or give another --state") from None
            raise ToolError(str(path), f"it cannot be used: {error}", MEND) from None
        except (OSError, sqlite3.DatabaseError):
            raise ToolError(str(path), "it is no ledger, or cannot be written", "give another --state") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._db.close()
        if type(error) in FAULTS:
            raise ToolError(str(self._path), f"it cannot be used: {error}", MEND) from None

    def begin(self, sources: Iterable[Source], unlisted: Iterable[Unlisted]) -> None:
        """What this sweep is about: exactly these repositories, and what could not be listed."""
        with self._transaction():
            self._db.execute("update repositories set listed = 0")
            self._db.executemany(
                "insert into repositories (name, address, listed) values (?, ?, 1)"
                " on conflict (name) do update set listed = 1, address = excluded.address,"
                " refs = iif(address = excluded.address, refs, '')",
                ((source.name, source.address) for source in sources),
            )
            self._db.execute("delete from unlisted")
            self._db.executemany("insert into unlisted values (?, ?)", ((each.target, each.why) for each in unlisted))

    def known(self, rules: str) -> dict[str, str]:
        """The refs with which each repository was searched by these rules, without a failure since."""
        rows = self._db.execute(
            "select name, refs from repositories where listed and rules = ? and refs != ''", (rules,)
        )
        return dict(rows.fetchall())

    def searched(self, name: str, rules: str) -> str:
        """What a visit by these rules may leave out of a repository, as the last one said it."""
        found = self._all("select searched from repositories where name = ? and rules = ?", name, rules)
        return found[0][0] if found else ""

    def write(self, outcome: Outcome, rules: str) -> None:
        """A visit, in one transaction; nothing where nothing is new."""
        name = outcome.name
        if not (outcome.report or outcome.reason):
            return
        with self._transaction():
            self._db.execute("delete from failures where repository = ?", (name,))
            if outcome.absent:
                self._clear(name)
                self._db.execute("update repositories set listed = 0 where name = ?", (name,))
            elif outcome.reason:
                # What an earlier visit found stays told, beside the failure.
                self._db.execute("update repositories set refs = '' where name = ?", (name,))
                self._db.execute("insert into failures values (?, ?, ?)", (name, outcome.reason, outcome.why))
            elif outcome.report:
                self._report(name, outcome, rules)

    def answer(self, sha256: str, answer: Validity, text: str, *, far: bool) -> None:
        """What SendGrid said of a key, and as JSON: it stays said, whatever comes. ``far``: what it gets at, too."""
        row = (sha256, answer.state, answer.checked, far, text)
        how = "replace" if answer.checked else "ignore"  # a key that was not asked about keeps its last answer
        with self._transaction():
            self._db.execute(f"insert or {how} into answers values (?, ?, ?, ?, ?)", row)  # noqa: S608 - two words

    def answers(self) -> list[tuple[str, str]]:
        """All answers by the SHA-256 of their keys."""
        return self._db.execute("select sha256, answer from answers order by 1").fetchall()

    def settled(self, since: str, *, far: bool) -> set[str]:
        """The SHA-256 of keys with an answer that is clear, not older than ``since``, and as ``far`` as is wanted."""
        query = (
            "select sha256 from answers where state != 'unknown' and checked >= ? and (far >= ? or state = 'inactive')"
        )
        return {digest for (digest,) in self._db.execute(query, (since, far))}

    def keys(self, name: str) -> list[str]:
        """The SHA-256 of the keys of a repository."""
        return [digest for (digest,) in self._all("select sha256 from keys where repository = ?", name)]

    def _report(self, name: str, outcome: Outcome, rules: str) -> None:
        report = json.loads(outcome.report)
        self._clear(name)
        self._db.executemany(
            "insert into findings values (?, ?, ?)",
            ((name, number, json.dumps(each)) for number, each in enumerate(report["findings"])),
        )
        secrets = (each["secret"] for each in report["findings"] if each["secret"])
        self._db.executemany(
            "insert or ignore into keys values (?, ?)", ((name, each["sha256"]) for each in secrets if each["sha256"])
        )
        self._db.executemany(
            "insert into skips values (?, ?, ?, ?)",
            ((name, each["path"], each["reason"], each["detail"]) for each in report["skips"]),
        )
        self._db.execute(
            "update repositories set refs = ?, rules = ?, summary = ?, searched = ? where name = ?",
            (outcome.refs, rules, json.dumps(report["summary"]), outcome.searched, name),
        )

    def _clear(self, name: str) -> None:
        self._db.execute("delete from findings where repository = ?", (name,))
        self._db.execute("delete from skips where repository = ?", (name,))
        self._db.execute("delete from keys where repository = ?", (name,))

    def rows(self) -> Iterator[Row]:
        """The repositories of this sweep by name, with all that is known of each."""
        for name, summary in self._db.execute("select name, summary from repositories where listed order by name"):
            findings = self._all("select finding from findings where repository = ? order by number", name)
            skips = self._all("select path, reason, detail from skips where repository = ? order by 1, 2, 3", name)
            failure = self._all("select reason, why from failures where repository = ?", name)
            yield Row(
                name,
                [json.loads(one) for (one,) in findings],
                skips,
                json.loads(summary),
                failure[0] if failure else None,
            )

    def unlisted(self) -> list[Unlisted]:
        """What could not be listed."""
        return [Unlisted(*row) for row in self._db.execute("select target, why from unlisted order by 1, 2")]

    def count(self) -> tuple[int, int]:
        """Findings and failures so far of the repositories of this sweep."""
        query = (
            "select (select count(*) from findings join repositories on name = repository where listed),"
            " (select count(*) from failures join repositories on name = repository where listed)"
        )
        found, failed = self._db.execute(query).fetchone()
        return found, failed

    def _all(self, query: str, *given: str) -> list[Any]:
        with closing(self._db.execute(query, given)) as cursor:
            return cursor.fetchall()

    def _transaction(self) -> Transaction:
        return Transaction(self._db)


class Transaction:
    """Everything in its context, or nothing."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("begin immediate")

    def __exit__(self, kind: object, *_: object) -> None:
        if not kind:
            self._db.execute("commit")
        elif self._db.in_transaction:  # a full disk has ended it already
            self._db.execute("rollback")
