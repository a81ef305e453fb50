"""What the life of a key says: rules that look at when it came, went and came back, as a history knows it.

A rule says what is true of the lives it reports:

- ``older``: the key is older than the days after which keys are to be replaced
- ``returned``: it was taken away and came back

Both speak of what HEAD holds: what is only in the past was dealt with, or is another rule's. With a ``predicate`` the
rule looks at what that finds in the files of a history instead of at API keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sgleaks.errors import ToolError
from sgleaks.matchers import Find
from sgleaks.matchers.file import check_keys, on_files
from sgleaks.matchers.named import function
from sgleaks.model import Match, Rule, View

ASKED = ("older", "returned")


class Life(NamedTuple):
    """What is known of one secret that HEAD holds."""

    days: int  # since the oldest commit that has it
    limit: int  # days after which it is to be replaced
    first: str  # that commit, short, with its date
    returned: str  # the commit that took it away before it came back, short; "" where it was never gone
    shallow: bool  # older commits may exist


def prepare(rule: Rule, *, checked: bool = False) -> Find:
    """Finds in files what the rule's predicate does, nothing without one. Raises ToolError."""
    if not checked:
        check_keys(rule, (*ASKED, "predicate"))
        if sum(rule.match.get(key) is True for key in ASKED) != 1:
            raise ToolError(
                f"rule {rule.id}: match", "it asks nothing of a life", f"give one of {', '.join(ASKED)} = true"
            )
    if "predicate" in rule.match:
        return on_files(rule, function(rule, "predicate"))

    def find(_: View) -> Iterator[Match]:
        yield from ()

    return find


def note(rule: Rule, life: Life) -> str:
    """What there is to say of a life that the rule reports; "" for one that is as it should be."""
    if rule.match.get("older") and life.days > life.limit:
        least = "at least " if life.shallow else ""
        return f"It is {least}{life.days} days old (first in {life.first}); replace keys after {life.limit}."
    if rule.match.get("returned") and life.returned:
        return f"It was first in {life.first}, and {life.returned} took it away."
    return ""
