"""How a rule finds something. One module a matcher; a rule's ``match.matcher`` names it.

A matcher prepares a rule once (checking its ``[match]`` table) and then finds its matches in one view after another.
It knows nothing of positions or output, and drops nothing: what is no secret after all is for ``triage``.

``key`` and ``regex`` read bytes; ``setting``, ``call`` and ``predicate`` read what a file says (``syntax``);
``repository`` and ``timeline`` look at a whole tree and at the lives of keys, when all files were read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Protocol

from sgleaks.errors import ToolError, suggestion
from sgleaks.model import Match, Rule, View
from sgleaks.syntax import Unparsed

__all__ = ["MATCHERS", "Find", "Matcher", "Unparsed", "prepare"]

Find = Callable[[View], Iterator[Match]]

MATCHERS = ("key", "regex", "setting", "call", "predicate", "repository", "timeline")


class Matcher(Protocol):
    """What a matcher module gives."""

    def prepare(self, rule: Rule, *, checked: bool = False) -> Find:
        """The rule's search. Raises ToolError naming the rule and the key of ``[match]`` that is wrong.

        ``checked``: the rule is known to be right, so that only what is used need be looked at. What it gives raises
        Unparsed for a file whose language is known and that is too large to be parsed.
        """
        ...


def prepare(rule: Rule, *, checked: bool = False) -> Find:
    """The search of any rule. Raises ToolError for an unknown matcher or a bad ``[match]`` table."""
    name = str(rule.match.get("matcher", ""))
    if name not in MATCHERS:
        raise ToolError(
            f"rule {rule.id}: match.matcher",
            f'no matcher is called "{name}"{suggestion(name, list(MATCHERS))}',
            f"use one of {', '.join(MATCHERS)}",
        )
    matcher: Matcher = import_module(f"sgleaks.matchers.{name}")
    return matcher.prepare(rule, checked=checked)
