"""Plants keys in a built tree and keeps the manifest of what a scanner should find there, without the keys.

Run as a program with a folder, it builds the tree first. A process of its own, because a child's peak memory as the
system counts it is never below its parent's: what measures must stay small.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from random import Random
from typing import TYPE_CHECKING

import tree_packages
from tree_forms import text_forms
from tree_keys import make_key, near_misses
from tree_packed import packed_forms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_keys import Key

SEED = 20_240_301  # the same keys in every build, so that figures can be compared
KEYS_PER_FORM = 2
SOURCE_KEYS = 12
BUNDLE_KEYS = 2
NEAR_MISS = "near-miss"
PLANTED = "planted"
MANIFEST = "manifest.json"
EDITED = "-edited"  # ends the name of a published file's copy that holds a key

# What a line with a key looks like in an ordinary file of each kind.
LINES = {
    ".py": 'SENDGRID_API_KEY = "{}"\n',
    ".js": 'const sendgridApiKey = "{}";\n',
    ".ts": 'export const sendgridApiKey = "{}";\n',
    ".json": '"sendgridApiKey": "{}",\n',
    ".yml": "# sendgrid_api_key: {}\n",
    ".md": "    export SENDGRID_API_KEY={}\n",
}
SOURCE_BYTES = range(4_000, 200_000)  # what people write by hand
BUNDLE_BYTES = range(300_000, 5_000_000)  # what a bundler writes, much of it on one line
SOURCE_DEPTH = 5  # parts of a path under the tree: registry, package and three more


@dataclass(frozen=True, slots=True)
class Plant:
    """One planted file: where it is under the tree (`/`-separated), and its key's hash; None in a near-miss."""

    form: str
    path: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything planted in a tree; no two entries share a file or a key."""

    made_by: str  # hash of the modules that plant: when they change, the tree is planted anew
    plants: tuple[Plant, ...]

    @property
    def keys(self) -> tuple[Plant, ...]:
        """The files with a key to find."""
        return tuple(plant for plant in self.plants if plant.sha256 is not None)

    @property
    def near_misses(self) -> tuple[Plant, ...]:
        """The files in which nothing should be reported."""
        return tuple(plant for plant in self.plants if plant.sha256 is None)


def plant(tree: Path, manifest: Path) -> Manifest:
    """Plant the keys under `tree`, unless these very ones are there, and give the manifest."""
    before = load(manifest)
    made_by = _made_by()
    if before is not None:
        if before.made_by == made_by and all((tree / one.path).exists() for one in before.plants):
            return before
        for one in before.plants:
            (tree / one.path).unlink(missing_ok=True)
    shutil.rmtree(tree / PLANTED, ignore_errors=True)
    random = Random(SEED)
    after = Manifest(made_by, (*_forms(tree, random), *_near_misses(tree, random), *_sources(tree, random)))
    manifest.write_text(json.dumps(asdict(after), indent=1) + "\n")
    return after


def load(manifest: Path) -> Manifest | None:
    """Give a manifest written by `plant`, or None where there is none."""
    try:
        saved = json.loads(manifest.read_text())
    except FileNotFoundError:
        return None
    return Manifest(saved["made_by"], tuple(Plant(**row) for row in saved["plants"]))


def _made_by() -> str:
    digest = hashlib.sha256()
    for name in ("tree_keys.py", "tree_forms.py", "tree_packed.py", "tree_plant.py"):
        digest.update(Path(__file__).with_name(name).read_bytes())
    return digest.hexdigest()


def _forms(tree: Path, random: Random) -> Iterator[Plant]:
    for form in (*text_forms(), *packed_forms()):
        for number in range(1, KEYS_PER_FORM + 1):
            key = make_key(random)
            path = PurePosixPath(PLANTED, form.name, str(number), form.file)
            yield _write(tree, form.name, path, form.write(key, random), key)


def _near_misses(tree: Path, random: Random) -> Iterator[Plant]:
    for number, text in enumerate(near_misses(random), 1):
        path = PurePosixPath(PLANTED, NEAR_MISS, str(number), ("app.env", "app.json")[number % 2])
        content = json.dumps({"sendgrid": {"apiKey": text}}) if number % 2 else f'SENDGRID_API_KEY="{text}"\n'
        yield _write(tree, NEAR_MISS, path, content.encode(), None)


def _sources(tree: Path, random: Random) -> Iterator[Plant]:
    """Insert a line with a key into copies of ordinary files, and a literal into copies of bundles."""
    sources = _ordinary(tree, tuple(LINES), SOURCE_BYTES)
    for relative in random.sample(sources, min(SOURCE_KEYS, len(sources))):
        key = make_key(random)
        lines = (tree / relative).read_bytes().splitlines(keepends=True)
        lines.insert(len(lines) // 2, LINES[relative.suffix].format(key.text).encode())
        yield _write(tree, "source", _copy(relative), b"".join(lines), key)
    bundles = _ordinary(tree, (".js",), BUNDLE_BYTES)
    for relative in random.sample(bundles, min(BUNDLE_KEYS, len(bundles))):
        key = make_key(random)
        content = (tree / relative).read_bytes()
        place = content.find(b";", len(content) // 2) + 1  # after a statement; at the start when there is none
        edited = b'%svar k="%s";%s' % (content[:place], key.text.encode(), content[place:])
        yield _write(tree, "bundle", _copy(relative), edited, key)


def _ordinary(tree: Path, suffixes: tuple[str, ...], sizes: range) -> list[Path]:
    """Give the published files deep in the tree with these suffixes and sizes (bytes), sorted, relative to it."""
    found = []
    for path in tree.rglob("*"):
        relative = path.relative_to(tree)
        if len(relative.parts) < SOURCE_DEPTH or path.suffix not in suffixes or path.stem.endswith(EDITED):
            continue
        if path.is_file() and not path.is_symlink() and path.stat().st_size in sizes:
            found.append(relative)
    return sorted(found)


def _copy(relative: Path) -> PurePosixPath:
    return PurePosixPath(relative.parent.as_posix(), f"{relative.stem}{EDITED}{relative.suffix}")


def _write(tree: Path, form: str, path: PurePosixPath, content: bytes, key: Key | None) -> Plant:
    target = tree / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return Plant(form, path.as_posix(), key.sha256 if key else None)


def main() -> int:
    """Build and plant below the folder named by the first argument; `--rebuild` after it starts anew."""
    folder = Path(sys.argv[1])
    tree_packages.build(folder, rebuild="--rebuild" in sys.argv[2:])
    plant(folder / tree_packages.TREE, folder / MANIFEST)
    return 0


if __name__ == "__main__":
    sys.exit(main())
