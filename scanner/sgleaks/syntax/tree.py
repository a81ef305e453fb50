"""The door to tree-sitter: an error-tolerant tree of any text in any language that has a grammar.

Grammars are wheels of their own, loaded one by one when a file needs them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from time import process_time

from tree_sitter import Language, Node, Parser, Point, Range, TreeCursor

from sgleaks.syntax.facts import Unparsed

__all__ = ["Node", "TreeCursor", "root"]

# The module of each grammar's wheel and the function in it, where they are not called like the language.
GRAMMARS = {
    "php": ("tree_sitter_php", "language_php"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
}
# Of the processor's time, for any file and for each MiB of it. People's files take milliseconds; a grammar's recovery
# from errors can take minutes.
SECONDS, SECONDS_A_MEBIBYTE = 0.8, 1.0
CHUNK = 1 << 16  # bytes handed to the parser at a time

ANYWHERE = Point(0, 0)  # of a range only its bytes are asked for


@cache
def _parser(language: str) -> Parser:
    module, function = GRAMMARS.get(language, (f"tree_sitter_{language}", "language"))
    return Parser(Language(getattr(import_module(module), function)()))


def root(data: bytes, language: str, start: int = 0, end: int | None = None) -> Node:
    """The root of the syntax tree of some bytes, or of a part of them; where they make no sense there are nodes of the
    type ERROR. Offsets are those of the whole. Raises Unparsed for what takes too long."""
    parser = _parser(language)
    parser.included_ranges = [] if end is None else [Range(ANYWHERE, ANYWHERE, start, end)]
    seconds = SECONDS + SECONDS_A_MEBIBYTE * len(data) / (1 << 20)
    limit = process_time() + seconds

    def late(*_: object) -> bool:
        return process_time() > limit

    try:
        # The parser asks about the time only when it reads by itself.
        return parser.parse(lambda offset, _: data[offset : offset + CHUNK], progress_callback=late).root_node
    except ValueError:
        parser.reset()
        raise Unparsed(f"its {language} takes longer than {seconds:.1f} s to parse") from None
