"""Requests to SendGrid's API, whichever way a file makes them: curl and its likes, HTTP libraries, SendGrid's own SDKs."""

from __future__ import annotations

from dataclasses import dataclass

from sgleaks.syntax import Block, Call, Facts, Setting
from sgleaks.syntax.facts import once


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One request.

    ``method`` is in upper case, "" where nothing says it. ``url`` is the address with what the file says of its
    variables put in, ``{}`` for what it does not say; it begins with a slash where the client knows the host. ``path``
    is its path from ``/v3`` on, without a query: ``/v3/api_keys/{}``. ``body`` is None where there is none, or where it
    comes from elsewhere; it is ``whole`` where all of its settings are known. ``options`` are the request's other
    settings: named arguments and those of an object of options (``verify``, ``auth``), or the options of a command
    under their long names without hyphens (``insecure``, ``user``; a switch is true). ``headers`` are named as written.
    """

    method: str
    url: str
    path: str
    start: int
    end: int
    body: Block | None = None
    whole: bool = True
    call: Call | None = None
    options: tuple[Setting, ...] = ()
    headers: tuple[Setting, ...] = ()

    def option(self, *names: str) -> Setting | None:
        """The first option of one of these names, in any case."""
        return next((each for each in self.options if each.name.lower() in names), None)

    def header(self, name: str) -> Setting | None:
        """The header of a name, in any case."""
        return next((each for each in self.headers if each.name.lower() == name.lower()), None)


@once
def requests(facts: Facts) -> tuple[Request, ...]:
    """The requests of a file to SendGrid, in its order."""
    return ()
