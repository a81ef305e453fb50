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

from sgleaks.matchers.file import File, merely_mentions
from sgleaks.matchers.predicates import mobile
from sgleaks.matchers.subjects import dns, inventory
from sgleaks.matchers.subjects.evidence import is_evidence
from sgleaks.matchers.subjects.verification import verifies
from sgleaks.model import Clue, View
from sgleaks.syntax import Unparsed, facts_of

PROSE = re.compile(
    r"(?i)\.(?:md|mdx|markdown|rst|txt|adoc|org|html?|csv|ipynb|svg|lock)$|(?:^|/)(?:license|changelog|readme)[^/]*$"
)
REQUIREMENTS = re.compile(r"(?i)(?:^|/)requirements[^/]*(?:/[^/]*)?\.txt$")  # of Python: a manifest
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
    if (not PROSE.search(path) or REQUIREMENTS.search(path)) and is_evidence(view.data):
        yield Clue(path, "sendgrid")
    if merely_mentions(view):
        return
    try:
        facts = facts_of(view)
    except Unparsed:
        return
    if facts:
        for source in SOURCES:
            for found in source(File(path, facts)):
                yield Clue(path, found) if isinstance(found, str) else Clue(path, *found)
