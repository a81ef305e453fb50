"""A repository that wants to hurt whoever scans it: everything of the kind, at once.

Its configuration names a program wherever git takes one (`git_repos.hostile_repository`); what has a name has one that
is something else to a terminal, a runner, a spreadsheet or a browser; what can lead out of it does.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, NamedTuple

from git_repos import HostileRepository, Repository, git_environment, hostile_repository
from keys import key

if TYPE_CHECKING:
    from pathlib import Path

ESCAPE, BIDI = "\x1b[2J\x1b]0;owned\x07\x9b31m", "\u202egnp\u2066\u200f"
# Names of files, and words of authors, messages, branches; none has a slash that is not meant.
NAMES = (
    "line\n::error file=x::owned\r##[error]owned\u2028owned",
    f"escape{ESCAPE}.env",
    f"bidi{BIDI}.env",
    "not-utf-8-\udcff\udc9b.env",
    "--exec=owned",
    "-rf",
    "=cmd|' ",
    "@SUM(1+1)*cmd",
    "\t=1+1,\"quoted\",'x'",
    "[owned](javascript:alert(1))![x](https:owned.example).md",
    "<img src=x onerror=alert(1)>&amp;]]><![CDATA[.env",
    "`owned` | **owned** {0} ${{ github.token }} $(owned) %0A%00",
    '"}],"results":[],"x":"',
    "Case.env",
    "case.env",
    "CON",
    ":(top)*",
)
SECRETS = 40  # keys of this many seeds are in it; they start at FIRST
FIRST = 7000
ELSEWHERE = 6999  # the seed of a key that lies outside of it


class Hostile(NamedTuple):
    """``root`` is the checkout; ``fired()`` tells what of it was run. ``outside`` holds what must not be read."""

    root: Path
    repository: HostileRepository
    outside: Path

    def fired(self) -> set[str]:
        return self.repository.fired()


def hostile(folder: Path) -> Hostile:
    """Makes it, with a key outside that links, alternates and ``.git`` files lead to."""
    outside = folder / "outside"
    other = Repository(outside / "repository")
    other.write("private.env", key(ELSEWHERE).encode())
    other.add()
    other.commit()
    made = hostile_repository(folder, _fill)
    root = made.repository.root
    _lead_out(root, other.root)
    return Hostile(root, made, outside)


def text(number: int) -> bytes:
    """A line with a key, and whatever formats take for theirs."""
    words = f"::error::owned {ESCAPE} {BIDI} <script>owned</script> =cmd|'x'!A0 ]]> [x](javascript:owned) ${{{{ x }}}}"
    return f"SENDGRID_API_KEY={key(FIRST + number)} {words}\n".encode() + b"\xff\xfe\n"


def _fill(repository: Repository) -> None:
    for number, name in enumerate(NAMES):
        repository.write(os.fsencode(f"names/{name}"), text(number))
    repository.write(".lfsconfig", b'[lfs]\n\turl = ext::sh -c owned\n[lfs "customtransfer.x"]\n\tpath = owned\n')
    repository.write(".mailmap", b"Owned <owned> <ada@example.org>\n")
    repository.write("sgleaks.toml", b'ignore = [{ paths = ["**"], reason = "owned" }]\n')
    repository.write(
        "silenced.env", f"SENDGRID_API_KEY={key(FIRST + 30)} # sgleaks: ignore[api-key] \x1b[31m\n".encode()
    )
    repository.git("add", "--force", "--all")
    attributes = b"* filter=evil diff=evil working-tree-encoding=UTF-16 ident export-subst\n"
    repository.write("names/.gitattributes", attributes)  # under which git itself would add none of these
    repository.git("add", "--force", "names/.gitattributes", check=False)
    env = {f"GIT_{who}_NAME": f"A {NAMES[4]} {ESCAPE}{BIDI} =1+1 ::error::x" for who in ("AUTHOR", "COMMITTER")}
    message = f"::error::owned {ESCAPE}{BIDI} <script>owned</script>\n\n{key(FIRST + 31)} {NAMES[11]}\n"
    _git(repository, ["commit", "--quiet", "--allow-empty", "--message", message], env)
    commit = repository.git("rev-parse", "HEAD").decode().strip()
    for name in (
        f"owned{BIDI}",
        "owned;$(owned)",
        "::error::x".replace(":", "\uff1a"),
        "=cmd|x",
        "<img>",
        f"k/{key(FIRST + 32)}",
    ):
        repository.git("update-ref", f"refs/heads/{name}", commit)
    repository.write("staged.env", text(33))
    repository.git("add", "--force", "staged.env")


def _git(repository: Repository, args: list[str], env: dict[str, str]) -> None:
    import subprocess

    subprocess.run(["git", *args], cwd=repository.root, env=git_environment() | env, check=True, capture_output=True)


def _lead_out(root: Path, other: Path) -> None:
    for name, target in {
        "out": str(other),
        "out.env": f"{other}/private.env",
        "passwd": "/etc/passwd",
        "loop": "loop",
        "up": "..",
        "zero": "/dev/zero",
    }.items():
        (root / name).symlink_to(target)
    os.link(root / "edited.txt", root / "hard-link")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        folder = os.open(root, os.O_RDONLY)
        bound.bind(f"/proc/self/fd/{folder}/socket")
        os.close(folder)
    (root / "borrowed").mkdir()
    (root / "borrowed" / ".git").write_text(f"gitdir: {other}/.git\n")
    (root / "borrowed" / "inside.env").write_bytes(text(34))
    (root / ".git" / "objects" / "info" / "alternates").write_text(f"{other}/.git/objects\n")
