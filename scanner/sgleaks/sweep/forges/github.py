"""GitHub and GitHub Enterprise Server. docs.github.com, "REST API endpoints for repositories"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from sgleaks.sweep.forges import Forge, Listed, as_github, bearer, below, everything, flag, host, rows, seen_by, text
from sgleaks.sweep.http import Api, ForgeError, Missing, parts_of


def _api(url: str) -> str:
    host = parts_of(url).hostname or ""
    if host == "github.com":
        return "https://api.github.com"
    return url.rstrip("/") if host.startswith("api.") else below(url, "/api/v3")


def _web(url: str) -> str:
    parts = parts_of(_api(url))
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


def gists(api: Api, path: str, repositories: Iterable[Listed]) -> Iterator[Listed]:  # noqa: ARG001
    """The public gists of a user; organisations have none. docs.github.com, "REST API endpoints for gists"."""
    if "/" not in path:
        with suppress(Missing):
            yield from everything(api, _gist, f"/users/{quote(path)}/gists?per_page=100")


def _gist(row: Any) -> Listed:
    address = text(row, "git_pull_url")
    name = f"{host(address)}/{text(row, 'owner', 'login')}/gists/{text(row, 'id')}"
    return Listed(name, address, pushed=text(row, "updated_at"), visibility=seen_by(flag(row, "public") is False))


def _all(api: Api, path: str) -> Iterator[Listed]:
    for page in api.pages(path):
        yield from (_listed(row) for row in rows(page.value))
        if "partial-results" in page.headers.get("X-GitHub-SSO", ""):
            raise ForgeError(path, "single sign-on hides some of it", "authorise the token at the forge")


def _listed(row: Any) -> Listed:
    return as_github(row, text(row, "pushed_at"), text(row, "visibility") or seen_by(flag(row, "private")))
