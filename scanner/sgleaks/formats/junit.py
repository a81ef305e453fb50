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
    told = f"{found(report, Style())} in {coverage(report)}"
    yield _case("sgleaks", "scan", f"<system-out>{_text(told)}</system-out>")
    yield "  </testsuite>\n</testsuites>\n"


def _is_silent(finding: Finding) -> bool:
    """Whether it is no failure: accepted, or a note, and JUnit knows nothing milder than a failure but "skipped"."""
    return finding.ignored is not None or told_severity(finding) == "note"


def _finding(finding: Finding, style: Style) -> str:
    message = sentence(finding.message)
    name = f"{place(finding.origin, finding.region)} {finding.rule.id}"
    if _is_silent(finding):
        why = f"{finding.ignored.kind}: {finding.ignored.reason}" if finding.ignored else f"note: {message}"
        return _case(finding.rule.id, name, f"<skipped {_attributes(message=why)}/>")
    lines = [visible(message), *(f"{label}: {text}" for label, text in facts(finding, style))]
    lines += [f"fix: {visible(finding.rule.fix)}"] if finding.rule.fix else []
    head = _attributes(message=message, type=finding.severity)
    return _case(finding.rule.id, name, f"<failure {head}>{'&#10;'.join(map(_text, lines))}</failure>")


def _skip(skip: Skip) -> str:
    told = _attributes(message=skip_message(skip), type=skip.reason)
    return _case("not-scanned", skip.path, f"<error {told}/>")


def _case(group: str, name: str, inner: str) -> str:
    return f"    <testcase {_attributes(classname=f'sgleaks.{group}', name=name)}>{inner}</testcase>\n"


def _attributes(**values: object) -> str:
    return " ".join(f'{name}="{_text(str(value))}"' for name, value in values.items())


def _text(text: str) -> str:
    return html.escape(_NO_XML.sub(lambda found: f"<U+{ord(found[0]):04X}>", visible(text)))
