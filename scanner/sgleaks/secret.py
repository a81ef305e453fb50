"""A secret is a type, not a string: it prints redacted, and only ``reveal()`` gives the text."""

from __future__ import annotations

import re

KEY_KIND = "api-key"
KEY = re.compile(r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}")  # all of one, and nothing else
KEY_ID = re.compile(r"[A-Za-z0-9_-]{22}")
KEY_TEXT = re.compile(r"(SG\.[\w-]{22}\.)[\w-]{8,}", re.ASCII)  # also with some of its end missing


# What stands before the host of an address; a password may have a slash in it, whatever RFC 3986 says. One slash is
# what a path makes of two.
ADDRESSED = re.compile(r"(?i)(?<=[a-z]{2}:)(/{1,2})[^\s\"'<>]{1,500}@")


def without_secrets(text: str) -> str:
    """``text`` without the secret half of every key in it, and without users and passwords of addresses."""
    return KEY_TEXT.sub(r"\1…", ADDRESSED.sub(r"\1…@", text))


class Secret:
    """A credential that was found. ``str``, ``repr`` and every format show ``redacted`` only.

    ``kind`` is ``api-key`` or the id of the rule that found it. Equal when kind and text are equal.
    """

    __slots__ = ("_text", "kind")

    def __init__(self, text: str, kind: str = KEY_KIND) -> None:
        self._text, self.kind = text, kind

    def reveal(self) -> str:
        """The plain text. For hashing, comparing, and asking SendGrid; never for output."""
        return self._text

    @property
    def is_key(self) -> bool:
        return self.kind == KEY_KIND

    @property
    def key_id(self) -> str | None:
        """The public half of an API key, 22 characters: an administrator needs it to find the key."""
        return self._text[3:25] if self.is_key else None

    @property
    def sha256(self) -> str | None:
        """SHA-256 of the whole key in hex; None for anything of low entropy, which could be guessed from it."""
        if not self.is_key:
            return None
        import hashlib

        return hashlib.sha256(self._text.encode()).hexdigest()

    @property
    def redacted(self) -> str:
        return f"SG.{self.key_id}.…" if self.is_key else "[redacted]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and (self.kind, self._text) == (other.kind, other._text)

    def __hash__(self) -> int:
        return hash((self.kind, self._text))

    def __str__(self) -> str:
        return self.redacted

    def __repr__(self) -> str:
        return f"Secret({self.redacted})"


class Recalled(Secret):
    """A secret as a saved report tells it: what may be shown of it, and not the text."""

    __slots__ = ("_key_id", "_sha256")

    def __init__(self, kind: str, key_id: str | None, sha256: str | None) -> None:
        super().__init__(sha256 or "", kind)
        self._key_id, self._sha256 = key_id, sha256

    def reveal(self) -> str:
        """Raises ValueError: no report holds the text."""
        raise ValueError("the text of this secret is not known")

    @property
    def key_id(self) -> str | None:
        return self._key_id

    @property
    def sha256(self) -> str | None:
        return self._sha256
