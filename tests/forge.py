"""A forge on loopback: real git over HTTP by ``git http-backend``, and the answers of GitHub's and GitLab's APIs.

Shapes as in docs.github.com ("List organization repositories") and docs.gitlab.com ("List a group's projects").
"""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from git_repos import git_environment

PAGE = 7  # repositories of a page, whatever a client asks for


@dataclass
class Forge:
    """``root`` holds ``OWNER/NAME.git``, which it serves; ``token`` is the one it takes.

    ``trouble`` holds, by path of the API, answers that are given first: a code with headers and a body. ``flags`` are
    members of a repository's row that differ from the usual. ``broken`` names repositories that git cannot serve, and
    how: ``gone`` (404), ``error`` (500), ``cut`` (the pack ends early), ``slow``, ``junk`` (no git), ``refused`` (403).
    """

    root: Path
    token: str = ""
    trouble: dict[str, list[tuple[int, dict[str, str], bytes]]] = field(default_factory=dict)
    flags: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    extra: list[dict[str, Any]] = field(default_factory=list)  # rows of repositories that are not here
    asked: Counter[str] = field(default_factory=Counter)  # requests by path
    peers: Counter[tuple[str, int]] = field(default_factory=Counter)  # requests by connection
    patience: int = 0  # requests after which a connection is closed without a word; for ever, if 0
    tokens: list[str] = field(default_factory=list)  # whatever came as a credential
    url: str = ""

    def repositories(self, owner: str) -> list[str]:
        """Names of an owner and, as of GitLab's subgroups, of what is below."""
        found, folders = [], [self.root / owner]
        while folders:
            folder = folders.pop()
            for path in folder.iterdir() if folder.is_dir() else ():
                if path.suffix == ".git":
                    found.append(path.relative_to(self.root).as_posix()[:-4])
                elif path.is_dir():
                    folders.append(path)
        return sorted(found)


@contextmanager
def served(forge: Forge) -> Iterator[Forge]:
    """The forge, answering at its ``url`` while the context lasts."""

    class Handler(_Handler):
        pass

    Handler.forge = forge
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    forge.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield forge
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    forge: Forge
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def _answer(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        self.forge.asked[path] += 1
        self.forge.peers[self.client_address] += 1
        given = self._given()
        if given:
            self.forge.tokens.append(given)
        if waiting := self.forge.trouble.get(path):
            self._send(*waiting.pop(0))
        elif self.forge.token and given != self.forge.token:
            self._send(401, {"WWW-Authenticate": "Basic"}, b"{}")
        elif path.startswith("/api/"):
            self._api(path, parse_qs(parts.query))
        else:
            self._git(path, parts.query, body)

    def _given(self) -> str:
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            return base64.b64decode(value).decode().partition(":")[2]
        return value or self.headers.get("PRIVATE-TOKEN", "")

    def _api(self, path: str, query: dict[str, list[str]]) -> None:
        words = path.split("/")
        names: list[str] = []
        if path.startswith(("/api/v3/orgs/", "/api/v1/orgs/")):
            names = self.forge.repositories(words[4])
        elif path.startswith("/api/v4/groups/"):
            names = self.forge.repositories(path.removeprefix("/api/v4/groups/").removesuffix("/projects"))
        elif path.startswith("/api/v3/repos/"):
            self._send(200, {}, json.dumps(self._row("/".join(words[4:]))).encode())
            return
        rows = [self._row(name) for name in names] + self.forge.extra
        if not rows:
            self._send(404, {}, b'{"message": "Not Found"}')
            return
        number = int(query.get("page", ["1"])[0])
        headers = {"Content-Type": "application/json"}
        if len(rows) > number * PAGE:
            headers["Link"] = (
                f'<{self.forge.url}{path}?page={number + 1}>; rel="next", <{self.forge.url}{path}>; rel="first"'
            )
        self._send(200, headers, json.dumps(rows[(number - 1) * PAGE : number * PAGE]).encode())

    def _row(self, name: str) -> dict[str, Any]:
        address = f"{self.forge.url}/{name}.git"
        return {
            "full_name": name,
            "path_with_namespace": name,
            "clone_url": address,
            "http_url_to_repo": address,
            "archived": False,
            "fork": False,
            "pushed_at": "2026-01-31T10:00:00Z",
            "last_activity_at": "2026-01-31T10:00:00.000Z",
            "has_wiki": True,
            **self.forge.flags.get(name, {}),
        }

    def _git(self, path: str, query: str, body: bytes) -> None:
        name = path.removeprefix("/").partition(".git")[0]
        how = self.forge.broken.get(name, "")
        if how in ("gone", "error", "refused"):
            self._send({"gone": 404, "error": 500, "refused": 403}[how], {}, b"no")
            return
        if how == "junk":
            self._send(200, {"Content-Type": "text/html"}, b"<html>not git</html>")
            return
        if how == "slow" and body and b"command=fetch" in body:
            time.sleep(30)
        variables = {
            **git_environment(),
            "GIT_PROJECT_ROOT": str(self.forge.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=variables, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        pairs = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        code = int(pairs.pop("Status", "200").split()[0])
        if how == "cut" and b"command=fetch" in body:
            content = content[: len(content) * 2 // 3]
        self._send(code, pairs, content)

    def _send(self, code: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        else:  # it may be a lie
            self.close_connection = True
        self.end_headers()
        if self.forge.peers[self.client_address] == self.forge.patience:
            self.close_connection = True
        try:
            self.wfile.write(body)
        except OSError:  # the client has gone
            self.close_connection = True


def bare(forge_root: Path, name: str, files: dict[str, str], *, remove: bool = False) -> Path:
    """A bare repository ``NAME.git`` with one commit of these files, or one more commit where it is there already.

    Made by ``git fast-import``: one process. With ``remove`` a further commit takes the files away again.
    """
    place = forge_root / f"{name}.git"
    environment = git_environment()
    new = not place.exists()
    if new:
        subprocess.run(["git", "init", "--quiet", "--bare", str(place)], env=environment, check=True)
    stream = "" if new else "reset refs/heads/main\nfrom refs/heads/main^0\n"
    stream += _commit("first" if new else "more", files)
    if remove:
        stream += _commit("away", dict.fromkeys(files))
    stream += "done\n"
    subprocess.run(
        ["git", "fast-import", "--quiet", "--done", "--force"],
        cwd=place, env=environment, input=stream.encode(), check=True,
    )  # fmt: skip
    return place


def _commit(message: str, files: Mapping[str, str | None]) -> str:
    who = "Ada <ada@example.org> 1769853600 +0000"
    text = f"commit refs/heads/main\nauthor {who}\ncommitter {who}\ndata {len(message)}\n{message}\n"
    for path, content in files.items():
        text += (
            f"D {path}\n" if content is None else f"M 100644 inline {path}\ndata {len(content.encode())}\n{content}\n"
        )
    return text
