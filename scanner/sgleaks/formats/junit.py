"""The report as results of tests, which every CI system draws: a finding is a test that failed.

The elements are those that Jenkins, GitLab, Azure and Bitbucket read; there is no official schema.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from sgleaks.formats import Style
from sgleaks.formats.plain import visible
from sgleaks.formats.sarif_text import sentence, skip_message
from sgleaks.formats.selection import is_sure, told_severity
from sgleaks.formats.sentences import advice, told
from sgleaks.formats.summary import coverage, found
from sgleaks.formats.text import facts, place
from sgleaks.model import SKIP_REASONS, Finding, Report, Skip

# What XML 1.0 has no way to write, not even as a reference, and what `visible` leaves: two code points that are none.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, style: Style) -> Iterator[str]:
    """One document, a case a piece: findings, what was not scanned, and one for the scan itself."""
    findings = [finding for finding in report.findings if is_sure(finding.confidence, style.min_confidence)]
    missed = [skip for skip in report.skips if SKIP_REASONS[skip.reason]]
    silent = sum(map(_is_silent, findings))
    counts = _attributes(
        tests=len(findings) + len(missed) + 1, failures=len(findings) - silent, errors=len(missed), skipped=silent
    )
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {counts}>\n  <testsuite name="sgleaks" {counts}>\n'
    yield from (_finding(finding, style) for finding in findings)
    yield from map(_skip, missed)
    outcome = f"{found(report, Style())} in {coverage(report)}"
    yield _case("scan", "sgleaks", f"<system-out>{_text(outcome)}</system-out>")
    yield "  </testsuite>\n</testsuites>\n"


def _is_silent(finding: Finding) -> bool:
    """Whether it is no failure: accepted, or a note, and JUnit knows nothing milder than a failure but "skipped"."""
    return finding.ignored is not None or told_severity(finding) == "note"


def _finding(finding: Finding, style: Style) -> str:
    message = told(finding)
    name = f"{place(finding.origin, finding.region)} {finding.rule.id}"
    if _is_silent(finding):
        return _case(finding.rule.id, name, f"<skipped {_attributes(message=f'{message} {_why(finding)}')}/>")
    lines = [*(f"{label}: {text}" for label, text in facts(finding, style)), advice(finding)]
    head, inner = _attributes(message=message, type=finding.severity), "\n".join(map(_text, filter(None, lines)))
    return _case(finding.rule.id, name, f"<failure {head}>{inner}</failure>")


def _why(finding: Finding) -> str:
    if finding.ignored is None:
        return "It is a note."
    return sentence(
        f"Ignored by {finding.ignored.kind}{': ' if finding.ignored.reason else ''}{finding.ignored.reason}"
    )


def _skip(skip: Skip) -> str:
    error = _attributes(message=skip_message(skip), type=skip.reason)
    return _case("not-scanned", skip.path, f"<error {error}/>")


def _case(group: str, name: str, inner: str) -> str:
    return f"    <testcase {_attributes(classname=f'sgleaks.{group}', name=name)}>{inner}</testcase>\n"


def _attributes(**values: object) -> str:
    return " ".join(f'{name}="{_text(str(value))}"' for name, value in values.items())


def _text(text: str) -> str:
    return html.escape(_NO_XML.sub(lambda found: f"<U+{ord(found[0]):04X}>", visible(text)))
