"""The pack reader gives what git gives, whatever was packed how; and of what is broken, what can be read."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from git_repos import Repository, git_environment
from keys import key
from packing import BLOB, REF_DELTA, Entry, blob, delta, grow, index, listed, object_id, read, write_pack
from sgleaks import history
from sgleaks.anchors import anchored, has_anchor
from sgleaks.git import codec, held, packs
from sgleaks.git.kinds import WHOLE, Large, Object
from sgleaks.git.objects import Engine, contents, search
from sgleaks.git.repository import find
from sgleaks.history.lives import Asked
from sgleaks.matchers.key import KEY
from sgleaks.model import SKIP_REASONS, Skip
from sgleaks.settings import Settings

KEYS = int(os.environ.get("SGLEAKS_KEYS", "400"))  # about so many in all random histories together
ENGINES: tuple[Engine, ...] = ("pack", "git")


def hits(path: Path, engine: Engine, *, batch: bool) -> set[str]:
    repository = find(path)
    assert repository
    found = search(
        repository,
        has_anchor,
        engine=engine,
        batch=(lambda data, ends: anchored(memoryview(data), ends)) if batch else None,
    )
    return {one.oid for one in found if isinstance(one, Object)}


def gc(repository: Repository, _rng: random.Random) -> None:
    repository.git("gc", "--quiet")


def aggressive(repository: Repository, _rng: random.Random) -> None:
    repository.git("gc", "--quiet", "--aggressive")


def deep(repository: Repository, _rng: random.Random) -> None:
    repository.git("repack", "-adfq", "--depth=250", "--window=50")


def by_name(repository: Repository, _rng: random.Random) -> None:
    repository.git("-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq")


def index_version_1(repository: Repository, _rng: random.Random) -> None:
    repository.git("-c", "pack.indexVersion=1", "repack", "-adfq")


def several_packs(repository: Repository, rng: random.Random) -> None:
    for number in range(3):
        repository.git("repack", "-dq")
        grow(repository, rng, 20, f"more{number}")
    repository.git("multi-pack-index", "write")


def repeated_packs(repository: Repository, rng: random.Random) -> None:
    repository.git("repack", "-aq")
    grow(repository, rng, 20, "more")
    repository.git("repack", "-aqF")


def loose_mixed(repository: Repository, rng: random.Random) -> None:
    repository.git("repack", "-adq")
    for number in range(10):
        repository.git("hash-object", "-w", "--stdin", stdin=f"loose {number} {key(rng)}".encode())
    repository.write("file", b"one more\n")
    repository.git("symbolic-ref", "HEAD", "refs/heads/other")
    repository.add()
    repository.commit()


def cruft(repository: Repository, rng: random.Random) -> None:
    grow(repository, rng, 20, "gone")
    repository.git("branch", "-D", "gone")
    repository.git("tag", "-d", "v-gone")
    repository.git("repack", "--cruft", "-dq")


def fetched(repository: Repository, rng: random.Random) -> None:
    """Thin packs, which fetching completes with the bases that they lack: those are deltas by name."""
    other = Repository(repository.root.parent / "upstream")
    grow(other, rng, 30, "base")
    for number in range(3):
        repository.git("-c", "fetch.unpackLimit=1", "fetch", "--quiet", str(other.root), "+refs/heads/*:refs/up/*")
        grow(other, rng, 10, f"up{number}")
    repository.git("-c", "fetch.unpackLimit=1", "fetch", "--quiet", str(other.root), "+refs/*:refs/up/*")


def unpacked(repository: Repository, _rng: random.Random) -> None:
    for pack in (repository.root / ".git/objects/pack").glob("*.pack"):
        moved = pack.rename(repository.root / pack.name)
        repository.git("unpack-objects", "-q", stdin=moved.read_bytes())
    for file in (repository.root / ".git/objects/pack").iterdir():
        file.unlink()


PACKINGS: tuple[Callable[[Repository, random.Random], None], ...] = (
    gc,
    aggressive,
    deep,
    by_name,
    index_version_1,
    several_packs,
    repeated_packs,
    loose_mixed,
    cruft,
    fetched,
    unpacked,
)


# What is fetched comes from a repository of the usual format.
CASES = [("sha1", packing) for packing in PACKINGS] + [
    ("sha256", packing) for packing in PACKINGS if packing != fetched
]


@pytest.mark.parametrize(
    ("object_format", "packing"), CASES, ids=[f"{name} {packing.__name__}" for name, packing in CASES]
)
def test_both_engines_give_every_object_once(
    packing: Callable[[Repository, random.Random], None], object_format: str, tmp_path: Path
) -> None:
    rng = random.Random(packing.__name__)
    repository = Repository(tmp_path / "repo", f"--object-format={object_format}")
    grow(repository, rng, 60)
    packing(repository, rng)
    by_pack, by_git = read(repository.root), read(repository.root, "git")
    assert by_pack == by_git
    assert not by_pack[1]
    assert {oid: kind for oid, (kind, _) in by_pack[0].items()} == listed(repository)
    wanted = hits(repository.root, "git", batch=False)
    assert len(wanted) > 30
    assert hits(repository.root, "pack", batch=False) == hits(repository.root, "pack", batch=True) == wanted


@pytest.mark.parametrize("packing", [gc, aggressive, deep, fetched], ids=lambda packing: packing.__name__)
def test_both_engines_find_the_same(packing: Callable[[Repository, random.Random], None], tmp_path: Path) -> None:
    rng = random.Random(packing.__name__)
    repository = Repository(tmp_path / "repo")
    grow(repository, rng, KEYS // 4)  # a commit brings a key on average
    packing(repository, rng)
    by_pack, by_git = read(repository.root), read(repository.root, "git")
    assert by_pack == by_git
    reports = [history.scan([repository.root], Settings(jobs=1), Asked(engine=engine)) for engine in ENGINES]
    assert reports[0] == reports[1]
    assert not reports[0].skips
    everything = repository.git("cat-file", "--batch-all-objects", "--batch")
    wanted = {match[0].decode() for match in KEY.finditer(everything)}
    assert len(wanted) >= KEYS // 8
    assert wanted <= {finding.secret.reveal() for finding in reports[0].findings if finding.secret}


def test_several_processes_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sgleaks.git import plan

    monkeypatch.setattr(plan, "SMALL", 0)
    monkeypatch.setattr(plan, "LEAST", 1000)
    monkeypatch.setattr(plan, "IDS", 20)
    repository = Repository(tmp_path / "repo")
    grow(repository, random.Random(1), 60)
    gc(repository, random.Random())
    loose_mixed(repository, random.Random(2))
    alone = read(repository.root)
    assert read(repository.root, jobs=3) == read(repository.root, "git", jobs=3) == alone


def test_bases_beyond_the_budget_are_rebuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = Repository(tmp_path / "repo")
    grow(repository, random.Random(3), 35)
    deep(repository, random.Random())
    plain = read(repository.root)
    monkeypatch.setattr(held, "HELD", 1000)
    assert read(repository.root) == plain
    monkeypatch.setattr(held, "REBUILT", 1000)
    found, skips = read(repository.root)
    assert "bomb" in {skip.reason for skip in skips}
    assert set(found) | {skip.path for skip in skips} >= set(plain[0])


def test_alternates_are_read_inside_and_named_outside(tmp_path: Path) -> None:
    outer = Repository(tmp_path / "outer")
    grow(outer, random.Random(4), 20)
    gc(outer, random.Random())
    inner = outer.root / "inner"
    outer.git("clone", "--quiet", "--shared", "--bare", str(outer.root), str(inner))
    repository = find(inner)
    assert repository
    assert repository.bare
    assert [skip.path for skip in repository.skips] == ["objects/info/alternates"]
    for engine in ENGINES:
        assert read(inner, engine)[0] == {}
        found, skips = read(inner, engine, outside=True)
        assert set(found) == set(listed(outer))
        assert not skips
    nested = outer.root / ".git" / "nested"
    (outer.root / ".git" / "objects").rename(nested)
    (outer.root / ".git" / "objects" / "info").mkdir(parents=True)
    (outer.root / ".git" / "objects" / "info" / "alternates").write_text("../nested\n../../absent\n")
    found, skips = read(outer.root)
    assert set(found) == set(listed(outer))
    assert [(skip.path, skip.reason) for skip in skips] == [("objects/info/alternates", "missing")]


def test_an_object_larger_than_is_held_is_streamed(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    data = random.Random(5).randbytes(1 << 20) * 18 + key(5).encode()
    for packed in (False, True):
        for change in (b"", b"and more"):
            repository.write("large", data + change)
            repository.add()
            repository.commit()
        if packed:
            gc(repository, random.Random())
    for engine in ENGINES:
        where = find(repository.root)
        assert where
        results = list(search(where, has_anchor, engine=engine))
        large = [one for one in results if isinstance(one, Large)]
        assert [one.size for one in sorted(large, key=lambda one: one.size)] == [len(data), len(data) + 8]
        for one in large:
            assert object_id(b"".join(contents(where, one))).hex() == one.oid
        assert not [one for one in results if isinstance(one, Skip)]


def mutations() -> Iterator[tuple[str, Callable[[bytearray, random.Random], None]]]:
    def flip(data: bytearray, rng: random.Random) -> None:
        for _ in range(rng.choice((1, 1, 3, 30))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)

    def truncate(data: bytearray, rng: random.Random) -> None:
        del data[rng.randrange(len(data)) :]

    def zero(data: bytearray, rng: random.Random) -> None:
        at = rng.randrange(len(data))
        data[at : at + 512] = bytes(len(data[at : at + 512]))

    yield from (("flip", flip), ("truncate", truncate), ("zero", zero))


@pytest.mark.parametrize("suffix", [".pack", ".idx"])
@pytest.mark.parametrize(("name", "mutation"), list(mutations()), ids=["flip", "truncate", "zero"])
def test_of_a_damaged_pack_nothing_is_lost_silently(
    name: str, mutation: Callable[[bytearray, random.Random], None], suffix: str, tmp_path: Path
) -> None:
    rng = random.Random(name + suffix)
    repository = Repository(tmp_path / "repo")
    grow(repository, rng, 30)
    deep(repository, rng)
    whole, _ = read(repository.root)
    path = next((repository.root / ".git/objects/pack").glob(f"*{suffix}"))
    path.chmod(0o644)
    original = path.read_bytes()
    for _ in range(10):
        changed = bytearray(original)
        mutation(changed, rng)
        path.write_bytes(changed)
        for engine in ENGINES:
            found, skips = read(repository.root, engine)
            assert found == whole or any(SKIP_REASONS[skip.reason] for skip in skips)
            if engine == "pack" and name == "flip" and suffix == ".pack":
                assert set(found) | {skip.path for skip in skips} >= set(whole)
    for path in (repository.root / ".git/objects/pack").glob("*"):
        path.chmod(0o644)


def test_one_damaged_entry_costs_what_is_made_from_it_and_no_more(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    first, second = b"a" * 500, b"b" * 500
    made = first + b"more"
    path = write_pack(
        repository,
        [
            blob(first),
            Entry(object_id(made), REF_DELTA, delta(500, 504, (0, 500), b"more"), object_id(first)),
            blob(second),
        ],
    )
    assert set(read(repository.root)[0]) == {object_id(one).hex() for one in (first, made, second)}
    data = bytearray(path.read_bytes())
    data[16] ^= 1
    path.write_bytes(data)
    found, skips = read(repository.root)
    assert set(found) == {object_id(second).hex()}
    assert {skip.path for skip in skips} == {object_id(first).hex(), object_id(made).hex()}


def test_a_blob_that_one_bit_made_a_tree_is_named(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    path = write_pack(repository, [blob(b"content")])
    data = bytearray(path.read_bytes())
    data[12] ^= (BLOB ^ 2) << 4
    path.write_bytes(data)
    found, skips = read(repository.root)
    assert not found
    assert [(skip.path, skip.reason) for skip in skips] == [(object_id(b"content").hex(), "damaged")]


def test_what_one_pack_has_damaged_another_one_gives(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    data = b"the same in both"
    path = write_pack(repository, [blob(data), blob(b"one")])
    write_pack(repository, [blob(b"two"), blob(data)])
    assert len(read(repository.root)[0]) == 3
    damaged = bytearray(path.read_bytes())
    damaged[18] ^= 255
    path.write_bytes(damaged)
    found, _ = read(repository.root)
    assert object_id(data).hex() in found


def test_deltas_made_from_themselves_are_named(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    ids = [object_id(b"%d" % number) for number in range(4)]
    copy = delta(10, 10, (0, 10))
    circle = [Entry(ids[at], REF_DELTA, copy, ids[(at + 1) % 3]) for at in range(3)]
    hanging = Entry(ids[3], REF_DELTA, copy, ids[0])
    write_pack(repository, [*circle, hanging, blob(b"fine")])
    found, skips = read(repository.root)
    assert set(found) == {object_id(b"fine").hex()}
    assert [(skip.path, skip.reason) for skip in skips] == sorted((oid.hex(), "damaged") for oid in ids)


def test_a_long_chain_is_read(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    data = b"start" * 40
    entries = [blob(data)]
    for number in range(5000):
        longer = b"%08d" % number + data[8:]
        change = delta(len(data), len(longer), b"%08d" % number, (8, len(data) - 8))
        entries.append(Entry(object_id(longer), REF_DELTA, change, entries[-1].oid))
        data = longer
    write_pack(repository, entries)
    found, skips = read(repository.root)
    assert (len(found), skips) == (5001, [])


@pytest.mark.parametrize("declared", [WHOLE + 1, 1 << 34, 1 << 62], ids=["large", "16 GiB", "nonsense"])
def test_bombs_are_not_unpacked(declared: int, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    base = bytes(1 << 20)
    copies = delta(len(base), declared, *[(0, len(base))] * 64)
    write_pack(
        repository,
        [
            blob(base),
            Entry(object_id(b"1"), REF_DELTA, copies, object_id(base)),
            Entry(object_id(b"2"), BLOB, b"small", size=declared),
            Entry(object_id(b"3"), BLOB, bytes(4 << 20), size=3),
        ],
    )
    where = find(repository.root)
    assert where
    results = list(search(where, lambda _data: True))
    assert [one.oid for one in results if isinstance(one, Object)] == [object_id(base).hex()]
    told = {one.oid for one in results if isinstance(one, Large)} | {
        one.path for one in results if isinstance(one, Skip)
    }
    assert told >= {object_id(b"%d" % number).hex() for number in (1, 2, 3)}


def test_offsets_of_64_bits_are_followed(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    path = write_pack(repository, [blob(b"only")])
    content = path.read_bytes()
    row = (object_id(b"only"), codec.crc32(content[12:-20]), 12)
    path.with_suffix(".idx").write_bytes(index([row], content[-20:], far=True))
    assert set(read(repository.root)[0]) == {object_id(b"only").hex()}
    path.with_suffix(".idx").write_bytes(index([(row[0], row[1], 1 << 63)], content[-20:], far=True))
    assert any(skip.reason == "damaged" for skip in read(repository.root)[1])


def test_an_object_that_is_not_what_its_id_names_is_searched_and_named(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    write_pack(repository, [Entry(object_id(b"other"), BLOB, b"content")])
    found, skips = read(repository.root)
    assert set(found) == {object_id(b"other").hex()}
    assert [(skip.path, skip.reason) for skip in skips] == [(object_id(b"other").hex(), "damaged")]


def test_an_offset_that_leads_nowhere_costs_its_own_object_only(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    path = write_pack(repository, [blob(b"one"), blob(b"two")])
    write_pack(repository, [blob(b"three")])
    content = path.read_bytes()
    start = len(content) - 20 - len(zlib.compress(b"two")) - 1
    rows = [
        (object_id(b"one"), codec.crc32(content[12:start]), 12),
        (object_id(b"two"), codec.crc32(content[start:-20]), 1 << 63),
    ]
    path.with_suffix(".idx").write_bytes(index(rows, content[-20:]))
    for engine in ENGINES:
        found, skips = read(repository.root, engine)
        assert set(found) == {object_id(one).hex() for one in (b"one", b"three")}
        assert object_id(b"two").hex() in {skip.path for skip in skips}


@pytest.mark.parametrize("change", ["longer", "fan"])
def test_an_index_that_git_does_not_use_is_named(change: str, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    path = write_pack(repository, [blob(b"one"), blob(b"two")])
    good = path.with_suffix(".idx").read_bytes()[:-20]
    changed = good[:-20] + bytes(16) + good[-20:] if change == "longer" else good[:8] + b"\0\0\0\3" + good[12:]
    path.with_suffix(".idx").write_bytes(changed + hashlib.sha1(changed, usedforsecurity=False).digest())
    for engine in ENGINES:
        _, skips = read(repository.root, engine)
        assert (f"objects/pack/{path.name}", "damaged") in {(skip.path, skip.reason) for skip in skips}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="without fork there is one process for all")
def test_a_pack_that_is_cut_off_while_it_is_read_costs_its_objects_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "MAPPED", 0)
    repository = Repository(tmp_path / "repo")
    rng = random.Random(9)
    path = write_pack(repository, [blob(rng.randbytes(100_000)) for _ in range(20)])
    where = find(repository.root)
    assert where

    def cut(_data: bytes | memoryview) -> bool:
        os.truncate(path, 4096)
        return True

    results = list(search(where, cut, engine="pack"))
    assert ("worker-died", f"signal {signal.SIGBUS.value}") in {
        (one.reason, one.detail.rpartition(": ")[2]) for one in results if isinstance(one, Skip)
    }
    assert "missing" in {one.reason for one in results if isinstance(one, Skip)}


def test_half_a_pack_is_named(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    path = write_pack(repository, [blob(b"one")])
    write_pack(repository, [blob(b"two")])
    path.with_suffix(".idx").unlink()
    for engine in ENGINES:
        found, skips = read(repository.root, engine)
        assert set(found) == {object_id(b"two").hex()}
        assert [(skip.path, skip.reason) for skip in skips] == [(f"objects/pack/{path.name}", "missing")]


def test_a_pack_that_is_gone_when_it_is_opened_is_named(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    folder = write_pack(repository, [blob(b"one")]).parent
    for suffix in (".pack", ".idx"):
        (folder / f"pack-gone{suffix}").symlink_to(tmp_path / "nowhere")
    for engine in ENGINES:
        found, skips = read(repository.root, engine)
        assert set(found) == {object_id(b"one").hex()}
        assert [(skip.path, skip.reason) for skip in skips] == [("objects/pack/pack-gone.pack", "missing")]


@pytest.mark.parametrize("whole", [True, False], ids=["the folder", "the files"])
def test_packs_of_another_repository_are_not_read_through_links(whole: bool, tmp_path: Path) -> None:
    other, repository = Repository(tmp_path / "other"), Repository(tmp_path / "repo")
    path = write_pack(other, [blob(b"of somebody else")])
    repository.git("hash-object", "-w", "--stdin", stdin=b"own")
    folder = repository.root / ".git" / "objects" / "pack"
    if whole:
        folder.rmdir()
        folder.symlink_to(path.parent)
    else:
        for file in (path, path.with_suffix(".idx")):
            (folder / file.name).symlink_to(file)
    for engine in ENGINES:
        found, skips = read(repository.root, engine)
        assert set(found) == {object_id(b"own").hex()}
        assert [skip.reason for skip in skips] == ["missing"]
        assert len(read(repository.root, engine, outside=True)[0]) == 2


def test_damaged_loose_objects_are_named(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    oids = [
        repository.git("hash-object", "-w", "--stdin", stdin=b"loose %d" % number).decode().strip()
        for number in range(4)
    ]
    files = [repository.root / ".git" / "objects" / oid[:2] / oid[2:] for oid in oids]
    for file in files:
        file.chmod(0o644)
    files[0].write_bytes(files[0].read_bytes()[:-6])
    files[1].write_bytes(b"")
    files[2].write_bytes(b"nonsense")
    for engine in ENGINES:
        found, skips = read(repository.root, engine)
        assert set(found) == {oids[3]}
        assert {skip.path for skip in skips} == set(oids[:3])


BLOCKED = """
import sys
for name in {blocked}:
    sys.modules[name] = None
sys.path.insert(0, {tests!r})
from pathlib import Path
from packing import read
found, skips = read(Path({root!r}))
assert not skips, skips
print(len(found), hash(tuple(sorted(found.items()))))
"""


@pytest.mark.parametrize(
    "blocked",
    [["numpy"], ["isal", "isal.isal_zlib"], ["dulwich", "dulwich._pack"], ["numpy", "isal", "dulwich"]],
    ids=" ".join,
)
def test_without_wheels_the_same_is_found(blocked: list[str], tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    grow(repository, random.Random(6), 30)
    deep(repository, random.Random())

    def run(names: list[str]) -> str:
        code = BLOCKED.format(blocked=names, tests=str(Path(__file__).parent), root=str(repository.root))
        environment = os.environ | git_environment() | {"PYTHONHASHSEED": "0"}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run(blocked) == run([])


def test_the_standard_library_applies_deltas_alike() -> None:
    rng = random.Random(7)
    base = rng.randbytes(70_000)
    good = delta(len(base), 66_006, (10, 1000), b"insert", (3, 65_000))
    python = codec._applied
    assert python(base, good) == codec.applied(base, good)
    for _ in range(2000):
        changed = bytearray(good)
        changed[rng.randrange(len(changed))] = rng.randrange(256)
        results = []
        for apply in (python, codec.applied):
            try:
                size = codec.result_size(bytes(changed), len(base))
                results.append(apply(base, bytes(changed)) if size <= WHOLE else None)
            except codec.Damaged:
                results.append(None)
        assert results[0] == results[1]
