"""What each forge answers, as its documentation shows it, and how long is waited for the ones that are busy."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sgleaks.errors import ToolError
from sgleaks.sweep.forges import FORGES, Listed, bitbucket, forge, host
from sgleaks.sweep.http import MAX_WAIT, SECONDARY_WAIT, Api, ForgeError, Page, limit_of, origin_of, shown
from sgleaks.sweep.target import Choice, Lister, Source, Unlisted, is_plain

Answers = dict[str, Any]  # by path with its query; "{url}" in a text is where the server is


@dataclass(frozen=True, slots=True)
class Canned(Api):
    """An API that gives answers which were made before, the last of them for ever."""

    answers: list[Page | tuple[int, Message, bytes]] = field(default_factory=list)

    def _ask(self, address: str) -> Page | tuple[int, Message, bytes]:
        origin_of(address)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def answering(answers: Answers) -> Iterator[str]:
    """A server on loopback that gives these answers, else 404; a tuple is a code and headers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers.get(self.path)
            code, headers = answer if isinstance(answer, tuple) else (200 if answer is not None else 404, {})
            body = json.dumps(answer).replace("{url}", url).encode()
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield url
    finally:
        server.shutdown()
        server.server_close()


GITEA = {
    "full_name": "acme/shop",
    "clone_url": "{url}/acme/shop.git",
    "archived": True,
    "fork": False,
    "updated_at": "2026-01-31T10:00:00+01:00",
    "has_wiki": True,
    "private": True,
    "internal": False,
}
CLOUD = {
    "full_name": "acme/shop",
    "parent": {"full_name": "else/shop"},
    "updated_on": "2026-01-31T10:00:00.000000+00:00",
    "has_wiki": False,
    "is_private": False,
    "links": {
        "clone": [
            {"name": "https", "href": "https://ada@bitbucket.org/acme/shop.git"},
            {"name": "ssh", "href": "git@bitbucket.org:acme/shop.git"},
        ]
    },
}
CENTER = {
    "slug": "shop",
    "project": {"key": "ACME"},
    "archived": False,
    "public": False,
    "links": {
        "clone": [
            {"name": "ssh", "href": "ssh://git@x/acme/shop.git"},
            {"name": "http", "href": "{url}/scm/acme/shop.git"},
        ]
    },
}
AZURE = {
    "name": "shop",
    "project": {"name": "Web Shop", "visibility": "organization"},
    "remoteUrl": "https://acme@dev.azure.com/acme/Web%20Shop/_git/shop",
}
MORE = "?limit=100&start={}"


@pytest.mark.parametrize(
    ("kind", "path", "answers", "found"),
    [
        (
            "gitea",
            "acme",
            {"/api/v1/orgs/acme/repos?limit=50": [GITEA]},
            [
                Listed(
                    "{host}/acme/shop",
                    "{url}/acme/shop.git",
                    archived=True,
                    pushed="2026-01-31T10:00:00+01:00",
                    wiki="{url}/acme/shop.wiki.git",
                    visibility="private",
                )
            ],
        ),
        ("gitea", "ada", {"/api/v1/users/ada/repos?limit=50": []}, []),
        (
            "bitbucket",
            "acme",
            {
                "/repositories/acme?pagelen=100": {"values": [], "next": "{url}/repositories/acme?pagelen=100&page=2"},
                "/repositories/acme?pagelen=100&page=2": {"values": [CLOUD]},
            },
            [
                Listed(
                    "bitbucket.org/acme/shop",
                    "https://bitbucket.org/acme/shop.git",
                    fork=True,
                    pushed="2026-01-31T10:00:00.000000+00:00",
                    visibility="public",
                )
            ],
        ),
        (
            "bitbucket_dc",
            "ACME",
            {
                f"/rest/api/1.0/projects/ACME/repos{MORE.format(0)}": {
                    "values": [], "isLastPage": False, "nextPageStart": 100,
                },
                f"/rest/api/1.0/projects/ACME/repos{MORE.format(100)}": {"values": [CENTER], "isLastPage": True},
            },
            [Listed("{host}/ACME/shop", "{url}/scm/acme/shop.git", visibility="private")],
        ),
        (
            "azure",
            "acme/Web Shop",
            {"/acme/Web%20Shop/_apis/git/repositories?api-version=7.0": {"value": [AZURE], "count": 1}},
            [
                Listed(
                    "dev.azure.com/acme/Web Shop/shop",
                    "https://dev.azure.com/acme/Web%20Shop/_git/shop",
                    visibility="internal",
                )
            ],
        ),
    ],
    ids=["gitea", "gitea-user", "bitbucket-cloud", "bitbucket-data-center", "azure"],
)  # fmt: skip
def test_forge_is_understood(kind: str, path: str, answers: Answers, found: list[Listed]) -> None:
    module = forge("bitbucket", "https://bitbucket.acme.example") if kind == "bitbucket_dc" else forge(kind)
    with answering(answers) as url:
        told = list(module.listed(Api(module.FORGE.api(url), {}, print), path))

    def filled(text: str) -> str:
        return text.replace("{url}", url).replace("{host}", host(url))

    assert told == [
        replace(one, name=filled(one.name), address=filled(one.address), wiki=filled(one.wiki)) for one in found
    ]


@pytest.mark.parametrize(
    ("kind", "given", "api", "web"),
    [
        ("github", "https://github.com", "https://api.github.com", "https://github.com"),
        ("github", "https://api.github.com", "https://api.github.com", "https://github.com"),
        ("github", "https://git.acme.example", "https://git.acme.example/api/v3", "https://git.acme.example"),
        ("github", "https://git.acme.example/api/v3/", "https://git.acme.example/api/v3", "https://git.acme.example"),
        ("gitlab", "https://gitlab.com", "https://gitlab.com/api/v4", "https://gitlab.com"),
        ("gitea", "https://codeberg.org", "https://codeberg.org/api/v1", "https://codeberg.org"),
        ("bitbucket", "https://bitbucket.org", "https://api.bitbucket.org/2.0", "https://bitbucket.org"),
        ("azure", "https://dev.azure.com", "https://dev.azure.com", "https://dev.azure.com"),
    ],
)
def test_where_a_forge_is(kind: str, given: str, api: str, web: str) -> None:
    module = forge(kind, given)
    assert module.FORGE.api(given) == api
    assert origin_of(module.FORGE.web(given)) == origin_of(web)


@pytest.mark.parametrize(
    "answer", [{}, {"value": 3}, {"value": [3]}, {"value": [{"name": []}]}, {"values": [{"links": 3}]}, [1], "x", 7]
)
@pytest.mark.parametrize("kind", FORGES)
def test_answer_of_another_shape_is_told(kind: str, answer: Any) -> None:
    class Odd(dict[str, Any]):
        def get(self, key: object, default: Any = None) -> Any:  # noqa: ARG002
            return answer

    with answering(Odd()) as url:
        module = forge(kind)
        with pytest.raises(ForgeError):
            list(module.listed(Api(url, {}, print, lambda _: None), "acme"))


GIST = {
    "id": "aa5a315d",
    "owner": {"login": "ada"},
    "git_pull_url": "{url}/gist/aa5a315d.git",
    "public": True,
    "updated_at": "2026-01-31T10:00:00Z",
}
PROJECT = {
    "id": 7,
    "path_with_namespace": "acme/shop",
    "http_url_to_repo": "{url}/acme/shop.git",
    "visibility": "internal",
    "snippets_enabled": True,
}
SNIPPET = {"id": 65, "http_url_to_repo": "{url}/acme/shop/snippets/65.git", "visibility": "private"}
OLD_SNIPPET = {"id": 66, "visibility": "private"}  # of which there is no repository
GISTS: dict[str, tuple[Answers, list[str], list[str]]] = {
    "github:ada": (
        {"/api/v3/users/ada/repos?type=all&per_page=100": [], "/api/v3/users/ada/gists?per_page=100": [GIST]},
        ["ada/gists/aa5a315d"],
        [],
    ),
    "github:acme": ({"/api/v3/orgs/acme/repos?type=all&per_page=100": []}, [], []),
    "gitlab:acme": (
        {
            "/api/v4/groups/acme/projects?include_subgroups=true&with_shared=false&per_page=100&order_by=id&sort=asc": [
                PROJECT,
                {**PROJECT, "id": 8, "path_with_namespace": "acme/none", "snippets_enabled": False},
            ],
            "/api/v4/projects/7/snippets?per_page=100": [SNIPPET, OLD_SNIPPET],
        },
        ["acme/none", "acme/shop", "acme/shop/snippets/65"],
        ["acme/shop/snippets/66"],
    ),
    "gitea:acme": ({"/api/v1/orgs/acme/repos?limit=50": []}, [], []),
}


@pytest.mark.parametrize("target", GISTS)
def test_gists_and_snippets_are_listed_where_asked_for(target: str) -> None:
    answers, names, unlisted = GISTS[target]
    with answering(answers) as url:
        told = list(Lister(Choice(gists=True), print, url).sources([target]))
        without = list(Lister(Choice(), print, url).sources([target]))
    short = len(host(url)) + 1
    assert sorted(one.name[short:] for one in told if isinstance(one, Source)) == names
    assert [one.target[short:] for one in told if isinstance(one, Unlisted)] == unlisted
    assert [
        one for one in told if isinstance(one, Source) and "/gists/" not in one.name and "/snip" not in one.name
    ] == without


@pytest.mark.parametrize(
    ("row", "seen"),
    [
        ({"visibility": "internal", "private": True}, "internal"),
        ({"private": True}, "private"),
        ({"private": False}, "public"),
        ({}, ""),
    ],
)
def test_visibility_is_what_the_forge_tells(row: dict[str, Any], seen: str) -> None:
    row = {"full_name": "acme/x", "clone_url": "{url}/acme/x.git", **row}
    with answering({"/api/v3/orgs/acme/repos?type=all&per_page=100": [row]}) as url:
        module = forge("github")
        (one,) = module.listed(Api(module.FORGE.api(url), {}, print), "acme")
    assert one.visibility == seen


def headers(**values: str) -> Message:
    message = Message()
    for name, value in values.items():
        message[name.replace("_", "-")] = value
    return message


@pytest.mark.parametrize(
    ("code", "given", "body", "seconds"),
    [
        (200, {"Retry_After": "5"}, b"", None),
        (404, {}, b"", None),
        (403, {}, b"Forbidden", None),
        (403, {"Retry_After": "7"}, b"", 7),
        (429, {"Retry_After": "7", "X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "9999999999"}, b"", 7),
        (403, {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "1"}, b"", 1),
        (403, {"X_RateLimit_Remaining": "5", "X_RateLimit_Reset": "1"}, b"", None),
        (429, {"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT"}, b"", SECONDARY_WAIT),
        (403, {}, b'{"message": "You have exceeded a secondary rate limit"}', SECONDARY_WAIT),
    ],
)
def test_how_long_a_rate_limit_lasts(code: int, given: dict[str, str], body: bytes, seconds: float | None) -> None:
    assert limit_of(code, headers(**given), body) == seconds


def test_waits_are_bounded_and_told() -> None:
    waits: list[float] = []
    told: list[str] = []
    with answering({"/x": (429, {"Retry-After": "99999999"})}) as url, pytest.raises(ForgeError):
        Api(url, {}, told.append, waits.append).get("/x")
    assert set(waits) == {MAX_WAIT}
    assert told[0] == f"waiting {MAX_WAIT} s for the rate limit of 127.0.0.1"


def test_failures_are_tried_again_a_few_times() -> None:
    waits: list[float] = []
    with answering({"/x": (503, {})}) as url, pytest.raises(ForgeError, match="503"):
        Api(url, {}, lambda _: None, waits.append).get("/x")
    assert waits == [1, 2, 4, 8]


@pytest.mark.parametrize(
    "address",
    [
        "ftp://127.0.0.1/acme/x.git",
        "file:///etc",
        "ext::sh -c id",
        "-upload-pack=x",
        "https://h.example/../x",
        "{url}/a/..",
    ],
)
def test_addresses_that_are_none_are_not_cloned(address: str) -> None:
    with answering({"/api/v3/orgs/acme/repos?type=all&per_page=100": []}) as url:
        row = {"full_name": "acme/x" if "://" in address and ".." not in address else "acme/..", "clone_url": address}
        with answering({"/api/v3/orgs/acme/repos?type=all&per_page=100": [row]}) as other:
            told = list(Lister(Choice(), print, other).sources(["github:acme"]))
    assert url
    assert [type(one) for one in told] == [Unlisted]


def test_token_is_for_the_addresses_of_its_forge_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_TOKEN", "t")
    monkeypatch.setenv("GITHUB_TOKEN", "u")
    rows = [
        {"full_name": "acme/here", "clone_url": "{url}/acme/here.git"},
        {"full_name": "acme/there", "clone_url": "https://git.other.example/acme/there.git"},
        {"full_name": "acme/port", "clone_url": "http://127.0.0.1:1/acme/port.git"},
    ]
    with answering({"/api/v3/orgs/acme/repos?type=all&per_page=100": rows}) as url:
        told = list(Lister(Choice(), print, url).sources(["github:acme"]))
    seen = {one.name.rpartition("/")[2]: one.access for one in told if isinstance(one, Source)}
    assert {name for name, access in seen.items() if access} == {"here"}
    assert seen["here"] is not None
    assert seen["here"].variable == "GH_TOKEN"


def test_one_forge_a_sweep_where_its_token_is_named() -> None:
    with pytest.raises(ToolError, match="one forge"):
        list(Lister(Choice(), print, "https://git.example").sources(["github:acme", "gitlab:acme"]))


@pytest.mark.parametrize("name", ["h/../b", "h//b", "h/./b", "h/a\\b", "h/a\nb", "h/" * 300, ""])
def test_names_that_could_not_be_folders_are_refused(name: str) -> None:
    assert not is_plain(name)
    assert is_plain("h/a/b c")


@pytest.mark.parametrize("url", ["x", "ftp://h/", "https://[x", "https://h:99999/", "https://"])
def test_what_is_no_address_of_a_forge_is_refused(url: str) -> None:
    with pytest.raises(ToolError, match="no address"):
        Api(url, {}, print)


@pytest.mark.parametrize("location", ["http://[x", "http://h:99999/", "//else.example/", "\\"])
def test_redirect_to_nowhere_is_followed_nowhere(location: str) -> None:
    with answering({"/x": (302, {"Location": location})}) as url, pytest.raises(ForgeError):
        Api(url, {}, lambda _: None, lambda _: None).get("/x")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://ada:pass@host/x?token=1#y", "https://host/x"),
        ("https://ada:pass/word@host/x", "https://host/x"),
        ("https:ada:pass@host", "host"),
        ("https://[x", "https://[x"),
    ],
)
def test_address_is_shown_without_its_secrets(address: str, told: str) -> None:
    assert shown(address) == told


def test_pages_of_bitbucket_end() -> None:
    page = Page({"values": [], "next": "http://127.0.0.1:9/2"}, Message())
    api = Canned("http://127.0.0.1:9", {}, print, answers=[page])
    with pytest.raises(ForgeError, match="more than 10,000 pages"):
        list(bitbucket.listed(api, "acme"))
