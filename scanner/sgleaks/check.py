"""Runs a rule's examples and counter-examples through the pipeline, as scans would: the test that ships with a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sgleaks.examine import examine
from sgleaks.history.timeline import lived
from sgleaks.matchers.timeline import Life
from sgleaks.model import Blob, Example, Finding, Origin, Rule
from sgleaks.rule import builtin_rules, load_folder
from sgleaks.ruleset import Ruleset
from sgleaks.samples import render
from sgleaks.settings import Settings
from sgleaks.whole import clues_of, judged

SEEDS = (1, 2, 3)  # each example with three different keys; one may be lucky


def failures(rule: Rule) -> list[str]:
    """A sentence for each example that is not found where it says, and each counter-example that is found."""
    return [*_wrong(rule, rule.examples, "example"), *_wrong(rule, rule.counter_examples, "counter-example")]


def _wrong(rule: Rule, examples: Sequence[Example], kind: str) -> Iterator[str]:
    rules = Ruleset(Settings(profile="L3"), {rule.id: rule} | _beside(rule))
    for number, example in enumerate(examples, 1):
        for seed in SEEDS:
            found = _lines(rule, example, rules, seed)
            if found != sorted(example.lines):
                yield (
                    f"{rule.id}: {kind} {number} ({example.path}): expected lines {_list(sorted(example.lines))},"
                    f" found {_list(found)}"
                )
                break


def _beside(rule: Rule) -> dict[str, Rule]:
    """The rules whose findings this one asks for: what is said of a whole repository may be about the keys in it."""
    if rule.match["matcher"] not in ("repository", "timeline"):
        return {}
    return {each.id: each for each in load_folder(builtin_rules()).values() if each.kind == "credentials"}


def _lines(rule: Rule, example: Example, rules: Ruleset, seed: int) -> list[int]:
    """The lines that are found in the example's file, or anywhere of the repository that it stands for."""
    files = {path: render(text, seed).encode() for path, text in {**example.files, example.path: example.text}.items()}
    results = list(examine([Blob(data, Origin(path)) for path, data in files.items()], rules))
    findings = [each for each in results if isinstance(each, Finding)]
    stand = judged(findings, clues_of(results), rules, Files(files))
    if rule.match["matcher"] == "timeline":
        stand = [lived for each in stand for lived in _lived(rule, each, example.days)]
    here = (each for each in stand if each.rule.id == rule.id and each.origin.path in (example.path, "."))
    return sorted(each.region.line for each in here if each.confidence != "low" or example.confidence == "low")


def _lived(rule: Rule, finding: Finding, days: Sequence[int]) -> Iterator[Finding]:
    """What the rule says of a life in which the example's file came, went and came back so many days ago."""
    if len(days) % 2:  # else HEAD does not have it
        life = Life(
            days[0], Settings().rotation_days, "a commit", "another commit" if len(days) > 1 else "", shallow=False
        )
        yield from lived(rule, finding, life)


class Files:
    """The files of an example as the repository that a scan would see, all of them under version control."""

    whole = True

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def names(self) -> Sequence[str]:
        return sorted(self._files)

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def versioned(self, paths: Sequence[str]) -> Mapping[str, str]:
        return {path: "tracked" for path in paths if path in self._files}


def _list(lines: Sequence[int]) -> str:
    return ", ".join(map(str, lines)) or "none"
