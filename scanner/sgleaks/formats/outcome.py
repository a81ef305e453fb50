"""What a run says of the guide's controls. It never says that one is met: a repository shows a part at most."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks import guide
from sgleaks.formats import Style
from sgleaks.formats.plain import styled
from sgleaks.guide import Outcome
from sgleaks.model import Report

NOT_MET = "No findings does not mean that a control is met"
WIDTH = 42  # columns of the longest title of a control and a gap


def told(outcome: Outcome) -> str:
    """``2 findings``, ``no findings``, or ``not evaluated`` and why."""
    if not outcome.evaluated:
        return "not evaluated: no rule of this run serves it"
    silent = f" ({outcome.silent:,} ignored or of low confidence)" if outcome.silent else ""
    if outcome.findings:
        return f"{outcome.findings:,} {'finding' if outcome.findings == 1 else 'findings'}{silent}"
    return f"no findings{'' if outcome.complete else ' in what could be scanned'}{silent}"


def outcome_lines(report: Report, style: Style) -> Iterator[str]:
    """A line a control under a heading, for a terminal; none where it is not known which rules were run."""
    if report.asked is None:
        return
    book = guide.load()
    heading = styled(f"{book.title} {book.version}", "strong", color=style.color)
    yield f"{heading}. {NOT_MET}: see `sgleaks guide`."
    for outcome in guide.outcomes(book, report):
        control, text = outcome.control, told(outcome)
        if outcome.evaluated and not outcome.findings and control.coverage != "fully":
            text += f"; a repository shows it {control.coverage}"
        text = styled(text, "error" if outcome.findings else "faint", color=style.color)
        yield f"  {control.id:4} {control.level}  {control.title:{WIDTH}}{text}"
