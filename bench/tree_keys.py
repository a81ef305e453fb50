"""Makes keys with the structure of real ones, and strings that only look like keys. None was ever issued by anyone."""

from __future__ import annotations

import base64
import hashlib
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

URL_SAFE = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


@dataclass(frozen=True, slots=True)
class Key:
    """A key in its two random parts: the id (22 characters) and the secret (43)."""

    id: str
    secret: str

    @property
    def text(self) -> str:
        """The whole key, 69 characters."""
        return f"SG.{self.id}.{self.secret}"

    @property
    def sha256(self) -> str:
        """What stands for the key in manifests and reports."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def make_key(random: Random) -> Key:
    """Give a key whose id is a version 4 UUID and whose secret is 32 bytes, both in base64url without padding."""
    id_bytes = bytearray(random.randbytes(16))
    id_bytes[6] = 0x40 | id_bytes[6] & 0x0F  # RFC 9562: version 4
    id_bytes[8] = 0x80 | id_bytes[8] & 0x3F  # RFC 9562: variant 10
    return Key(_base64url(bytes(id_bytes)), _base64url(random.randbytes(32)))


def near_misses(random: Random) -> Iterator[str]:
    """Give strings that a careful scanner must not report: placeholders, masks, broken keys, references."""
    for filler in "xX0A1*.-_?":
        yield f"SG.{filler * 22}.{filler * 43}"
    yield "SG." + string.ascii_lowercase[:22] + "." + string.ascii_letters[:43]
    yield "SG.your_api_key_goes_here." + "replace-this-with-the-secret-of-your-own-key"[:43]
    yield "SG.<your-api-key-id>.<your-api-key-secret>"
    yield "${SENDGRID_API_KEY}"
    for _ in range(6):
        key = make_key(random)
        yield f"SG.{_break_padding(key.id)}.{key.secret}"
        yield f"SG.{key.id}.{_break_padding(key.secret)}"
    key = make_key(random)
    yield f"SG.{key.id}.{key.secret[:-1]}"
    yield f"SG.{key.id[:-1]}.{key.secret}"
    yield f"SG.{key.id}.{'*' * 43}"
    yield f"SG.{key.id[:3]}...{key.secret[-3:]}"
    yield key.text.lower().replace("sg.", "sg_")
    yield f"SG.{key.id}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _break_padding(text: str) -> str:
    """Set the lowest bit of the last character: padding in both parts, which an encoder leaves at zero."""
    return text[:-1] + URL_SAFE[URL_SAFE.index(text[-1]) | 1]
