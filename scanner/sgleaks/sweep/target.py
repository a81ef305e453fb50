"""What is to be swept: targets of the command line, and the repositories they stand for."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sgleaks.errors import ToolError, suggestion
from sgleaks.git.clone import Access
from sgleaks.git.repository import find
from sgleaks.sweep.forges import FORGES, Listed, Module, forge, gists_of, host
from sgleaks.sweep.http import Api, ForgeError, is_private, origin_of, parts_of, shown

MAX_FILE = 16 << 20  # bytes of a file of addresses; 100,000 of them are 6 MB
MAX_DEPTH = 8  # folders below a directory of clones
SCHEMES = ("https", "http", "ssh")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of the listed repositories are swept. Globs are of whole names or of what follows the host."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    archived: bool = True  # keys in them live on
    forks: bool = False
    wikis: bool = False
    gists: bool = False
    visibility: tuple[str, ...] = ()  # of `forges.VISIBILITIES`; what has none stays
    pushed_since: str = ""  # ISO 8601 date; what has no date stays

    def takes(self, one: Listed) -> bool:
        """Whether a repository is swept."""
        if (one.archived and not self.archived) or (one.fork and not self.forks):
            return False
        if self.pushed_since and one.pushed and one.pushed < self.pushed_since:
            return False
        if self.visibility and one.visibility and one.visibility not in self.visibility:
            return False
        return (not self.include or _fits(one.name, self.include)) and not _fits(one.name, self.exclude)


@dataclass(frozen=True, slots=True)
class Source:
    """A repository to visit. ``local``: ``address`` is a path, read where it is. ``optional``: it may not exist."""

    name: str
    address: str
    access: Access | None = None
    local: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A target, or a part of it, that could not be listed, and why."""

    target: str
    why: str


@dataclass(frozen=True, slots=True)
class Lister:
    """Lists targets. ``url`` is where their forge is, ``token`` the variable that has its token, both "" if not said.

    ``tell`` is told of every wait.
    """

    choice: Choice
    tell: Callable[[str], None]
    url: str = ""
    token: str = ""

    def sources(self, targets: Iterable[str]) -> Iterator[Source | Unlisted]:
        """The repositories of the targets. Raises ToolError for a target that is none."""
        targets = list(targets)
        self._check(targets)
        for target in targets:
            if target.startswith("@"):
                yield from self._of_file(target[1:])
            elif self._is_forge(target):
                yield from self._of_forge(target)
            else:
                yield from self._of_folder(Path(target))

    def _check(self, targets: list[str]) -> None:
        for target in targets:
            name, colon, path = target.partition(":")
            if target.startswith("@") or os.path.isdir(target):
                continue
            if not colon or name not in FORGES:
                near = suggestion(name, list(FORGES)) if colon else ""
                known = ", ".join(f"{each}:NAME" for each in FORGES)
                raise ToolError(
                    f'target "{target}"', f"it is no forge and no folder{near}", f"name {known}, @FILE or a folder"
                )
            if not path.strip("/") or ".." in path.split("/"):
                raise ToolError(f'target "{target}"', "no organisation follows the colon", f"write {name}:ORG")
        if self.token and not os.environ.get(self.token):
            raise ToolError("--token-env", f"{self.token} is not set", "name a variable that holds a token")
        kinds = {target.partition(":")[0] for target in targets if self._is_forge(target)}
        if (self.token or self.url) and len(kinds) > 1:
            raise ToolError("--forge-url and --token-env", "they are for one forge", "sweep one forge after the other")

    def _is_forge(self, target: str) -> bool:
        return not target.startswith("@") and not os.path.isdir(target) and target.partition(":")[0] in FORGES

    def _of_forge(self, target: str) -> Iterator[Source | Unlisted]:
        kind, _, path = target.partition(":")
        module = forge(kind, self.url)
        url = self.url or os.environ.get(module.FORGE.url_variable or "-") or module.FORGE.url
        access = self._access(module, url)
        token = os.environ.get(access.variable, "") if access else ""
        api = Api(module.FORGE.api(url), module.FORGE.headers(token) if token else {}, self.tell)
        try:
            taken = []
            for one in module.listed(api, path.strip("/")):
                if self.choice.takes(one):
                    taken.append(one)
                    yield from self._chosen(one, access)
            if self.choice.gists:
                for one in filter(self.choice.takes, gists_of(module, api, path.strip("/"), taken)):
                    yield from self._chosen(one, access)
        except ForgeError as error:
            yield Unlisted(target, f"{error.what}: {error.why}; {error.next_step}")

    def _chosen(self, one: Listed, access: Access | None) -> Iterator[Source | Unlisted]:
        """The repository and its wiki, with the token only where its address is of the forge itself."""
        for address, name in ((one.address, one.name), (one.wiki if self.choice.wikis else "", f"{one.name}.wiki")):
            if (address or name == one.name) and (parts_of(address).scheme not in SCHEMES or not is_plain(name)):
                yield Unlisted(one.name, "its address or name is not one that can be used")
            elif address:
                fits = access is not None and origin_of(address) == origin_of(access.origin)
                yield Source(name, address, access if fits else None, optional=name != one.name)

    def _access(self, module: Module, url: str) -> Access | None:
        names = (self.token,) if self.token else module.FORGE.tokens
        variable = next((name for name in names if os.environ.get(name)), "")
        if not variable:
            return None
        parts = parts_of(module.FORGE.web(url))
        return Access(f"{parts.scheme}://{parts.netloc}", variable, module.FORGE.user)

    def _of_file(self, file: str) -> Iterator[Source | Unlisted]:
        """Clone addresses, one a line; blank lines and those that begin with # are none."""
        try:
            with open(file, encoding="utf-8") as opened:
                lines = opened.read(MAX_FILE).splitlines()
        except (OSError, UnicodeDecodeError):
            raise ToolError(f"@{file}", "it cannot be read", "name a file of clone addresses, one a line") from None
        accesses = self._accesses()
        for line in filter(None, map(str.strip, lines)):
            if line.startswith("#"):
                continue
            if os.path.isdir(line):
                yield from self._of_folder(Path(line))
                continue
            address = _with_scheme(line)
            parts = parts_of(address)
            name = f"{host(address)}{parts.path.removesuffix('.git').rstrip('/')}"
            if parts.scheme not in SCHEMES or parts.password or not is_plain(name):
                yield Unlisted(shown(address), "it is no address to clone from, or holds a password")
            elif self.choice.takes(Listed(name, address)):
                if parts.scheme in ("http", "https"):  # a user name may be a token, and would be kept in the ledger
                    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
                access = next((each for each in accesses if origin_of(each.origin) == origin_of(address)), None)
                yield Source(name, address, access)

    def _accesses(self) -> list[Access]:
        """Tokens for addresses of a file: of the forges that everybody knows, or the one that was named."""
        if self.token and not self.url:
            raise ToolError("--token-env", "it is not known which host may see it", "give --forge-url, too")
        if self.url:
            parts = parts_of(self.url)
            names = (self.token,) if self.token else tuple(v for each in FORGES for v in forge(each).FORGE.tokens)
            variable = next((name for name in names if self.token and os.environ.get(name)), "")
            origin = f"{parts.scheme}://{parts.netloc}"
            return [Access(origin, variable, "x-access-token")] if variable and is_private(origin) else []
        modules = [forge(each) for each in FORGES]
        return [access for each in modules if (access := self._access(each, each.FORGE.url))]

    def _of_folder(self, folder: Path) -> Iterator[Source | Unlisted]:
        """The repositories below a folder, by path; the folder itself where it is one."""
        for place in _repositories(folder, 0):
            if isinstance(place, Unlisted):
                yield place
                continue
            one = Listed((Path(folder.resolve().name) / place.relative_to(folder)).as_posix(), str(place))
            if self.choice.takes(one):
                yield Source(one.name, str(place.absolute()), local=True)


def is_plain(name: str) -> bool:
    """Whether the parts of a name can be folders below another one: forges are strangers."""
    parts = name.split("/")
    return (
        len(name) <= 512
        and name.isprintable()
        and all(part not in ("", ".", "..") and "\\" not in part for part in parts)
    )


def _repositories(folder: Path, depth: int) -> Iterator[Path | Unlisted]:
    found = find(folder)
    if found and os.path.realpath(found.root or found.git_dir) == os.path.realpath(folder):
        yield folder
        return
    if depth < MAX_DEPTH:
        try:
            below = sorted(place for place in folder.iterdir() if place.is_dir() and not place.is_symlink())
        except OSError as error:
            yield Unlisted(str(folder), f"it cannot be read: {error.strerror}")
            return
        for place in below:
            yield from _repositories(place, depth + 1)


def _with_scheme(line: str) -> str:
    """``git@host:owner/name`` as ``ssh://git@host/owner/name``."""
    if "://" in line:
        return line
    place, colon, path = line.partition(":")
    return f"ssh://{place}/{path.lstrip('/')}" if colon and "@" in place else line


def _fits(name: str, globs: Iterable[str]) -> bool:
    short = name.partition("/")[2] or name
    return any(fnmatch.fnmatchcase(each, glob) for glob in globs for each in (name, short))
