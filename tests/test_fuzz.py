"""Every target of `fuzz` on what it once failed on, and on a few hundred changes of what is well-formed.

The changes are the same in every run. `make fuzz` goes on from here, led by what an input reaches.
"""

from __future__ import annotations

import os
import random

import pytest

from fuzz.target import Target, attempt
from fuzz.targets import TARGETS, corpus

CHANGES = int(os.environ.get("SGLEAKS_FUZZ", "100"))  # of each target's seeds


def changed(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """Some bytes replaced, doubled, moved, taken out, or brought from another seed."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        at, size = rng.randrange(len(out) + 1), rng.choice((1, 1, 2, 4, 16))
        match rng.randrange(6):
            case 0 if at < len(out):
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                out[at:at] = rng.randbytes(size)
            case 2:
                out[at:at] = out[at : at + size] * rng.choice((1, 2, 20))
            case 3:
                del out[at : at + size]
            case 4:
                other = rng.choice(others)
                start = rng.randrange(len(other) + 1)
                out[at : at + size] = other[start : start + size * 4]
            case _:
                out[at : at + size] = bytes(rng.choices(b"\0\xff\n\"'\\{}[]$%&=:#<>/ 9", k=size))
    return bytes(out)


@pytest.mark.parametrize("name", TARGETS)
def test_what_holds_of_any_bytes(name: str) -> None:
    target: Target = TARGETS[name]
    rng = random.Random(name)
    seeds = list(target.seeds())
    for data in (*seeds, *corpus(name).values(), b""):
        attempt(target, data)
    for _ in range(CHANGES):
        data = changed(rng.choice(seeds), seeds, rng)[: target.longest]
        try:
            attempt(target, data)
        except Exception as error:
            raise AssertionError(f"{name}: {data!r}") from error
