"""Control 1.4: from which addresses logins and keys are taken."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from sgleaks.sendgrid.audit import Context, Issue

WIDE = 16  # bits of a prefix; shorter ones are whole providers
MILD = 4.0
# RFC 1918 and 4193. Python's `is_private` knows more of them, such as networks for documents.
PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))


def check(context: Context) -> Iterator[Issue]:
    entries = [str(row.get("ip", "")) for row in context.account.rows("allow list")]
    if not entries:
        yield Issue("access_settings/whitelist", "the list is empty, so every address is let in")
    for entry in entries:
        subject = f"access_settings/whitelist/{entry}"
        try:
            network = ip_network(_as_prefix(entry), strict=False)
        except ValueError:
            yield Issue(subject, "it is no address and no range", MILD)
            continue
        if network.prefixlen == 0:
            yield Issue(subject, "every address is let in")
        elif network.prefixlen < WIDE:
            yield Issue(subject, f"{network.num_addresses:,} addresses are let in")
        elif _is_private(network):
            yield Issue(subject, "private addresses never reach SendGrid, so this lets nobody in", MILD)


def _as_prefix(entry: str) -> str:
    """``203.0.113.*``, which the user interface takes, as ``203.0.113.0/24``."""
    parts = entry.split(".")
    stars = parts.count("*")
    if not stars or len(parts) != 4 or parts[-stars:] != ["*"] * stars:
        return entry
    return f"{'.'.join([*parts[:-stars], *['0'] * stars])}/{32 - 8 * stars}"


def _is_private(network: IPv4Network | IPv6Network) -> bool:
    return any(network.network_address in private for private in PRIVATE)
