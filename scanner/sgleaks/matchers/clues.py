"""What a file says for rules that ask the whole repository: whether it uses SendGrid, what it declares, what it checks.

Tags are short texts that ``Condition`` and repository rules look for:

``sendgrid``            evidence that the repository uses SendGrid: code or configuration, never prose
``dart-env-secret``     Dart code reads a SendGrid secret from an env file
``webhook-verification``  a file verifies the webhooks of SendGrid, or lets a library or a gateway do so

What an account in code declares has tags of its own: see ``inventory``; so have DNS records: see ``dns``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sgleaks.anchors import MENTION, around
from sgleaks.matchers import dns, inventory
from sgleaks.matchers.file import File
from sgleaks.matchers.predicates import mobile
from sgleaks.matchers.verification import verifies
from sgleaks.model import Clue, View
from sgleaks.syntax import Unparsed, facts_of
from sgleaks.text import merged

PROSE = re.compile(
    r"(?i)\.(?:md|mdx|markdown|rst|txt|adoc|org|html?|csv|ipynb|svg|lock)$|(?:^|/)(?:license|changelog|readme)[^/]*$"
)
REQUIREMENTS = re.compile(r"(?i)(?:^|/)requirements[^/]*(?:/[^/]*)?\.txt$")  # of Python: a manifest
NEAR = 100  # bytes around a mention that evidence stands in
EVIDENCE = re.compile(
    rb"(?i)api\.(?:eu\.)?sendgrid\.com|smtp\.(?:eu\.)?sendgrid\.net|\bSENDGRID_\w|service['\"]?\s{0,4}[:=]\s{0,4}['\"]SendGrid['\"]"
    rb"|@sendgrid/\w|com\.sendgrid[:.]|sendgrid-(?:go|ruby|java|php|python|csharp)|sendgrid/sendgrid|django-sendgrid|sendgrid-mailer"
    rb"|laravel-sendgrid|sendgrid_mailer|resource\s{1,4}\"sendgrid_|sendgrid:\w|(?:import|require|from|using|use)\b[^\n]{0,40}sendgrid"
    rb"|^\s{0,40}[\"']?sendgrid[\w.-]{0,30}[\"']?\s{0,4}(?:[=<>~!^]=|[:=]\s{0,4}[\"'{^~\d]|$)"
    rb"|Include=\"SendGrid",
    re.MULTILINE,
)

# What else files tell, each from what the parsers understood.
SOURCES: tuple[Callable[[File], Iterator[str | tuple[str, int]]], ...] = (
    inventory.clues,
    mobile.dart_reads_secret,
    verifies,
    dns.clues,
)


def clues(view: View) -> Iterator[Clue]:
    """The clues of one whole file, each once."""
    path = view.blob.origin.place
    if (not PROSE.search(path) or REQUIREMENTS.search(path)) and _is_evidence(view.data):
        yield Clue(path, "sendgrid")
    try:
        facts = facts_of(view)
    except Unparsed:
        return
    if facts:
        for source in SOURCES:
            for found in source(File(path, facts)):
                yield Clue(path, found) if isinstance(found, str) else Clue(path, *found)


def _is_evidence(data: bytes) -> bool:
    windows = merged(around(data, MENTION, NEAR))
    return any(EVIDENCE.search(data, start, end) for start, end in windows)
