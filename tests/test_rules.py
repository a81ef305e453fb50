"""Every rule that ships loads, finds its examples, and nothing in its counter-examples."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from sgleaks import guide, matchers, rule
from sgleaks.model import CONFIDENCES, Blob, Example, Match, Origin, Rule, View
from sgleaks.samples import render
from sgleaks.triage.placeholder import why_not

RULES = rule.load_folder(rule.builtin_rules())
REGEX = [each for each in RULES.values() if each.match["matcher"] == "regex"]
SEEDS = (1, 2, 3)
SAMPLES = render(
    "{password} {password2} {password}{password2} {code} {code2} {code3} {totp} {totp2} {totp3}", 1
).split()


def _found(each: Rule, text: str, path: str) -> list[tuple[int, str]]:
    data = text.encode()
    matches = matchers.prepare(each)(View(data, Blob(data, Origin(path))))
    return sorted((data.count(b"\n", 0, match.start) + 1, match.confidence) for match in matches if _counts(match))


def _counts(match: Match) -> bool:
    return match.secret is not None and not why_not(match.secret)


EXAMPLES = [
    pytest.param(each, example, id=f"{each.id}-{number}-{example.why.replace(' ', '-')}")
    for each in REGEX
    for number, example in enumerate((*each.examples, *each.counter_examples), 1)
]


@pytest.mark.parametrize("each", list(RULES.values()), ids=list(RULES))
def test_rule_can_be_prepared(each: Rule) -> None:
    assert callable(matchers.prepare(each))


@pytest.mark.parametrize(("each", "example"), EXAMPLES)
def test_example_is_found_on_exactly_its_lines(each: Rule, example: Example) -> None:
    expected = sorted((line, example.confidence) for line in example.lines)
    for seed in SEEDS:
        assert _found(each, render(example.text, seed), example.path) == expected


@pytest.mark.parametrize("each", REGEX, ids=lambda each: each.id)
def test_match_is_the_credential_alone(each: Rule) -> None:
    for example in each.examples:
        data = render(example.text, 1).encode()
        for match in matchers.prepare(each)(View(data, Blob(data, Origin(example.path)))):
            assert match.secret is not None
            assert data[match.start : match.end].decode() == match.secret.reveal()
            assert not _counts(match) or match.secret.reveal() in SAMPLES
            assert match.secret.kind == each.id
            assert match.confidence in CONFIDENCES


@pytest.mark.parametrize("each", REGEX, ids=lambda each: each.id)
def test_nothing_is_found_where_no_anchor_is(each: Rule) -> None:
    text = render(each.examples[0].text, 1)
    for anchor in each.anchors:
        text = text.replace(anchor, "x").replace(anchor.upper(), "x").replace("SendGrid", "x")
    assert _found(each, text, each.examples[0].path) == []


def test_rules_without_their_examples_are_the_same_rules() -> None:
    short = rule.load_folder(rule.builtin_rules(), examples=False)
    assert short == {name: replace(each, examples=(), counter_examples=()) for name, each in RULES.items()}


def test_ids_are_the_file_names_in_order() -> None:
    assert list(RULES) == sorted(RULES)
    assert {"api-key", "account-password"} <= RULES.keys()
    assert all(each.id == name for name, each in RULES.items())


def test_chapters_give_the_kind() -> None:
    credentials = {path.stem for path in rule.builtin_rules().glob("credentials/*.toml")}
    assert {each.id for each in RULES.values() if each.kind == "credentials"} == credentials


# Each is repeated to half a megabyte. The slowest takes a fifth of a second; a quadratic one would take hours.
@pytest.mark.parametrize(
    "unit",
    [
        "SendGrid",
        "sendgridpassword",
        "sendgrid password=",
        "sendgrid smtp.sendgrid.net user=acme password='x' ",
        "smtp.sendgrid.net\nuser=acme\npassword=abcdefgh9\n",
        "sendgrid url=https://a:",
        "sendgrid url=https://a?a&",
        "sendgrid login(a,",
        "SendGridClient(",
        "sendgrid: {",
        "sendgrid}{",
        "sendgrid otpauth://totp/sendgrid?a&",
        "sendgrid subuser_",
        "sendgrid password\n\n",
        'sendgrid resource "',
        "sendgrid password" + " " * 60,
    ],
)
def test_hostile_input_takes_time_in_proportion(unit: str) -> None:
    data = (unit * (500_000 // len(unit))).encode()
    start = time.perf_counter()
    for each in REGEX:
        for _ in matchers.prepare(each)(View(data, Blob(data, Origin("x.txt")))):
            pass
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize("each", list(RULES.values()), ids=list(RULES))
def test_rule_shows_twice_what_it_finds_and_twice_what_it_leaves(each: Rule) -> None:
    assert len(each.examples) >= 2
    assert len(each.counter_examples) >= 2


@pytest.mark.parametrize(
    "each", [each for each in RULES.values() if each.kind == "misconfiguration"], ids=lambda each: each.id
)
def test_rule_lies_in_the_chapter_of_its_first_control(each: Rule) -> None:
    chapters = [chapter.name for chapter in guide.load().chapters]
    assert each.chapter == chapters[int(each.controls[0].partition(".")[0]) - 1]
