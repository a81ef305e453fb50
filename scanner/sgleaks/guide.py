"""The hardening guide's controls, what serves each of them, and what a run can say of it.

The guide is data, ``rules/guide.toml``: a later edition is another file. Whatever is wrong with it is a ToolError that
names file, key and mend. Nothing here says that a control is met: a repository shows a part of an account at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from sgleaks.errors import ToolError
from sgleaks.model import Report, Rule
from sgleaks.rule import CONTROL, ID, builtin_rules
from sgleaks.settings import PROFILES, Profile
from sgleaks.table import LINE, Field, check, is_line, is_list, matches, one_of, read

Coverage = Literal["fully", "partly", "weakly"]

COVERAGES: tuple[Coverage, ...] = get_args(Coverage)
FOLDER = "account"  # beside the guide: checks of a live account


@dataclass(frozen=True, slots=True)
class Chapter:
    """``name`` is the folder of its rules, and the name of their page."""

    id: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Control:
    """One recommendation of the guide, with its places in CIS Controls v8, NIST SP 800-53 r5 and SOC 2.

    ``coverage`` is how much of it any repository can show, ``visible`` what, ``hidden`` what it cannot, and why.
    ``plans`` are those of SendGrid that have what it asks for; empty for all.
    """

    id: str
    title: str
    level: Profile
    cis: tuple[str, ...]
    nist: tuple[str, ...]
    coverage: Coverage
    visible: str
    hidden: str
    soc2: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guide:
    """An edition: its levels and what they are for, chapters and controls, in its order."""

    title: str
    version: str
    levels: Mapping[str, str]
    chapters: tuple[Chapter, ...]
    controls: tuple[Control, ...]

    def of(self, rule: Rule) -> tuple[Control, ...]:
        """The controls that a rule serves. A user's rule may name others."""
        return tuple(control for control in self.controls if control.id in rule.controls)


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a live account, as the guide knows it."""

    id: str
    title: str
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What serves a control: ``rules`` by default, ``further`` at level L3 only, ``checks`` of a live account."""

    control: Control
    rules: tuple[Rule, ...]
    further: tuple[Rule, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found against a control; ``silent`` findings fail no run: ignored, or of low confidence.

    ``evaluated`` is whether a rule of the run serves it, ``complete`` whether all was scanned that should have been.
    """

    control: Control
    findings: int
    silent: int
    evaluated: bool
    complete: bool


def load(path: Path | None = None) -> Guide:
    """The guide of a file, or the one that comes with sgleaks. Raises ToolError."""
    path = path or builtin_rules() / "guide.toml"
    table = read(path)
    check(f"{path}: ", table, GUIDE)
    levels = table["levels"]
    check(f"{path}: levels, ", levels, dict.fromkeys(PROFILES, LINE))
    chapters = tuple(Chapter(**each) for each in _tables(path, "chapters", table, CHAPTER))
    controls = tuple(_control(each) for each in _tables(path, "controls", table, CONTROLS))
    for control in controls:
        if control.id.partition(".")[0] not in {chapter.id for chapter in chapters}:
            why = "no chapter has its first number"
            raise ToolError(f"{path}: controls, {control.id}", why, "mend the id, or add the chapter")
    return Guide(table["title"], table["version"], levels, chapters, controls)


def load_checks(folder: Path | None = None) -> tuple[Check, ...]:
    """The checks of a live account in a folder, or those that come with sgleaks, by id. Raises ToolError."""
    folder = folder or builtin_rules() / FOLDER
    return tuple(_check(path) for path in sorted(folder.glob("*.toml")))


def matrix(
    guide: Guide, rules: Iterable[Rule], checks: Iterable[Check], profile: Profile | None = None
) -> tuple[Row, ...]:
    """A row for each control up to the level of ``profile``, with the rules that run at it; of all without one."""
    run = [rule for rule in rules if rule.default or profile in (None, "L3")]
    known = list(checks)
    return tuple(_row(control, run, known) for control in guide.controls if profile is None or control.level <= profile)


def outcomes(guide: Guide, report: Report) -> Iterator[Outcome]:
    """What a run found against each control; nothing where it is not known which rules were run."""
    if report.asked is None:
        return
    served = {name for rule in report.asked for name in rule.controls}
    for control in guide.controls:
        counting = [finding.counts for finding in report.findings if control.id in finding.rule.controls]
        findings, evaluated = sum(counting), control.id in served
        yield Outcome(control, findings, len(counting) - findings, evaluated, not report.incomplete)


def _row(control: Control, rules: Iterable[Rule], checks: Iterable[Check]) -> Row:
    serving = [rule for rule in rules if control.id in rule.controls]
    return Row(
        control,
        tuple(rule for rule in serving if rule.default),
        tuple(rule for rule in serving if not rule.default),
        tuple(each for each in checks if control.id in each.controls),
    )


def _tables(path: Path, key: str, table: Mapping[str, Any], fields: Mapping[str, Field]) -> Iterator[dict[str, Any]]:
    seen = set()
    for number, each in enumerate(table[key], 1):
        check(f"{path}: {key} {number}, ", each, fields)
        if each["id"] in seen:
            raise ToolError(f"{path}: {key} {number}, id", f'"{each["id"]}" is there twice', "give one another id")
        seen.add(each["id"])
        yield each


def _control(each: Mapping[str, Any]) -> Control:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in each.items()}
    return Control(**fields)


def _check(path: Path) -> Check:
    table = read(path)
    if not ID.fullmatch(path.stem):
        raise ToolError(f"{path}: file name", f'"{path.stem}" is no kebab-case id', "use a-z, 0-9 and single hyphens")
    # What else it says is for the audit to check.
    check(f"{path}: ", {key: table[key] for key in CHECK if key in table}, CHECK)
    return Check(path.stem, table["title"], tuple(table["controls"]))


def _names(must: str, *, required: bool = True) -> Field:
    return Field(lambda value: is_list(value, is_line), must, required)


def _of_tables(name: str) -> Field:
    return Field(lambda value: is_list(value, lambda each: isinstance(each, dict)), f"at least one [[{name}]]")


ONE_CONTROL = Field(matches(CONTROL), 'the number of a control, such as "2.2"')
GUIDE: Mapping[str, Field] = {
    "title": LINE,
    "version": LINE,
    "levels": Field(lambda value: isinstance(value, dict), f"a table of {', '.join(PROFILES)}"),
    "chapters": _of_tables("chapters"),
    "controls": _of_tables("controls"),
}
CHAPTER: Mapping[str, Field] = {
    "id": Field(matches(re.compile(r"[1-9][0-9]?")), 'the number of a chapter, such as "2"'),
    "name": Field(matches(ID), "the name of a folder: a-z, 0-9 and single hyphens"),
    "title": LINE,
}
CONTROLS: Mapping[str, Field] = {
    "id": ONE_CONTROL,
    "title": LINE,
    "level": one_of(*PROFILES),
    "cis": _names('a list of CIS safeguards such as ["6.5"]'),
    "nist": _names('a list of NIST controls such as ["IA-2(1)"]'),
    "soc2": _names('a list of SOC 2 criteria such as ["CC6.1"]', required=False),
    "plans": _names('a list of SendGrid plans such as ["Pro"]', required=False),
    "coverage": one_of(*COVERAGES),
    "visible": LINE,
    "hidden": LINE,
}
CHECK: Mapping[str, Field] = {
    "title": LINE,
    "controls": Field(lambda value: is_list(value, matches(CONTROL)), 'a list of controls such as ["2.2"]'),
}
