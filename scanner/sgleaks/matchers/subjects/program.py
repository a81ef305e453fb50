"""Files of programs: their languages, whether one is a test, and its source without what nobody runs."""

from __future__ import annotations

import re

from sgleaks.once import once
from sgleaks.syntax import Facts

# Shells are told apart: a rule on CI reads them.
PROGRAMS = frozenset(
    (
        *("c_sharp", "dart", "go", "java", "javascript", "kotlin", "php", "python", "ruby", "svelte", "swift", "tsx"),
        *("typescript", "vue"),
    )
)
TEST = re.compile(
    r"""(?xi)
    (?:^|/)(?:tests?|specs?|__tests__|__mocks__|mocks?|fixtures?|testdata|testing)/
  | (?:^|/)test_[^/]*$ | [._-](?:test|spec)s?\.\w+$ | [a-z]Tests?\.\w+$
    """
)
DOCSTRING = re.compile(rb"(?ms)^[ \t]*[rRuU]?(?P<quote>\"\"\"|''').*?(?P=quote)")


def is_test(path: str) -> bool:
    """Whether a ``/``-separated path is one of a test, or of what stands in for something in tests."""
    return TEST.search(path) is not None


@once
def code_of(facts: Facts) -> bytes:
    """The bytes of a file with blanks in place of its comments and docstrings, so that offsets stay."""
    code = bytearray(facts.data)
    for start, end in facts.comments:
        code[start:end] = _blank(facts.data[start:end])
    if facts.language == "python":
        return DOCSTRING.sub(lambda found: _blank(found[0]), bytes(code))
    return bytes(code)


def _blank(text: bytes) -> bytes:
    return re.sub(rb"[^\n]", b" ", text)
