"""An audit of an account: for a terminal, for programs, as a document, and for code scanning."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from sgleaks.account import Audit, Status, Verdict
from sgleaks.formats import Style
from sgleaks.formats.markup import code, prose, table
from sgleaks.formats.plain import TextStyle, styled, visible, writable
from sgleaks.formats.text import MARKS
from sgleaks.model import Finding

VERSION = 1
CATEGORY = "sgleaks/account/"  # apart from trees and histories, so that their alerts do not close each other
WIDTH = 100  # columns
INDENT = 10  # of what is told of a control
STATUS: Mapping[Status, TextStyle] = {"pass": "good", "fail": "error", "not-evaluated": "faint"}


def text(audit: Audit, style: Style) -> Iterator[str]:
    """A line a control, and under it what is wrong, or why nobody can tell. With ``-v`` what to do, too."""
    for verdict in audit.verdicts:
        control = verdict.control
        status = styled(f"{verdict.status:13}", STATUS[verdict.status], color=style.color)
        yield f"{control.id:4}  {control.level}  {status}  {visible(control.title)}\n"
        for finding in verdict.findings:
            mark = styled(f"{finding.severity}[{finding.rule.id}]", MARKS[finding.severity], color=style.color)
            yield f"{' ' * INDENT}{mark} {visible(finding.origin.path)}: {visible(finding.note)}\n"
            if style.verbosity > 0:
                yield from _wrapped(f"fix: {visible(finding.rule.fix)}")
        if verdict.reason and verdict.status != "pass":
            yield from _wrapped(visible(verdict.reason))
        elif verdict.reason and style.verbosity >= 0:
            yield from _wrapped(f"open: {visible(verdict.reason)}")


def as_json(audit: Audit, style: Style) -> Iterator[str]:  # noqa: ARG001  # programs are told everything
    """One document, pure ASCII; members without a value are null."""
    controls = [_control(verdict) for verdict in audit.verdicts]
    told = {"version": VERSION, "profile": audit.profile, "controls": controls}
    yield json.dumps(told, indent=2).replace("\x7f", "\\u007f") + "\n"


def markdown(audit: Audit, style: Style) -> Iterator[str]:  # noqa: ARG001  # a document tells everything
    """A table of the controls, one of what is wrong, and what to do."""
    yield f"# SendGrid account, {prose(audit.guide.title)} {prose(audit.guide.version)} at {audit.profile}\n\n"
    rows = ((_name(each), each.control.level, each.status, prose(each.reason)) for each in audit.verdicts)
    yield table(("control", "level", "status", "what is not told"), rows) + "\n"
    findings = audit.report.findings
    if not findings:
        return
    told = (
        (each.severity, code(each.rule.id), ", ".join(each.rule.controls), code(each.origin.path), prose(each.note))
        for each in findings
    )
    yield f"\n## Findings\n\n{table(('severity', 'check', 'controls', 'where', 'what'), told)}\n\n## What to do\n"
    for rule in audit.report.rules:
        yield f"\n### {code(rule.id)}: {prose(rule.title)}\n\n{prose(rule.why)} {prose(rule.fix)}\n"


def as_sarif(audit: Audit, style: Style) -> Iterator[str]:
    """The findings as those of a scan; where they are is a path of the API."""
    from sgleaks.formats import sarif

    yield from sarif.render(audit.report, replace(style, category=CATEGORY))


FORMATS: Mapping[str, Callable[[Audit, Style], Iterator[str]]] = {
    "text": text,
    "json": as_json,
    "markdown": markdown,
    "sarif": as_sarif,
}


def _wrapped(line: str) -> Iterator[str]:
    for each in textwrap.wrap(line, WIDTH - INDENT, break_on_hyphens=False, subsequent_indent="  "):
        yield f"{' ' * INDENT}{each}\n"


def _name(verdict: Verdict) -> str:
    return f"{verdict.control.id} {prose(verdict.control.title)}"


def _control(verdict: Verdict) -> dict[str, object]:
    control = verdict.control
    return {
        "id": control.id,
        "title": control.title,
        "level": control.level,
        "status": verdict.status,
        "findings": [_finding(finding) for finding in verdict.findings],
        "reason": writable(verdict.reason) or None,
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "check": finding.rule.id,
        "severity": finding.severity,
        "security_severity": finding.security_severity,
        "subject": writable(finding.origin.path),
        "message": writable(finding.message),
        "detail": writable(finding.note),
        "fix": finding.rule.fix,
        "fingerprint": finding.fingerprint,
    }
