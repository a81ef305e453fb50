"""SendGrid API keys by their structure, wherever they stand.

``SG.`` + 22 + ``.`` + 43 base64url characters. The 22 are a version 4 UUID and the 43 are 32 random bytes, so four
characters carry redundancy; all 187 genuine public keys measured pass all four tests, a random string passes one time
in 4,096. That replaces boundaries: ``\\n`` or ``%3D`` may be glued to the left of a key, bytecode to its right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.errors import ToolError
from sgleaks.matchers import Find
from sgleaks.model import Confidence, Match, Rule, View
from sgleaks.secret import Secret

KEY = re.compile(rb"SG\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})")

VERSION = frozenset(b"QRST")  # id[8]: the UUID's version nibble is 4
VARIANT = frozenset(b"CGKOSWaeimquy26-")  # id[10]: the variant bits are 10
ID_TAIL = frozenset(b"AQgw")  # id[21]: 16 bytes leave four zero bits
SECRET_TAIL = frozenset(b"AEIMQUYcgkosw048")  # secret[42]: 32 bytes leave two zero bits

# The key pasted where the name of its variable belongs; seen in one repository in fifty.
NAME_OF = re.compile(
    rb"(?:environ(?:\.get\(|\[)|getenv\(|ENV(?:\[|\.fetch\()|process\.env(?:\.|\[)|EnvironmentVariable\(|\benv\(|\$\{?)"
    rb"\s{0,4}[\"'`]?$"
)
NAME_REACH = 40  # bytes of context before a key that say so
DOUBTS: dict[Confidence, str] = {
    "high": "",
    "medium": "Its id is no version 4 UUID, unlike that of every genuine key measured.",
    "low": "It has the shape of a key, but not the redundancy of a genuine one: a typo, altered or made up.",
}
AS_NAME = "The key stands where the name of a variable belongs, so the code never worked, yet the key is out."


def prepare(rule: Rule, *, checked: bool = False) -> Find:  # noqa: ARG001 - nothing here takes time to check
    """Finds every key-shaped string. Raises ToolError: the matcher takes no options."""
    unknown = sorted(set(rule.match) - {"matcher"})
    if unknown:
        raise ToolError(f"rule {rule.id}: match.{unknown[0]}", "the key matcher takes no options", "remove it")

    def find(view: View) -> Iterator[Match]:
        for match in KEY.finditer(view.data):
            before = view.data[max(match.start() - NAME_REACH, 0) : match.start()]
            sure = confidence(match[1], match[2], before)
            note = f"{DOUBTS[sure]} {AS_NAME if NAME_OF.search(before) else ''}".strip()
            yield Match(rule, view, match.start(), match.end(), Secret(match[0].decode()), sure, note)

    return find


def confidence(key_id: bytes, secret: bytes, before: bytes = b"") -> Confidence:
    """``high`` when all four tests hold; ``medium`` when only the padding does and no name runs into the key (should
    SendGrid change its ids, keys are still reported); ``low`` otherwise: a typo, an altered or an invented key."""
    if key_id[21] not in ID_TAIL or secret[42] not in SECRET_TAIL:
        return "low"
    if key_id[8] in VERSION and key_id[10] in VARIANT:
        return "high"
    return "low" if re.search(rb"[\w.]$", before) else "medium"
