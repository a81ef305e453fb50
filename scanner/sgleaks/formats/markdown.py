"""Findings as a Markdown document: for the summary of a job, a pull request, a ticket.

Strangers wrote what is in it. Whatever comes from a file or a commit is code (``markup``), and never markup itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sgleaks import guide
from sgleaks.formats import Style
from sgleaks.formats.keys import Account, Exposed, accounts, exposed
from sgleaks.formats.markup import code, prose, table
from sgleaks.formats.outcome import NOT_MET, told
from sgleaks.formats.selection import is_told
from sgleaks.formats.summary import coverage, found
from sgleaks.formats.text import facts, place
from sgleaks.model import SKIP_REASONS, Finding, Report, Rule, Skip


def render(report: Report, style: Style) -> Iterator[str]:
    """A section a piece: counts, findings, what to do, what was not scanned, the guide's controls."""
    findings = [finding for finding in report.findings if is_told(finding, style)]
    skips = [skip for skip in report.skips if SKIP_REASONS[skip.reason] or style.verbosity > 0]
    yield f"# sgleaks report\n\n{counts(report, len(report.findings) - len(findings))}\n"
    if report.repositories and (keys := exposed(report)):
        yield f"\n## Across repositories\n\n{_across(keys)}\n"
        if opened := accounts(keys):
            yield f"\n## By SendGrid account\n\n{_accounts(opened)}\n"
    yield from sections(findings, skips, style)
    if report.asked is not None:
        yield f"\n{_controls(report)}\n"


def sections(findings: Sequence[Finding], skips: Sequence[Skip], style: Style) -> Iterator[str]:
    """Findings, what to do, what was not scanned; nothing of what there is none of."""
    if findings:
        yield f"\n## Findings\n\n{_findings(findings, style)}\n"
        yield f"\n## What to do\n\n{_advice(findings)}\n"
    if skips:
        yield f"\n## Not scanned, or noted\n\n{_skips(skips)}\n"


def _across(keys: Iterable[Exposed]) -> str:
    rows = (
        (
            one.severity,
            code(one.name),
            f"{len(one.repositories):,}",
            f"{len(one.at_head):,}",
            one.first_seen[:10],
            one.last_seen[:10],
            "<br>".join(map(code, one.repositories)),
        )
        for one in keys
    )
    return table(("severity", "what", "repositories", "at HEAD", "first seen", "last seen", "where"), rows)


def _accounts(opened: Iterable[Account]) -> str:
    rows = (
        (code(each.login), "<br>".join(map(code, each.keys)), "<br>".join(map(code, each.repositories)))
        for each in opened
    )
    return table(("account", "keys", "repositories"), rows)


def counts(report: Report, hidden: int) -> str:
    """How much was found in how much, and whether that is all."""
    text = f"**{found(report, Style())}** in {coverage(report)}."
    text += f" Not shown: {hidden:,} ignored or too doubtful." if hidden else ""
    return text + (" **The scan is incomplete.**" if report.incomplete else "")


def _findings(findings: Iterable[Finding], style: Style) -> str:
    rows = ((each.severity, code(each.rule.id), _where(each), _what(each, style)) for each in findings)
    return table(("severity", "rule", "where", "what"), rows)


def _where(finding: Finding) -> str:
    return code(place(finding.origin, finding.region))


def _what(finding: Finding, style: Style) -> str:
    shown = code(finding.excerpt.strip())
    more = (f"{label}: {code(text)}" for label, text in facts(finding, style))
    return "<br>".join(part for part in (prose(finding.rule.message), shown, *more) if part)


def _advice(findings: Iterable[Finding]) -> str:
    rules = {finding.rule.id: finding.rule for finding in findings}
    return "\n\n".join(_rule(rules[name]) for name in sorted(rules))


def _rule(rule: Rule) -> str:
    parts = [f"### {code(rule.id)}: {prose(rule.title)}"]
    parts += [f"**Why it matters.** {prose(rule.why)}"] if rule.why else []
    parts += [f"**What to do now.** {prose(rule.fix)}"] if rule.fix else []
    parts += (
        ["\n".join(f"- <{re.sub('[<>]', '', reference)}>" for reference in rule.references)] if rule.references else []
    )
    return "\n\n".join(parts)


def _skips(skips: Iterable[Skip]) -> str:
    rows = ((code(skip.path), skip.reason, code(skip.detail)) for skip in skips)
    return table(("what", "reason", "detail"), rows)


def _controls(report: Report) -> str:
    book = guide.load()
    rows = (
        (
            f"{outcome.control.id} {prose(outcome.control.title)}",
            outcome.control.level,
            told(outcome),
            outcome.control.coverage,
            prose(outcome.control.hidden),
        )
        for outcome in guide.outcomes(book, report)
    )
    head = ("control", "level", "this run", "a repository shows it", "what it cannot show")
    title = f"## {prose(book.title)} {prose(book.version)}\n\n{NOT_MET}: see what a repository cannot show.\n\n"
    return title + table(head, rows)
