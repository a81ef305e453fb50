"""Azure DevOps. learn.microsoft.com/rest/api/azure/devops/git/repositories/list: all of them in one answer."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from sgleaks.sweep.forges import Forge, Listed, host, member, rows, same, text
from sgleaks.sweep.http import Api


def _headers(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Basic {b64encode(f':{token}'.encode()).decode()}"}


FORGE = Forge("https://dev.azure.com", "", ("AZURE_DEVOPS_TOKEN",), "", same, same, _headers)


VISIBILITIES = {"private": "private", "public": "public", "organization": "internal"}


def listed(api: Api, path: str) -> Iterator[Listed]:
    """The repositories of an organisation, or of one of its projects."""
    value = api.get(f"/{quote(path)}/_apis/git/repositories?api-version=7.0").value
    organisation = path.partition("/")[0]
    yield from (_listed(row, organisation) for row in rows(member(value, "value")))


def _listed(row: Any, organisation: str) -> Listed:
    scheme, _, rest = text(row, "remoteUrl").partition("://")
    address = f"{scheme}://{rest.rpartition('@')[2]}"  # Azure puts the organisation before the host
    name = f"{host(address)}/{organisation}/{text(row, 'project', 'name')}/{text(row, 'name')}"
    visibility = VISIBILITIES.get(text(row, "project", "visibility"), "")
    archived, fork = bool(row.get("isDisabled")), bool(row.get("isFork"))
    return Listed(name, address, archived=archived, fork=fork, visibility=visibility)
