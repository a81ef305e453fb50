"""Builds the tree that is scanned: published packages, unpacked as an editor or a build would find them.

Code people ship is the honest ground for a speed figure: many small files, minified bundles, wheels' shared
objects, tables and fonts. Nothing here knows of keys.
"""

from __future__ import annotations

import json
import shutil
import site
import stat
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

# In order of unpacking; those at the end are reached only when others are missing. Packages of sources, as repositories
# and their dependency folders hold them: a great many small files, some bundles and tables. Those that are mostly
# shared objects or packed data are left out.
PYPI = """
    ansible django sympy ansible-core babel pygments faker notebook sqlalchemy twisted networkx nltk bokeh pylint
    sphinx setuptools pip wagtail scrapy docutils celery aiohttp azure-mgmt-network azure-mgmt-compute azure-mgmt-web
    google-ads sagemaker homeassistant msgraph-sdk langchain-community salt buildbot openstacksdk
"""
NPM = """
    @mui/icons-material @mui/material @fluentui/react-icons @fluentui/svg-icons @ant-design/icons @tabler/icons
    @mdi/svg @material-symbols/svg-400 @material-design-icons/svg @phosphor-icons/react @phosphor-icons/core
    @iconify-icons/mdi @carbon/icons simple-icons bootstrap-icons @fortawesome/fontawesome-free lucide-react
    flag-icons @elastic/eui date-fns lodash lodash-es core-js rxjs typescript @types/node webpack react-dom three antd
    firebase pdfjs-dist echarts mathjs moment jquery bootstrap vue svelte chart.js highlight.js eslint rollup
    caniuse-lite ramda @babel/core ajv effect element-plus @aws-sdk/client-ec2 @aws-sdk/client-s3 @azure/arm-network
    dayjs ace-builds prismjs codemirror @angular/core @angular/material es-abstract next
"""

REGISTRY_BYTES = 1_000_000_000  # a registry's share: together less than 2 GB, a big monorepo with its dependencies
REGISTRY_FILES = 280_000  # a registry's share: together as many files as such a checkout has
PACKAGE_BYTES = 1_000_000_000  # one package beyond this is a bomb or a model, not code
PACKAGE_FILES = 60_000
GIVE_UP_AFTER = 3  # failures in a row from the start: the registry cannot be reached
COMMAND_SECONDS = 300
LOCAL_BYTES = 500_000_000  # the fallback's size, from this interpreter's own files
LOCAL_FILES = 30_000

MARKER = "sgleaks-bench"  # only a folder holding this file is ever deleted
STAMP = "packages.json"  # written last: the tree is complete
TREE = "tree"


@dataclass(frozen=True, slots=True)
class Package:
    """One unpacked package: what was fetched, and its unpacked size."""

    origin: str  # pypi, npm or local
    archive: str  # the wheel's or tarball's file name, which holds the version
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Packages:
    """A whole tree's packages, in the order they were unpacked."""

    packages: tuple[Package, ...]

    @property
    def files(self) -> int:
        """How many files they unpacked to."""
        return sum(package.files for package in self.packages)

    @property
    def bytes(self) -> int:
        """Their size unpacked."""
        return sum(package.bytes for package in self.packages)


class UnpackError(Exception):
    """An archive that names paths outside its folder, or is too large."""


def build(folder: Path, *, rebuild: bool = False) -> Packages:
    """Give the packages under `folder/tree`, building them only when they are not complete there."""
    if not rebuild and (built := load(folder)) is not None:
        return built
    tree = folder / TREE
    clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()
    tree.mkdir()
    wheels = _registry(tree, "pypi", PYPI.split(), _fetch_wheel)
    tarballs = _registry(tree, "npm", NPM.split(), _fetch_tarball)
    packages = [*wheels, *tarballs]
    if not packages:
        print("no registry answers: copying this interpreter's own files instead", file=sys.stderr)
        packages = list(_local(tree))
    built = Packages(tuple(packages))
    (folder / STAMP).write_text(json.dumps([asdict(package) for package in packages], indent=1) + "\n")
    return built


def load(folder: Path) -> Packages | None:
    """Give what a complete build recorded, or None."""
    try:
        rows = json.loads((folder / STAMP).read_text())
    except FileNotFoundError:
        return None
    return Packages(tuple(Package(**row) for row in rows))


def clear(folder: Path) -> None:
    """Delete an earlier tree; raises ValueError where there is a `tree` that no build of ours made."""
    if (folder / TREE).exists() and not (folder / MARKER).exists():
        raise ValueError(f"{folder / TREE} was not built by this benchmark; name another --dir")
    (folder / STAMP).unlink(missing_ok=True)
    shutil.rmtree(folder / TREE, ignore_errors=True)


Fetch = Callable[[str, Path], Path | None]


def _registry(tree: Path, origin: str, names: list[str], fetch: Fetch) -> Iterator[Package]:
    """Unpack a registry's packages one by one until its share of files or bytes is reached."""
    files = size = failures = 0
    for name in names:
        if files >= REGISTRY_FILES or size >= REGISTRY_BYTES:
            return
        package = _one(tree / origin, origin, name, fetch)
        if package is None:
            failures += 1
            if not files and failures == GIVE_UP_AFTER:
                return
            continue
        files, size = files + package.files, size + package.bytes
        print(f"  {origin} {package.archive}: {package.files:,} files, {package.bytes / 1e6:,.1f} MB", file=sys.stderr)
        yield package


def _one(parent: Path, origin: str, name: str, fetch: Fetch) -> Package | None:
    """Fetch and unpack one package; the archive itself is not kept. None when it cannot be had."""
    target = parent / name.replace("/", "+")
    with tempfile.TemporaryDirectory(prefix="sgleaks-bench-") as scratch:
        archive = fetch(name, Path(scratch))
        if archive is None:
            print(f"  {origin} {name}: not available, left out", file=sys.stderr)
            return None
        try:
            unpack(archive, target)
        except (UnpackError, zipfile.BadZipFile, tarfile.TarError) as error:
            print(f"  {origin} {name}: {error}, left out", file=sys.stderr)
            shutil.rmtree(target, ignore_errors=True)
            return None
        files, size = measure(target)
        return Package(origin, archive.name, files, size)


def _fetch_wheel(name: str, into: Path) -> Path | None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    return next(into.glob("*.whl"), None) if _run([*pip, "--dest", str(into), name]) else None


def _fetch_tarball(name: str, into: Path) -> Path | None:
    npm = shutil.which("npm")
    if npm is None:
        return None
    command = [npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", str(into), name]
    return next(into.glob("*.tgz"), None) if _run(command) else None


def _run(command: list[str]) -> bool:
    try:
        quiet = subprocess.DEVNULL
        done = subprocess.run(command, check=False, stdout=quiet, stderr=quiet, timeout=COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def unpack(archive: Path, target: Path) -> None:
    """Unpack a wheel or an npm tarball; raises UnpackError for a path that leaves `target`, or for a bomb."""
    target.mkdir(parents=True)
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            infos = wheel.infolist()
            _check((info.filename, info.file_size) for info in infos)
            regular = [info for info in infos if not stat.S_ISLNK(info.external_attr >> 16)]
            wheel.extractall(target, regular)  # noqa: S202 - the names and sizes were checked above
        return
    with tarfile.open(archive, "r:gz") as tarball:
        members = [member for member in tarball if member.isfile() or member.isdir()]
        _check((member.name, member.size) for member in members)
        tarball.extractall(target, members, filter="data")


def _check(members: Iterator[tuple[str, int]]) -> None:
    count = total = 0
    for name, size in members:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in path.parts[0]:
            raise UnpackError("it names a path outside its folder")
        count, total = count + 1, total + size
        if count > PACKAGE_FILES or total > PACKAGE_BYTES:
            raise UnpackError("it is larger than a package should be")


def _local(tree: Path) -> Iterator[Package]:
    """Copy the standard library and installed packages into numbered folders until they are enough."""
    sources = [Path(sysconfig.get_path("stdlib")), *map(Path, site.getsitepackages())]
    files = size = number = 0
    while files < LOCAL_FILES or size < LOCAL_BYTES:
        number += 1
        for source in filter(Path.is_dir, sources):
            target = tree / "local" / str(number) / source.name
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, ignore_dangling_symlinks=True)
        package = Package("local", f"copy {number}", *measure(tree / "local" / str(number)))
        if not package.files:
            raise ValueError("this interpreter has no library folder to copy")
        files, size = files + package.files, size + package.bytes
        yield package


def measure(folder: Path) -> tuple[int, int]:
    """Give the regular files under `folder` and their bytes; links are not followed."""
    sizes = [path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return len(sizes), sum(sizes)
