"""Runs a rule's examples and counter-examples through the pipeline, as scans would: the test that ships with a rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sgleaks.examine import examine
from sgleaks.model import Blob, Example, Finding, Origin, Rule
from sgleaks.ruleset import Ruleset
from sgleaks.samples import render
from sgleaks.settings import Settings

SEEDS = (1, 2, 3)  # each example with three different keys; one may be lucky


def failures(rule: Rule) -> list[str]:
    """A sentence for each example that is not found where it says, and each counter-example that is found."""
    return [*_wrong(rule, rule.examples, "example"), *_wrong(rule, rule.counter_examples, "counter-example")]


def _wrong(rule: Rule, examples: Sequence[Example], kind: str) -> Iterator[str]:
    rules = Ruleset(Settings(), {rule.id: rule})
    for number, example in enumerate(examples, 1):
        for seed in SEEDS:
            found = _lines(example, rules, seed)
            if found != sorted(example.lines):
                yield (
                    f"{rule.id}: {kind} {number} ({example.path}): expected lines {_list(sorted(example.lines))},"
                    f" found {_list(found)}"
                )
                break


def _lines(example: Example, rules: Ruleset, seed: int) -> list[int]:
    blob = Blob(render(example.text, seed).encode(), Origin(example.path))
    found = (item for item in examine([blob], rules) if isinstance(item, Finding))
    return sorted(item.region.line for item in found if item.confidence != "low" or example.confidence == "low")


def _list(lines: Sequence[int]) -> str:
    return ", ".join(map(str, lines)) or "none"
