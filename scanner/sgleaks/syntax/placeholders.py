"""Template languages over a format: what Helm, Jinja, GitHub or ERB put into a YAML file would not be YAML.

So the structure is read from bytes in which it is covered, byte by byte, and texts from the bytes as they are.
"""

from __future__ import annotations

import re

# Opening and closing; what lies between is on one line, or a comment.
SPELLINGS = {b"{{": b"}}", b"{%": b"%}", b"<%": b"%>", b"{#": b"#}"}
OPENING = re.compile(rb"\{\{-?[ ]*/\*|\{\{|\{%|<%|\{#")
MARK = b"\0"  # stands in no text
ALONE = re.compile(rb"(?m)^[ \t\r]*+\0[\0 \t\r]*+$")


def covered(data: bytes) -> bytes:
    """The bytes with ``_`` in place of each template action, and spaces where a line holds nothing else; as long as it
    was."""
    if not any(opening in data for opening in SPELLINGS):
        return data
    pieces: list[bytes] = []
    vain = dict.fromkeys(SPELLINGS, 0)  # up to where there is none that closes
    done = at = line = 0
    while opening := OPENING.search(data, at):
        at = opening.end()
        spelling = opening.group()[:2]
        if at >= line:
            line = data.find(b"\n", at) + 1 or len(data) + 1
        comment = spelling == b"{#" or opening.group()[-1:] == b"*"
        last = len(data) if comment else line
        close = data.find(SPELLINGS[spelling], at, last) if vain[spelling] < last else -1
        if close < 0:
            vain[spelling] = max(vain[spelling], last)
            continue
        at = close + 2
        at += spelling == b"{{" and data[at : at + 1] == b"}"  # a template that ends with a bracket of its own
        pieces += (data[done : opening.start()].replace(MARK, b"?"), MARK * (at - opening.start()))
        done = at
    pieces.append(data[done:].replace(MARK, b"?"))
    return ALONE.sub(lambda each: each[0].replace(MARK, b" "), b"".join(pieces)).replace(MARK, b"_")
