"""A key in several string literals: joined by an operator, adjacent, continued on the next line, in an array that is
joined, or put together from variables of the same file.

No parser: the same few shapes serve all languages, and text that is no code has none of them.
"""

from __future__ import annotations

import re
from functools import partial

from sgleaks.decoders.spelling import Spelling, Token
from sgleaks.model import View

# All bounded and possessive: what is taken is never given back, so that hostile text costs no more than any other.
_SPACE = rb"(?:[ \t\r\n]|\\\r?\n){0,40}+"
_CLOSE, _OPEN = rb"\\{0,2}+[\"'`]", rb"[rRbBuUfFL@$]{0,2}+\\{0,2}+[\"'`]"
_OPERATOR = _SPACE + rb"(?:\+|\.\.?|&|~|\|\||<<)" + _SPACE
_NAME = rb"[A-Za-z_$@][\w$]{0,60}+(?:\.[A-Za-z_][\w$]{0,60}+){0,3}+"
TOKEN = re.compile(
    rb"(?P<join>" + _CLOSE + rb"(?:" + _OPERATOR + rb"|" + _SPACE + rb")" + _OPEN + rb")"
    rb"|(?P<comma>" + _CLOSE + _SPACE + rb"," + _SPACE + _OPEN + rb")"
    rb"|(?P<line>\\\r?\n[ \t]{0,40}+)"
    rb"|" + _CLOSE + _OPERATOR + rb"(?P<middle>" + _NAME + rb")" + _OPERATOR + _OPEN +
    rb"|" + _CLOSE + _OPERATOR + rb"(?P<last>" + _NAME + rb")"
    rb"|(?P<quote>\$\{" + _SPACE + _OPEN + rb"|" + _CLOSE + _SPACE + rb"\})"
    rb"|[$#]?\{\{?[ \t]{0,4}+(?P<braced>" + _NAME + rb")[ \t]{0,4}+\}?\}"
    rb"|\$(?P<plain>[A-Za-z_]\w{0,60}+)"
    rb"|(?P<hole>%s|\{\})"
)  # fmt: skip
ARGUMENTS = re.compile(
    rb"[\"'`][ \t]{0,4}(?:%|\.format|,)?[ \t(]{0,4}(" + _NAME + rb")[ \t]{0,4},[ \t]{0,4}(" + _NAME + rb")"
)
MAX_VARIABLES = 64  # names of one text that are looked up, each a pass over it
MAX_MENTIONS = 1000  # places of a name that are looked at
FORMAT = 200  # bytes from a `%s` to the arguments it stands for
ASSIGNED = re.compile(
    rb"[\"']?[ \t]{0,20}+(?::[ \t]{0,4}+\w{1,20}+[ \t]{0,4}+)?(?:=>|:=|=|:)[ \t]{0,20}+"
    rb"[A-Za-z@]{0,2}+[\"'`]([A-Za-z0-9_.-]{1,68}+)[\"'`]"
)


class Joiner:
    """What stands for a token between two parts of a key, in one view: it looks up the variables of the text."""

    def __init__(self, view: View, separator: bytes) -> None:
        self._text = view.data
        self._separator = separator  # what the elements of an array are joined with
        self._variables: dict[bytes, bytes | None] = {}
        self._arguments: list[bytes] = []

    def __call__(self, token: Token) -> bytes | None:
        kind = token.lastgroup
        if kind in ("join", "line", "quote"):
            return b""
        if kind == "comma":
            return self._separator
        if kind == "hole":
            return self._argument(token.end())
        return self._variable(token[str(kind)])

    def _argument(self, end: int) -> bytes | None:
        if not self._arguments:
            found = ARGUMENTS.search(self._text, end, end + FORMAT)
            self._arguments = list(found.groups()) if found else []
        return self._variable(self._arguments.pop(0)) if self._arguments else None

    def _variable(self, name: bytes) -> bytes | None:
        """The literal that the text gives to a name; ``this.$secret`` and ``@secret`` are ``secret``."""
        name = name.rsplit(b".", 1)[-1].lstrip(b"$@")
        if name not in self._variables and len(self._variables) < MAX_VARIABLES:
            self._variables[name] = self._assigned(name)
        return self._variables.get(name)

    def _assigned(self, name: bytes) -> bytes | None:
        at = -1
        for _ in range(MAX_MENTIONS):
            at = self._text.find(name, at + 1)
            if at < 0:
                break
            found = ASSIGNED.match(self._text, at + len(name))
            if found and not (at and (self._text[at - 1 : at].isalnum() or self._text[at - 1] in b"_.")):
                return found[1]
        return None


# Twice, since a list does not say how it will be joined.
SPELLINGS = tuple(
    Spelling("concat", lead, TOKEN, partial(Joiner, separator=separator))
    for lead, separator in ((b"", b""), (b",", b"."))
)
