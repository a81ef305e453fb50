"""What is wrong with an address that SendGrid posts to."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

TUNNELS = (
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "ngrok.dev",
    "trycloudflare.com",
    "loca.lt",
    "localhost.run",
    "serveo.net",
)


def flaw(url: str) -> str:
    """``is not https``, or nothing. The address itself is not told: it may hold a credential."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return "is no address"
    if parts.scheme.lower() != "https":
        return "is not https"
    if parts.username or parts.password:
        return "holds a credential"
    if host.endswith(TUNNELS):
        return "is that of a tunnel to somebody's machine"
    return "names no host of yours" if not host or host == "localhost" or _is_number(host) else ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
