"""What shows that a repository verifies the webhooks it receives.

The clue ``webhook-verification``: a file that verifies SendGrid's signature, or lets a library or a gateway do so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.file import File
from sgleaks.syntax import Facts
from sgleaks.syntax.facts import once

# SendGrid's SDKs, the middleware of its gem, the names of its headers; django-anymail and StrongGrid, which verify.
VERIFICATION = re.compile(
    rb"""(?x)
    @sendgrid/eventwebhook | helpers[./]eventwebhook | (?<![\w.])EventWebhook(?:Header)?\b | [vV]erify_?(?:[wW]ebhook_?)?[sS]ignature
  | RequestValidator | SendGridWebhookVerification | (?i:twilio[-_]email[-_]event[-_]webhook) | \banymail\b | ParseSignedEventsWebhook
  | (?:validate|check|is_?valid)_?(?:[sS]end_?[gG]rid_?)?[sS]ignature
    """
)
DOCSTRING = re.compile(rb"(?ms)^[ \t]*[rRuU]?(?P<quote>\"\"\"|''').*?(?P=quote)")
GATEWAY = ("authorizer", "Authorizer", "DefaultAuthorizer", "authorizers", "Authorizers")
CONFIGURATION = ("yaml", "json", "hcl", "toml")
PLAIN = ("dotenv", "ini", "properties", "xml", "dockerfile", "bash")


def verifies(file: File) -> Iterator[str]:
    """The clue of a file that shows it."""
    facts = file.facts
    if facts.language in CONFIGURATION:
        if any(setting.name in GATEWAY for setting in facts.settings()):
            yield "webhook-verification"
    elif facts.language not in PLAIN and b"pulumi" not in facts.data and VERIFICATION.search(code_of(facts)):
        yield "webhook-verification"


@once
def code_of(facts: Facts) -> bytes:
    """The bytes of a file with blanks in place of its comments and docstrings, so that offsets stay."""
    code = bytearray(facts.data)
    for start, end in facts.comments:
        code[start:end] = re.sub(rb"[^\n]", b" ", facts.data[start:end])
    if facts.language == "python":
        return DOCSTRING.sub(lambda found: re.sub(rb"[^\n]", b" ", found[0]), bytes(code))
    return bytes(code)
