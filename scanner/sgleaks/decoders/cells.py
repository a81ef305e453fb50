"""Where in a text anchors stand, a cell at a time: in a hostile file one follows the other, and one a cell is enough to
know where to look. Not a decoder itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from sgleaks.anchors import Anchor, anchored

CELL = 256  # bytes; what is looked at for one anchor alone is not much more than without cells


def cells(data: bytes, anchors: Iterable[Anchor]) -> list[tuple[int, int]]:
    """The cells of ``data`` in which an anchor begins: half-open, sorted, disjoint."""
    ends = [*range(CELL, len(data), CELL), len(data)]
    return [(cell * CELL, ends[cell]) for cell in sorted(anchored(data, ends, anchors))]
