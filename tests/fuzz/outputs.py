"""Targets that read what git writes. Its shape is git's; the names, patches and messages in it are anybody's.

So each makes output as git would, of anything, and wants back what went in; and what was cut off is never taken for
whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from fuzz.target import Target
from sgleaks.git import changes, hunks, ls_files, raw
from sgleaks.git.output import Output
from sgleaks.git.people import iso
from sgleaks.git.run import GitError, printable

ZERO, ONE, TWO = "0" * 40, "1" * 40, "2" * 40


def paths_of(data: bytes) -> list[bytes]:
    """Any names of files: not empty, without NUL."""
    return [part for part in data.split(b"\0") if part]


def listed(data: bytes) -> None:
    """Every path is tracked, untracked, a submodule or named as one that is not scanned; none leads out."""
    paths = paths_of(data)
    records = []
    for number, path in enumerate(paths):
        mode = (b"100644", b"120000", b"160000")[number % 3]
        records.append(b"? " + path if number % 4 == 3 else b"H %s %s 0\t%s" % (mode, ONE.encode(), path))
    seen = ls_files._parsed(b"".join(record + b"\0" for record in records))
    every = [*seen.tracked, *seen.untracked, *seen.submodules]
    assert len(every) + len(seen.skips) == len(paths)
    assert not [path for path in seen.tracked + seen.submodules if path.startswith(b"/") or b".." in path.split(b"/")]
    assert set(seen.tracked + seen.untracked) <= set(paths)


def listings() -> Iterator[bytes]:
    yield b"a\0b/c\0../x\0d/\0./\0/etc\0n\nl"


def compared(data: bytes) -> None:
    """The changes of merges, renames and all else come back with their paths, whatever those look like."""
    fields: list[bytes] = []
    wanted = []
    for number, path in enumerate(paths_of(data)):
        letter = "MARDTU"[number % 6]
        olds = 2 if number % 5 == 4 else 1
        new = raw.NOTHING if letter == "D" else "100644"
        modes, ids = ["100644"] * olds + [new], [ONE] * olds + [TWO]
        status = letter * olds + ("100" if letter == "R" and olds == 1 else "")
        fields += [b":" * olds + " ".join([*modes, *ids, status]).encode(), *([path] if status == "R100" else []), path]
        if new != raw.NOTHING or letter == "U":
            wanted.append((os.fsdecode(path), olds, letter * olds))
    found = [(change.path, len(change.olds), change.status) for change in raw.parsed(iter([ONE.encode(), *fields]))]
    assert found == wanted
    assert all(change.commit == ONE for change in raw.parsed(iter([ONE.encode(), *fields])))


def history(data: bytes) -> None:
    """The same of a walk over many commits, of which only some objects are wanted."""
    paths = paths_of(data)
    fields = []
    for number, path in enumerate(paths):
        new = (TWO, ONE)[number % 2]
        fields += [ONE.encode(), f":100644 100644 {ZERO} {new} A".encode(), path]
    found = list(changes._parsed(iter(fields), {TWO.encode()}))
    assert [(commit, change.path) for commit, change in found] == [(ONE, os.fsdecode(path)) for path in paths[::2]]


def patched(data: bytes) -> None:
    """Added lines are those of the hunks, whatever the lines that they quote look like."""
    out, wanted = [], {}
    for number, text in enumerate(data.split(b"\0")):
        pair = (f"{number:040x}", f"{number + 1:040x}")
        lines = text.split(b"\n")
        out += [b'diff --git "a/x" "b/x"', f"index {pair[0]}..{pair[1]} 100644".encode(), b"--- a/x", b"+++ b/x"]
        out += [b"@@ -1,0 +%d,%d @@ %s" % (number + 1, len(lines), text[:20].replace(b"\n", b" "))]
        out += [b"+" + line for line in lines]
        wanted[pair] = frozenset(range(number + 1, number + 1 + len(lines)))
    assert hunks.added_lines(iter(out)) == wanted


def patches() -> Iterator[bytes]:
    yield b"a\nb\0@@ -1 +1 @@\nindex 0..1\n\0\\ No newline"


def answered(data: bytes) -> None:
    """Lines and lengths are read whatever the pieces that they come in; what ends early is a failure."""
    size = data[0] % 50 + 1 if data else 1
    content = data[1:]
    chunks = [content[at : at + size] for at in range(0, len(content), size)]
    output = Output(iter(chunks))
    line, newline, rest = content.partition(b"\n")
    assert output.line() == line.decode(errors="replace")
    assert newline
    want = len(rest) // 2
    assert output.exact(want) == rest[:want]
    assert output.exact(len(rest) - want) == rest[want:]
    try:
        output.exact(1)
    except GitError:
        return
    raise AssertionError("there was no more")


def said(data: bytes) -> None:
    """What git says is one short line of printable characters, without the user of an address."""
    text = printable(data)
    assert text.isprintable() or not text
    assert len(text) <= 300
    assert "hunter/2" not in printable(b"fatal: https://ada:hunter/2@host/x " + data[:40])
    assert len(iso(data[:30].decode(errors="replace"))) == 20


TARGETS = {
    "ls-files": Target(listed, listings),
    "diff-raw": Target(compared, listings),
    "diff-tree": Target(history, listings),
    "hunks": Target(patched, patches),
    "cat-file": Target(answered, lambda: (b"\3" + b"a" * 40 + b" blob 3\nabc\n", b"\1x"), (GitError,)),
    "stderr": Target(said, lambda: (b"fatal: \x1b[31m no https://u:p@h/", b"1700000000")),
}
