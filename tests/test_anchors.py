"""Anchors: both engines find the same, nothing is lost between pieces, and every spelling and rule has one."""

from __future__ import annotations

import base64
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import key
from sgleaks.anchors import (
    AROUND,
    DEFAULT,
    MENTION,
    RARE,
    Anchor,
    anchored,
    around,
    has_anchor,
    hits,
    mentions,
)
from sgleaks.rule import builtin_rules, load_folder
from test_decoders import INLINE, WHOLE, spell_needs_mention

ALL = (*DEFAULT, *RARE)

# Run in a process of its own, in which the engine's package is not to be had.
WITHOUT_ENGINE = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "stringzilla":
            raise ImportError(name)

if sys.argv[1] == "blocked":
    sys.meta_path.insert(0, Blocked())
import json, random
from sgleaks import anchors
assert (anchors._find is None) == (sys.argv[1] == "blocked")
answers = []
for line in sys.stdin:
    data = bytes.fromhex(line)
    ends = [*range(7, len(data), 7), len(data)]
    every = (*anchors.DEFAULT, *anchors.RARE)
    answers.append([
        sorted(anchors.anchored(data, ends, every)),
        [list(anchors.hits(data, anchor)) for anchor in every],
        [anchors.around(data, anchor, 40) for anchor in every],
        [anchors.has_anchor(given) for given in (data, bytearray(data), memoryview(data))],
        [anchors.mentions(data, word) for word in ("SendGrid", "SG.", "x-é")],
    ])
print(json.dumps(answers))
"""

CRAFTED = [
    b"",
    b"S",
    b"sendgri",
    b"SENDGRID",
    b"xSendGridsendgrid",
    "\u017fendgrid sendgr\u0131d \u017fENDGRID".encode(),  # letters that fold to s and i in Unicode, not in ASCII
    "sendgrid".encode("utf-16-le"),
    b"sendgrid" * 40,
    b"SG.SG." * 40,
    b"\xff\xfeS\0G\0.\0",
    b"FNHLi" * 30 + b"NHLi",
    b"TRy4TRy8TRy",
    b"NHLg",
    b"VNHL",
    b"U0c U0cu",
]


def samples(count: int) -> Iterator[bytes]:
    """Random bytes in which anchors and pieces of anchors are common."""
    rng = random.Random(1)
    pieces = [anchor.literal for anchor in ALL] + [
        b"SG",
        b"G.",
        b"send",
        b"GRID",
        b"\xc5\xbf",
        b"\0",
        b"%2E",
        b"V",
        b"i",
    ]
    for _ in range(count):
        yield b"".join(
            rng.choice((rng.choice(pieces), rng.randbytes(rng.randrange(9)))) for _ in range(rng.randrange(40))
        )
    for number in range(20):
        yield rng.randbytes(rng.randrange(90)) + key(number).encode() + rng.randbytes(rng.randrange(90))


def answers(engine: str, inputs: list[bytes]) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ENGINE, engine],
        input="".join(data.hex() + "\n" for data in inputs),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    result: list[object] = json.loads(done.stdout)
    return result


def test_standard_library_finds_what_the_engine_finds() -> None:
    inputs = [*CRAFTED, *samples(600)]
    with_engine, without = answers("engine", inputs), answers("blocked", inputs)
    different = [data for data, one, other in zip(inputs, with_engine, without, strict=True) if one != other]
    assert different == []


def reference(data: bytes, anchor: Anchor) -> list[int]:
    """Where an anchor stands, by the plainest means."""
    text, literal = (data.lower(), anchor.literal.lower()) if anchor.caseless else (data, anchor.literal)
    starts = [match.start() for match in re.finditer(b"(?=" + re.escape(literal) + b")", text)]
    return [at for at in starts if anchor.where is None or anchor.where.match(data, at)]


def test_hits_are_those_of_a_plain_search() -> None:
    for data in (*CRAFTED, *samples(300)):
        for anchor in ALL:
            assert list(hits(data, anchor)) == reference(data, anchor), (anchor, data)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_piece_is_chosen_exactly_where_an_anchor_begins_in_it(size: int) -> None:
    for data in (*CRAFTED, *samples(150)):
        ends = [*range(size, len(data), size), len(data)]
        begins = {at // size for anchor in ALL for at in reference(data, anchor)}
        assert {piece for piece in anchored(data, ends, ALL) if piece < len(ends)} == begins


@pytest.mark.parametrize(
    "anchor", ALL, ids=lambda anchor: anchor.literal.decode("latin-1").encode("unicode_escape").decode()
)
def test_anchor_across_two_pieces_counts_for_the_first(anchor: Anchor) -> None:
    holder = standing(anchor)
    at = reference(holder, anchor)[0]
    for cut in range(at + 1, at + len(anchor.literal)):
        assert anchored(holder, [cut, len(holder)], [anchor]) == {0}


def standing(anchor: Anchor) -> bytes:
    """A text in which an anchor stands."""
    text = key()
    spelt = [spell(text) for spell, _ in (*INLINE.values(), *WHOLE.values())]
    candidates = [
        b"a SendGrid b",
        text.encode("utf-16-le"),
        *spelt,
        *(b"x" * n + data for data in spelt for n in (1, 2)),
    ]
    candidates += [b"['S', 'G', '.']", b'["S", "G", "."]', b"&#83;&#71;&#46;"]
    candidates += [base64_of(n, text) for n in range(3)]
    return next(data for data in candidates if reference(data, anchor))


def base64_of(offset: int, text: str) -> bytes:
    return base64.b64encode(b"x" * offset + text.encode())


@given(
    st.lists(st.sampled_from([b"sendgrid", b"SendGrid", b"send", b"x", b"\n" * 9, b"." * 50]), max_size=60).map(
        b"".join
    ),
    st.integers(16, 200),
)
def test_around_holds_every_anchor_and_its_reach(data: bytes, reach: int) -> None:
    found = around(data, MENTION, reach)
    starts = reference(data, MENTION)
    assert all(0 <= start < end <= len(data) for start, end in found)
    assert all(left < right for left, right in pairwise(found))
    for at in starts:
        assert any(start <= at < end for start, end in found), (at, found)
    for start, end in found:  # and nothing that is far from every anchor
        assert any(start <= at + reach and at - reach <= start for at in starts)
        assert any(end <= at + reach for at in starts)


@given(st.binary(max_size=300), st.integers(0, 300), st.integers(AROUND, 500))
def test_around_reaches_as_far_as_it_says_from_a_single_anchor(data: bytes, at: int, reach: int) -> None:
    data = data.lower().replace(b"sendgrid", b"")
    text = data[:at] + b"SendGrid" + data[at:]
    at = min(at, len(data))
    if reference(text, MENTION) == [at]:
        assert around(text, MENTION, reach) == [(max(at - reach, 0), min(at + reach, len(text)))]


@pytest.mark.parametrize(("spell", "via"), [*INLINE.values(), *WHOLE.values()], ids=[*INLINE, *WHOLE])
def test_every_spelling_has_an_anchor_whatever_the_key(spell: Callable[[str], bytes], via: tuple[str, ...]) -> None:
    for number in range(200):
        spelt = spell(key(number))
        assert has_anchor((b"SendGrid " if spell_needs_mention(via, spelt) else b"") + spelt)


def test_anchors_of_the_built_in_rules_are_among_those_that_every_file_is_searched_for() -> None:
    rules = load_folder(builtin_rules()).values()
    unserved = {
        rule.id: anchor
        for rule in rules
        for anchor in rule.anchors
        if "sendgrid" not in anchor.lower() and anchor != "SG."
    }
    assert unserved == {}


def test_plain_key_is_served_though_its_prefix_alone_is_no_anchor() -> None:
    assert has_anchor(key().encode())
    assert not has_anchor(b"SG.short and SG.")


@pytest.mark.parametrize("word", ["sendgrid", "SENDGRID", "SG.", "api-key"])
def test_mention_is_found_in_any_case(word: str) -> None:
    assert mentions(f"x{word.swapcase()}y".encode(), word)
    assert not mentions(word[:-1].encode(), word)


def test_no_pattern_looks_further_than_it_may() -> None:
    for anchor in ALL:
        if anchor.where:
            holder = standing(anchor)
            at = reference(holder, anchor)[0]
            first = max(at - AROUND, 0)
            assert anchor.where.match(holder[first : at + AROUND], at - first)
