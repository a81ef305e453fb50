"""The report in HTML: one whole file, nothing a stranger wrote becomes markup, and what a real browser makes of it."""

from __future__ import annotations

import base64
import hashlib
import platform
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import full_report, key_finding, make_key
from sgleaks.formats import Style, render
from sgleaks.formats.plain import visible
from sgleaks.model import Commit, Exposure, Finding, Ignored, Origin, Report, Skip
from tools import browse

VOID = {"meta", "input", "br"}
KNOWN = {
    "a", "b", "body", "br", "code", "details", "div", "footer", "h1", "h2", "h3", "head", "html", "i", "input", "label",
    "li", "meta", "option", "output", "p", "rect", "script", "section", "select", "small", "style", "summary", "svg",
    "table", "tbody", "td", "th", "thead", "title", "tr", "ul",
}  # fmt: skip
HOSTILE = "</code><script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg/onload=alert(3)>&lt;]]>--><!--"


class Page(HTMLParser):
    """What a parser sees: tags with their attributes, the text of each, and whether all are closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)


def html(report: Report, style: Style = Style()) -> str:  # noqa: B008  # frozen
    return "".join(render("html", report, style))


def lived(seed: int, repo: str, first: str, last: str, *, at_head: bool) -> Finding:
    """A key in a repository of a sweep."""
    seen, end = (Commit(str(number) * 40, "Ada", f"{day}T10:00:00Z", "x") for number, day in ((1, first), (2, last)))
    life = Exposure(seen, end, None if at_head else end, at_head=at_head, reachable=True)
    return replace(key_finding(seed), origin=Origin(f"{repo}/deploy/mail.env", repo=repo, commit=seen), exposure=life)


def swept() -> Report:
    findings = (
        lived(1, "git.example/acme/mail", "2023-04-02", "2024-01-01", at_head=False),
        lived(1, "git.example/acme/shop", "2023-08-02", "2025-01-01", at_head=True),
        lived(2, "git.example/web/site", "2024-08-02", "2025-06-01", at_head=False),
    )
    names = ("git.example/acme/mail", "git.example/acme/shop", "git.example/web/gone", "git.example/web/site")
    skips = (Skip("git.example/web/gone/.", "clone-failed", "git clone: it said no"),)
    return Report(findings, skips, rules=(findings[0].rule,), repositories=names)


def test_only_its_own_style_and_script_may_run() -> None:
    page = Page(html(swept()))
    (policy,) = [attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    for tag in ("style", "script"):
        (text,) = page.texts[tag]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("report", [Report(), full_report(), swept()], ids=["empty", "scan", "sweep"])
def test_nothing_is_loaded_and_nothing_is_inline(report: Report) -> None:
    for tag, attrs in Page(html(report, Style(verbosity=1))).tags:
        assert tag in KNOWN
        assert not attrs.keys() & {"src", "style", "srcset", "action", "background"}
        assert not [name for name in attrs if name.startswith("on")]
        assert tag == "a" or "href" not in attrs


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(exclude_categories=()), max_size=60) | st.just(HOSTILE))
def test_what_strangers_wrote_is_text(text: str) -> None:
    commit = Commit("1" * 40, text, text, text)
    life = Exposure(commit, commit, commit, at_head=False, reachable=True, refs=(text,))
    finding = replace(
        key_finding(1),
        origin=Origin(f"r/{text}", (text,), text, commit),
        note=text,
        exposure=life,
        ignored=Ignored("baseline", text),
    )
    report = Report((finding,), (Skip(text, "damaged", text),), repositories=(text,))
    page = Page(html(report, Style(verbosity=1)))
    assert {tag for tag, _ in page.tags} <= KNOWN
    assert [tag for tag, _ in page.tags].count("script") == 1
    shown = "".join(page.texts["code"])
    assert visible(text).replace("\r", "\n") in shown.replace("\r", "\n")


def test_a_key_is_told_once_with_all_its_repositories() -> None:
    told = re.sub(r"<[^>]*>", "", html(swept()).partition('<section id="findings">')[2].partition("</section>")[0])
    assert "in 2 repositories, first seen 2023-04-02, 1 still at HEAD" in told
    assert told.count(f"SG.{make_key(1)[3:25]}.…") == 1
    assert "not at HEAD" in told


def test_what_was_not_scanned_is_loud() -> None:
    told = html(swept())
    assert "The scan is incomplete" in told
    assert "clone-failed" in told


@pytest.mark.chromium
@pytest.mark.xdist_group("chromium")
@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="this Chromium is built for Linux on x86-64"
)
def test_in_a_browser(tmp_path: Path) -> None:
    findings = swept().findings
    hostile = replace(findings[2], origin=replace(findings[2].origin, path=f"x/{HOSTILE}"))
    lesser = key_finding(3, security_severity=5.0)
    report = replace(swept(), findings=(*findings[:2], hostile, lesser))
    (tmp_path / "report.html").write_text(html(report))
    told = browse(Path(__file__).with_name("browse_report.mjs"), tmp_path / "report.html")
    assert told["complaints"] == []
    assert set(told["requests"]) == {(tmp_path / "report.html").as_uri()}
    assert len(told["all"]) == 3
    assert told["searched"] == [f"SG.{make_key(1)[3:25]}.…"]
    assert told["shown"] == "1 of 3"
    assert len(told["critical"]) == 2
    assert len(told["head"]) == 2  # a finding of a tree is there, too
    assert told["up"] == sorted(told["up"], key=["critical", "high", "medium"].index)
    assert told["down"] == told["up"][::-1]
    assert told["printed"]
    assert told["filters"] is False
    assert "in 2 repositories" in told["plain"]
