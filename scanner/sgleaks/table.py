"""A TOML file read and its keys checked: what rules and the guide have in common.

A file may come from anybody, so whatever is wrong with it is a ToolError that names the file, the key and the mend.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from sgleaks.errors import ToolError, suggestion

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping
    from pathlib import Path


class Field(NamedTuple):
    """A key of a table: ``good`` judges its value, ``must`` tells the user what would be right."""

    good: Callable[[Any], bool]
    must: str
    required: bool = True


def read(path: Path, until: str = "") -> dict[str, Any]:
    """The file as a table, up to the first line that begins with ``until``, if that is given. Raises ToolError."""
    try:
        text = path.read_text("utf-8")
        return tomllib.loads(text.partition(f"\n{until}")[0] if until else text)
    except OSError as error:
        raise ToolError(f"{path}", f"it cannot be read: {error.strerror}", "check path and permissions") from None
    except UnicodeDecodeError:
        raise ToolError(f"{path}", "it is not UTF-8", "save it as UTF-8") from None
    except (ValueError, RecursionError) as error:  # tomllib lets both out for absurd numbers and nesting
        raise ToolError(f"{path}", f"it is no valid TOML: {error}", "mend the syntax, see https://toml.io") from None


def check(where: str, table: Mapping[str, Any], fields: Mapping[str, Field]) -> None:
    """Raises ToolError for an unknown key, a missing one, and a wrong value, named after ``where``."""
    for key in table:
        if key not in fields:
            why = f"there is no such key{suggestion(key, list(fields))}"
            raise ToolError(f"{where}{key}", why, f"use one of {', '.join(fields)}")
    for key, field in fields.items():
        if key not in table and field.required:
            raise ToolError(f"{where}{key}", "it is missing", f"give {field.must}")
        if key in table and not field.good(table[key]):
            raise ToolError(f"{where}{key}", "its value is wrong", f"give {field.must}")


def is_text(value: Any) -> bool:
    """Whether it is a text that says something."""
    return isinstance(value, str) and bool(value.strip())


def is_line(value: Any) -> bool:
    """Whether it is a text of one line."""
    return is_text(value) and "\n" not in value.strip()


def is_number(value: Any, low: float, high: float) -> bool:
    """Whether it is a number within the bounds, both of them included."""
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def is_int(value: Any, low: int, high: int) -> bool:
    """The same of a whole number."""
    return isinstance(value, int) and is_number(value, low, high)


def is_list(value: Any, good: Callable[[Any], bool]) -> bool:
    """Whether it is a list of at least one value, and all are good."""
    return isinstance(value, list) and bool(value) and all(good(each) for each in value)


def one_of(*names: str) -> Field:
    """A key whose value is one of ``names``."""
    return Field(lambda value: value in names, f"one of {', '.join(names)}")


def matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    """Judges whether a value is a text that fits the pattern from end to end."""
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


TEXT = Field(is_text, "some text")
LINE = Field(is_line, "one line of text")
