"""Forges: who lists the repositories of an organisation, one module each.

A forge module has ``FORGE`` and ``listed(api, path)``, which yields what there is below a path such as ``ORG`` or
``ORG/REPO``; some have ``gists(api, path, repositories)``, small texts that can be cloned, too. Both raise
`http.ForgeError`, after what they could list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from sgleaks.sweep.http import Api, ForgeError, parts_of


@dataclass(frozen=True, slots=True)
class Listed:
    """A repository as its forge lists it. ``name`` is ``host/owner/name``, ``pushed`` an ISO 8601 time or "".

    ``visibility`` is one of ``VISIBILITIES``, "" where the forge does not tell.
    """

    name: str
    address: str
    archived: bool = False
    fork: bool = False
    pushed: str = ""
    wiki: str = ""  # where the pages of its wiki would be cloned from
    visibility: str = ""
    snippets: str = ""  # where the API lists those of it


@dataclass(frozen=True, slots=True)
class Forge:
    """How a forge is spoken to.

    ``url`` is where it is by default; ``api`` and ``web`` make of any such address where its API is and where
    repositories are cloned from. ``tokens`` are variables of the environment, ``user`` goes before a token in a clone,
    ``headers`` carries it to the API.
    """

    url: str
    url_variable: str
    tokens: tuple[str, ...]
    user: str
    api: Callable[[str], str]
    web: Callable[[str], str]
    headers: Callable[[str], Mapping[str, str]]


class Module(Protocol):
    """What a forge module gives; ``gists`` too where there are any, which are repositories of their own."""

    FORGE: Forge

    def listed(self, api: Api, path: str) -> Iterator[Listed]: ...


# By the word before the colon of a target.
FORGES = {
    "github": "github",
    "gitlab": "gitlab",
    "gitea": "gitea",
    "bitbucket": "bitbucket",
    "azure": "azure",
}


VISIBILITIES = ("public", "private", "internal")  # to everybody, to whom is named, to whoever has an account there


def forge(name: str, url: str = "") -> Module:
    """The module of one of ``FORGES``. Bitbucket at a ``url`` of one's own is another program."""
    own = name == "bitbucket" and parts_of(url).hostname not in (None, "bitbucket.org", "api.bitbucket.org")
    module: Module = import_module(f"sgleaks.sweep.forges.{'bitbucket_dc' if own else FORGES[name]}")
    return module


def gists_of(module: Module, api: Api, path: str, repositories: Iterable[Listed]) -> Iterator[Listed]:
    """The gists that belong to a path or its repositories; nothing at forges that have none. Raises ForgeError."""
    listed = getattr(module, "gists", None)
    return iter(()) if listed is None else listed(api, path, repositories)


def everything(api: Api, listed: Callable[[Any], Listed], path: str) -> Iterator[Listed]:
    """What is in the rows of all pages from ``path`` on."""
    for page in api.pages(path):
        yield from map(listed, rows(page.value))


def as_github(row: Any, pushed: str, visibility: str) -> Listed:
    """A repository as GitHub tells it, whom others follow but for these two."""
    address = text(row, "clone_url")
    return Listed(
        f"{host(address)}/{text(row, 'full_name')}",
        address,
        archived=bool(row.get("archived")),
        fork=bool(row.get("fork")),
        pushed=pushed,
        wiki=f"{address.removesuffix('.git')}.wiki.git" if row.get("has_wiki") else "",
        visibility=visibility,
    )


def bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}


def same(url: str) -> str:
    return url.rstrip("/")


def below(url: str, path: str) -> str:
    """``url`` with ``path`` at its end, which may be there already."""
    url = url.rstrip("/")
    return url if url.endswith(path) else url + path


def host(address: str) -> str:
    """Host and port of an address: how names of repositories begin."""
    return parts_of(address).netloc.rpartition("@")[2].lower()


def text(row: Any, *names: str) -> str:
    """A string of an answer, "" where it is null. Raises ForgeError where the answer has another shape."""
    found = member(row, *names)
    if found is not None and not isinstance(found, str):
        raise _odd(names[-1])
    return found or ""


def member(row: Any, *names: str) -> Any:
    """What is in an answer under these names, each in the one before. Raises ForgeError as `text` does."""
    for name in names:
        if not isinstance(row, dict):
            raise _odd(name)
        row = row.get(name)
    return row


def flag(row: Any, name: str) -> bool | None:
    """Yes or no of an answer, None where it says neither. Raises ForgeError as `text` does."""
    found = member(row, name)
    if found is not None and not isinstance(found, bool):
        raise _odd(name)
    return found


def number(row: Any, name: str) -> str:
    """A whole number of an answer as text. Raises ForgeError as `text` does."""
    found = member(row, name)
    if not isinstance(found, int):
        raise _odd(name)
    return str(found)


def seen_by(private: bool | None) -> str:
    """The visibility of a repository of a forge that only knows private ones and others."""
    return "" if private is None else "private" if private else "public"


def rows(value: Any) -> list[Any]:
    """A list of an answer. Raises ForgeError where it is none."""
    if not isinstance(value, list):
        raise _odd("the list of repositories")
    return value


def _odd(what: str) -> ForgeError:
    return ForgeError(
        "the forge's answer", f"{what} is not what its documentation says", "see whether --forge-url is right"
    )
