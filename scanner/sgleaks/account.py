"""An account held against the guide: what its checks are, and what an audit says of each control.

A check is two files of one name: ``rules/account/ID.toml``, read and judged here, and the module in ``sendgrid/audit``
that asks. Nothing here touches the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sgleaks.errors import ToolError
from sgleaks.guide import FOLDER, Control, Guide
from sgleaks.model import CLEAN, FINDINGS, INCOMPLETE, SEVERITY_FROM, Finding, Report, Rule, Severity, level_of
from sgleaks.rule import FIELDS as RULE
from sgleaks.rule import ID, builtin_rules
from sgleaks.settings import PROFILES, Profile
from sgleaks.table import LINE, Field, check, is_line, is_list, one_of, read

Status = Literal["pass", "fail", "not-evaluated"]


@dataclass(frozen=True, slots=True)
class Check:
    """A check of an account. ``scopes`` are those its questions need, ``limits`` what the API cannot tell of it."""

    rule: Rule  # as a format tells of it
    scopes: tuple[str, ...]
    limits: str = ""
    profile: Profile = "L1"  # from which on it is made


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an audit says of a control.

    ``reason`` is why it is not evaluated, or what a pass leaves open; ``incomplete`` whether that could be mended.
    """

    control: Control
    status: Status
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Audit:
    """All verdicts at a profile, in the guide's order."""

    guide: Guide
    profile: Profile
    verdicts: tuple[Verdict, ...]

    @property
    def report(self) -> Report:
        """The findings as those of a scan, each once, for formats that know those."""
        found = {finding.fingerprint: finding for verdict in self.verdicts for finding in verdict.findings}
        findings = tuple(sorted(found.values(), key=lambda each: (each.rule.id, each.origin.path, each.fingerprint)))
        return Report(findings, rules=tuple({each.rule.id: each.rule for each in findings}.values()))


def exit_code(audit: Audit, fail_on: Severity, *, exit_zero: bool = False) -> int:
    """1 for a finding at or over ``fail_on``, else 3 where something could not be asked that a better key could."""
    bound = SEVERITY_FROM[fail_on]
    findings = [finding for verdict in audit.verdicts for finding in verdict.findings]
    if not exit_zero and any(SEVERITY_FROM[finding.severity] >= bound for finding in findings):
        return FINDINGS
    return INCOMPLETE if any(verdict.incomplete for verdict in audit.verdicts) else CLEAN


def load(folder: Path | None = None) -> tuple[Check, ...]:
    """The checks of a folder, or those that come with sgleaks, by id. Raises ToolError naming file, key and mend."""
    folder = folder or builtin_rules() / FOLDER
    return tuple(_check(path) for path in sorted(folder.glob("*.toml")))


def _check(path: Path) -> Check:
    if not ID.fullmatch(path.stem):
        raise ToolError(f"{path}: file name", f'"{path.stem}" is no kebab-case id', "use a-z, 0-9 and single hyphens")
    table = read(path)
    check(f"{path}: ", table, FIELDS)
    rule = Rule(
        id=path.stem,
        kind="misconfiguration",
        title=table["title"],
        severity=float(table["severity"]),
        confidence="high",
        level=level_of(max(table["severity"], SEVERITY_FROM["medium"])),  # a note would be advice, whatever its score
        controls=tuple(table["controls"]),
        cwe=table["cwe"],
        anchors=(),
        match={"matcher": FOLDER},
        message=table["message"].strip(),
        why=table["why"].strip(),
        fix=table["fix"].strip(),
        references=tuple(table["references"]),
        examples=(),
        counter_examples=(),
    )
    return Check(rule, tuple(table["scopes"]), table.get("limits", ""), table.get("profile", "L1"))


def serving(checks: Iterable[Check], control: Control, profile: Profile) -> list[Check]:
    """The checks that are made of a control at a profile."""
    return [each for each in checks if control.id in each.rule.controls and each.profile <= profile]


FIELDS: Mapping[str, Field] = {
    **{name: RULE[name] for name in ("title", "severity", "controls", "cwe", "message", "why", "fix", "references")},
    "scopes": Field(lambda value: is_list(value, is_line), 'a list of scopes such as ["api_keys.read"]'),
    "limits": LINE._replace(required=False),
    "profile": one_of(*PROFILES)._replace(required=False),
}
