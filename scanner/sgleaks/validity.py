"""What SendGrid said of a key: whether it lives, and what whoever holds it can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

State = Literal["active", "restricted", "inactive", "unknown"]
Access = Literal["full", "restricted", "billing", "mail-only"]
Risk = Literal["critical", "high", "medium", "low", "info"]

STATES: tuple[State, ...] = get_args(State)
ACCESSES: tuple[Access, ...] = get_args(Access)
RISKS: tuple[Risk, ...] = get_args(Risk)  # worst first


LOGIN = "login"  # what of a key's reach names the account
UNREAD = "could not be read"  # how a part of its reach begins that was not told


@dataclass(frozen=True, slots=True)
class Power:
    """Scopes of a key that let its holder do one thing: ``can`` ends "whoever holds the key can …"."""

    category: str  # such as ``mail-send``
    risk: Risk
    can: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Validity:
    """What SendGrid said of a key.

    ``active`` keys work; ``restricted`` ones are alive, and none of their scopes lets them do anything; ``inactive``
    ones are refused by every SendGrid there is; ``unknown`` is everything else, and ``detail`` says why. ``powers`` are
    the worst first, ``scopes`` sorted, ``checked`` is ISO 8601 in UTC. ``reach`` is what the key was seen to get at, by
    what it is, where that was asked for.
    """

    state: State
    access: Access | None = None
    scopes: tuple[str, ...] = ()
    checked: str = ""
    detail: str = ""
    powers: tuple[Power, ...] = ()
    reach: tuple[tuple[str, str], ...] = ()

    @property
    def lives(self) -> bool:
        return self.state in ("active", "restricted")
