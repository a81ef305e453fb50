"""Synthetic secrets for the examples of rules, made when they are needed: no file holds anything shaped like a key.

A token names what stands in its place: ``{key}``, ``{key2}`` another one, ``{key.id}`` and ``{key.secret}`` its halves.
The same seed gives the same text, wherever a token stands and whatever stands beside it.
"""

from __future__ import annotations

import base64
import random
import re
import string
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ALNUM = string.ascii_letters + string.digits
BASE64URL = ALNUM + "-_"
CUT = 40  # where `.head` ends and `.tail` begins: inside the secret
# Texts hold braces of their own (JSON, HCL, templates), so only these exact forms are tokens.
TOKEN = re.compile(
    r"\{(key|broken-key|password|signs|totp|code)(\d*)(?:\.(id|secret|head|tail|mask))?\}"
    r"|\{(fill|word|hex|blob):([^{}:]{0,60}?):?(\d{1,5})\}"
)
ENCODED = re.compile(r"\{(base64|percent|unicode|entity):([^{}]*)\}")


def key(rng: random.Random) -> str:
    """An API key as SendGrid makes them: a version 4 UUID and 32 bytes, base64url without padding."""
    identity = bytearray(rng.randbytes(16))
    identity[6] = identity[6] & 0x0F | 0x40  # RFC 9562: version 4
    identity[8] = identity[8] & 0x3F | 0x80  # and its variant
    return f"SG.{_base64url(bytes(identity))}.{_base64url(rng.randbytes(32))}"


def broken_key(rng: random.Random) -> str:
    """A key whose padding bits are set: somebody typed or altered it."""
    good = key(rng)
    return good[:-1] + BASE64URL[BASE64URL.index(good[-1]) | 1]


def password(rng: random.Random) -> str:
    """Fourteen letters and digits with at least one of each."""
    return "".join((*rng.choices(ALNUM, k=12), rng.choice(string.ascii_letters), rng.choice(string.digits)))


def render(text: str, seed: int) -> str:
    """The text with every token replaced; encodings such as ``{base64:NAME={key}\\n}`` are put on last."""
    plain = TOKEN.sub(lambda token: _material(token, seed), text)
    return ENCODED.sub(lambda token: ENCODERS[token[1]](token[2]), plain)


def _material(token: re.Match[str], seed: int) -> str:
    rng = random.Random(f"{seed} {token[0].partition('.')[0].strip('{}')}")  # noqa: S311  # these secrets open nothing
    if token[4]:
        return RUNS[token[4]](rng, token[5], int(token[6]))
    whole = MAKERS[token[1]](rng)
    return PARTS[token[3]](whole) if token[3] else whole


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _base64(text: str) -> str:
    spelled = text.replace("\\n", "\n").replace("\\0", "\0")
    return base64.b64encode(spelled.encode()).decode()


MAKERS: Mapping[str, Callable[[random.Random], str]] = {
    "key": key,
    "broken-key": broken_key,
    "password": password,
    "signs": lambda rng: f"{password(rng)}#&!@$",
    "totp": lambda rng: "".join(rng.choices(string.ascii_uppercase + "234567", k=32)),
    "code": lambda rng: "".join(rng.choices("23456789BCDFGHJKMNPQRTVWXYZ", k=12)),
}
PARTS: Mapping[str, Callable[[str], str]] = {
    "id": lambda whole: whole[3:25],
    "secret": lambda whole: whole[26:],
    "head": lambda whole: whole[:CUT],
    "tail": lambda whole: whole[CUT:],
    "mask": lambda whole: f"{whole[:7]}...{whole[-4:]}",
}
RUNS: Mapping[str, Callable[[random.Random, str, int], str]] = {
    "fill": lambda _, what, size: (what * size)[:size],
    "word": lambda rng, _, size: "".join(rng.choices(ALNUM, k=size - 1)) + "1",  # ends as no key ends
    "hex": lambda rng, _, size: "".join(rng.choices("0123456789abcdef", k=size)),
    "blob": lambda rng, _, size: "".join(rng.choices(ALNUM + "+/", k=size)),
}
ENCODERS: Mapping[str, Callable[[str], str]] = {
    "base64": _base64,
    "percent": lambda text: quote(text, safe="").replace(".", "%2E"),
    "unicode": lambda text: text.replace(".", "\\u002e"),
    "entity": lambda text: text.replace(".", "&#46;"),
}
