"""What a domain says of its mail in TXT records: SPF (RFC 7208) and DMARC (RFC 7489), by their grammar."""

from __future__ import annotations

import re
from typing import NamedTuple

INCLUDES_SENDGRID = re.compile(r"(?i)[+]?(?:include:|redirect=)(?:[\w-]+\.)*sendgrid\.net\.?")
ALL = re.compile(r"(?i)([-+~?]?)all")


class Spf(NamedTuple):
    """An SPF record by its terms."""

    terms: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Spf | None:
        version, *terms = text.split() or [""]
        return cls(tuple(terms)) if version.lower() == "v=spf1" else None

    @property
    def has_sendgrid(self) -> bool:
        return any(INCLUDES_SENDGRID.fullmatch(term) for term in self.terms)

    @property
    def all(self) -> str | None:
        """The qualifier of ``all``: one of ``-~?+``; "" where there is none, None where ``redirect`` leads on."""
        for term in self.terms:
            if found := ALL.fullmatch(term):
                return found[1] or "+"
        return None if any(term.lower().startswith("redirect=") for term in self.terms) else ""


def dmarc(text: str) -> dict[str, str] | None:
    """The tags of a DMARC record, in lower case."""
    pairs = [part.partition("=") for part in text.split(";")]
    tags = {name.strip().lower(): value.strip().lower() for name, _, value in pairs}
    return tags if tags.get("v") == "dmarc1" else None
