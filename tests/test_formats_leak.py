"""No format, at any verbosity, holds the secret half of a key: the one promise that may never break."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import key_finding, make_key, masked_line
from sgleaks.formats import FORMATS, Style, render
from sgleaks.formats.summary import summary
from sgleaks.model import CONFIDENCES, Commit, Confidence, Drop, Finding, Ignored, Origin, Region, Report, Skip
from sgleaks.validity import Power, Validity

STYLES = tuple(itertools.starmap(Style, itertools.product((False, True), (-1, 0, 1), CONFIDENCES)))
NOISE = st.text(st.characters(exclude_categories=()), max_size=20)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    """A key in a line with others, under a name that holds a key as well: what strangers write is anything."""
    seed = draw(st.integers(0, 50))
    key, other = make_key(seed), make_key(seed + 1)
    before, named = draw(NOISE), draw(st.booleans())
    line = masked_line(masked_line(f"{before}{key} {other}{draw(NOISE)}", key), other)
    column = len(before) + 1
    text = f"{draw(NOISE)}{other}{draw(NOISE)}" if named else draw(NOISE)
    commit = Commit("0" * 40, text, "2026-01-31T10:00:00Z", text)
    return key_finding(
        seed,
        region=Region(1, column, 1, column + len(key)),
        excerpt=line,
        excerpt_column=draw(st.integers(1, 200)),
        origin=Origin(f"a/{text}", draw(st.sampled_from([(), (text,)])), commit=draw(st.sampled_from([None, commit]))),
        also=((Origin(text), Region(1, 1, 1, 2)),),
        note=text,
        via=draw(st.sampled_from([(), ("base64", "gzip")])),
        confidence=draw(st.sampled_from(CONFIDENCES)),
        validity=draw(st.sampled_from([None, _said(text)])),
        ignored=draw(st.sampled_from([None, Ignored("baseline", text)])),
    )


def _said(text: str) -> Validity:
    """An answer by a server that lies."""
    power = Power("unknown", "medium", f"do {text}", (text,))
    return Validity("active", "restricted", (text,), "2026-01-31T10:00:00Z", text, (power,), (("login", text),))


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40, deadline=None)
@given(found=st.lists(findings(), max_size=3), text=NOISE)
def test_no_format_holds_the_secret_half_of_any_key(name: str, found: list[Finding], text: str) -> None:
    halves = [make_key(seed)[26:] for seed in range(52)]
    place = f"{text}{make_key(7)}"
    report = Report(
        findings=tuple(found),
        skips=(Skip(place, "damaged", place), Skip(place, "submodule", place)),
        drops=(Drop(place, 1, 1, "api-key", place),),
    )
    for style in STYLES:
        told = "".join(render(name, report, style)) + summary(report, style)
        told.encode()
        assert not [half for half in halves if half in told]


@pytest.mark.parametrize("confidence", CONFIDENCES)
def test_the_public_half_is_shown_because_an_administrator_needs_it(confidence: Confidence) -> None:
    report = Report(findings=(key_finding(confidence=confidence),))
    for name in FORMATS:
        assert make_key()[3:25] in "".join(render(name, report, Style(min_confidence="low")))
