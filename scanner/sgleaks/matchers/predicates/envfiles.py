"""Files of environment variables that hold a SendGrid secret; whether git has them is known when all is read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.key import KEY as IN_BYTES
from sgleaks.matchers.subjects.secret_name import is_secret_name
from sgleaks.matchers.subjects.stores import FALLBACK, written
from sgleaks.model import Condition
from sgleaks.secret import KEY
from sgleaks.syntax import Setting

__all__ = ["secret_inside"]

NAME = re.compile(
    r"(?i)(?:.*[/!])?(?:\.env(?:[._-][^/]*)?|[^/]*\.env(?:[._-][^/]*)?|\.?flaskenv|\.envrc|\.dev\.vars(?:\.[^/]*)?|local\.settings\.json)"
)
# Files to be copied, and code that is called like one: `webpack.env.js`.
NO_ENVIRONMENT = re.compile(
    r"(?i)(?:^|[/._-])(?:example|sample|template|tmpl|tpl|dist|defaults?|schema|stub|skeleton)s?(?:[._-][^/]*)?$"
    r"|\.env\.[^/]*\.?(?:[cm]?[jt]sx?|py|rb|php|go|java|cs|md|mdx|rst|html?|ya?ml|xml|sh|erb|j2|gotmpl)$"
)
RELAY = re.compile(rb"(?i)smtp\.(?:eu\.)?sendgrid\.net")
MAIL_PASSWORD = re.compile(
    r"(?i)(?:.*_)?(?:mail|email|mailer|smtp|mailgun_smtp|auth|relay)\w*_(?:pass|password|passwd|pwd)"
)
# In a change or a history, what is looked at is under version control.
TRACKED = (
    Condition(("tracked", "no-git"), "file", least=1),
    Condition(("tracked",), "file", least=1, otherwise="advice"),
)


def secret_inside(file: File) -> Iterator[Hit]:
    """Keys under any name, and literals under the name of a SendGrid secret, or of the password for its relay."""
    if not NAME.fullmatch(file.path) or NO_ENVIRONMENT.search(file.path):
        return
    for key in IN_BYTES.finditer(file.facts.data):  # in a comment, too
        yield Hit(*key.span(), secret=key[0].decode(), conditions=TRACKED)
    relayed = RELAY.search(file.facts.data) is not None
    for setting in file.facts.settings():
        text = _literal(setting)
        named = is_secret_name(setting.name) or (relayed and MAIL_PASSWORD.fullmatch(setting.name))
        if text and named and not KEY.search(text):
            for hit in written(setting.name, text, setting.value.start, setting.value.end):
                yield hit._replace(conditions=TRACKED)


def _literal(setting: Setting) -> str:
    """What a value says by itself, or when the variable in it is not set."""
    if setting.value.kind == "template":
        fallback = FALLBACK.fullmatch(setting.value.text)
        return fallback[1] if fallback else ""
    return setting.value.text.strip() if setting.value.kind in ("text", "number") else ""
