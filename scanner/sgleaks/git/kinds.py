"""What both engines give: objects, and how much was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["blob", "commit", "tag"]
KINDS: tuple[Kind, ...] = get_args(Kind)

WHOLE = 16 << 20  # bytes of an object that is held in memory; larger ones, mostly media, are streamed


@dataclass(frozen=True, slots=True)
class Object:
    """An object that was wanted: ``oid`` in hexadecimal, ``data`` without git's header."""

    oid: str
    kind: Kind
    data: bytes


@dataclass(frozen=True, slots=True)
class Large:
    """An object of more than ``WHOLE`` bytes. Nobody has searched it yet: `objects.contents` streams it."""

    oid: str
    kind: Kind
    size: int


@dataclass(frozen=True, slots=True)
class Searched:
    """How many objects were read, each id once, and their bytes together. Large ones are among them."""

    blobs: int = 0
    commits: int = 0
    tags: int = 0
    bytes: int = 0

    @property
    def objects(self) -> int:
        return self.blobs + self.commits + self.tags

    def __add__(self, other: Searched) -> Searched:
        return Searched(
            self.blobs + other.blobs,
            self.commits + other.commits,
            self.tags + other.tags,
            self.bytes + other.bytes,
        )
