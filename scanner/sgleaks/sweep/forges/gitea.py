"""Gitea and Forgejo. docs.gitea.com/api; links to the next page as in GitHub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from sgleaks.sweep.forges import Forge, Listed, as_github, below, everything, flag, same, seen_by, text
from sgleaks.sweep.http import Api, Missing


def _headers(token: str) -> Mapping[str, str]:
    return {"Authorization": f"token {token}"}


def _api(url: str) -> str:
    return below(url, "/api/v1")


def _web(url: str) -> str:
    return same(url).removesuffix("/api/v1")


FORGE = Forge("https://gitea.com", "", ("GITEA_TOKEN",), "x-access-token", _api, _web, _headers)


def listed(api: Api, path: str) -> Iterator[Listed]:
    """The repositories of an organisation or a user, or the one that is named."""
    if "/" in path:
        yield _listed(api.get(f"/repos/{quote(path)}").value)
        return
    try:
        yield from everything(api, _listed, f"/orgs/{quote(path)}/repos?limit=50")
    except Missing:
        yield from everything(api, _listed, f"/users/{quote(path)}/repos?limit=50")


def _listed(row: Any) -> Listed:
    visibility = "internal" if flag(row, "internal") else seen_by(flag(row, "private"))
    return as_github(row, text(row, "updated_at"), visibility)
