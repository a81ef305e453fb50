"""What a file says: parsers, one module a language, that turn bytes into ``Facts``.

Nothing here knows of SendGrid or of rules. A parser is imported when the first file of its language needs it, and no
input makes one fail: a broken file gives what could be understood of it. What is too large is ``Unparsed``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

from sgleaks.model import View
from sgleaks.once import once
from sgleaks.syntax.facts import Block, Call, Facts, Function, Setting, Unparsed, Value
from sgleaks.syntax.names import language_of

__all__ = ["Block", "Call", "Facts", "Function", "Setting", "Unparsed", "Value", "facts_of", "language_of", "parse"]

MAX_SIZE = 4 << 20  # bytes; parsing takes seconds from there on, and nobody writes such a file by hand

# The module of each language, where it is not called like it.
MODULES = {"typescript": "javascript", "tsx": "javascript", "vue": "markup", "svelte": "markup", "html": "markup"}


class Parser(Protocol):
    """What a parser module gives."""

    def read(self, data: bytes, language: str) -> Facts:
        """What the bytes (UTF-8, as far as they are text) say. Raises nothing but Unparsed, for any input."""
        ...


def parse(data: bytes, language: str) -> Facts:
    """What some bytes say in a language. Raises Unparsed."""
    if len(data) > MAX_SIZE:
        raise Unparsed(f"{len(data) >> 20} MiB; files over {MAX_SIZE >> 20} MiB are not parsed")
    try:
        parser: Parser = import_module(f"sgleaks.syntax.{MODULES.get(language, language)}")
        return parser.read(data, language)
    except ModuleNotFoundError as missing:  # no wheel for this platform
        if not (missing.name or "").startswith("tree_sitter"):
            raise
        package = str(missing.name).replace("_", "-")
        raise Unparsed(f"its {language} cannot be parsed: the Python package {package} is not installed") from None


def facts_of(view: View) -> Facts | None:
    """What the file of a view says; None where it is of no known language or no whole file. Raises Unparsed."""
    facts = _facts(view)
    if isinstance(facts, Unparsed):
        raise facts
    return facts


@once
def _facts(view: View) -> Facts | Unparsed | None:
    blob = view.blob
    if view.via not in ((), ("utf16",)) or blob.what != "content":
        return None
    language = language_of(blob.origin.place, view.data[:4096])
    if language is None:
        return None
    if blob.line > 1 or blob.column > 1 or blob.overlap:
        return Unparsed("it is searched in parts")
    try:
        facts = parse(view.data, language)
    except Unparsed as unparsed:
        return unparsed
    return Unparsed(facts.cut) if facts.cut else facts
