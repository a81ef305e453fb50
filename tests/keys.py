"""Synthetic keys and other material for tests, made at run time: no file of the repository holds one."""

from __future__ import annotations

import base64
import random


def key(seed: int | random.Random = 0) -> str:
    """A genuine-looking key, the same for the same seed."""
    rng = seed if isinstance(seed, random.Random) else random.Random(seed)
    identity = bytearray(rng.randbytes(16))
    identity[6] = identity[6] & 0x0F | 0x40
    identity[8] = identity[8] & 0x3F | 0x80
    return f"SG.{_base64url(bytes(identity))}.{_base64url(rng.randbytes(32))}"


def key_shaped(rng: random.Random) -> str:
    """22 and 43 random characters of the right alphabet: what chance makes, not SendGrid."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return f"SG.{''.join(rng.choices(alphabet, k=22))}.{''.join(rng.choices(alphabet, k=43))}"


def secret_half(text: str) -> str:
    """The 43 characters that no output may hold."""
    return text.rpartition(".")[2]


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
