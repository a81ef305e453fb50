"""Findings of one secret at all their places, made one: the oldest place first, as bad as the worst."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sgleaks.model import CONFIDENCES, Commit, Exposure, Finding

if TYPE_CHECKING:
    from sgleaks.git.lineage import Place
    from sgleaks.git.trace import Trace
    from sgleaks.secret import Secret

Key = tuple[str, "Secret | str"]  # of a finding: its rule, and its secret or, where it has none, its fingerprint


class Entry(NamedTuple):
    """A finding at one of its places; ``oid`` is the object it is in, none for the text of a ref."""

    oid: str
    finding: Finding


def key_of(finding: Finding) -> Key:
    """What makes two findings the same."""
    return finding.rule.id, finding.secret or finding.fingerprint


def spread(
    entries: Iterable[Entry],
    order: Iterable[Place],
    places: Mapping[str, Sequence[Place]],
    commits: Mapping[str, Commit],
) -> list[Entry]:
    """The entries at every place of their objects, in this order, each with its commit; then those of refs' texts.

    Of misconfiguration in the reverse order: as it was set up last.
    """
    by_object: dict[str, list[Finding]] = {}
    for entry in entries:
        by_object.setdefault(entry.oid, []).append(entry.finding)
    found = []
    for place in order:
        if place in places.get(place.oid, ()):
            commit = commits.get(place.commit)
            for finding in by_object.get(place.oid, ()):
                if finding.rule.kind == "misconfiguration" and finding.origin.path != place.path:
                    continue  # it was looked at under each of its names
                there = replace(finding.origin, path=place.path, commit=commit)
                found.append(Entry(place.oid, replace(finding, origin=there)))
    if found and found[0].finding.rule.kind == "misconfiguration":
        found.reverse()
    return [*found, *(Entry("", finding) for finding in by_object.get("", ()))]


def together(entries: Sequence[Entry]) -> Finding:
    """The finding at the first of its places, as severe and as sure as it is anywhere, the others in ``also``.

    Of all versions of a file only the oldest one counts: a line that moves down is no other place.
    """
    told: dict[tuple[str, ...], tuple[str, list[Finding]]] = {}
    for entry in entries:
        origin = entry.finding.origin
        oid, findings = told.setdefault((origin.path, *origin.members), (entry.oid, []))
        if oid == entry.oid:
            findings.append(entry.finding)
    findings = [finding for _, found in told.values() for finding in found]
    first = next((finding for finding in findings if not finding.ignored), findings[0])
    return replace(
        first,
        also=tuple((finding.origin, finding.region) for finding in findings if finding is not first),
        security_severity=max(finding.security_severity for finding in findings),
        confidence=min((finding.confidence for finding in findings), key=CONFIDENCES.index),
    )


def exposure_of(trace: Trace | None, names: Sequence[str], commits: Mapping[str, Commit]) -> Exposure:
    """The life of a secret; ``names`` are the refs whose own text holds it."""
    if trace is None:
        return Exposure(None, None, None, at_head=False, reachable=True, refs=tuple(sorted(set(names))))
    first, last, removed = (commits.get(oid or "") for oid in (trace.first, trace.last, trace.removed))
    refs = trace.refs or tuple(sorted(set(names)))
    return Exposure(first, last, removed, trace.at_head, bool(refs), refs)
