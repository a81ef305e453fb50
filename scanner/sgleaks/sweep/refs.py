"""Which repositories are as they were: asked of many at once, over connections that are kept.

A git process for each costs more than the answer. Where anything is out of the ordinary nothing is said of a
repository here, and whoever visits it lets git ask: another protocol, a proxy, settings of the user for git's HTTP, a
server that wants a password, redirects or knows only the old protocol.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import local
from urllib.parse import urlsplit

from sgleaks.git.clone import digest_of, has_http_settings
from sgleaks.sweep.http import Line, is_direct, is_private, origin_of
from sgleaks.sweep.target import Source

AT_ONCE = 8  # questions: with 100 ms each, 10,000 repositories take two minutes
SERVICE = "git-upload-pack"  # gitprotocol-http(5): how the smart protocol begins, in its first version
LENGTH = 4  # hexadecimal digits before each line, which count themselves
SIZE = re.compile(rb"[0-9a-fA-F]{4}")
REF = re.compile(rb"([0-9a-f]{40}(?:[0-9a-f]{24})?) ([^\0\n]+)")
SYMREF = re.compile(rb"(?:^| )symref=([^ :]+):([^ ]+)")


def digests(sources: Iterable[Source]) -> Iterator[tuple[Source, str]]:
    """Each source with the digest of its refs that `git.clone.refs_at` gives, or "" where git has to be asked."""
    sources = list(sources)
    if not any(map(_is_http, sources)) or has_http_settings():
        yield from ((source, "") for source in sources)
        return
    asking, pool = _Asking(), ThreadPoolExecutor(AT_ONCE)
    try:
        yield from zip(sources, pool.map(asking.digest, sources), strict=True)
    finally:
        asking.end()  # whoever interrupts this does not wait for answers
        pool.shutdown(cancel_futures=True)
        asking.close()


@dataclass(slots=True)
class _Asking:
    """Connections, those of each thread its own, by origin."""

    _own: local = field(default_factory=local)
    _lines: list[Line] = field(default_factory=list)

    def digest(self, source: Source) -> str:
        """The digest of a source's refs, "" where it is not for us to ask."""
        if not _is_http(source):
            return ""
        parts, access = urlsplit(source.address), source.access
        target = f"{parts.path}/info/refs?service={SERVICE}"
        answer = self._line(origin_of(source.address)).get(target, {"Authorization": access.header} if access else {})
        lines = listed(answer[1]) if answer and answer[0] == f"application/x-{SERVICE}-advertisement" else None
        return "" if lines is None else digest_of(lines)

    def end(self) -> None:
        """Ends all connections."""
        for line in self._lines:
            line.end()

    def close(self) -> None:
        """Closes them, when nobody asks any more."""
        for line in self._lines:
            line.close()

    def _line(self, origin: tuple[str, str, int]) -> Line:
        lines: dict[tuple[str, str, int], Line] = self._own.__dict__.setdefault("lines", {})
        if origin not in lines:
            lines[origin] = Line(origin)
            self._lines.append(lines[origin])
        return lines[origin]


def _is_http(source: Source) -> bool:
    """Whether a source may be asked here: no proxy stands before it, and its token is for it and unseen on its way."""
    parts = urlsplit(source.address)
    if source.local or parts.scheme not in ("https", "http") or parts.username or parts.query or parts.fragment:
        return False
    fits = source.access is None or (
        origin_of(source.access.origin) == origin_of(source.address) and is_private(source.address)
    )
    return fits and is_direct(origin_of(source.address))


def listed(body: bytes) -> list[bytes] | None:
    """What ``git ls-remote --symref`` would list of this answer, None where it is not what git's documents say."""
    lines = _lines(body)
    if not lines or lines[:2] != [b"# service=git-upload-pack", b""] or len(lines) == 2 or lines.pop():
        return None
    refs: dict[bytes, bytes] = {}
    symbolic: Mapping[bytes, bytes] = {}
    for number, line in enumerate(lines[2:]):
        text, _, capabilities = line.partition(b"\0")
        found = REF.fullmatch(text)
        if not found or (capabilities and number):
            return None
        symbolic = symbolic or dict(SYMREF.findall(capabilities))
        refs[found[2]] = found[1]
    refs.pop(b"capabilities^{}", None)  # of a repository that has none
    told = [b"ref: %s\t%s" % (target, name) for name, target in symbolic.items() if name in refs]
    return [*told, *(b"%s\t%s" % (oid, name) for name, oid in refs.items())]


def _lines(body: bytes) -> list[bytes] | None:
    """The lines of gitprotocol-common(5), b"" for each flush. None where they do not add up."""
    lines, at = [], 0
    while at < len(body):
        if not SIZE.match(body, at):
            return None
        size = int(body[at : at + LENGTH], 16)
        if size and not LENGTH < size <= len(body) - at:
            return None
        lines.append(body[at + LENGTH : at + size].removesuffix(b"\n") if size else b"")
        at += size or LENGTH
    return lines
