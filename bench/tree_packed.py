"""The packed forms a key takes in a tree: archives, compressed streams, databases, documents and other binaries."""

from __future__ import annotations

import bz2
import gzip
import importlib.util
import io
import lzma
import marshal
import sqlite3
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING

from tree_forms import Form

if TYPE_CHECKING:
    from random import Random

    from tree_keys import Key

ZIP_DATE = (2024, 3, 1, 0, 0, 0)  # one date for every member, so that two builds give the same bytes


def packed_forms() -> tuple[Form, ...]:
    """Give every packed form, each once."""
    return (
        Form("zip", "backup.zip", lambda key, random: _zip({"app/.env": _env(key, random), "app/main.py": _code()})),
        Form("jar-in-war", "shop.war", _war),
        Form("docx", "handover.docx", _docx),
        Form("tar-gz", "backup.tar.gz", lambda key, random: gzip.compress(_tar(_env(key, random)), mtime=0)),
        Form("gz", "mail.log.gz", lambda key, random: gzip.compress(_env(key, random), mtime=0)),
        Form("bz2", "mail.log.bz2", lambda key, random: bz2.compress(_env(key, random))),
        Form("xz", "mail.log.xz", lambda key, random: lzma.compress(_env(key, random))),
        Form("pyc", "settings.cpython-311.pyc", _pyc),
        Form("sqlite", "app.sqlite3", _sqlite),
        Form("pdf-flate", "runbook.pdf", _pdf),
        Form("binary", "mailer.bin", lambda key, random: _noise(random) + key.text.encode() + _noise(random)),
    )


def _env(key: Key, random: Random) -> bytes:
    lines = [f"SETTING_{number}={random.getrandbits(40):x}" for number in range(30)]
    lines.insert(random.randrange(len(lines)), f"SENDGRID_API_KEY={key.text}")
    return "\n".join(lines).encode() + b"\n"


def _code() -> bytes:
    return b"import os\n\nKEY = os.environ['SENDGRID_API_KEY']\n"


def _noise(random: Random) -> bytes:
    return random.randbytes(random.randrange(50_000, 150_000))


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_DATE), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _war(key: Key, random: Random) -> bytes:
    manifest = b"Manifest-Version: 1.0\r\n\r\n"
    jar = _zip({"META-INF/MANIFEST.MF": manifest, "application.properties": _env(key, random)})
    return _zip({"META-INF/MANIFEST.MF": manifest, "WEB-INF/lib/mail.jar": jar})


def _docx(key: Key, random: Random) -> bytes:
    paragraphs = [f"<w:p><w:r><w:t>Step {number}</w:t></w:r></w:p>" for number in range(20)]
    paragraphs.insert(random.randrange(20), f"<w:p><w:r><w:t>Key: {key.text}</w:t></w:r></w:p>")
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<?xml version="1.0"?><w:document xmlns:w="{space}"><w:body>{"".join(paragraphs)}</w:body></w:document>'
    types = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return _zip({"[Content_Types].xml": types, "word/document.xml": body.encode()})


def _tar(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("app/.env")  # dated 1970: two builds give the same bytes
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _pyc(key: Key, _: Random) -> bytes:
    code = compile(f"API_KEY = {key.text!r}\nSENDER = 'noreply@example.net'\n", "settings.py", "exec")
    return importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code)


def _sqlite(key: Key, random: Random) -> bytes:
    rows = [(f"setting_{number}", f"{random.getrandbits(64):x}") for number in range(300)]
    rows.insert(random.randrange(len(rows)), ("sendgrid_api_key", key.text))
    database = sqlite3.connect(":memory:")
    try:
        database.execute("create table setting (name text primary key, value text)")
        database.executemany("insert into setting values (?, ?)", rows)
        database.commit()
        return database.serialize()
    finally:
        database.close()


def _pdf(key: Key, _: Random) -> bytes:
    stream = zlib.compress(f"BT /F1 11 Tf 72 720 Td (Mail key: {key.text}) Tj ET".encode())
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    body = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    xref = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + xref + trailer
