"""Texts that may be shown: a key can hide in a file's name, a branch's, in the author or subject of a commit."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache

from sgleaks.anchors import has_anchor
from sgleaks.model import Blob, Commit, Exposure, Finding, Notice, Origin, Skip, View
from sgleaks.ruleset import Ruleset
from sgleaks.secret import without_secrets
from sgleaks.settings import Settings


def unleaked(text: str) -> str:
    """The text without secrets, in any spelling. Costs nothing where it has no trace of one, else loading the rules."""
    if has_anchor(text.encode("utf-8", "surrogateescape")):
        text = _builtin().shown(text)
    return without_secrets(text)


@cache
def _builtin() -> Names:
    return Names(Ruleset(Settings()))


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
        also = tuple((self._origin(origin), region) for origin, region in finding.also)
        exposure = finding.exposure and self._exposure(finding.exposure)
        return replace(finding, origin=self._origin(finding.origin), also=also, exposure=exposure)

    def reason(self, finding: Finding) -> Finding:
        """The finding, with nothing of a secret in the reason for which it is ignored."""
        ignored = finding.ignored
        return replace(finding, ignored=replace(ignored, reason=self.shown(ignored.reason))) if ignored else finding

    def skip(self, skip: Skip) -> Skip:
        return replace(skip, path=self.shown(skip.path), detail=self.shown(skip.detail))

    def notice(self, notice: Notice) -> Notice:
        return replace(notice, path=self.shown(notice.path), text=self.shown(notice.text))

    def _origin(self, origin: Origin) -> Origin:
        path, members = self.shown(origin.path), tuple(self.shown(member) for member in origin.members)
        return replace(origin, path=path, members=members, commit=self._commit(origin.commit))

    def _exposure(self, exposure: Exposure) -> Exposure:
        return replace(
            exposure,
            first_seen=self._commit(exposure.first_seen),
            last_seen=self._commit(exposure.last_seen),
            removed_in=self._commit(exposure.removed_in),
            refs=tuple(map(self.shown, exposure.refs)),
        )

    def _commit(self, commit: Commit | None) -> Commit | None:
        if commit is None:
            return None
        return replace(commit, author=self.shown(commit.author), subject=self.shown(commit.subject))

    def _masked(self, name: bytes) -> str:
        parts, done = [], 0
        if has_anchor(name, self._rules.anchors):
            from sgleaks.examine import Exhausted, found_in

            try:
                places = found_in(View(name, Blob(name, Origin(""))), self._rules)
            except Exhausted as exhausted:
                places = exhausted.places
            for start, end, match in places:
                if match.secret and start >= done:
                    parts += [name[done:start], match.secret.redacted.encode()]
                    done = end
        return without_secrets(os.fsdecode(b"".join([*parts, name[done:]])))  # of a key that is cut short, too
