"""Builds a repository with a long history, for the benchmarks: real sources, edited in the ways that people edit.

Run as ``python bench/history_repo.py FOLDER [BLOBS]``. The sources are those of the installed packages, so nothing is
fetched; the same packages give the same repository. Keys that are generated come in between and go again.
"""

from __future__ import annotations

import random
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from tree_keys import make_key

BLOBS = 100_000
SMALLEST, LARGEST = 4 << 10, 200 << 10  # bytes of a source
POPULAR = 32 << 10  # bytes of those that change most; a version has 30 KB on average, rails' have 20 and redis' 80
FILES_A_COMMIT = (1, 1, 1, 2, 2, 3, 5)
SEED = 20260101
EDITS = 20  # versions of a file, at the least, on average
KEYS = 21
KEY_LIVES = range(1, 20)  # versions of its file that have a key


def build(folder: Path, blobs: int = BLOBS) -> int:
    """Writes a packed bare repository; the number of blobs in it. Takes some minutes, most of them git's own."""
    git = ["git", "-C", str(folder)]
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(folder)], check=True)
    # Its own deltas are between files that happen to follow each other; the repacking finds better ones.
    quick = ["-c", "core.compression=0", "fast-import", "--quiet", "--depth=0"]
    importer = subprocess.Popen([*git, *quick], stdin=subprocess.PIPE)
    if not importer.stdin:
        raise SystemExit("git fast-import has no input")
    for command in _commands(sources()[: max(blobs // EDITS, 1)], blobs):
        importer.stdin.write(command)
    importer.stdin.close()
    if importer.wait():
        raise SystemExit("git fast-import failed")
    subprocess.run([*git, "repack", "-adfq", "--threads=2"], check=True)
    listing = [*git, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)", "--unordered"]
    kinds = subprocess.run(listing, check=True, capture_output=True).stdout
    return kinds.split().count(b"blob")


def sources() -> list[bytes]:
    """Files of the installed packages; first those that will change most, which in real histories are long ones."""
    paths = sorted(Path(sysconfig.get_paths()["purelib"]).rglob("*.py"))
    files = {path.read_bytes() for path in paths if SMALLEST <= path.stat().st_size <= LARGEST}
    return sorted(files, key=lambda content: (abs(len(content) - POPULAR), content))


def _commands(files: list[bytes], blobs: int) -> Iterator[bytes]:
    rng = random.Random(SEED)
    versions = [content.split(b"\n") for content in files]
    longest = [len(lines) * 5 // 4 for lines in versions]
    keys: dict[int, tuple[bytes, int]] = {}  # by file: the line with the key, and how many versions it stays
    planted = written = number = 0
    while written < blobs:
        number += 1
        message = b"change %d" % number
        yield b"commit refs/heads/main\ncommitter Ada <ada@example.org> %d +0000\n" % (1_500_000_000 + 600 * number)
        yield b"data %d\n%s\n" % (len(message), message)
        for which in set(_changed(rng, number, len(versions))):
            if number > len(versions):
                edit(versions[which], rng, longest[which])
                if which not in keys and planted < KEYS and written >= blobs * (planted + 1) // (KEYS + 1):
                    planted += 1
                    line = b"SENDGRID_API_KEY = '%s'" % make_key(rng).text.encode()
                    keys[which] = line, rng.choice(KEY_LIVES)
            content = b"\n".join(_with_key(versions[which], which, keys))
            yield b"M 100644 inline src/%d/file%d.py\ndata %d\n" % (which % 50, which, len(content))
            yield content
            yield b"\n"
            written += 1


def _changed(rng: random.Random, number: int, files: int) -> list[int]:
    """The files of a commit: first each one comes; then some change all the time, and most hardly ever."""
    if number <= files:
        return [number - 1]
    return [min(int(rng.paretovariate(0.5)), files) - 1 for _ in range(rng.choice(FILES_A_COMMIT))]


def _with_key(lines: list[bytes], which: int, keys: dict[int, tuple[bytes, int]]) -> list[bytes]:
    """A version of a file, with the key that it has for some versions."""
    line, left = keys.pop(which, (b"", 0))
    if not left:
        return lines
    keys[which] = line, left - 1
    return [*lines[: len(lines) // 2], line, *lines[len(lines) // 2 :]]


def edit(lines: list[bytes], rng: random.Random, longest: int) -> None:
    """Changes a file in one to four places: a line replaced, some added (up to ``longest``), removed, or moved."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(lines)) if lines else 0
        length = min(int(rng.paretovariate(1.2)), 40)
        choice = rng.random()
        if choice < 0.45 and lines:
            lines[at] = lines[at] + b"  # %d" % rng.randrange(10_000) if len(lines[at]) < 100 else lines[at][:60]
        elif choice < 0.75 and len(lines) < longest:
            lines[at:at] = [
                b"    value_%d = call(%d)" % (rng.randrange(1000), rng.randrange(1000)) for _ in range(length)
            ]
        elif choice < 0.95:
            del lines[at : at + length]
        else:
            block = lines[at : at + length]
            del lines[at : at + length]
            to = rng.randrange(len(lines) + 1)
            lines[to:to] = block


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else BLOBS))
