"""How mail is handed to SendGrid: in the clear, with an account's password, from a free mailbox."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.entries import Entry
from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.mail import Mailer, mailers

__all__ = ["account_login", "opportunistic", "without_tls"]

CLEAR = re.compile(r"(?i)(?:^|&)(?:auto_tls=(?:false|0|no|off)|ignoreTLS=(?:true|1))")
OVERLAY = re.compile(r"(?i)(?:^|/)(?:application|bootstrap)-[\w-]+\.(?:ya?ml|properties)$")
STAR = re.compile(rb"(?m)^\s{0,20}from\s+[\w.]+\s+import\s+(?:\(\s*)?\*")
API_KEY_USER = "apikey"
DUMMY = re.compile(
    r"""(?ix) .*(?:\$|\{|<|>|\*\*|%|x{4}|change|example|placeholder|replace|redacted|dummy|todo|insert|your|\.\.\.).*
    | (?:my[_-]?)?(?:send_?grid|smtp|mail|email|e-mail|api|auth)?[_ -]?(?:user|username|user[_ -]name|login|account|name|key|id|email)?
      (?:[_ -]?(?:here|name))? | null | none | undefined | test | foo | bar | string | secret | SG\..*
    | [A-Z][A-Z0-9_]*_(?:USER|USERNAME|LOGIN|NAME|KEY)
    """
)


def without_tls(file: File) -> Iterator[Hit]:
    """Clients that send their login in the clear: because a setting says so, or because none says otherwise."""
    told: set[int] = set()
    for mailer in mailers(file.facts):
        entry = _clear(mailer, file)
        if entry and entry.start not in told:
            told.add(entry.start)
            says = mailer.says(entry)
            sure = says is None or says.sure
            yield Hit(entry.start, entry.end, confidence=None if sure else "medium")


def _clear(mailer: Mailer, file: File) -> Entry | None:
    """The entry that a client's lack of TLS is told at."""
    if mailer.address:
        query = CLEAR.search(mailer.address["query"] or "")
        return mailer.host if query and not mailer.implicit else None
    framework = mailer.framework
    if mailer.has(framework.on) or mailer.implicit:
        return None
    said = mailer.nearest(mailer.found(framework.off))
    if said or framework.default != "plain":
        return said
    judged = file.facts.language in framework.judged and (not framework.proof or mailer.has(framework.proof))
    elsewhere = OVERLAY.search(file.path) or (file.facts.language == "python" and STAR.search(file.facts.data))
    return mailer.host if judged and not elsewhere else None


def opportunistic(file: File) -> Iterator[Hit]:
    """Clients that use TLS only where the server, or whoever is in between, offers it."""
    told: set[int] = set()
    for mailer in mailers(file.facts):
        framework = mailer.framework
        if mailer.address or mailer.implicit or _clear(mailer, file) or mailer.has(framework.requires):
            continue
        said = mailer.nearest(mailer.found(framework.attempts))
        judged = framework.default == "opportunistic" and file.facts.language in framework.judged
        entry = said or (mailer.host if judged and not mailer.has(framework.attempts) else None)
        if entry and entry.start not in told:
            told.add(entry.start)
            yield Hit(entry.start, entry.end)


def account_login(file: File) -> Iterator[Hit]:
    """Clients that log in with the name of an account, not with ``apikey``."""
    told: set[int] = set()
    for mailer in mailers(file.facts):
        if mailer.address:
            entry, name = mailer.host, mailer.address["user"] or ""
            if mailer.address["host"] == "default":
                continue
        else:
            user = mailer.user
            if user is None or user.value.kind not in ("text", "number"):
                continue
            entry, name = user, user.value.text.strip()
        if name and name != API_KEY_USER and not DUMMY.fullmatch(name) and entry.start not in told:
            told.add(entry.start)
            yield Hit(entry.start, entry.end)
