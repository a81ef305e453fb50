"""Addresses of SendGrid's API: what is one, and which path of version 3 it names."""

from __future__ import annotations

import re
from typing import NamedTuple

from sgleaks.matchers.subjects.reading import UNKNOWN

METHODS = ("get", "post", "put", "patch", "delete", "head")
# The first part of every path of version 3, https://www.twilio.com/docs/sendgrid/api-reference.
FAMILIES = frozenset({
    "access_settings", "alerts", "api_keys", "asm", "browsers", "campaigns", "categories", "clients", "contactdb",
    "designs", "devices", "geo", "ips", "mail", "mail_settings", "mailbox_providers", "marketing", "messages",
    "partner_settings", "scopes", "send_ips", "senders", "sso", "stats", "subusers", "suppression", "teammates",
    "templates", "tracking_settings", "user", "validations", "verified_senders", "whitelabel",
})  # fmt: skip
# Those that no other service calls like this.
DISTINCT = frozenset(("access_settings", "api_keys", "partner_settings", "subusers", "verified_senders", "whitelabel"))

LONGEST = 500  # characters
ADDRESS = re.compile(r"(?i)(?:[a-z]+:)?//(?P<host>[^/?#]*)(?P<path>[^?#]*)")
RELATIVE = re.compile(r"(?:(?P<base>\{\})|(?P<host>[\w.-]*sendgrid\.com)(?=/))?(?P<path>/?[\w{}][^?#\s]*)")


class Endpoint(NamedTuple):
    """An address as it is written, and its path from ``/v3`` on, ``{}`` for each part that is not known."""

    url: str
    path: str


def endpoint(text: str, *, own: bool = False) -> Endpoint | None:
    """The endpoint that a text names; None where it is none of SendGrid's API.

    ``own``: it is given to a client of SendGrid, so that a path alone is one of its API.
    """
    text = text.strip()
    if not text or len(text) > LONGEST or " " in text:
        return None
    whole = ADDRESS.match(text)
    if whole:
        host = whole["host"].lower().rpartition("@")[2]
        path = versioned(whole["path"])
        is_it = "sendgrid" in host or (host == UNKNOWN and path.startswith("/v3/"))
        return Endpoint(text, path) if is_it else None
    relative = RELATIVE.match(text)
    if not relative:
        return None
    path = versioned(relative["path"])
    first = path.strip("/").split("/")[0]
    if relative["host"] or (path.startswith("/v3/") and path.split("/")[2] in FAMILIES):
        return Endpoint(text, path)
    if (own and first in FAMILIES) or (relative["base"] and first in DISTINCT):
        return Endpoint(text, f"/v3{path}")
    return None


def versioned(path: str) -> str:
    """A path from its version on; a part of it that is not wholly known is not known."""
    steps = [UNKNOWN if UNKNOWN in step or step.startswith(":") else step for step in path.split("/") if step]
    start = next((index for index, step in enumerate(steps) if step in ("v3", "v2")), 0)
    return "/" + "/".join(steps[start:])
