"""Secrets of every kind, in every spelling and place that a stranger or the user could put one; and what shows them.

A scene is built twice with different secrets and nothing else different. What is told of it must show none of them,
and be the same both times: then no function of a secret, whatever it is, has come out. Ids and hashes of API keys may
differ, which may be told, and ids of git, which depend on what they name.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import io
import os
import re
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from sgleaks.cli import main
from sgleaks.samples import TOKEN, render

SECRET = re.compile(r"\{(?:key|broken-key|password|signs|totp|code)\d*(?:\.(?:secret|head|tail))?\}")
SAME = 7  # the seed of what is no secret
WINDOW = 10  # characters of a secret that nobody may see in a row


@dataclass
class Filling:
    """Puts secrets in the place of tokens, and remembers them. ``seed`` is another one for each of two scenes."""

    seed: int
    hidden: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)

    def __call__(self, text: str) -> str:
        """The text with made-up secrets for ``{key}``, ``{password}`` and their likes (`sgleaks.samples`)."""
        plain = TOKEN.sub(lambda token: token[0] if SECRET.fullmatch(token[0]) else render(token[0], SAME), text)
        for token in SECRET.findall(plain):
            self._remember(token.partition(".")[0].rstrip("}") + "}")
        return render(plain, self.seed)

    def _remember(self, token: str) -> None:
        text = render(token, self.seed)
        if "key" in token:
            _, name, text = text.split(".")
            self.ids.add(name)
        self.hidden.add(text)


# How somebody who reads an output might make out what was hidden.
READINGS: Mapping[str, Callable[[str], str]] = {
    "as it is": str,
    "percent-encoded": unquote,
    "as HTML": html.unescape,
    "escaped": lambda text: re.sub(r"\\+(?:u00|x)([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text),
    "in UTF-16": lambda text: text.replace("\0", ""),
    "quoted-printable": lambda text: re.sub(
        r"=([0-9A-F]{2})|=\r?\n", lambda found: chr(int(found[1] or "0", 16)), text
    ),
    "reversed": lambda text: text[::-1],
    "in one line": lambda text: re.sub(r"[\s|'\"+,]+", "", text),
}


def seen(hidden: set[str], shown: str) -> list[str]:
    """How each of the hidden texts can be read in what is shown; nothing where none can."""
    found = []
    readings = {name: read(shown) for name, read in READINGS.items()}
    alike = shown.translate(str.maketrans("-_", "+/"))
    for text in hidden:
        size = min(WINDOW, len(text))
        pieces = [text[at : at + size] for at in range(len(text) - size + 1)]
        found += [name for name, reading in readings.items() if any(piece in reading for piece in pieces)]
        if any(piece.encode().hex() in shown.lower() for piece in pieces):
            found.append("in hexadecimal")
        for before in ("", "x", "xx"):
            spelt = (
                base64.b64encode((before + text).encode())
                .decode()
                .rstrip("=")[4:-1]
                .translate(str.maketrans("-_", "+/"))
            )
            if any(spelt[at : at + 14] in alike for at in range(max(len(spelt) - 13, 1))):
                found.append("in base64")
        for algorithm in ("md5", "sha1", "sha256", "sha512"):
            digest = hashlib.new(algorithm, text.encode(), usedforsecurity=False)
            if digest.hexdigest()[:32] in shown.lower() or base64.b64encode(digest.digest()).decode()[:20] in shown:
                found.append(algorithm)
    return sorted(set(found))


def comparable(shown: str, filling: Filling) -> list[str]:
    """The lines of an output in any order, without what may differ: ids and hashes of keys and of git, and times."""
    shown = html.unescape(shown)
    for name in filling.ids:
        shown = shown.replace(name, "<id>")
    shown = re.sub(r"[\w-]{1,22}\.(?=\*{20})", "<id>.", shown)  # of an excerpt that begins within one
    shown = re.sub(r"SG\.[\w-]{1,21}(?![\w.-])", "SG.<id>", shown)  # or ends in one
    shown = re.sub(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<hash>", shown)
    shown = re.sub(r"(?<![0-9A-Za-z])[0-9a-f]{7,64}(?![0-9A-Za-z])", "<hash>", shown)
    shown = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?", "<time>", shown)
    return sorted(shown.splitlines())


# Running


@dataclass(frozen=True)
class Told:
    """What a run left for anybody to read: its exit code, both streams, and every file it wrote."""

    code: int
    out: str
    err: str
    files: str = ""

    @property
    def everything(self) -> str:
        return "\n".join((self.out, self.err, self.files))


def told(args: list[str], folder: Path, stdin: bytes = b"", variables: Mapping[str, str] | None = None) -> Told:
    """A run of the command line in this process, in a folder, with a home and a temporary folder of its own."""
    with _elsewhere(folder, variables or {}) as home:
        before, out, err = sys.argv, _stream(), _stream()
        streams = sys.stdin, sys.stdout, sys.stderr
        known = {path for path in folder.rglob("*") if path.is_file()}
        sys.argv, sys.stdin = ["sgleaks", *args], io.TextIOWrapper(io.BytesIO(stdin))
        sys.stdout, sys.stderr = out, err
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        finally:
            sys.argv, (sys.stdin, sys.stdout, sys.stderr) = before, streams
        new = [path for path in (*folder.rglob("*"), *home.rglob("*")) if path.is_file() and path not in known]
        files = [
            f"{path.name}\n{path.read_bytes().decode('latin-1')}" for path in sorted(new) if ".git" not in path.parts
        ]
        return Told(code, _text(out), _text(err), "\n".join(files))


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


@contextmanager
def _elsewhere(folder: Path, variables: Mapping[str, str]) -> Iterator[Path]:
    home = folder.parent / "home"
    shutil.rmtree(home, ignore_errors=True)
    (home / "tmp").mkdir(parents=True)
    environment, place, temporary = dict(os.environ), os.getcwd(), tempfile.tempdir
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(("GIT_", "GITHUB_", "CI_", "SGLEAKS_"))
    }
    own = {"HOME": str(home), "TMPDIR": str(home / "tmp"), "GIT_CONFIG_GLOBAL": os.devnull, "COLUMNS": "100"}
    try:
        os.environ.clear()
        os.environ.update({**kept, **own, **variables})
        os.chdir(folder)
        tempfile.tempdir = None
        yield home
    finally:
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(place)
        tempfile.tempdir = temporary


# What holds a text


def zipped(text: bytes, name: str = "a.txt", comment: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:  # stored, as what is deflated has a length of its own
        archive.writestr(zipfile.ZipInfo(name), text)
        archive.comment = comment
    return file.getvalue()


def tarred(text: bytes, name: str = "a.txt") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    return file.getvalue()


SPELLINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "as it is": bytes,
    "lines of Windows": lambda data: data.replace(b"\n", b"\r\n"),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "UTF-16, big-endian": lambda data: b"\xfe\xff" + data.decode().encode("utf-16-be"),
    "base64": lambda data: b"sendgrid: " + base64.b64encode(data),
    "base64 twice": lambda data: b"sendgrid: " + base64.b64encode(base64.b64encode(data)),
    "base64, wrapped": lambda data: b"# sendgrid\n" + base64.encodebytes(data),
    "gzip in base64": lambda data: b"sendgrid: " + base64.b64encode(gzip.compress(data, 0, mtime=0)),
    "gzip": lambda data: gzip.compress(data, 0, mtime=0),
    "zip": zipped,
    "zip in tar": lambda data: tarred(zipped(data), "b.zip"),
    "half a zip": lambda data: zipped(data)[:-30],
    "in one line": lambda data: data.replace(b"\n", b" "),
    "twice": lambda data: data + b"\n" + data,
    "a binary file": lambda data: b"\0\1\xff\n" + data + b"\n\0",
}
