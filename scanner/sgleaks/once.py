"""What is worked out of a thing once, however many rules ask."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar


class Remembers(Protocol):
    """A thing with room for what is known of it."""

    @property
    def known(self) -> dict[Any, Any]:
        """By the name of the function that worked it out, and what else that was given."""
        ...


Thing = TypeVar("Thing", bound=Remembers)
More = ParamSpec("More")
Known = TypeVar("Known")


def once(function: Callable[Concatenate[Thing, More], Known]) -> Callable[Concatenate[Thing, More], Known]:
    """The function, computed once for each thing it is given; what is known is kept as long as the thing is."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembered(thing: Thing, /, *args: More.args, **more: More.kwargs) -> Known:
        key = (name, *args, *more.items()) if args or more else name
        if key not in thing.known:
            thing.known[key] = function(thing, *args, **more)
        found: Known = thing.known[key]
        return found

    return remembered
