"""GitHub and GitHub Enterprise Server. docs.github.com, "REST API endpoints for repositories"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from sgleaks.sweep.forges import Forge, Listed, bearer, below, host, rows, text
from sgleaks.sweep.http import Api, ForgeError, Missing


def _api(url: str) -> str:
    host = urlsplit(url).hostname or ""
    if host == "github.com":
        return "https://api.github.com"
    return url.rstrip("/") if host.startswith("api.") else below(url, "/api/v3")


def _web(url: str) -> str:
    parts = urlsplit(_api(url))
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"


FORGE = Forge(
    "https://github.com", "GITHUB_API_URL", ("GH_TOKEN", "GITHUB_TOKEN"), "x-access-token", _api, _web, bearer
)


def listed(api: Api, path: str) -> Iterator[Listed]:
    """The repositories of an organisation or a user, or the one that is named."""
    if "/" in path:
        yield _listed(api.get(f"/repos/{quote(path)}").value)
        return
    try:
        yield from _all(api, f"/orgs/{quote(path)}/repos?type=all&per_page=100")
    except Missing:
        yield from _all(api, f"/users/{quote(path)}/repos?type=all&per_page=100")


def _all(api: Api, path: str) -> Iterator[Listed]:
    for page in api.pages(path):
        yield from (_listed(row) for row in rows(page.value))
        if "partial-results" in page.headers.get("X-GitHub-SSO", ""):
            raise ForgeError(path, "single sign-on hides some of it", "authorise the token at the forge")


def _listed(row: Any) -> Listed:
    address = text(row, "clone_url")
    return Listed(
        f"{host(address)}/{text(row, 'full_name')}",
        address,
        archived=bool(row.get("archived")),
        fork=bool(row.get("fork")),
        pushed=text(row, "pushed_at"),
        wiki=f"{address.removesuffix('.git')}.wiki.git" if row.get("has_wiki") else "",
    )
