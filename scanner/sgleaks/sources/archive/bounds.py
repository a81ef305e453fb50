"""How much an archive may be: every bound, and the errors that say it was passed. A bomb is a skip, never a hang."""

from __future__ import annotations

from dataclasses import dataclass

MAX_DEPTH = 5  # names into each other: a document in a jar in a war in a layer of a container image is the fifth
MAX_MEMBERS = 1_000_000  # of an outermost file: more than a large repository's pack has; some 20 seconds
MAX_UNPACKED = 4 << 30  # bytes of an outermost file, as read and as unpacked: some 20 seconds, or a container image
MAX_RATIO = 500  # unpacked to packed; repetitive logs reach 200, deflate cannot pass 1032, bz2 of zeros reaches 10^5
RATIO_FLOOR = 128 << 20  # bytes below which no ratio counts: a sparse database or disk image of a test is no attack
MAX_MEMORY = 128 << 20  # bytes of a decoder's window: `zstd --ultra -22` and `--long` ask for 128 MiB, `xz -9` for 65
MAX_HEADER = 1 << 20  # bytes of a header of no fixed size (pax, long names): the longest path of any system is 32 KiB
MAX_NAME = 512  # characters of a member's name as shown; the whole name is searched
MAX_SKIPS = 50  # told one by one for each reason; a hundred thousand encrypted members are one piece of news


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds that hold for one outermost file."""

    depth: int = MAX_DEPTH
    members: int = MAX_MEMBERS
    unpacked: int = MAX_UNPACKED
    ratio: int = MAX_RATIO
    ratio_floor: int = RATIO_FLOOR


LIMITS = Limits()


class UnpackError(Exception):
    """Ends a member or an archive, not the walk. ``reason`` is of ``model.SKIP_REASONS``; ``detail`` is our own text.

    A stream that failed raises the same error again, so that ``told`` keeps one damage from being told at every level.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail
        self.told = False


class BombError(UnpackError):
    """Ends the whole walk of an outermost file."""

    def __init__(self, detail: str) -> None:
        super().__init__("bomb", detail)


def damaged(detail: str = "it ends too early") -> UnpackError:
    """The error of an archive that breaks off or contradicts itself."""
    return UnpackError("damaged", detail)


class Budget:
    """What one outermost file has used up of its limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._members = self._bytes = 0

    def member(self) -> None:
        """Counts a member. Raises BombError at the first one too many."""
        self._members += 1
        if self._members > self.limits.members:
            raise BombError(f"it has more than {self.limits.members:,} members")

    def spend(self, size: int) -> None:
        """Counts bytes. Raises BombError when they pass the limit."""
        self._bytes += size
        if self._bytes > self.limits.unpacked:
            raise BombError(f"it unpacks to more than {self.limits.unpacked:,} bytes")

    def weigh(self, packed: int, unpacked: int) -> None:
        """Raises BombError when a stream of ``packed`` bytes so far grew out of proportion."""
        if unpacked > self.limits.ratio_floor and unpacked > packed * self.limits.ratio:
            raise BombError(f"it unpacks to more than {self.limits.ratio} times its size")
