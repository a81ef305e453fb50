"""Names that may be shown: a key can hide in the name of a file or of an archive's member, and reports show those."""

from __future__ import annotations

import os
from dataclasses import replace

from sgleaks.anchors import has_anchor
from sgleaks.model import Blob, Finding, Origin
from sgleaks.ruleset import Ruleset


class Names:
    """Masks secrets in names; remembers each name, since many findings share one."""

    def __init__(self, rules: Ruleset) -> None:
        self._rules = rules
        self._known: dict[str, str] = {}

    def shown(self, name: str) -> str:
        """``name`` with the secret half of every key in it, in any spelling, taken out."""
        if name not in self._known:
            self._known[name] = self._masked(os.fsencode(name))
        return self._known[name]

    def finding(self, finding: Finding) -> Finding:
        origin = finding.origin
        path, members = self.shown(origin.path), tuple(self.shown(member) for member in origin.members)
        if (path, members) == (origin.path, origin.members):
            return finding
        return replace(finding, origin=replace(origin, path=path, members=members))

    def _masked(self, name: bytes) -> str:
        parts, done = [], 0
        if has_anchor(name, self._rules.anchors):
            from sgleaks.examine import found_in

            for start, end, match in found_in(Blob(name, Origin("")), self._rules):
                if start >= done:
                    parts += [name[done:start], match.secret.redacted.encode() if match.secret else b"[redacted]"]
                    done = end
        return os.fsdecode(b"".join([*parts, name[done:]]))
