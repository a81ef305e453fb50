"""JSON in a text of a program or script, read as a structure whose offsets are those of the file around it."""

from __future__ import annotations

import re

from sgleaks.syntax import Block, Unparsed, Value, parse

MISSES = 20  # names of a text that are looked for in vain, before places are no longer told
# The text of `"$(cat <<EOF … EOF)"`
HERE = re.compile(r"\$\(\s*cat\s+<<-?\s*[\\'\"]?(?P<end>\w+)['\"]?\n(?P<text>.*)\n[ \t]*(?P=end)\s*\)", re.DOTALL)
BRACED = re.compile(r"[$#]\{[^{}]*\}|\$\([^()]*\)|\{\{[^{}]*\}\}")


def json_block(value: Value, data: bytes) -> Block | None:
    """What the JSON in a text says, with offsets in the file the text is from; None where it is none."""
    document = HERE.fullmatch(value.text.strip())
    text = (document["text"] if document else value.text).strip()
    if not text.startswith(("{", "[")) or text.startswith("{{"):
        return None
    text = BRACED.sub(lambda hole: "$" + "_" * (len(hole[0]) - 1), text)
    try:
        roots = parse(text.encode(), "json").roots
    except Unparsed:
        return None
    root = roots[0] if roots else None
    if root is None or not (root.settings or text.rstrip("};").strip() == "{"):
        return None
    _place(root, data, value.start, value.end)
    return root


def _place(root: Block, data: bytes, start: int, end: int) -> None:
    """Moves a parsed text's offsets to where it stands in a file: name after name is looked for, in their order."""
    at, misses = start, 0

    def found(text: str) -> tuple[int, int]:
        nonlocal at, misses
        raw = text.encode()
        place = data.find(raw, at, end) if raw and misses < MISSES else -1
        if place < 0:
            misses += 1
            return at, at
        at = place + len(raw)
        return place, at

    def place_value(value: Value) -> None:
        if value.block:
            value.start = at
            place_block(value.block)
            value.end = at
        elif value.items and value.kind == "list":
            value.start = at
            for item in value.items:
                place_value(item)
            value.end = at
        else:
            value.start, value.end = found(value.text)

    def place_block(block: Block) -> None:
        block.start = at
        for setting in block.settings:
            setting.start, _ = found(setting.name)
            place_value(setting.value)
            setting.end = at
        block.end = at

    place_block(root)
    root.start, root.end = start, end
