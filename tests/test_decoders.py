"""Every spelling a key hides in, at every alignment: found, with the chain that led there and the exact place."""

from __future__ import annotations

import base64
import gzip
import json
import os
import random
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import key, key_shaped
from sgleaks import decoders
from sgleaks.anchors import has_anchor
from sgleaks.decoders import views
from sgleaks.matchers.key import KEY
from sgleaks.model import Blob, Origin, View

KEYS = int(os.environ.get("SGLEAKS_KEYS", "400"))  # of each form; the figures in docs/ stand for 20,000


def parts(text: str) -> tuple[str, str]:
    _, identity, secret = text.split(".")
    return identity, secret


def b64(data: bytes) -> bytes:
    return base64.b64encode(data)


def every(text: str, spell: str) -> bytes:
    return "".join(spell % ord(character) for character in text).encode()


def dots(text: str, spelling: str) -> bytes:
    return text.replace(".", spelling).encode()


def variables(code: str) -> Callable[[str], bytes]:
    return lambda text: (code.replace("ID", parts(text)[0]).replace("SECRET", parts(text)[1])).encode()


# The spelling, and how it is reported. Whatever is put around them, the finding spans exactly the spelt key.
INLINE: dict[str, tuple[Callable[[str], bytes], tuple[str, ...]]] = {
    "plain": (str.encode, ()),
    "utf-16 little-endian inside bytes": (lambda k: k.encode("utf-16-le"), ("utf-16",)),
    "base64": (lambda k: b64(k.encode()), ("base64",)),
    "base64 in base64": (lambda k: b64(b64(k.encode())), ("base64", "base64")),
    "percent, dots": (lambda k: dots(k, "%2E"), ("percent",)),
    "percent, dots, lower case": (lambda k: dots(k, "%2e"), ("percent",)),
    "percent, twice": (lambda k: dots(k, "%252E"), ("percent",)),
    "percent, all": (lambda k: every(k, "%%%02X"), ("percent",)),
    "entities, decimal dots": (lambda k: dots(k, "&#46;"), ("entities",)),
    "entities, named dots": (lambda k: dots(k, "&period;"), ("entities",)),
    "entities, escaped again": (lambda k: dots(k, "&amp;#46;"), ("entities",)),
    "entities, hexadecimal, all": (lambda k: every(k, "&#x%02x;"), ("entities",)),
    "escapes, JSON dots": (lambda k: dots(k, "\\u002e"), ("escapes",)),
    "escapes, JSON in JSON": (lambda k: dots(k, "\\\\u002E"), ("escapes",)),
    "escapes, JSON, all": (lambda k: every(k, "\\u%04x"), ("escapes",)),
    "escapes, hexadecimal, all": (lambda k: every(k, "\\x%02x"), ("escapes",)),
    "escapes, octal dots": (lambda k: dots(k, "\\056"), ("escapes",)),
    "escapes, JavaScript code point": (lambda k: dots(k, "\\u{2e}"), ("escapes",)),
    "escapes, regular expression": (lambda k: dots(k, "\\."), ("escapes",)),
    "escapes, Markdown": (lambda k: k.replace(".", "\\.").replace("_", "\\_").encode(), ("escapes",)),
    "quoted-printable dots": (lambda k: dots(k, "=2E"), ("quoted-printable",)),
    "quoted-printable soft breaks": (
        lambda k: (k[:10] + "=\r\n" + k[10:40] + "=\n" + k[40:]).encode(),
        ("quoted-printable",),
    ),
    "dots in brackets": (lambda k: dots(k, "[.]"), ("brackets",)),
    "dots as words in brackets": (lambda k: dots(k, "[dot]"), ("brackets",)),
    "hexadecimal": (lambda k: k.encode().hex().encode(), ("hex",)),
    "hexadecimal, upper case": (lambda k: k.encode().hex().upper().encode(), ("hex",)),
}

# Whole texts in which a key is put together or packed; where exactly is said by the text in the second place.
WHOLE: dict[str, tuple[Callable[[str], bytes], tuple[str, ...]]] = {
    "base64 wrapped at 76": (lambda k: base64.encodebytes(b"x" * 50 + k.encode() + b"y" * 99), ("base64",)),
    "base64 in a YAML block": (
        lambda k: base64.encodebytes(b"x" * 50 + k.encode() + b"y" * 99).replace(b"\n", b"\n      "),
        ("base64",),
    ),
    "base64 with escaped line ends": (
        lambda k: json.dumps({"a": base64.encodebytes(b"x" * 50 + k.encode() + b"y" * 99).decode()}).encode(),
        ("base64",),
    ),
    "base64 in JSON in base64": (
        lambda k: b"sendgrid: " + b64(json.dumps({"a": b64(b"p" + k.encode()).decode()}).encode()),
        ("base64", "base64"),
    ),
    "base64 url-safe": (lambda k: base64.urlsafe_b64encode(b">>>???" + k.encode()), ("base64",)),
    "gzip in base64": (lambda k: b64(gzip.compress(k.encode(), mtime=0)), ("base64", "gzip")),
    "Helm release": (lambda k: b64(b64(gzip.compress(k.encode(), mtime=0))), ("base64", "base64", "gzip")),
    "zlib in base64": (lambda k: b"sendgrid " + b64(zlib.compress(b"." * 40 + k.encode())), ("base64", "zlib")),
    "UTF-16 in base64": (lambda k: b"SendGrid " + b64(f'x = "{k}"'.encode("utf-16-le")), ("base64", "utf-16")),
    "plus": (variables('"SG." + "ID" + "." + "SECRET"'), ("concat",)),
    "halves": (lambda k: f"'{k[:30]}' +\n    '{k[30:]}'".encode(), ("concat",)),
    "PHP": (lambda k: f"'{k[:30]}' . '{k[30:]}'".encode(), ("concat",)),
    "Lua": (lambda k: f"'{k[:30]}' .. '{k[30:]}'".encode(), ("concat",)),
    "adjacent literals": (lambda k: f'(\n  "{k[:40]}"\n  f"{k[40:]}"\n)'.encode(), ("concat",)),
    "continued line": (lambda k: f'"{k[:40]}\\\n{k[40:]}"'.encode(), ("concat",)),
    "array joined with a dot": (variables("['SG', 'ID', 'SECRET'].join('.')"), ("concat",)),
    "array joined with nothing": (lambda k: f'["{k[:9]}", "{k[9:50]}", "{k[50:]}"].join("")'.encode(), ("concat",)),
    "variables": (variables('a = "ID";\nb: string = "SECRET";\nkey = "SG." + a + "." + b;'), ("concat",)),
    "template literal": (variables("const a = 'ID', b = 'SECRET'; key = `SG.${a}.${b}`"), ("concat",)),
    "f-string": (variables("a = 'ID'\nb = 'SECRET'\nkey = f'SG.{a}.{b}'"), ("concat",)),
    "percent format": (variables("a = 'ID'\nb = 'SECRET'\nkey = 'SG.%s.%s' % (a, b)"), ("concat",)),
    "format method": (variables("a = 'ID'\nb = 'SECRET'\nkey = 'SG.{}.{}'.format(a, b)"), ("concat",)),
    "sprintf": (variables("$a = 'ID'; $b = 'SECRET'; $key = sprintf('SG.%s.%s', $a, $b);"), ("concat",)),
    "PHP interpolation": (variables("$a = 'ID'; $b = 'SECRET'; $key = \"SG.$a.$b\";"), ("concat",)),
    "shell": (variables("A='ID'\nB='SECRET'\nKEY=\"SG.${A}.${B}\""), ("concat",)),
    "Ruby": (variables("@a = 'ID'\n@b = 'SECRET'\nkey = \"SG.#{@a}.#{@b}\""), ("concat",)),
    "base64 in two literals": (
        lambda k: b'"%s" +\n  "%s"' % (b64(k.encode())[:40], b64(k.encode())[40:]),
        ("concat", "base64"),
    ),
}


def chains(data: bytes, text: str) -> dict[tuple[str, ...], tuple[int, int]]:
    """The first place at which each chain of decoders finds the key."""
    found: dict[tuple[str, ...], tuple[int, int]] = {}
    for view in views(View(data, Blob(data, Origin("x")))):
        for match in KEY.finditer(view.data):
            if match[0] == text.encode():
                found.setdefault(view.via, view.span(match.start(), match.end()))
    return found


def spell_needs_mention(via: tuple[str, ...], spelt: bytes) -> bool:
    """Keys without one plain character are looked for where SendGrid is mentioned only; see `anchors.RARE`."""
    return via[:1] in (("percent",), ("entities",), ("escapes",), ("hex",)) and not spelt.startswith(b"SG")


@pytest.mark.parametrize(("spell", "via"), INLINE.values(), ids=INLINE)
def test_spelt_key_is_found_where_it_stands(spell: Callable[[str], bytes], via: tuple[str, ...]) -> None:
    rng = random.Random(1)
    for number in range(KEYS):
        text = key(rng)
        spelt = spell(text)
        # Word characters on both sides, since a key has no boundaries; none of another alphabet, which would extend it.
        before = rng.choice([b"", b"x", b"key=", b'{"a":"', b"\xc3\xa9 ", b"aaa ", b"\x1b[1m"])
        if spell_needs_mention(via, spelt):
            before = b"SendGrid " + before
        glue = b" " if via and via[0] in ("base64", "hex") and before[-1:].isalnum() else b""
        data = before + glue + spelt + rng.choice([b"", b"\n", b"<", b'"', b"&x", b"@host", b"|"])
        assert has_anchor(data), number
        end = len(before + glue + spelt.rstrip(b"="))  # padding holds nothing
        assert chains(data, text)[via] == (len(before + glue), end), number


@pytest.mark.parametrize(("spell", "via"), WHOLE.values(), ids=WHOLE)
def test_key_in_parts_or_packed_is_found(spell: Callable[[str], bytes], via: tuple[str, ...]) -> None:
    rng = random.Random(2)
    for _ in range(KEYS // 4):
        text = key(rng)
        data = b"\n" * rng.randrange(4) + spell(text) + b"\n"
        assert has_anchor(data)
        assert via in chains(data, text)


@pytest.mark.parametrize("offset", range(9))
def test_base64_is_exact_at_every_alignment(offset: int) -> None:
    rng = random.Random(offset)
    for _ in range(KEYS):
        text = key(rng)
        data = b"v: " + b64(b"p" * offset + text.encode() + b"s" * rng.randrange(9)) + b"\n"
        assert chains(data, text)[("base64",)] == (3 + offset * 4 // 3, 3 + -(-(offset + 69) * 4 // 3))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", ["", "é", "中文", "\U0001f511 key=", "a\r\nb"])
def test_utf16_text_is_exact_whatever_stands_before(encoding: str, before: str) -> None:
    text = key(3)
    data = ("\ufeff" + before + text + "\r\n").encode(encoding)
    start = len(("\ufeff" + before).encode(encoding))
    assert chains(data, text)[("utf-16",)] == (start, start + 2 * 69)


def test_two_variables_of_a_form_are_not_mixed_up() -> None:
    text = key(4)
    identity, secret = parts(text)
    code = f"a = '{identity}'\nc = '{secret[::-1]}'\nb = '{secret}'\nkey = 'SG.' + a + '.' + b\n".encode()
    assert chains(code, text)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_no_decoder_fails_or_leaves_its_parent(data: bytes) -> None:
    for anchor in (b"", b"SG.", b"U0cu", b"sendgrid "):
        root = View(anchor + data, Blob(anchor + data, Origin("x")))
        for view in decoders._children(root):
            start, end = view.span(0, len(view.data))
            assert 0 <= start <= end <= len(root.data)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="SG.%&\\=\"'`$+{}u0c20xe46;# \n", max_size=300))
def test_dense_escapes_stay_in_range(text: str) -> None:
    data = text.encode()
    for view in views(View(data, Blob(data, Origin("x")))):
        start, end = view.span(0, len(view.data))
        assert 0 <= start <= end <= len(data)


def test_hostile_nesting_ends() -> None:
    noise = b"U0cu" * (2 << 20)
    assert sum(len(view.data) for view in views(View(noise, Blob(noise, Origin("x"))))) < decoders.MAX_DECODED
    bomb = b64(gzip.compress(b"SG." * (decoders.MAX_VIEW // 3 + 1), mtime=0))
    with pytest.raises(decoders.Exhausted):
        list(views(View(bomb, Blob(bomb, Origin("x")))))


def test_random_key_shapes_are_found_in_base64_too() -> None:
    rng = random.Random(5)
    text = key_shaped(rng)
    assert ("base64",) in chains(b64(text.encode()), text)
