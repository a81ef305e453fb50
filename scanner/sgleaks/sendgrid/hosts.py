"""The two addresses that may be given a key: SendGrid's own, or servers on this machine that stand in for them.

Nothing else is ever accepted, so that nobody can be tricked into sending keys elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from sgleaks.errors import ToolError

# Keys of subusers in the EU are known to the second one only. docs.sendgrid.com, "Global email infrastructure".
SENDGRID = ("https://api.sendgrid.com", "https://api.eu.sendgrid.com")
VARIABLE = "SGLEAKS_SENDGRID_API"
MEND = f"unset it, or write {VARIABLE}=http://127.0.0.1:8000[,http://127.0.0.1:8001]"


def hosts(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The addresses to ask, the global one first. Raises ToolError for a variable that leads off this machine."""
    given = environ.get(VARIABLE, "").strip()
    if not given:
        return SENDGRID
    named = [part.strip() for part in given.split(",")]
    if len(named) > len(SENDGRID):
        raise ToolError(VARIABLE, "it names more than two addresses", MEND)
    return tuple(map(_loopback, named))


def is_loopback(host: str) -> bool:
    """Whether an address that ``hosts`` gave is one of this machine."""
    return host not in SENDGRID


def _loopback(url: str) -> str:
    """The address in a form that cannot mean another machine: ``localhost`` is what a file says it is."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
        good = parts.scheme in ("http", "https") and not re.search(r"[@?#\\\s]", url) and parts.path in ("", "/")
        address = ip_address("127.0.0.1" if name == "localhost" else name)
    except ValueError:
        good = False
    if not good or not address.is_loopback:
        raise ToolError(VARIABLE, "it names something else than an address of this machine", MEND)
    shown = f"[{address}]" if address.version == 6 else f"{address}"
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")
