"""GitLab: groups with their subgroups, users, projects. docs.gitlab.com, "Groups API", "List projects"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from sgleaks.sweep.forges import Forge, Listed, below, everything, host, number, same, text
from sgleaks.sweep.http import Api, Missing


def _headers(token: str) -> Mapping[str, str]:
    return {"PRIVATE-TOKEN": token}


def _api(url: str) -> str:
    return below(url, "/api/v4")


def _web(url: str) -> str:
    return same(url).removesuffix("/api/v4")


FORGE = Forge("https://gitlab.com", "CI_SERVER_URL", ("GITLAB_TOKEN",), "oauth2", _api, _web, _headers)
PAGING = "per_page=100&order_by=id&sort=asc"


def listed(api: Api, path: str) -> Iterator[Listed]:
    """The projects of a group and its subgroups, or of a user; or the one that is named."""
    group = quote(path, safe="")
    try:
        yield from everything(
            api, _listed, f"/groups/{group}/projects?include_subgroups=true&with_shared=false&{PAGING}"
        )
    except Missing:
        if "/" in path:
            yield _listed(api.get(f"/projects/{group}").value)
        else:
            yield from everything(api, _listed, f"/users/{group}/projects?{PAGING}")


def gists(api: Api, path: str, repositories: Iterable[Listed]) -> Iterator[Listed]:  # noqa: ARG001
    """The snippets of projects; nobody can list those of another person. docs.gitlab.com, "Project snippets"."""
    for one in repositories:
        if one.snippets:
            yield from everything(api, partial(_snippet, one.name), f"{one.snippets}?per_page=100")


def _snippet(project: str, row: Any) -> Listed:
    name = f"{project}/snippets/{number(row, 'id')}"
    return Listed(
        name, text(row, "http_url_to_repo"), pushed=text(row, "updated_at"), visibility=text(row, "visibility")
    )


def _listed(row: Any) -> Listed:
    address = text(row, "http_url_to_repo")
    return Listed(
        f"{host(address)}/{text(row, 'path_with_namespace')}",
        address,
        archived=bool(row.get("archived")),
        fork=bool(row.get("forked_from_project")),
        pushed=text(row, "last_activity_at"),
        wiki=f"{address.removesuffix('.git')}.wiki.git" if row.get("wiki_enabled") else "",
        visibility=text(row, "visibility"),
        snippets=f"/projects/{number(row, 'id')}/snippets" if row.get("snippets_enabled") else "",
    )
