"""What no table can say: a Python function a rule names, ``subject.function``, which looks at one file.

It may name a check of the whole repository beside it, see ``repository``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sgleaks.matchers import Find
from sgleaks.matchers.file import File, Hit, check_keys, on_files
from sgleaks.matchers.named import function
from sgleaks.model import Rule

Predicate = Callable[[File], Iterator[Hit]]


def prepare(rule: Rule, *, checked: bool = False) -> Find:
    """The rule's search. Raises ToolError for an unknown predicate."""
    if not checked:
        check_keys(rule, ("predicate", "check"))
        if "check" in rule.match:
            function(rule, "check")
    predicate: Predicate = function(rule, "predicate")
    return on_files(rule, predicate)
