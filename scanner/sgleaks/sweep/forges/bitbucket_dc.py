"""Bitbucket Data Center. developer.atlassian.com/server/bitbucket/rest, "Get repositories for project"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from sgleaks.sweep.forges import Forge, Listed, bearer, below, flag, host, member, rows, same, seen_by, text
from sgleaks.sweep.http import MAX_PAGES, Api, ForgeError


def _api(url: str) -> str:
    return below(url, "/rest/api/1.0")


def _web(url: str) -> str:
    return same(url).removesuffix("/rest/api/1.0")


FORGE = Forge("", "", ("BITBUCKET_TOKEN",), "x-token-auth", _api, _web, bearer)


def listed(api: Api, path: str) -> Iterator[Listed]:
    """The repositories of a project, or the one that is named ``PROJECT/REPO``."""
    project, _, name = path.partition("/")
    if name:
        yield _listed(api.get(f"/projects/{quote(project)}/repos/{quote(name)}").value)
        return
    start = 0
    for _ in range(MAX_PAGES):
        value = api.get(f"/projects/{quote(project)}/repos?limit=100&start={start}").value
        yield from (_listed(row) for row in rows(member(value, "values")))
        if value.get("isLastPage", True) or not isinstance(value.get("nextPageStart"), int):
            return
        start = value["nextPageStart"]
    raise ForgeError(path, f"it has more than {MAX_PAGES:,} pages", "sweep parts of it")


def _listed(row: Any) -> Listed:
    links = rows(member(row, "links", "clone"))
    address = next((text(link, "href") for link in links if text(link, "name") in ("http", "https")), "")
    name = f"{host(address)}/{text(row, 'project', 'key')}/{text(row, 'slug')}"
    public = flag(row, "public")
    visibility = seen_by(None if public is None else not public)
    archived, fork = bool(row.get("archived")), bool(row.get("origin"))
    return Listed(name, address, archived=archived, fork=fork, visibility=visibility)
