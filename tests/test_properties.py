"""Promises that hold for every key: found wherever it stands, weighed as chance weighs it, and never shown.

``SGLEAKS_KEYS`` sets how many keys each of them is tried with.
"""

from __future__ import annotations

import base64
import html
import json
import math
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli import Done, scan_json, sgleaks
from keys import key, key_shaped, secret_half
from sgleaks.examine import MAX_FINDINGS, examine
from sgleaks.formats import FORMATS
from sgleaks.matchers.key import confidence
from sgleaks.model import Blob, Finding, Origin
from sgleaks.ruleset import Ruleset
from sgleaks.settings import Settings

KEYS = int(os.environ.get("SGLEAKS_KEYS", "400"))
SHAPES = 100_000  # random strings; four standard deviations then tell 1 in 4096 from 1 in 3000
BATCH = MAX_FINDINGS // 2  # keys of one blob, fewer than a file may have

# What stands before and after a key on its line. Characters, except where a case needs bytes that are no UTF-8.
CONTEXTS: dict[str, tuple[str | bytes, str | bytes]] = {
    "dotenv": ("SENDGRID_API_KEY=", ""),
    "dotenv, quoted": ('export KEY="', '"'),
    "yaml": ("  key: ", "  # of the mailer"),
    "json": ('{"key": "', '", "n": 1}'),
    "json, escaped line break before": ('"a\\n', '"'),
    "json, escaped equals sign before": ('"KEY\\u003d', '"'),
    "xml": ("<key>", "</key>"),
    "csv": ("1,", ",mail"),
    "url query": ("https://example.com/?key=", "&x=1"),
    "url, percent-encoded equals sign before": ("?q=key%3D", "%26x"),
    "user information": ("https://apikey:", "@example.com"),
    "markdown table": ("| ", "| a key |"),
    "markdown code": ("`", "`"),
    "markdown link": ("[key](", ")"),
    "end of a sentence": ("The key is ", "."),
    "closing brace": ("{", "}"),
    "semicolon": ("key = ", ";"),
    "ellipsis": ("key ", "..."),
    "ansi colour": ("\x1b[32m", "\x1b[0m"),
    "letters on both sides": ("ab", "cd"),
    "digits and dashes on both sides": ("_9-", "-_1"),
    "dots on both sides": ("a.b.", ".c"),
    "property before": ("MSG.", ""),
    "an id alone before": ("SG.abc ", ""),
    "its own beginning before": ("SG.SG", ""),
    "tabs": ("\t\t", "\t"),
    "umlauts and emoji": ("schlüssel 🔑 ", " 中文"),
    "latin-1": (b"cl\xe9 = ", b" \xe9"),
    "nul before and after": ("\0", "\0"),
    "binary": (b"\x00\xff\x80s\x45", b"\x01\xfe"),
    "diff": ("+key: ", ""),
    "log line": ("2026-01-31T10:00:00Z INFO mail{key=", "} sent"),
    "very long line": ("x" * 5000, "y" * 5000),
}


def as_bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def width(data: bytes) -> int:
    """Characters, as an editor counts them that shows one for what is no UTF-8."""
    return len(data.decode(errors="replace"))


def found(data: bytes, rules: Ruleset) -> list[tuple[str, int, int, int, int]]:
    findings = [result for result in examine([Blob(data, Origin("x"))], rules) if isinstance(result, Finding)]
    return [
        (f.secret.reveal(), f.region.line, f.region.column, f.region.end_line, f.region.end_column)
        for f in findings
        if f.rule.id == "api-key" and f.secret
    ]


@pytest.fixture(scope="module")
def rules() -> Ruleset:
    return Ruleset(Settings())


def batches(seed: int, size: int = BATCH) -> Iterator[list[str]]:
    """``KEYS`` different keys, so many at a time that no limit of a file is met."""
    rng = random.Random(seed)
    left = KEYS
    while left > 0:
        yield [key(rng) for _ in range(min(left, size))]
        left -= size


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("before", "after"), CONTEXTS.values(), ids=CONTEXTS)
def test_key_is_found_exactly_where_it_stands(
    rules: Ruleset, before: str | bytes, after: str | bytes, newline: bytes
) -> None:
    left, right = as_bytes(before), as_bytes(after)
    column = width(left) + 1
    for texts in batches(1, 400 if len(left) > 1000 else BATCH):
        data = newline.join(left + text.encode() + right for text in texts)  # no line break at the end
        assert found(data, rules) == [(text, line, column, line, column + 69) for line, text in enumerate(texts, 1)]


@pytest.mark.parametrize("separator", [" ", ",", "\\n", ";a=", "\0", "é"], ids=ascii)
def test_keys_of_one_line_are_found_side_by_side(rules: Ruleset, separator: str) -> None:
    for texts in batches(2):
        step = 69 + len(separator)
        assert found(separator.join(texts).encode(), rules) == [
            (text, 1, 1 + number * step, 1, 70 + number * step) for number, text in enumerate(texts)
        ]


def test_byte_order_mark_is_no_column(rules: Ruleset) -> None:
    for texts in batches(3, 1):
        assert found(b"\xef\xbb\xbf" + texts[0].encode(), rules) == [(texts[0], 1, 1, 1, 70)]
        break


def test_lines_may_end_in_carriage_returns_alone(rules: Ruleset) -> None:
    for texts in batches(4):
        assert found("\r".join(texts).encode(), rules) == [
            (text, line, 1, line, 70) for line, text in enumerate(texts, 1)
        ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_texts_are_exact_too(rules: Ruleset, encoding: str) -> None:
    for texts in batches(5):
        data = ("\ufeff" + "".join(f"clé 🔑={text}\r\n" for text in texts)).encode(encoding)
        assert found(data, rules) == [(text, line, 7, line, 76) for line, text in enumerate(texts, 1)]


def test_random_strings_of_the_right_shape_are_weighed_as_chance_weighs_them() -> None:
    rng = random.Random(6)
    parts = (key_shaped(rng).encode().split(b".") for _ in range(SHAPES))
    counts: Counter[str] = Counter(confidence(identity, secret) for _, identity, secret in parts)
    # Both paddings hold in 4/64 * 16/64 = 1/64; version and variant besides in 4/64 * 16/64 of those.
    for name, share in (("high", 1 / 4096), ("medium", 1 / 64 - 1 / 4096), ("low", 63 / 64)):
        spread = math.sqrt(SHAPES * share * (1 - share))
        assert abs(counts[name] - SHAPES * share) < 5 * spread, (name, counts[name])


def test_every_generated_key_is_of_high_confidence() -> None:
    for texts in batches(7):
        for text in texts:
            _, identity, secret = text.encode().split(b".")
            assert confidence(identity, secret) == "high"


# How somebody who reads an output might still make out the secret half.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "reversed": lambda text: text[::-1],
    "base64, first alignment": lambda text: base64.b64encode(text.encode()).decode()[4:-4],
    "base64, second alignment": lambda text: base64.b64encode(b"x" + text.encode()).decode()[4:-4],
    "base64, third alignment": lambda text: base64.b64encode(b"xx" + text.encode()).decode()[4:-4],
    "hex": lambda text: text.encode().hex(),
    "percent": lambda text: "".join(f"%{ord(c):02X}" for c in text),
    "entities": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "escapes": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    "utf-16": lambda text: text.encode("utf-16-le").decode("latin-1"),
    "html": html.escape,
}
SECRET = key(11)
HALF = secret_half(SECRET)
FORMS = {
    **{name: spell(HALF) for name, spell in SPELLINGS.items()},
    "its first characters": HALF[:20],
    "its last characters": HALF[-20:],
}


def assert_silent(done: Done, *files: Path) -> None:
    text = done.out + done.err + "".join(file.read_text() for file in files if file.exists())
    assert [name for name, form in FORMS.items() if form.lower() in text.lower()] == []


def every(text: str, spelling: str) -> str:
    return "".join(spelling % ord(character) for character in text)


# A file in which the key stands, whichever way; one line of them all, so that each must mask all others.
SPELT = {
    "plain": SECRET,
    "percent": "sendgrid " + every(SECRET, "%%%02X"),
    "entities": "sendgrid " + every(SECRET, "&#%d;"),
    "escapes": "sendgrid " + every(SECRET, "\\u%04x"),
    "hex": "sendgrid " + SECRET.encode().hex(),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 twice": base64.b64encode(base64.b64encode(SECRET.encode())).decode(),
    "two literals": f'"{SECRET[:30]}" + "{SECRET[30:]}"',
}


@pytest.mark.parametrize("verbosity", ["", "-v", "-q"], ids=["normal", "verbose", "quiet"])
@pytest.mark.parametrize("name", FORMATS)
def test_no_format_shows_the_secret_half_in_any_spelling(tmp_path: Path, name: str, verbosity: str) -> None:
    root = tmp_path / SECRET
    root.mkdir()
    (root / "utf16.env").write_bytes(f"KEY={SECRET}".encode("utf-16"))
    (root / f"x{SECRET}.env").write_text(SECRET)
    (root / "all.txt").write_text(" ".join(SPELT.values()) + "\n" + "\n".join(SPELT.values()))
    (root / "dropped.txt").write_text(f"SG.{'x' * 22}.{HALF}\n{SECRET[:-1]}! {SECRET}\n")
    (root / "link").symlink_to(SECRET)
    options = ["--no-config", "--min-confidence", "low", "--color", "always", *filter(None, [verbosity])]
    done = sgleaks("scan", "--format", name, *options, cwd=root)
    assert done.code == 1
    assert_silent(done)
    assert_silent(sgleaks("scan", "--format", name, *options, "-", cwd=root, stdin=" ".join(SPELT.values()).encode()))


def test_secret_that_is_cut_between_two_pieces_of_a_large_file_is_not_shown_by_its_neighbour(tmp_path: Path) -> None:
    from sgleaks.sources.stream import SEGMENT

    other = key(12)
    for number, inside in enumerate((1, 26, 40, 68)):
        data = bytearray(b"." * (SEGMENT + 4096))
        start = SEGMENT - inside
        data[start : start + 69] = SECRET.encode()
        data[start + 70 : start + 139] = other.encode()
        (tmp_path / f"{number}.txt").write_bytes(data)
    done = sgleaks("scan", "--no-config", cwd=tmp_path)
    assert done.out.count("key: ") == 8
    assert_silent(done)


def test_neighbours_in_a_file_that_is_not_decoded_to_its_end_are_not_shown(tmp_path: Path) -> None:
    import gzip

    bombs = [base64.b64encode(gzip.compress(b"." * (20 << 20), mtime=0)).decode() for _ in range(2)]
    (tmp_path / "bomb.txt").write_text(f"{bombs[0]}\n{bombs[1]}\n{key(12)} {SPELT['base64 twice']}\n")
    done = sgleaks("scan", "--no-config", "-v", cwd=tmp_path)
    assert (done.code, "bomb" in done.err) == (1, True)
    assert_silent(done)


# Mistakes that name a key: every message that quotes what was given.
MISTAKES: dict[str, tuple[str, ...]] = {
    "a path that is not there": ("scan", f"{SECRET}.env"),
    "a rule": ("scan", "--rule", SECRET),
    "a rule to skip": ("scan", "--skip-rule", SECRET),
    "a rule to show": ("rules", "show", SECRET),
    "a folder of rules": ("scan", "--rules", SECRET),
    "a folder of rules to check": ("rules", "check", SECRET),
    "a format": ("scan", "--format", SECRET),
    "a report's path": ("scan", "--format", f"json:{SECRET}/out.json"),
    "a severity": ("scan", "--fail-on", SECRET),
    "a number of processes": ("scan", "--jobs", SECRET),
    "a configuration": ("scan", "--config", SECRET),
    "an option": ("scan", f"--{SECRET}"),
    "a command": (SECRET,),
    "two paths with standard input": ("scan", "-", SECRET),
    "a pattern": ("scan", "--exclude", f"!{SECRET}["),
}


@pytest.mark.parametrize("arguments", MISTAKES.values(), ids=MISTAKES)
def test_no_message_about_a_mistake_repeats_a_key(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = sgleaks(*arguments, cwd=tmp_path)
    assert done.code in (0, 2)
    assert_silent(done)


CONFIGURATIONS: dict[str, str] = {
    "a key of it": f'"{SECRET}" = 1\n',
    "a severity": f'fail-on = "{SECRET}"\n',
    "a rule": f'rule = ["{SECRET}"]\n',
    "a folder of rules": f'rules = ["{SECRET}"]\n',
    "a key of a path rule": f'[[ignore]]\n"{SECRET}" = 1\n',
    "broken syntax": f"{SECRET}\n",
    "a table": f"[{SECRET}]\n",
}


@pytest.mark.parametrize("text", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_no_message_about_a_configuration_repeats_a_key_in_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "sgleaks.toml").write_text(text)
    done = sgleaks("scan", cwd=tmp_path)
    assert done.code == 2
    assert_silent(done)


@pytest.mark.parametrize("name", ["bad.toml", f"{SECRET}.toml"], ids=["its content", "its name"])
def test_no_message_about_a_rule_repeats_a_key_in_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(f'title = "{SECRET}"\n"{SECRET}" = 1\n')
    for arguments in (("rules", "check", "."), ("scan", "--rules", ".", "--no-config")):
        done = sgleaks(*arguments, cwd=tmp_path)
        assert done.code == 2
        assert_silent(done)


def test_json_report_stays_json_when_names_are_full_of_keys(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number} {key(20 + number)}.env").write_text(key(20 + number))
    done = scan_json(cwd=tmp_path)
    assert len(json.loads(done.out)["findings"]) == 10
    assert [number for number in range(5) if secret_half(key(20 + number)) in done.out] == []
