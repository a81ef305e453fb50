"""Bitbucket Cloud. developer.atlassian.com/cloud/bitbucket/rest/api-group-repositories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from sgleaks.sweep.forges import Forge, Listed, bearer, flag, member, rows, same, seen_by, text
from sgleaks.sweep.http import MAX_PAGES, Api, ForgeError


def _api(url: str) -> str:
    return "https://api.bitbucket.org/2.0" if same(url) == FORGE.url else same(url)


def _web(url: str) -> str:
    return FORGE.url if _api(url) == _api(FORGE.url) else same(url)


FORGE = Forge("https://bitbucket.org", "", ("BITBUCKET_TOKEN",), "x-token-auth", _api, _web, bearer)


def listed(api: Api, path: str) -> Iterator[Listed]:
    """The repositories of a workspace, or the one that is named."""
    if "/" in path:
        yield _listed(api.get(f"/repositories/{quote(path)}").value)
        return
    address = f"/repositories/{quote(path)}?pagelen=100"
    for _ in range(MAX_PAGES):
        value = api.get(address).value
        yield from (_listed(row) for row in rows(member(value, "values")))
        address = text(value, "next")
        if not address:
            return
    raise ForgeError(path, f"it has more than {MAX_PAGES:,} pages", "sweep parts of it")


def _listed(row: Any) -> Listed:
    links = rows(member(row, "links", "clone"))
    address = next((text(link, "href") for link in links if text(link, "name") == "https"), "")
    scheme, _, rest = address.partition("://")
    address = f"{scheme}://{rest.rpartition('@')[2]}"  # Bitbucket puts the reader's name before the host
    wiki = f"{address.removesuffix('.git')}.git/wiki" if row.get("has_wiki") else ""
    name = f"bitbucket.org/{text(row, 'full_name')}"
    visibility, pushed = seen_by(flag(row, "is_private")), text(row, "updated_on")
    return Listed(name, address, fork=bool(row.get("parent")), pushed=pushed, wiki=wiki, visibility=visibility)
