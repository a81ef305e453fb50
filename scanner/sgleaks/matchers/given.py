"""What rules give to matchers, checked: all that is wrong is a ToolError that names the rule, the key and the mend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, AnyStr

from sgleaks import table
from sgleaks.errors import ToolError
from sgleaks.model import CONFIDENCES, Rule
from sgleaks.table import Field, is_list, is_text, one_of


def wrong(rule: Rule, where: str, why: str, mend: str) -> ToolError:
    """The error that a key of a rule, such as ``match.within``, is wrong."""
    return ToolError(f"rule {rule.id}: {where}", why, mend)


def table_of(rule: Rule, where: str, value: object, fields: Mapping[str, Field]) -> dict[str, Any]:
    """The value, which must be a table with these keys. Raises ToolError."""
    if not isinstance(value, dict):
        raise wrong(rule, where, "it is no table", f"give it keys: {', '.join(fields)}")
    table.check(f"rule {rule.id}: {where}.", value, fields)
    return value


def compiled(rule: Rule, where: str, text: AnyStr, flags: int) -> re.Pattern[AnyStr]:
    """A regular expression. Raises ToolError."""
    try:
        return re.compile(text, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise wrong(rule, where, f"it is no regular expression: {error}", "mend it; white space needs [ ]") from None


TEXTS = Field(lambda value: is_list(value, is_text), "a list of texts", required=False)
PATTERN = Field(is_text, "a regular expression (verbose syntax)", required=False)
FLAG = Field(lambda value: isinstance(value, bool), "true or false", required=False)
NOTE = Field(is_text, "one sentence", required=False)
CONFIDENCE = one_of(*CONFIDENCES)._replace(required=False)
TABLES = Field(lambda value: is_list(value, lambda each: isinstance(each, dict)), "at least one table")
