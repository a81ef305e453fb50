"""What an earlier search of a repository is remembered by: packs that need not be read again, and what was in them.

An object never changes, so what a search by the same rules had of it stays true. Only where it was in the history does
not: lives of secrets are told anew each time, from the few objects that held anything.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Self

from sgleaks.model import Stats

MAX_HITS = 20_000  # objects; where more held something, all is searched again


@dataclass(frozen=True, slots=True)
class Earlier:
    """A complete search: the names of the packs there were, the ids of objects that held anything, what was counted."""

    packs: frozenset[str] = frozenset()
    hits: tuple[str, ...] = ()
    stats: Stats = field(default_factory=Stats)

    @classmethod
    def of(cls, text: str) -> Self:
        """What `text` gave; nothing of ""."""
        if not text:
            return cls()
        value = json.loads(text)
        return cls(frozenset(value["packs"]), tuple(value["hits"]), Stats(**value["stats"]))

    @property
    def text(self) -> str:
        """All of it as JSON, "" where there is nothing that could be left out."""
        if not self.packs:
            return ""
        return json.dumps({"packs": sorted(self.packs), "hits": sorted(self.hits), "stats": asdict(self.stats)})


NOTHING = Earlier()
