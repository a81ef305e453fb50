"""How mail is handed to SendGrid: in the clear, with an account's password, from a free mailbox."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.entries import Entry, entries, told
from sgleaks.matchers.subjects.environment import reads
from sgleaks.matchers.subjects.mail import Mailer, mailers
from sgleaks.syntax import Facts, Value

__all__ = ["account_login", "legacy_variables", "opportunistic", "without_tls"]

CLEAR = re.compile(r"(?i)(?:^|&)(?:auto_tls=(?:false|0|no|off)|ignoreTLS=(?:true|1))")
OVERLAY = re.compile(r"(?i)(?:^|/)(?:application|bootstrap)-[\w-]+\.(?:ya?ml|properties)$")
STAR = re.compile(rb"(?m)^\s{0,20}from\s+[\w.]+\s+import\s+(?:\(\s*)?\*")
Place = tuple[int, int]  # half-open byte offsets
API_KEY_USER = "apikey"
LEGACY = re.compile(r"SEND_?GRID_(?:USER(?:NAME)?|PASS(?:WORD)?|PWD)")
LEGACY_USER = re.compile(r"sendgriduser(?:name)?")
# Formats in which settings, not variables, are in lower case.
SETTINGS = frozenset(("ini", "json", "properties", "toml", "yaml"))
TEST = re.compile(
    r"(?i)(?:^|/)(?:tests?|specs?|__tests__|features|cassettes|fixtures?|docs?|examples?)/|[._-](?:spec|test)\.|(?:^|/)test_"
)
FILTERS = re.compile(rb"filter_sensitive_data|filter_parameter|\bVCR\b|before_record")
DUMMY = re.compile(
    r"""(?ix)
    .*(?:\$|\{|<|>|\*\*|%|x{4}|change|example|placeholder|replace|redacted|dummy|todo|insert|your|\.\.\.).*
    | (?:my[_-]?)?(?:send_?grid|smtp|e?-?mail|api|auth)?[_ -]?
      (?:user|username|user[_ -]name|login|account|name|key|id|email)?(?:[_ -]?(?:here|name))?
    | null | none | undefined | test | foo | bar | string | secret | SG\..* | (?-i:[A-Z]+_[A-Z0-9_]+)
    """
)


def without_tls(file: File) -> Iterator[Hit]:
    """Clients that send their login in the clear: because a setting says so, or because none says otherwise."""
    seen: set[int] = set()
    for mailer in mailers(file.facts):
        entry = _clear(mailer, file)
        if entry and entry.start not in seen:
            seen.add(entry.start)
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
    seen: set[int] = set()
    for mailer in mailers(file.facts):
        framework = mailer.framework
        if mailer.address or mailer.implicit or _clear(mailer, file) or mailer.has(framework.requires):
            continue
        said = mailer.nearest(mailer.found(framework.attempts))
        judged = framework.default == "opportunistic" and file.facts.language in framework.judged
        entry = said or (mailer.host if judged and not mailer.has(framework.attempts) else None)
        if entry and entry.start not in seen:
            seen.add(entry.start)
            yield Hit(entry.start, entry.end)


def account_login(file: File) -> Iterator[Hit]:
    """Clients that log in with the name of an account, not with ``apikey``."""
    seen: set[int] = set()
    for mailer in mailers(file.facts):
        if mailer.address:
            entry, name = mailer.host, mailer.address["user"] or ""
            if mailer.address["host"] == "default":
                continue
        else:
            user = mailer.user
            if user is None or user.value.kind not in ("text", "template", "number"):
                continue
            entry, name = user, user.value.text.partition(":")[0].strip()  # curl -u acme:$PASSWORD
        if name and name != API_KEY_USER and not DUMMY.fullmatch(name) and entry.start not in seen:
            seen.add(entry.start)
            yield Hit(entry.start, entry.end)


def legacy_variables(file: File) -> Iterator[Hit]:
    """Variables called like the name and password of an account; the first in each structure, or in the file."""
    facts = file.facts
    if TEST.search(file.path) or FILTERS.search(facts.data) or _is_api_key(facts):
        return
    known = sorted(
        (entry.start, entry.end)
        for mailer in mailers(facts)
        if (user := mailer.says(mailer.user)) and user.text == API_KEY_USER
        for entry in mailer.entries
    )
    groups: set[int] = set()
    for (start, end), group in _with_structures(facts, sorted(_legacy(facts))):
        at = bisect_right(known, (start, len(facts.data))) - 1
        if group not in groups and not (at >= 0 and start < known[at][1]):
            groups.add(group)
            yield Hit(start, end)


def _is_api_key(facts: Facts) -> bool:
    """Whether the variable of the name is given, or falls back to, ``apikey``."""
    named = [entry.value for entry in entries(facts) if LEGACY_USER.fullmatch(entry.name)]
    named += (
        Value("call", call.name, call.start, call.end, call=call)
        for call in facts.calls
        if call.arguments and LEGACY.fullmatch(call.arguments[0].text)
    )
    said = [told(facts, value) for value in named]
    return any(each and each.text == API_KEY_USER for each in said)


def _legacy(facts: Facts) -> Iterator[Place]:
    """Where a file reads, or sets, such a variable."""
    own = {setting.name for root in facts.roots for setting in root.settings}
    for read in reads(facts):
        if LEGACY.fullmatch(read.name):
            yield read.start, read.end
    for reference in facts.references:
        name = reference.text.rpartition(".")[2].lstrip("$")
        if LEGACY.fullmatch(name) and (name not in own or reference.text != name):
            yield reference.start, reference.end
    for setting in facts.settings():
        name = setting.name.upper() if facts.language in SETTINGS else setting.name
        if LEGACY.fullmatch(name) and len(setting.keys) == 1:
            yield setting.start, setting.end


def _with_structures(facts: Facts, places: Sequence[Place]) -> Iterator[tuple[Place, int]]:
    """Places, each with where the innermost structure around it begins; 0 for the file."""
    blocks = sorted((block.start, -block.end) for block in facts.blocks() if block.parent)
    around: list[tuple[int, int]] = []
    at = 0
    for place in places:
        while at < len(blocks) and blocks[at][0] < place[0]:
            around.append((blocks[at][0], -blocks[at][1]))
            at += 1
        while around and around[-1][1] <= place[0]:
            around.pop()
        yield place, around[-1][0] if around else 0
