"""What shows that a repository verifies the webhooks it receives.

The clue ``webhook-verification``: a file that verifies SendGrid's signature, or lets a library or a gateway do so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.file import File
from sgleaks.matchers.subjects.program import code_of
from sgleaks.syntax import Facts

# SendGrid's SDKs, the middleware of its gem, the names of its headers; django-anymail and StrongGrid, which verify.
VERIFICATION = re.compile(
    rb"""(?x)
    @sendgrid/eventwebhook | helpers[./]eventwebhook | (?<![\w.])EventWebhook(?:Header)?\b
  | [vV]erify_?(?:[wW]ebhook_?)?[sS]ignature
  | RequestValidator | SendGridWebhookVerification | (?i:twilio[-_]email[-_]event[-_]webhook) | \banymail\b
  | ParseSignedEventsWebhook
  | (?:validate|check|is_?valid)_?(?:[sS]end_?[gG]rid_?)?[sS]ignature
    """
)
# One of these is in all of that, in lower case; to look for them is ten times as fast.
HINTS = (
    b"eventwebhook",
    b"signature",
    b"requestvalidator",
    b"twilio",
    b"anymail",
    b"webhookverification",
    b"signedevents",
)
GATEWAY = ("authorizer", "Authorizer", "DefaultAuthorizer", "authorizers", "Authorizers")
CONFIGURATION = ("yaml", "json", "hcl", "toml")
PLAIN = ("dotenv", "ini", "properties", "xml", "dockerfile", "bash")


def verifies(file: File) -> Iterator[str]:
    """The clue of a file that shows it."""
    facts = file.facts
    if facts.language in CONFIGURATION:
        if any(setting.name in GATEWAY for setting in facts.settings()):
            yield "webhook-verification"
    elif facts.language not in PLAIN and b"pulumi" not in facts.data and shows_verification(facts):
        yield "webhook-verification"


def shows_verification(facts: Facts) -> bool:
    """Whether a program verifies SendGrid's signature, or speaks of what does."""
    lowered = facts.data.lower()
    return any(hint in lowered for hint in HINTS) and VERIFICATION.search(code_of(facts)) is not None
