"""What a stopped commit or push tells: few lines, each of which says what is or what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from sgleaks.formats import Style
from sgleaks.formats.plain import clip, styled, visible
from sgleaks.model import SEVERITY_FROM, Finding, Report, Severity

Hook = Literal["pre-commit", "pre-push", "pre-receive"]

MAX_SHOWN = 5  # findings, two lines each; with all the rest 25 lines at most
MAX_KEYS = 3
WIDTH = 100  # characters; git puts `remote: ` before the lines of a server
NARROW = 72

STOPPED: dict[Hook, str] = {"pre-commit": "commit", "pre-push": "push", "pre-receive": "push"}
AGAIN: dict[Hook, str] = {
    "pre-commit": "`sgleaks scan --staged`",
    "pre-push": "`sgleaks scan --range @{push}..`",
    "pre-receive": "`sgleaks scan --range @{push}..`",
}
UNDO: dict[Hook, str] = {
    "pre-commit": "take it out of the file, then `git add` it again: the index is what counts",
    "pre-push": "take it out of the commits: `git rebase -i`, or `git reset --soft @{push}` and commit anew",
    "pre-receive": "take it out of your commits, for instance with `git rebase -i`",
}
BYPASS: dict[Hook, str] = {
    "pre-commit": "commit all the same: `git commit --no-verify`; the push or CI will find it again",
    "pre-push": "push all the same: `git push --no-verify`; the server or CI will find it again",
    "pre-receive": "no secret after all? ask who runs this server",
}


def render(report: Report, hook: Hook, fail_on: Severity, style: Style) -> Iterator[str]:
    """The lines of a refusal, without newlines; at most 25."""
    width = NARROW if hook == "pre-receive" else WIDTH
    found = sorted(stopping(report, fail_on), key=lambda finding: -finding.security_severity)
    count = f"{len(found):,} finding{'s' if len(found) > 1 else ''}"
    yield styled(f"sgleaks: {STOPPED[hook]} stopped: {count}", "error", color=style.color)
    for finding in found[:MAX_SHOWN]:
        region = finding.region
        yield clip(f"  {visible(finding.origin.place)}:{region.line}:{region.column}  {finding.rule.id}", width)
        yield clip(f"    {visible(finding.rule.message)}", width)
    if more := len(found) - MAX_SHOWN if len(found) > MAX_SHOWN else 0:
        yield f"  and {more:,} more: {AGAIN[hook]} shows them"
    yield "What to do:"
    yield f"  {UNDO[hook]}"
    for key in _keys(found)[:MAX_KEYS]:
        yield f"  was it out already? delete {key} in SendGrid"
    if hook != "pre-receive":
        yield f"  no secret? write `sgleaks: ignore[{found[0].rule.id}] reason` beside it,"
        yield "  or accept it: `sgleaks baseline update --reason TEXT`"
    yield f"  {BYPASS[hook]}"


def stopping(report: Report, fail_on: Severity) -> list[Finding]:
    """The findings that stop a commit or a push."""
    bound = SEVERITY_FROM[fail_on]
    return [each for each in report.findings if each.counts and SEVERITY_FROM[each.severity] >= bound]


def _keys(findings: Sequence[Finding]) -> list[str]:
    keys = (finding.secret.redacted for finding in findings if finding.secret and finding.secret.is_key)
    return [visible(key) for key in dict.fromkeys(keys)]
