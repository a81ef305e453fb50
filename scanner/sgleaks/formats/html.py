"""Findings as one HTML file for people: it needs no network, and without JavaScript only filters and sorting are gone.

Strangers wrote what is in it. Everything is escaped, and a content security policy lets nothing run or load but the
style and script of this file, named by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from html import escape
from importlib.resources import files

from sgleaks import __version__, guide
from sgleaks.formats import Style, validity
from sgleaks.formats.keys import Account, Exposed, accounts, exposed, owner_of, told
from sgleaks.formats.outcome import NOT_MET
from sgleaks.formats.outcome import told as outcome_told
from sgleaks.formats.plain import visible
from sgleaks.formats.selection import is_told
from sgleaks.formats.summary import coverage, found
from sgleaks.model import SEVERITIES, SKIP_REASONS, Commit, Finding, Origin, Region, Report, Rule

MAX_PLACES = 100  # of one key; a browser lays out some 100,000 rows without trouble
WIDTH, HEIGHT = 160, 14  # of a bar of the timeline


def render(report: Report, style: Style) -> Iterator[str]:
    """The document, a section a piece."""
    css, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src {_hash(css)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>sgleaks report</title>\n<style>{css}</style>\n</head>\n<body>\n"
    )
    shown = [finding for finding in report.findings if is_told(finding, style)]
    groups = exposed(replace(report, findings=tuple(shown)), all_of_them=True)
    yield _head(report, groups, len(report.findings) - len(shown))
    if groups:
        yield _exposures(groups, _span(groups), swept=bool(report.repositories))
        yield _advice(groups)
    if opened := accounts(groups):
        yield _accounts(opened)
    if report.repositories:
        yield _repositories(report)
    if report.skips:
        yield _skips(report)
    yield _controls(report)
    yield f"<footer>sgleaks {__version__}. No secret is in this file.</footer>\n<script>{script}</script>\n"
    yield "</body>\n</html>\n"


def _head(report: Report, groups: Sequence[Exposed], hidden: int) -> str:
    keys = sum(bool(one.secret and one.secret.is_key) for one in groups)
    live = sum(bool(one.secret and one.secret.is_key and one.is_at_head) for one in groups)
    counts = Counter(one.severity for one in groups)
    cards: list[tuple[str, str, str]] = [(f"{counts[name]:,}", name, name) for name in SEVERITIES if counts[name]]
    cards += [(f"{keys:,}", "API keys", ""), (f"{live:,}", "of them at HEAD", "")]
    failed = sum(SKIP_REASONS[skip.reason] for skip in report.skips)
    cards += [(f"{failed:,}", "not scanned", "failed")] if failed else []
    told_ = "".join(f'<li class="{kind}"><b>{number}</b> {name}</li>' for number, name, kind in cards)
    rows = f" One row for each key or place: {len(groups):,}." if len(groups) != len(report.findings) - hidden else ""
    lines = [f"<h1>sgleaks report</h1>\n<p>{_text(found(report, Style()))} in {_text(coverage(report))}.{rows}</p>"]
    lines += [f"<p>Not shown: {hidden:,} ignored or too doubtful.</p>"] if hidden else []
    lines += ['<p class="alarm">The scan is incomplete: see what was not scanned.</p>'] if report.incomplete else []
    return "\n".join((*lines, f'<ul class="cards">{told_}</ul>\n'))


def _exposures(groups: Sequence[Exposed], span: tuple[date, date] | None, *, swept: bool) -> str:
    heads = ["severity", "what", *(["repositories", "at HEAD"] if swept else ["at HEAD"]), "first seen", "last seen"]
    axis = f"<br><small>{span[0]} to {span[1]}</small>" if span else ""
    head = "".join(f'<th scope="col">{name}</th>' for name in heads) + f'<th scope="col" class="bar">exposed{axis}</th>'
    rows = "\n".join(_row(one, span, swept=swept) for one in groups)
    choices = "".join(f"<option>{name}</option>" for name in SEVERITIES)
    return (
        '<section id="findings">\n<h2>What is exposed</h2>\n'
        '<div class="filters" hidden><label>Search <input type="search" id="search"></label>'
        f'<label>Severity <select id="severity"><option value="">all</option>{choices}</select></label>'
        '<label><input type="checkbox" id="head"> at HEAD only</label> <output id="shown"></output></div>\n'
        f'<table class="sortable">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</section>\n'
    )


def _row(one: Exposed, span: tuple[date, date] | None, *, swept: bool) -> str:
    at_head = one.is_at_head
    places = list(dict.fromkeys(place for finding in one.findings for place in _places(finding)))
    items = "".join(f"<li>{place}</li>" for place in places[:MAX_PLACES])
    more = f"<li>and {len(places) - MAX_PLACES:,} more</li>" if len(places) > MAX_PLACES else ""
    what = (
        f"<details><summary><code>{_text(one.name)}</code> {_text(told(one))}</summary>"
        f"{_answer(one)}{_messages(one)}<ul>{items}{more}</ul></details>"
    )
    cells = [
        f'<td class="{one.severity}" data-sort="{SEVERITIES.index(one.severity)}">{one.severity}</td>',
        f"<td>{what}</td>",
    ]
    if swept:
        cells += [f'<td class="number">{len(one.repositories):,}</td>', f'<td class="number">{len(one.at_head):,}</td>']
    else:
        cells.append(f"<td>{'yes' if at_head else 'no'}</td>")
    cells += [f'<td class="date">{_text(day[:10])}</td>' for day in (one.first_seen, one.last_seen)]
    cells.append(f"<td>{_bar(one, span, at_head=at_head)}</td>")
    return f'<tr data-severity="{one.severity}" data-head="{int(at_head)}">{"".join(cells)}</tr>'


def _answer(one: Exposed) -> str:
    answers = dict.fromkeys(validity.told(each.validity) for each in one.findings if each.validity)
    return "".join(f"<p><b>SendGrid says:</b> {escape(answer)}</p>" for answer in answers)


def _messages(one: Exposed) -> str:
    said = dict.fromkeys((finding.severity, finding.rule.id, finding.rule.message) for finding in one.findings)
    return "".join(
        f"<p>{severity}: {_text(message)} <small>{_text(rule)}</small></p>" for severity, rule, message in said
    )


def _places(finding: Finding) -> Iterator[str]:
    ignored = f" <i>ignored: {_text(finding.ignored.reason)}</i>" if finding.ignored else ""
    for origin, region in ((finding.origin, finding.region), *finding.also):
        yield f"{_place(origin, region)}{_commit(origin.commit)}{ignored}"
    exposure = finding.exposure
    if exposure and exposure.removed_in:
        yield f"taken away{_commit(exposure.removed_in)}"


def _place(origin: Origin, region: Region) -> str:
    return f"<code>{_text(origin.place)}:{region.line}</code>"


def _commit(commit: Commit | None) -> str:
    if commit is None:
        return ""
    return f" in <code>{_text(commit.id[:12])}</code> of {_text(commit.date[:10])} by {_text(commit.author)}"


def _advice(groups: Iterable[Exposed]) -> str:
    rules = {finding.rule.id: finding.rule for one in groups for finding in one.findings}
    told_ = "\n".join(_rule(rules[name]) for name in sorted(rules))
    return f'<section id="advice">\n<h2>What to do</h2>\n{told_}\n</section>\n'


def _rule(rule: Rule) -> str:
    parts = [f"<h3>{_text(rule.title)} <small>{_text(rule.id)}</small></h3>"]
    parts += [f"<p><b>Why it matters.</b> {_text(rule.why)}</p>"] if rule.why else []
    parts += [f"<p><b>What to do now.</b> {_text(rule.fix)}</p>"] if rule.fix else []
    links = [link for link in rule.references if link.startswith("https://")]
    parts += [f'<p><a rel="noreferrer" href="{_text(link)}">{_text(link)}</a></p>' for link in links]
    return "\n".join(parts)


def _accounts(opened: Iterable[Account]) -> str:
    rows = "\n".join(
        f"<tr><td><code>{_text(each.login)}</code></td><td>{_codes(each.keys)}</td><td>{_codes(each.repositories)}</td></tr>"
        for each in opened
    )
    return _table("accounts", "SendGrid accounts", ("account", "keys that open it", "repositories"), rows)


def _codes(texts: Iterable[str]) -> str:
    return "<br>".join(f"<code>{_text(text)}</code>" for text in texts)


def _repositories(report: Report) -> str:
    counts = Counter(finding.origin.repo for finding in report.findings if finding.counts)
    failed = {skip.path.removesuffix("/."): skip.reason for skip in report.skips if skip.path.endswith("/.")}
    rows = "\n".join(
        f"<tr><td><code>{_text(name)}</code></td><td><code>{_text(owner_of(name))}</code></td>"
        f'<td class="number">{counts[name]:,}</td><td>{_text(failed.get(name, "scanned"))}</td></tr>'
        for name in report.repositories
    )
    return _table("repositories", "Repositories", ("repository", "owner", "findings", "state"), rows)


def _skips(report: Report) -> str:
    rows = "\n".join(
        f"<tr><td><code>{_text(skip.path)}</code></td><td>{_text(skip.reason)}</td>"
        f"<td>{'not scanned' if SKIP_REASONS[skip.reason] else 'noted'}</td><td>{_text(skip.detail)}</td></tr>"
        for skip in report.skips
    )
    return _table("skips", "Not scanned, or noted", ("what", "reason", "means", "detail"), rows)


def _controls(report: Report) -> str:
    """What was found against each control: all of them where it is known which rules were run."""
    book = guide.load()
    title = f"{book.title} {book.version}"
    if report.asked is None:
        counts = Counter(name for finding in report.findings if finding.counts for name in finding.rule.controls)
        pairs = [(control, f"{counts[control.id]:,} findings") for control in book.controls if counts[control.id]]
    else:
        pairs = [(outcome.control, outcome_told(outcome)) for outcome in guide.outcomes(book, report)]
    if not pairs:
        return ""
    rows = "\n".join(
        f"<tr><td>{_text(control.id)} {_text(control.title)}</td><td>{_text(control.level)}</td><td>{_text(text)}</td>"
        f"<td>{_text(control.coverage)}</td><td>{_text(control.hidden)}</td></tr>"
        for control, text in pairs
    )
    heads = ("control", "level", "this run", "a repository shows it", "what it cannot show")
    return _table("controls", title, heads, rows, f"<p>{_text(NOT_MET)}: see what a repository cannot show.</p>\n")


def _table(name: str, title: str, heads: Iterable[str], rows: str, before: str = "") -> str:
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    return (
        f'<section id="{name}">\n<h2>{_text(title)}</h2>\n{before}<table class="sortable">\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</section>\n"
    )


# The timeline


def _span(groups: Iterable[Exposed]) -> tuple[date, date] | None:
    """The first and the last day of all exposures, None where nothing has a date."""
    days = [day for one in groups for day in (_day(one.first_seen), _day(one.last_seen)) if day]
    return (min(days), max(days)) if days else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _bar(one: Exposed, span: tuple[date, date] | None, *, at_head: bool) -> str:
    first, last = _day(one.first_seen), _day(one.last_seen)
    if not span or not first:
        return ""
    days = max((span[1] - span[0]).days, 1)
    start = (first - span[0]).days * (WIDTH - 4) // days
    end = WIDTH - 4 if at_head or not last else (last - span[0]).days * (WIDTH - 4) // days
    width = max(end - start, 0) + 4
    about = f"from {first} to {'now' if at_head else last or 'an unknown day'}"
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{about}"><title>{about}</title>'
        f'<rect class="axis" x="0" y="6" width="{WIDTH}" height="2"></rect>'
        f'<rect class="{"live" if at_head else "past"}" x="{start}" y="2" width="{width}" height="10">'
        "</rect></svg>"
    )


def _text(text: str) -> str:
    return escape(visible(text))


def _asset(name: str) -> str:
    return files("sgleaks.formats").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
