"""Commands within other files: where a format says that a text is run by a shell."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.syntax.draft import Draft
from sgleaks.syntax.facts import Block, Call


def commands(draft: Draft, start: int, end: int, block: Block) -> list[Call]:
    """The commands that a shell would read between two offsets."""
    try:
        from sgleaks.syntax import bash  # type: ignore
    except ImportError:
        return []
    return bash.commands(draft.data, start, end, block)
