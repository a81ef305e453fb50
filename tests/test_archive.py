from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import struct
import subprocess
import sys
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from sgleaks.model import SKIP_REASONS, Blob, Origin, Skip
from sgleaks.sources.archive import FIRST_BYTES, Limits, kind, unpack
from sgleaks.sources.archive.bounds import MAX_DEPTH, MAX_NAME, MAX_SKIPS

NEEDLE = b"needle=42\n"
NOISE = random.Random(7).randbytes(3000)


class Result(NamedTuple):
    blobs: dict[str, bytes]
    skips: list[Skip]

    @property
    def reasons(self) -> list[str]:
        return [skip.reason for skip in self.skips]

    def members(self) -> dict[str, bytes]:
        """Without the blobs made of names and comments."""
        return {place: data for place, data in self.blobs.items() if not place.endswith(")")}


def collect(data: bytes | io.IOBase, path: str = "x", limits: Limits | None = None) -> Result:
    blobs: dict[str, bytes] = {}
    skips = []
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    for found in unpack(file, Origin(path), limits or Limits()):  # type: ignore[arg-type]
        if isinstance(found, Skip):
            assert found.reason in SKIP_REASONS
            assert found.detail.isprintable()
            skips.append(found)
        else:
            place = found.origin.place
            blobs[place] = blobs.get(place, b"") + found.data[: len(found.data) - found.overlap]
    return Result(blobs, skips)


class Pipe(io.RawIOBase):
    """A file that cannot seek and gives little at a time, as standard input."""

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(min(size, 700))


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.comment = comment
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def streamed_zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """With sizes behind the data, as a zip written to a pipe."""

    class Sink(io.RawIOBase):
        written = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.written += bytes(data)
            return len(data)

    sink = Sink()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.written


def crafted_zip(*members: tuple[bytes, int, int, bytes, int]) -> bytes:
    """Members as (name, flags, method, data as stored, unpacked size); what zipfile would not write."""
    body, directory = b"", b""
    for name, flags, method, data, size in members:
        fields = struct.pack("<4H3LH", flags, method, 0, 0, 0, len(data), size, len(name))
        directory += b"PK\1\2" + struct.pack("<2H", 63, 63) + fields
        directory += struct.pack("<4H2L", 0, 0, 0, 0, 0, len(body)) + name
        body += b"PK\3\4" + struct.pack("<H", 63) + fields + struct.pack("<H", 0) + name + data
    count = len(members)
    return body + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)


def tarred(members: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def zstd(data: bytes, *, sized: bool = True) -> bytes:
    return zstandard.ZstdCompressor(write_content_size=sized).compress(data)


def pdf(*streams: bytes, extra: bytes = b"") -> bytes:
    body = b"%PDF-1.7\n"
    for number, data in enumerate(streams, 1):
        packed = zlib.compress(data)
        body += b"%d 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\r\n" % (number, len(packed))
        body += packed + b"\nendstream\nendobj\n"
    return body + extra + b"trailer << /Root 1 0 R >>\n%%EOF\n"


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def pack(*entries: tuple[int, bytes, bytes]) -> bytes:
    """Entries as (type, what stands between header and data, data)."""
    body = b"PACK" + struct.pack(">2L", 2, len(entries))
    for what, base, data in entries:
        size, first = len(data) >> 4, what << 4 | len(data) & 15
        header = [first | (128 if size else 0)]
        while size:
            header.append(size & 127 | (128 if size > 127 else 0))
            size >>= 7
        body += bytes(header) + base + zlib.compress(data)
    return body + bytes(20)


BUNDLE_HEAD = b"# v2 git bundle\n" + b"a" * 40 + b" refs/heads/main\n\n"
TWO = {"a.env": NEEDLE, "dir/noise": NOISE}
SAMPLES: dict[str, bytes] = {
    "zip": zipped(TWO),
    "zip-stored": zipped(TWO, zipfile.ZIP_STORED),
    "zip-bz2": zipped(TWO, zipfile.ZIP_BZIP2),
    "zip-lzma": zipped(TWO, zipfile.ZIP_LZMA),
    "zip-streamed": streamed_zip(TWO),
    "zip-zstd": crafted_zip(
        (b"a.env", 0, 93, zstd(NEEDLE), len(NEEDLE)), (b"dir/noise", 0, 93, zstd(NOISE), len(NOISE))
    ),
    "zip-xz": crafted_zip((b"a.env", 0, 95, lzma.compress(NEEDLE), 10), (b"dir/noise", 0, 95, lzma.compress(NOISE), 1)),
    "tar-pax": tarred(TWO),
    "tar-gnu": tarred(TWO, tarfile.GNU_FORMAT),
    "tar-ustar": tarred(TWO, tarfile.USTAR_FORMAT),
    "tar.gz": gzip.compress(tarred(TWO), mtime=0),
    "tar.bz2": bz2.compress(tarred(TWO)),
    "tar.xz": lzma.compress(tarred(TWO)),
    "tar.zst": zstd(tarred(TWO)),
}
SINGLE: dict[str, bytes] = {
    "gz": gzip.compress(NEEDLE, mtime=0),
    "bz2": bz2.compress(NEEDLE),
    "xz": lzma.compress(NEEDLE),
    "zst": zstd(NEEDLE),
    "zst-unsized": zstd(NEEDLE, sized=False),
    "gz-several": gzip.compress(NEEDLE[:4], mtime=0) + gzip.compress(NEEDLE[4:], mtime=0),
    "bz2-several": bz2.compress(NEEDLE[:4]) + bz2.compress(NEEDLE[4:]),
    "xz-several": lzma.compress(NEEDLE[:4]) + b"\0" * 4 + lzma.compress(NEEDLE[4:]),
    "zst-several": zstd(NEEDLE[:4]) + b"\x50\x2a\x4d\x18\3\0\0\0abc" + zstd(NEEDLE[4:]),
    "gz-zeros": gzip.compress(NEEDLE, mtime=0) + bytes(2000),
}
OTHER: dict[str, bytes] = {
    "pdf": pdf(NEEDLE, NOISE),
    "pack": pack((3, b"", NEEDLE), (3, b"", NOISE), (6, b"\x05", NEEDLE), (7, b"i" * 20, NEEDLE)),
    "bundle": BUNDLE_HEAD + pack((3, b"", NEEDLE), (3, b"", NOISE)),
    "nested": zipped({"a.jar": zipped({"b.tar.gz": gzip.compress(tarred(TWO), mtime=0)}), "c.pdf": pdf(NEEDLE)}),
}
ALL = {**SAMPLES, **SINGLE, **OTHER}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_member_is_given_under_its_name(name: str) -> None:
    for file in (io.BytesIO(SAMPLES[name]), Pipe(SAMPLES[name])):
        result = collect(file, "x")
        assert result.members() == {"x!a.env": NEEDLE, "x!dir/noise": NOISE}
        assert result.blobs["x!(names)"].split(b"\n")[-3:] == [b"a.env", b"dir/noise", b""]
        assert result.skips == []


@pytest.mark.parametrize("name", SINGLE)
def test_a_compressed_file_has_one_member(name: str) -> None:
    for file in (io.BytesIO(SINGLE[name]), Pipe(SINGLE[name])):
        assert collect(file, "x") == Result({"x!(content)": NEEDLE}, [])


@pytest.mark.parametrize(
    ("path", "place"),
    [
        pytest.param("conf/x.env.gz", "conf/x.env.gz!x.env", id="ending dropped, folder not repeated"),
        pytest.param("x.svgz", "x.svgz!x.svg", id="ending replaced"),
        pytest.param("X.GZ", "X.GZ!X", id="any case"),
        pytest.param("x", "x!(content)", id="no ending"),
        pytest.param(".gz", ".gz!(content)", id="only an ending"),
    ],
)
def test_a_member_without_a_name_is_named_after_its_file(path: str, place: str) -> None:
    assert set(collect(gzip.compress(NEEDLE, mtime=0), path).blobs) == {place}


def test_a_stored_gzip_name_wins_and_is_searched(tmp_path: Path) -> None:
    with open(tmp_path / "y.gz", "wb") as raw, gzip.GzipFile("secret.env", "wb", fileobj=raw) as file:
        file.write(NEEDLE)
    blobs = collect((tmp_path / "y.gz").read_bytes(), "y.gz").blobs
    assert blobs == {"y.gz!secret.env": NEEDLE, "y.gz!(names)": b"secret.env\n"}


def test_gzip_with_every_optional_field() -> None:
    head = b"\x1f\x8b\x08\x1c\0\0\0\0\0\xff" + b"\3\0ext" + b"caf\xe9\0" + b"a comment\0"
    trailer = struct.pack("<2L", zlib.crc32(NEEDLE), len(NEEDLE))
    result = collect(head + deflated(NEEDLE) + trailer)
    assert result == Result({"x!café": NEEDLE, "x!(names)": b"caf\xe9\na comment\n"}, [])


def test_bytes_behind_the_last_stream_are_searched() -> None:
    for packed in (
        gzip.compress(b"a", mtime=0),
        bz2.compress(b"a"),
        lzma.compress(b"a"),
        zstd(b"a"),
        tarred({"b": b"a"}),
    ):
        for trailing in (NEEDLE, NEEDLE * 300):
            result = collect(packed + trailing)
            assert result.blobs["x!(trailing bytes)"] == trailing
            assert result.skips == []


@pytest.mark.parametrize(
    ("data", "path", "place"),
    [
        pytest.param(zipped({"b.jar": zipped({"c.env": NEEDLE})}), "a.war", "a.war!b.jar!c.env", id="jar in war"),
        pytest.param(gzip.compress(zipped({"c": NEEDLE})), "a.zip.gz", "a.zip.gz!a.zip!c", id="zip in gzip"),
        pytest.param(zipped({"b.tgz": gzip.compress(tarred({"c": NEEDLE}))}), "a", "a!b.tgz!c", id="tar.gz in zip"),
        pytest.param(lzma.compress(gzip.compress(tarred({"c": NEEDLE}))), "a.xz", "a.xz!a!c", id="tar.gz in xz"),
        pytest.param(tarred({"b.docx": zipped({"c.xml": NEEDLE})}), "a", "a!b.docx!c.xml", id="document in tar"),
        pytest.param(tarred({"b.pdf": pdf(NEEDLE)}), "a.tar", "a.tar!b.pdf!stream 1", id="PDF in tar"),
        pytest.param(pack((3, b"", zipped({"c": NEEDLE}))), "a", "a!object at 12!c", id="zip in pack"),
        pytest.param(pdf(zipped({"c": NEEDLE})), "a", "a!stream 1!c", id="zip attached to PDF"),
    ],
)
def test_archives_in_archives(data: bytes, path: str, place: str) -> None:
    for file in (io.BytesIO(data), Pipe(data)):
        result = collect(file, path)
        assert result.blobs[place] == NEEDLE
        assert result.skips == []


def test_a_zip_behind_a_shebang_line() -> None:
    data = b"#!/usr/bin/env python3\n" + zipped({"a": NEEDLE})
    assert collect(data).members() == {"x!a": NEEDLE}


def test_zip_comments_are_searched() -> None:
    file = io.BytesIO(zipped({}))
    with zipfile.ZipFile(file, "w") as archive:
        archive.comment = b"of the archive"
        info = zipfile.ZipInfo("a")
        info.comment = b"of the member"
        archive.writestr(info, NEEDLE)
    blobs = collect(file.getvalue()).blobs
    assert blobs == {"x!(comment)": b"of the archive", "x!(names)": b"a\nof the member\n", "x!a": NEEDLE}


def test_an_empty_zip_with_a_comment() -> None:
    assert collect(zipped({}, comment=NEEDLE)) == Result({"x!(comment)": NEEDLE}, [])


def test_zip64_sizes_and_offsets() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, archive.open("a", "w", force_zip64=True) as member:
        member.write(NEEDLE)
    data = file.getvalue()
    end = data.rfind(b"PK\5\6")
    start, length = struct.unpack_from("<2L", data, end + 12)[::-1]
    wide = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, length, start)
    wide += struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    full = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert collect(data[:end] + wide + full).members() == {"x!a": NEEDLE}


def test_tar_links_and_pax_comments_are_searched() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "global"}) as archive:
        for form in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            link = tarfile.TarInfo("link")
            link.type, link.linkname = form, "target"
            link.pax_headers = {"comment": "of one"}
            archive.addfile(link)
        archive.addfile(tarfile.TarInfo("empty"))
    blobs = collect(file.getvalue()).blobs
    assert set(blobs) == {"x!(names)"}
    for text in (b"comment=global", b"comment=of one", b"link\ntarget", b"empty"):
        assert text in blobs["x!(names)"]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_tar_names(form: int) -> None:
    name = "d/" * 200 + "é"
    assert collect(tarred({name: NEEDLE, "b": b"b"}, form)).members() == {f"x!{name}": NEEDLE, "x!b": b"b"}


def test_joined_tars() -> None:
    assert collect(tarred({"a": NEEDLE}) + tarred({"b": NEEDLE})).members() == {"x!a": NEEDLE, "x!b": NEEDLE}


def test_a_sparse_tar_member_is_given_as_stored(tmp_path: Path) -> None:
    with open(tmp_path / "sparse", "wb") as file:
        file.seek(5 << 20)
        file.write(NEEDLE)
    for form in ("gnu", "posix"):
        subprocess.run(["tar", f"--format={form}", "-Scf", tmp_path / "a.tar", "-C", tmp_path, "sparse"], check=True)
        with open(tmp_path / "a.tar", "rb") as archive:
            (found,) = collect(archive).members().items()
        assert found[0] == "x!sparse"
        assert NEEDLE in found[1]
        assert len(found[1]) < 10_000


@pytest.mark.parametrize(
    ("name", "flags", "shown"),
    [
        pytest.param("é.env".encode(), 0x800, "é.env", id="UTF-8 by the flag"),
        pytest.param("é.env".encode(), 0, "é.env", id="UTF-8 without the flag"),
        pytest.param(b"\x82.env", 0, "é.env", id="CP437"),
        pytest.param(b"\x82.env", 0x800, "\udc82.env", id="not the UTF-8 it claims"),
        pytest.param(b"../../etc/passwd", 0, "../../etc/passwd", id="a label, not a path"),
        pytest.param(b"", 0, "(unnamed)", id="empty"),
        pytest.param(b"n" * 60000, 0, "n" * (MAX_NAME - 1) + "…", id="long"),
    ],
)
def test_names_are_labels(name: bytes, flags: int, shown: str) -> None:
    result = collect(crafted_zip((name, flags, 0, NEEDLE, len(NEEDLE))))
    assert result.blobs[f"x!{shown}"] == NEEDLE
    assert result.blobs.get("x!(names)", b"\n") == name + b"\n"


def test_encrypted_members_are_told_and_the_others_given() -> None:
    data = crafted_zip((b"a", 1, 8, NOISE, 10), (b"b", 0, 0, NEEDLE, 10), (b"c", 0x41, 99, NOISE, 10))
    result = collect(data)
    assert result.members() == {"x!b": NEEDLE}
    assert [(skip.path, skip.reason) for skip in result.skips] == [("x!a", "encrypted"), ("x!c", "encrypted")]


def test_many_skips_are_told_in_one() -> None:
    data = crafted_zip(*((b"%d" % number, 1, 8, b"..", 10) for number in range(MAX_SKIPS + 30)))
    skips = collect(data).skips
    assert len(skips) == MAX_SKIPS + 1
    assert skips[-1] == Skip("x", "encrypted", "30 more of its members")


def test_unknown_methods_are_told_and_the_others_given() -> None:
    result = collect(crafted_zip((b"a", 0, 9, NOISE, 10), (b"b", 0, 0, NEEDLE, 10)))
    assert result.members() == {"x!b": NEEDLE}
    assert result.skips == [Skip("x!a", "unsupported", "zip compression method 9 is not supported")]


@pytest.mark.parametrize(
    "magic",
    [
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a\x07\0",
        b"xar!\0\x1c",
        b"MSCF\0\0\0\0",
        b"\x04\x22\x4d\x18",
        b"LZIP\1",
        b"\x1f\x9d\x90",
    ],
)
def test_formats_that_are_not_opened_are_told_and_searched_as_they_are(magic: bytes) -> None:
    inner = magic + NEEDLE
    assert collect(inner).blobs == {"x": inner}
    assert collect(inner).reasons == ["unsupported"]
    nested = collect(zipped({"a": inner}))
    assert nested.members() == {"x!a": inner}
    assert [(skip.path, skip.reason) for skip in nested.skips] == [("x!a", "unsupported")]


def test_zstd_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    assert collect(SINGLE["zst"]).skips == [Skip("x", "unsupported", "the Python package zstandard is not installed")]


def test_zstd_with_a_dictionary() -> None:
    words = zstandard.train_dictionary(2000, [b"key%d=value%d" % (n, n * 7) for n in range(2000)])
    packed = zstandard.ZstdCompressor(dict_data=words).compress(NEEDLE)
    assert collect(packed).skips == [Skip("x", "unsupported", "it needs a zstd dictionary")]


def test_decoders_that_want_too_much_memory() -> None:
    huge = zstandard.ZstdCompressionParameters(window_log=29, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=huge).compressobj()
    packed = packer.compress(NEEDLE) + packer.flush()
    assert collect(packed).skips == [Skip("x", "unsupported", "it needs more than 128 MiB to unpack")]
    alone = lzma.compress(NEEDLE, lzma.FORMAT_ALONE, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 20}])
    data = b"\x09\x14\x05\0" + alone[:1] + struct.pack("<L", 1 << 30) + alone[13:]
    result = collect(crafted_zip((b"a", 2, 14, data, len(NEEDLE))))
    assert result.skips == [Skip("x!a", "unsupported", "it needs more than 128 MiB to unpack")]


def test_what_only_looks_like_an_archive_is_searched_as_it_is() -> None:
    for data in (b"PK\3\4 " + NEEDLE, b"%PDF- " + NEEDLE, b"\x1f\x8b\x08" + NEEDLE, b"# v2 git bundle\n" + NEEDLE):
        assert collect(data).blobs == {"x": data}


@pytest.mark.parametrize("head", [b"", b"P", b"PK", b"PKZIP", b"# a comment", b"BZh9 plain", b"xyz", bytes(512)])
def test_other_files_are_no_archives(head: bytes) -> None:
    assert kind(head) is None


@pytest.mark.parametrize("name", ALL)
def test_the_first_byte_tells_that_a_file_may_be_an_archive(name: str) -> None:
    assert kind(ALL[name][:512]) is not None
    assert ALL[name][0] in FIRST_BYTES or kind(ALL[name][:512]) == "tar"


def test_pdf_is_given_as_it_is_and_its_streams_inflated() -> None:
    data = pdf(NEEDLE, NOISE, extra=b"<< /Length 4 >>\nstream\nabcd\nendstream\n")
    assert collect(data) == Result({"x": data, "x!stream 1": NEEDLE, "x!stream 2": NOISE}, [])


def test_an_encrypted_pdf_is_told() -> None:
    data = pdf(NEEDLE, extra=b"trailer << /Encrypt 5 0 R >>\n")
    assert collect(data) == Result({"x": data}, [Skip("x", "encrypted", "its streams are encrypted")])


def test_a_stream_keyword_anywhere_in_a_pdf_is_found() -> None:
    # Over every border of the pieces that are searched.
    for gap in range((32 << 10) - 120, (32 << 10) + 30, 7):
        data = b"%PDF-1.4\n" + b" " * gap + pdf(NEEDLE)
        assert collect(data).blobs["x!stream 1"] == NEEDLE


def git(folder: Path, *args: str) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for role in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{role}_NAME": "a", f"GIT_{role}_EMAIL": "a@b", f"GIT_{role}_DATE": "2020-01-01T00:00:00Z"}
    subprocess.run(
        ["git", "-C", folder, *args], check=True, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def repository(folder: Path, form: str = "sha1") -> Path:
    git(folder, "init", "-q", "-b", "main", f"--object-format={form}")
    lines = [f"line {number} of a long file\n" for number in range(500)]
    for number in range(5):
        lines[100 * number] = f"needle {number}\n"
        (folder / "file").write_text("".join(lines))
        git(folder, "add", "file")
        git(folder, "commit", "-q", "-m", f"message {number}")
    git(folder, "tag", "-m", "a tag message", "v1")
    return folder


@pytest.mark.parametrize("form", ["sha1", "sha256"])
@pytest.mark.parametrize("offsets", ["true", "false"], ids=["offset deltas", "reference deltas"])
def test_packs_made_by_git(tmp_path: Path, form: str, offsets: str) -> None:
    repository(tmp_path, form)
    git(tmp_path, "-c", f"repack.useDeltaBaseOffset={offsets}", "repack", "-a", "-d", "-f", "-q")
    (path,) = tmp_path.glob(".git/objects/pack/*.pack")
    with open(path, "rb") as file:
        result = collect(file, "p")
    assert result.skips == []
    assert len(result.blobs) == 16  # five commits, trees and files, a tag
    text = b"".join(result.blobs.values())
    for number in range(5):
        assert b"needle %d" % number in text
        assert b"message %d" % number in text
    assert b"a tag message" in text


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_bundles_made_by_git(tmp_path: Path, form: str) -> None:
    repository(tmp_path, form)
    for version in ("2", "3") if form == "sha1" else ("3",):
        git(tmp_path, "bundle", "create", "-q", f"--version={version}", "b", "--all", "^HEAD~2")
        with open(tmp_path / "b", "rb") as file:
            result = collect(file)
        assert result.skips == []
        assert b"refs/tags/v1\n" in result.blobs["x!(header)"]
        text = b"".join(result.blobs.values())
        assert b"needle 4" in text
        assert b"message 4" in text


def test_a_bundle_of_many_refs() -> None:
    head = b"# v2 git bundle\n" + b"".join(b"%040d refs/heads/b%d\n" % (n, n) for n in range(5000)) + b"\n"
    assert collect(head + pack((3, b"", NEEDLE))).blobs == {"x!(header)": head, "x!object at 12": NEEDLE}


def nested(depth: int) -> bytes:
    data = NEEDLE
    for level in range(depth):
        data = zipped({f"{level}": data}) if level % 2 else tarred({f"{level}": data})
    return data


def test_the_deepest_nesting_is_opened() -> None:
    result = collect(nested(MAX_DEPTH))
    assert NEEDLE in result.members().values()
    assert result.skips == []


def test_one_level_more_is_told_once_and_searched_as_it_is() -> None:
    inner = tarred({"b": NEEDLE})
    data = tarred({"c": inner, "d": inner})
    for level in range(MAX_DEPTH - 1):
        data = zipped({f"{level}": data})
    result = collect(data)
    assert list(result.members().values()) == [inner, inner]
    assert result.reasons == ["bomb"]


def test_members_are_counted() -> None:
    data = zipped({f"{number}": NEEDLE for number in range(20)})
    assert collect(data, limits=Limits(members=21)).skips == []  # the archive is one
    result = collect(data, limits=Limits(members=20))
    assert len(result.members()) == 19
    assert result.skips == [Skip("x", "bomb", "it has more than 20 members")]


def test_streams_in_a_row_are_counted() -> None:
    for empty in (gzip.compress(b""), bz2.compress(b""), lzma.compress(b""), zstd(b"")):
        assert collect(empty * 20, limits=Limits(members=20)).skips == []
        assert collect(empty * 21, limits=Limits(members=19)).reasons == ["bomb"]


def test_unpacked_bytes_are_counted_over_all_members() -> None:
    data = zipped({f"{number}": NOISE for number in range(10)}, zipfile.ZIP_STORED)
    assert collect(data, limits=Limits(unpacked=30_000)).skips == []
    result = collect(data, limits=Limits(unpacked=29_999))
    assert list(result.members().values())[:9] == [NOISE] * 9
    assert result.skips == [Skip("x", "bomb", "it unpacks to more than 29,999 bytes")]


def test_the_ratio_counts_from_its_floor() -> None:
    data = NEEDLE + bytes(1 << 20)
    for packed in (gzip.compress(data), bz2.compress(data), lzma.compress(data), zstd(data), zipped({"a": data})):
        assert collect(packed, limits=Limits(ratio=100, ratio_floor=2 << 20)).skips == []
        result = collect(packed, limits=Limits(ratio=100, ratio_floor=1 << 19))
        assert result.reasons == ["bomb"]
        assert any(blob.startswith(NEEDLE) for blob in result.blobs.values())


def measured(data: bytes, limits: Limits | None = None) -> tuple[int, float, list[Skip]]:
    """Peak bytes, seconds, skips; no blob is kept."""
    started = time.process_time()
    skips = [found for found in unpack(io.BytesIO(data), Origin("x"), limits or Limits()) if isinstance(found, Skip)]
    seconds = time.process_time() - started
    tracemalloc.start()
    for _ in unpack(io.BytesIO(data), Origin("x"), limits or Limits()):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, seconds, skips


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(gzip.compress(bytes(200 << 20)), id="gzip"),
        pytest.param(bz2.compress(bytes(200 << 20)), id="bz2"),
        pytest.param(zstd(bytes(200 << 20)), id="zstd"),
        pytest.param(zipped({"a": zipped({"b": bytes(200 << 20)})}), id="zip in zip"),
        pytest.param(pdf(bytes(200 << 20)), id="pdf"),
        pytest.param(pack((3, b"", bytes(200 << 20))), id="pack"),
    ],
)
def test_a_bomb_is_told_in_bounded_memory(data: bytes) -> None:
    peak, seconds, skips = measured(data)
    assert [skip.reason for skip in skips] == ["bomb"]
    assert peak < 64 << 20
    assert seconds < 10


def test_nested_zips_of_zeros_stop_at_the_total() -> None:
    zeros = zipped({f"{n}": bytes(4 << 20) for n in range(16)})
    for _ in range(3):
        zeros = zipped({f"{n}.zip": zeros for n in range(16)})
    assert len(zeros) < 1 << 20  # for 256 GiB
    peak, seconds, skips = measured(zeros, Limits(unpacked=256 << 20))
    assert [skip.reason for skip in skips] == ["bomb"]
    assert peak < 64 << 20
    assert seconds < 10


def test_overlapping_zip_members_stop_at_the_total() -> None:
    """As in Fifield, "A better zip bomb": every entry of the directory is the same data, which unpacks to nothing."""
    blocks = b"\0\0\0\xff\xff" * 200_000  # empty stored blocks, RFC 1951 3.2.4
    data = bytearray(crafted_zip((b"a", 0, 8, blocks, 0)))
    end = data.rfind(b"PK\5\6")
    length, start = struct.unpack_from("<2L", data, end + 12)
    many = bytes(data[start : start + length]) * 2000
    final = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2000, 2000, len(many), start, 0)
    peak, seconds, skips = measured(bytes(data[:start]) + many + final, Limits(unpacked=64 << 20))
    assert "bomb" in [skip.reason for skip in skips]
    assert peak < 64 << 20
    assert seconds < 10


def test_tar_headers_of_absurd_sizes() -> None:
    def header(what: bytes, size: int) -> bytes:
        head = bytearray(tarred({"a": b""})[:512])
        head[156:157] = what
        head[124:136] = b"\x80" + size.to_bytes(11, "big")
        head[148:156] = b" " * 8
        head[148:156] = b"%06o\0 " % sum(head)
        return bytes(head)

    for what in (b"x", b"g", b"L", b"K", b"0", b"S", b"Z"):
        result = collect(header(what, 1 << 80) + NEEDLE)
        assert result.reasons == ["damaged"]
    records = b"5 a=\n" * 400_000
    peak, seconds, _ = measured(
        header(b"x", len(records)) + records + bytes(-len(records) % 512) + tarred({"b": NEEDLE})
    )
    assert peak < 64 << 20
    assert seconds < 5


def test_a_hundred_thousand_members(tmp_path: Path) -> None:
    entries = [(b"directory/%d" % number, 0, 0, b"%d" % number, 6) for number in range(100_000)]
    body, directory = [], []
    at = 0
    for name, _, _, data, _ in entries:
        fields = struct.pack("<4H3LH", 0, 0, 0, 0, 0, len(data), len(data), len(name))
        directory.append(b"PK\1\2?\0?\0" + fields + struct.pack("<4H2L", 0, 0, 0, 0, 0, at) + name)
        body.append(b"PK\3\4?\0" + fields + b"\0\0" + name + data)
        at += len(body[-1])
    length = sum(map(len, directory))
    wide = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 100_000, 100_000, length, at)
    wide += struct.pack("<4sLQL", b"PK\6\7", 0, at + length, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, length, at, 0)
    path = tmp_path / "many.zip"
    path.write_bytes(b"".join([*body, *directory, wide, end]))
    started, count = time.process_time(), 0
    with open(path, "rb") as file:
        for found in unpack(file, Origin("x")):
            assert isinstance(found, Blob)
            count += not found.origin.members[-1].startswith("(")
    assert count == 100_000
    assert time.process_time() - started < 20


@pytest.mark.parametrize("name", ALL)
def test_cut_short_anywhere_gives_what_is_left(name: str) -> None:
    data = ALL[name]
    whole = collect(data)
    for size in range(0, len(data), max(len(data) // 80, 1)):
        result = collect(data[:size])
        for place, found in result.members().items():
            if place in whole.blobs and place != "x":
                assert whole.blobs[place].startswith(found)
        assert result.skips or kind(data[:size][:512]) is None or result.members() == whole.members() or name == "pdf"


def test_members_before_the_damage_are_given() -> None:
    for name, data in SAMPLES.items():
        if name.startswith(("tar.bz2", "tar.xz", "tar.zst")):
            continue  # one block of data, all or nothing
        result = collect(data[: len(data) * 3 // 4 if len(data) < 8000 else 3000])
        assert result.members()["x!a.env"] == NEEDLE
        assert NOISE.startswith(result.members().get("x!dir/noise", b""))
        assert set(result.reasons) == {"damaged"}


def test_one_damaged_zip_member_does_not_hide_the_next() -> None:
    packed = bytearray(zipped({"a": b"0123456789" * 50, "b": NEEDLE}))
    packed[31:40] = b"\xff" * 9
    result = collect(bytes(packed))
    assert result.members() == {"x!b": NEEDLE}
    assert [(skip.path, skip.reason) for skip in result.skips] == [("x!a", "damaged")]


def test_a_damage_is_told_once() -> None:
    inner = tarred({"b": tarred({"c": NOISE}), "d": NOISE})
    assert [skip.path for skip in collect(gzip.compress(inner)[:1500]).skips] == ["x!b!c"]
    assert [skip.path for skip in collect(gzip.compress(inner)[:-4]).skips] == ["x"]


def test_a_file_that_cannot_be_read_is_told() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 600:
                raise OSError(5, "Input/output error")
            return super().read(size if size is None else min(size, 600))

    assert collect(Broken(SAMPLES["tar-pax"])).skips == [Skip("x", "unreadable", "Input/output error")]


@settings(max_examples=400, deadline=None)
@given(
    name=st.sampled_from(sorted(ALL)),
    changes=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=12),
    cut=st.integers(0, 1 << 20),
)
def test_altered_bytes_never_raise(name: str, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(ALL[name])
    for at, value in changes:
        data[at % len(data)] = value
    if cut % 3 == 0:
        del data[cut % len(data) :]
    for file in (io.BytesIO(data), Pipe(bytes(data))):
        collect(file, limits=Limits(unpacked=64 << 20))


@settings(max_examples=200, deadline=None)
@given(magic=st.sampled_from(sorted({data[:12] for data in ALL.values()})), rest=st.binary(max_size=2000))
def test_arbitrary_bytes_behind_a_magic_never_raise(magic: bytes, rest: bytes) -> None:
    collect(magic + rest)


def test_an_abandoned_walk_closes_what_it_opened() -> None:
    big = {f"{number}": random.Random(number).randbytes(6 << 20) for number in range(2)}
    walk = unpack(io.BytesIO(zipped({"a.zip": zipped(big, zipfile.ZIP_STORED)}, zipfile.ZIP_STORED)), Origin("x"))
    next(walk)
    walk.close()  # type: ignore[attr-defined]


def test_a_large_nested_zip_goes_through_a_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    big = {f"{number}": random.Random(number).randbytes(6 << 20) for number in range(2)}
    data = zipped({"a.zip": zipped(big, zipfile.ZIP_STORED)}, zipfile.ZIP_STORED)
    assert collect(data).members() == {f"x!a.zip!{number}": content for number, content in big.items()}
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    assert collect(data).skips == [Skip("x!a.zip", "unreadable", "there is no room for a temporary copy of it")]


def test_lines_run_on_over_segments() -> None:
    data = b"a line of text\n" * 700_000
    blobs = [found for found in unpack(io.BytesIO(gzip.compress(data, 1)), Origin("x")) if isinstance(found, Blob)]
    assert len(blobs) == 2
    assert blobs[1].line == data[: 8 << 20].count(b"\n") + 1


def test_nothing_dear_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys, sgleaks.sources.archive as a; "
        "print(*sorted({'zipfile','tarfile','lzma','bz2','zstandard','tempfile'} & set(sys.modules)))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], check=True, env=env, capture_output=True, text=True)
    assert done.stdout.strip() == ""
