"""What SendGrid said of a key, in words and for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sgleaks.formats.plain import TextStyle, clip, styled, visible, writable
from sgleaks.validity import Power, Risk, State, Validity

VERSION = 1
MAX_POWERS = 3  # the worst, on one line
MAX_LINE = 300  # characters of that line
WIDTH, INDENT = 100, 12  # columns of a paragraph, and of a risk before what can be done
MARKS: Mapping[State, TextStyle] = {"active": "error", "restricted": "warning", "inactive": "good", "unknown": "note"}
RISK_MARKS: Mapping[Risk, TextStyle] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "note",
    "info": "note",
}


def state(validity: Validity) -> str:
    """``active, full access``, ``restricted``, ``inactive``, ``unknown``."""
    kind = {"mail-only": "mail only", None: ""}.get(validity.access, f"{validity.access} access")
    return f"{validity.state}, {kind}" if kind else validity.state


def told(validity: Validity) -> str:
    """The same with the worst of what its holder can do, or with why, on one line; ``visible``."""
    if not validity.powers:
        return visible(f"{state(validity)}: {validity.detail}" if validity.detail else state(validity))
    worst = list(dict.fromkeys(power.can for power in validity.powers))
    more = f"; and {len(worst) - MAX_POWERS:,} more" if len(worst) > MAX_POWERS else ""
    return clip(visible(f"{state(validity)}: {'; '.join(worst[:MAX_POWERS])}{more}"), MAX_LINE)


def reached(validity: Validity) -> str:
    """``account: paid, reputation 97.4; teammates: 3``: what it was seen to get at; ``visible``."""
    return visible("; ".join(f"{what}: {found}" for what, found in validity.reach))


def as_json(validity: Validity) -> dict[str, object]:
    """As a member of a report, or of what ``sgleaks verify`` writes."""
    return {
        "state": validity.state,
        "access": validity.access,
        "scopes": [writable(scope) for scope in validity.scopes],
        "checked": validity.checked or None,
        "detail": writable(validity.detail),
        "powers": [
            {
                "category": power.category,
                "risk": power.risk,
                "can": writable(power.can),
                "scopes": [writable(scope) for scope in power.scopes],
            }
            for power in validity.powers
        ],
        "reach": {what: writable(found) for what, found in validity.reach} or None,
    }


def brief(validity: Validity) -> dict[str, object]:
    """The same without the scopes, of which a key with full access has hundreds."""
    return {name: value for name, value in as_json(validity).items() if name not in ("scopes", "powers")}


def document(keys: Iterable[tuple[str, str, Validity]]) -> str:
    """What ``sgleaks verify --format json`` writes of keys: id, SHA-256, answer."""
    import json

    rows = [{"key_id": name, "sha256": digest, "validity": as_json(answer)} for name, digest, answer in keys]
    return json.dumps({"version": VERSION, "keys": rows}, indent=2) + "\n"


def lines(name: str, validity: Validity, *, color: bool) -> Iterator[str]:
    """A paragraph for a terminal: the key, and by category the worst that its holder can do; JSON tells the rest."""
    yield f"SG.{visible(name)}.…  {styled(state(validity), MARKS[validity.state], color=color)}"
    if validity.detail:
        yield f"  {visible(validity.detail)}"
    for category, powers in _by_category(validity.powers).items():
        worst = powers[0].risk
        can = "; ".join(dict.fromkeys(power.can for power in powers if power.risk == worst))
        first, *then = textwrap.wrap(visible(f"{category}: {can}"), WIDTH - INDENT, break_on_hyphens=False)
        yield f"  {styled(f'{worst:8}', RISK_MARKS[worst], color=color)}  {first}"
        yield from (f"{' ' * INDENT}{line}" for line in then)
    for what, found in validity.reach:
        yield f"  {visible(what)}: {visible(found)}"


def _by_category(powers: Sequence[Power]) -> dict[str, list[Power]]:
    """Powers that are the worst first, by category: those with the worst come first."""
    found: dict[str, list[Power]] = {}
    for power in powers:
        found.setdefault(power.category, []).append(power)
    return found
