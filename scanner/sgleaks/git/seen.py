"""Which object ids have been met, as arrays: a million of them, of which most are in one pack. Needs numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Seen:
    """Ids that were given until now."""

    def __init__(self) -> None:
        self._known: list[NDArray[Any]] = []

    def new(self, ids: NDArray[Any]) -> NDArray[Any]:
        """The rows of ``ids`` that were never given before, and are no repetition."""
        unique, rows = np.unique(ids, return_index=True)
        for known in self._known:
            fresh = ~np.isin(unique, known, assume_unique=True)
            unique, rows = unique[fresh], rows[fresh]
        self._known.append(unique)
        return rows
