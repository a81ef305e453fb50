"""A key in several string literals: joined by an operator or a call, adjacent, continued on the next line, in an array
that is joined, or put together from variables of the same file.

No parser: the same few shapes serve all languages, and text that is no code has none of them. What is joined by
mistake does no harm, since a key is known by its structure.
"""

from __future__ import annotations

import re
from functools import partial

from sgleaks.decoders.spelling import Spelling, Token
from sgleaks.model import View

# All bounded and possessive: what is taken is never given back, so that hostile text costs no more than any other.
# Between two parts of an expression: blanks, continued lines, comments, the next line of a notebook's JSON.
_SPACE = rb"(?:[ \t\r\n]|[\\`^_]\r?\n|(?:\#|//)[^\r\n]{0,80}+\n|\\n\",\s{1,20}+\"){0,40}+"
_CLOSE, _OPEN = rb"\\{0,2}+[\"'`]", rb"[rRbBuUfFL@$]{0,2}+\\{0,2}+[\"'`]"
_OPERATOR = _SPACE + rb"(?:\+\+?|\.\.?|&|~|\|\||<<|<>|\*|\^)" + _SPACE
_NAME = rb"[A-Za-z_$@][\w$]{0,60}+(?:\.[A-Za-z_][\w$]{0,60}+|\[[\"']?\w{1,60}+[\"']?\]){0,3}+"
TOKEN = re.compile(
    # First one of the characters a token begins with, which is ten times as fast where there is none.
    rb"(?=[\"'`\\$#{%^])(?:(?P<join>" + _CLOSE + _OPERATOR + _OPEN + rb")"
    rb"|(?P<list>" + _CLOSE + _SPACE + rb"(?:," + _SPACE + rb")?" + _OPEN + rb")"
    rb"|(?P<line>[\\^]\r?\n[ \t]{0,40}+)"
    rb"|" + _CLOSE + _OPERATOR + rb"(?P<middle>" + _NAME + rb")" + _OPERATOR + _OPEN +
    rb"|" + _CLOSE + _OPERATOR + rb"(?P<last>" + _NAME + rb")(?!\()"
    # "SG", ID, SECRET
    rb"|" + _CLOSE + _SPACE + rb"," + _SPACE + rb"(?P<first>" + _NAME + rb")" +
    _SPACE + rb"," + _SPACE + rb"(?P<second>" + _NAME + rb")"
    # C: "SG." ID "." SECRET
    rb"|" + _CLOSE + rb"[ \t]{1,4}+(?P<macro>[A-Z_][A-Z0-9_]{1,60}+)(?:[ \t]{1,4}+" + _OPEN + rb"|(?=[ \t;)]*\r?\n))"
    rb"|(?P<quote>\$\{" + _SPACE + _OPEN + rb"|" + _CLOSE + _SPACE + rb"\})"
    # Whatever else stands between two literals that may be parts of a key: `").append("`, `";\n    key += "`
    rb"|(?P<glue>(?<=[\w.-])" + _CLOSE + rb"[^\w\"'`\\][^\"'`\\]{0,80}+" + _CLOSE + rb"(?=[\w.-]{1,68}+\\{0,2}+[\"'`]))"
    rb"|[$#]?\{\{?[ \t]{0,4}+(?P<braced>" + _NAME + rb")[ \t]{0,4}+\}?\}"
    rb"|[$\\]\((?P<called>" + _NAME + rb")\)"
    rb"|\$(?P<plain>[A-Za-z_]\w{0,60}+)"
    rb"|(?P<hole>%(?:\d\$)?s|\{\d?\})"
    rb"|%(?P<percent>[A-Za-z_]\w{1,60}+)%)"
)  # fmt: skip
# Ruby's %w[SG ID SECRET], Perl's qw(…)
WORDS = re.compile(rb"(?<=[\[({ ]SG) (?=[\w-]{22} )|(?<=[\w-]{22}) (?=[\w-]{43}[\])}\s])")
_ARGUMENT = rb"(?:[\"'`]([^\s\"'`]{1,80}+)[\"'`]|([\w$@{][\w$.{}-]{0,80}+))"
ARGUMENTS = re.compile(
    rb"[\"'`]\s{0,20}+(?:%|\.format|,|-f)?[\s(\[]{0,20}+" + _ARGUMENT + rb"[ \t]{0,4}+,?\s{0,20}+" + _ARGUMENT
)
MAX_VARIABLES = 64  # names of one text that are looked up, each a pass over it
MAX_MENTIONS = 1000  # places of a name that are looked at
FORMAT = 200  # bytes from a `%s` to the arguments it stands for
LITERAL = 15  # characters; an argument without quotes that is as long, and no variable, is a part itself
ASSIGNED = re.compile(
    # ID = "…"   ID: &str = "…"   'ID' => '…'   define('ID', '…')   #define ID "…"   variable "ID" { default = "…" }
    rb"[\"']?(?:[ \t]{0,20}+(?::[ \t]{0,4}+[\w&<>'?]{1,20}+[ \t]{0,4}+)?(?:=>|:=|=|:|,)|[ \t]"
    rb"|[ \t]{0,4}+\{[^{}\"']{0,80}?\bdefault[ \t]{0,20}+=)[ \t]{0,20}+"
    rb"(?:[A-Za-z@]{0,2}+[\"'`]([A-Za-z0-9_.-]{2,68}+)[\"'`]|(?<=[= \t])([A-Za-z0-9_-]{8,68}+)(?=[\s;&]|\Z))"
)


class Joiner:
    """What stands for a token between two parts of a key, in one view: it looks up the variables of the text."""

    def __init__(self, view: View, separator: bytes) -> None:
        self._text = view.data
        self._separator = separator  # what the elements of an array are joined with
        self._variables: dict[bytes, bytes | None] = {}
        self._arguments: list[bytes | None] = []

    def __call__(self, token: Token) -> bytes | None:
        kind = token.lastgroup
        if kind in ("join", "line", "quote"):
            return b""
        if kind in ("list", "glue"):
            return self._between(token)
        if kind == "hole":
            return self._argument(token)
        if kind == "second":
            return self._listed(token)
        return self._variable(token[str(kind)])

    def _between(self, token: Token) -> bytes:
        # `"SG.", "id"`: what ends in the separator needs no other.
        return b"" if token.string[max(token.start() - 1, 0) : token.start()] == self._separator else self._separator

    def _listed(self, token: Token) -> bytes | None:
        first, second = self._variable(token["first"]), self._variable(token["second"])
        return self._separator.join((b"", first, second)) if first and second else None

    def _argument(self, token: Token) -> bytes | None:
        """What stands for ``%s`` or ``{0}``: the first two arguments behind the literal, each a literal or a name."""
        if self._text[max(token.start() - 3, 0) : token.start()] == b"SG.":
            found = ARGUMENTS.search(self._text, token.end(), token.end() + FORMAT)
            self._arguments = [self._given(found[1], found[2]), self._given(found[3], found[4])] if found else []
        return self._arguments.pop(0) if self._arguments else None

    def _given(self, quoted: bytes | None, bare: bytes | None) -> bytes | None:
        if quoted and not quoted.startswith(b"$"):
            return quoted
        name = (quoted or bare or b"").strip(b"${}")
        return self._variable(name) or (name if len(name) >= LITERAL else None)

    def _variable(self, name: bytes) -> bytes | None:
        """The literal that the text gives to a name; ``this.$secret``, ``@secret``, ``x["secret"]`` are ``secret``."""
        name = name.replace(b"[", b".").rsplit(b".", 1)[-1].strip(b"$@[]\"'")
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
                return found[1] or found[2]
        return None


# Twice, since a list does not say how it will be joined.
SPELLINGS = (
    *(Spelling("concat", b"", TOKEN, partial(Joiner, separator=separator)) for separator in (b"", b".")),
    Spelling("concat", b"SG ", WORDS, lambda _: lambda _: b"."),
)
