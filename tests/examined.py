"""What rules find in a few files that stand for a repository."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sgleaks.check import Files
from sgleaks.examine import examine
from sgleaks.model import Blob, Finding, Origin
from sgleaks.rule import builtin_rules, load_folder
from sgleaks.ruleset import Ruleset
from sgleaks.settings import Settings
from sgleaks.whole import clues_of, judged

ALL = load_folder(builtin_rules())


def lines(rules: Sequence[str], files: Mapping[str, str]) -> dict[str, list[int]]:
    """The lines that each of some rules finds in the first file, what the others say considered; low ones too."""
    chosen = Ruleset(Settings(profile="L3"), {name: ALL[name] for name in rules})
    data = {path: text.encode() for path, text in files.items()}
    results = list(examine([Blob(each, Origin(path)) for path, each in data.items()], chosen))
    findings = [each for each in results if isinstance(each, Finding)]
    found: dict[str, list[int]] = {}
    for each in judged(findings, clues_of(results), chosen, Files(data)):
        if each.origin.path == next(iter(files)):
            found.setdefault(each.rule.id, []).append(each.region.line)
    return {rule: sorted(found[rule]) for rule in sorted(found)}
