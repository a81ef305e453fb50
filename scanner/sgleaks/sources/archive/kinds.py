"""Which archive some bytes are, by their first bytes. Names say nothing: ``.target`` is no tar, ``.docx`` is a zip."""

from __future__ import annotations

HEAD = 512  # bytes that decide: one tar block, and a tar tells itself at 257

# Long enough that no text begins with one by accident. A PDF is text of a kind; the whole of it is searched too.
_MAGICS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),  # APPNOTE 4.3.7; also jar, war, apk, docx, xlsx, whl
    (b"PK\x05\x06", "zip"),  # 4.3.16: no members, perhaps a comment
    (b"PK\x07\x08PK\x03\x04", "zip"),  # 8.5.3: split, then joined
    (b"\x1f\x8b\x08", "gzip"),  # RFC 1952, deflate being the only method
    *((b"BZh%d\x31\x41\x59\x26\x53\x59" % level, "bz2") for level in range(1, 10)),
    *((b"BZh%d\x17\x72\x45\x38\x50\x90" % level, "bz2") for level in range(1, 10)),  # of no bytes
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),  # RFC 8878 3.1.1
    (b"\x50\x2a\x4d\x18", "zstd"),  # 3.1.2: pzstd begins with a skippable frame
    (b"%PDF-", "pdf"),
    (b"PACK\x00\x00\x00\x02", "pack"),  # gitformat-pack
    (b"PACK\x00\x00\x00\x03", "pack"),
    (b"# v2 git bundle\n", "bundle"),  # gitformat-bundle
    (b"# v3 git bundle\n", "bundle"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"xar!\x00\x1c", "xar"),
    (b"MSCF\x00\x00\x00\x00", "cab"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"LZIP\x01", "lzip"),
    (b"\x1f\x9d", "compress"),
)

# Recognised and not opened; what a skip says of them.
UNSUPPORTED = {
    "7z": "7-Zip archives are not opened",
    "rar": "RAR archives are not opened",
    "xar": "xar archives are not opened",
    "cab": "cabinet files are not opened",
    "lz4": "lz4 files are not opened",
    "lzip": "lzip files are not opened",
    "compress": "files of the compress program (.Z) are not opened",
}

FIRST_BYTES = frozenset(magic[0] for magic, _ in _MAGICS)  # a tar has none: its first byte is a name's

_BY_FIRST_BYTE = {first: tuple((magic, name) for magic, name in _MAGICS if magic[0] == first) for first in FIRST_BYTES}


def kind(head: bytes) -> str | None:
    """What archive begins with ``head`` (the first 512 bytes, or all of a shorter file), None for anything else."""
    for magic, name in _BY_FIRST_BYTE.get(head[0], ()) if head else ():
        if head.startswith(magic):
            return name
    # POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar has a blank for the NUL.
    if head[257:263] in (b"ustar\x00", b"ustar "):
        return "tar"
    # PEP 441: a zip application, as shiv and pex make them, is a zip behind a shebang line.
    if head.startswith(b"#!") and b"\nPK\x03\x04" in head:
        return "zip"
    return None
