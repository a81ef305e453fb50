"""Targets that read what is scanned: spellings, languages, names, and all of it together.

Their bytes may hold tokens such as ``{key}`` (`sgleaks.samples`), which become made-up secrets: mutations then alter
what stands around a key more often than the key, and no input that is kept holds one.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from functools import cache, partial

from fuzz.target import Target
from sgleaks import decoders
from sgleaks.decoders.base64 import BREAKS, STANDARD
from sgleaks.examine import MAX_FINDINGS, Result, examine
from sgleaks.model import SKIP_REASONS, Blob, Drop, Finding, Notice, Origin, Region, Skip, View
from sgleaks.names import Names
from sgleaks.rule import builtin_rules, load_folder
from sgleaks.ruleset import Ruleset
from sgleaks.samples import render
from sgleaks.settings import Settings
from sgleaks.syntax import Unparsed, language_of, parse
from sgleaks.syntax.facts import Facts
from sgleaks.syntax.names import EXTENSIONS
from test_decoders import INLINE, WHOLE
from test_syntax_code import SOURCES
from test_syntax_config import TABLE

LANGUAGES = tuple(sorted(set(EXTENSIONS.values())))
TOKEN = "{key}"


def filled(data: bytes) -> bytes:
    """The bytes with every token replaced."""
    return render(data.decode("latin-1"), 1).encode("latin-1", "replace")


@cache
def rules() -> Ruleset:
    return Ruleset(Settings(profile="L3"))


@cache
def examples() -> tuple[tuple[str, bytes], ...]:
    """Path and text, tokens left in it, of every example that comes with a rule."""
    known = load_folder(builtin_rules()).values()
    return tuple(
        (path, text.encode())
        for rule in known
        for example in (*rule.examples, *rule.counter_examples)
        for path, text in {**example.files, example.path: example.text}.items()
    )


# Spellings


def decoded(data: bytes) -> None:
    """Every view lies in its blob, its map ascends, and what stands where it points says what it says."""
    blob = Blob(filled(data), Origin("x"))
    try:
        for view in decoders.views(View(blob.data, blob)):
            if view.via:
                _mapped(view)
    except decoders.Exhausted:
        return


def _mapped(view: View) -> None:
    size, source = len(view.data), view.blob.data
    step = max(size // 64, 1)
    last = 0
    for start in range(0, size, step):
        begin, end = view.span(start, min(start + step, size))
        assert last <= begin <= end <= len(source)
        last = begin
    if len(view.via) == 1 and (said := SAYS.get(view.via[0])):
        unit = 3 if view.via[0] == "base64" else 1
        for start in range(0, size - size % unit, unit * step):
            begin, end = view.span(start, start + unit)
            assert said(source[begin:end], view.data[start : start + unit])


def _escaped(lead: bytes) -> Callable[[bytes, bytes], bool]:
    """What stands for a byte is that byte, or an escape."""
    return lambda source, value: source == value or source.startswith(lead)


# Of each spelling, whether some bytes of a file say what was read there.
SAYS: dict[str, Callable[[bytes, bytes], bool]] = {
    "base64": lambda source, value: binascii.a2b_base64(BREAKS.sub(b"", source).translate(STANDARD)) == value,
    "hex": lambda source, value: binascii.unhexlify(source) == value,
    "utf-16": lambda source, value: value in source or value == b"?",
    "percent": _escaped(b"%"),
    "entities": _escaped(b"&"),
    "escapes": _escaped(b"\\"),
    "quoted-printable": _escaped(b"="),
}


def spelt() -> Iterator[bytes]:
    yield from (b"sendgrid " + spell(render(TOKEN, 1)) for spell, _ in (*INLINE.values(), *WHOLE.values()))
    yield from (b"{base64:x={key}}", b"{percent:{key}}", b"{unicode:{key}} {entity:{key}}", b"SG.{key.id} {key}")


# Languages


def understood(language: str, data: bytes) -> None:
    """All that is said lies in the file, and where it says; what is read once is read twice."""
    data = filled(data)
    facts = parse(data, language)
    size = len(data)
    for block in facts.blocks():
        assert 0 <= block.start <= block.end <= size
        for setting in block.settings:
            assert setting.block is block
            assert setting.keys
            assert 0 <= setting.start <= setting.end <= size
            assert setting.path[-len(setting.keys) :] == setting.keys
    spans = [(each.start, each.end) for each in facts.calls] + [(each.start, each.end) for each in facts.functions]
    assert all(0 <= start <= end <= size for start, end in spans)
    assert all(0 <= start <= end <= size for start, end in facts.comments)
    if language != "zone":  # whose names are told in full, as `@` stands for one
        _read_where_they_stand(facts)


def _read_where_they_stand(facts: Facts) -> None:
    said = [*facts.strings, *facts.references]
    said += [argument for call in facts.calls for argument in call.arguments]
    said += [setting.value for setting in facts.settings()]
    for value in (inner for each in said for inner in each.walk()):
        assert 0 <= value.start <= value.end <= len(facts.data)
        value.text.encode(errors="surrogatepass")
        written = facts.data[value.start : value.end].decode(errors="replace")
        if value.kind == "text" and SIMPLE.fullmatch(value.text):
            # Its characters stand there in this order; between them only what a language may put between two.
            found = iter(written.casefold())
            assert (
                not written or ESCAPED.search(written) or all(character in found for character in value.text.casefold())
            ), (value, written)


ESCAPED = re.compile(r"[\\&%]")
SIMPLE = re.compile(r"[A-Za-z0-9]{3,60}")


def written_in(language: str) -> Iterator[bytes]:
    yield b'<script>const a = "x"</script>' if language in ("html", "vue", "svelte") else b'a = "x"\n'
    yield from (source.text.encode() for source in SOURCES.values() if source.language == language)
    yield from (str(row.values[1]).encode() for row in TABLE if row.values[0] == language)
    yield from (text for path, text in examples() if language_of(path, text) == language)


# All of it


def scanned(data: bytes) -> None:
    """Findings stand in the file and show no secret; the first byte chooses what the file is called."""
    name = NAMES[data[0] % len(NAMES)] if data else NAMES[0]
    blob = Blob(filled(data[1:]), Origin(name))
    results = list(examine([blob], rules()))
    assert len(results) <= 2 * MAX_FINDINGS
    secrets = {found.secret.reveal() for found in results if isinstance(found, Finding) and found.secret}
    for result in results:
        _in_the_file(result, blob)
        if isinstance(result, Finding):
            assert not [secret for secret in secrets if len(secret) >= 8 and secret in result.excerpt]


def _in_the_file(result: Result, blob: Blob) -> None:
    if isinstance(result, Skip):
        assert result.reason in SKIP_REASONS
    if isinstance(result, Notice | Drop):
        assert 1 <= result.line <= blob.data.count(b"\n") + blob.data.count(b"\r") + 1
    if isinstance(result, Finding):
        region = result.region
        assert (1, 1) <= (region.line, region.column) <= (region.end_line, region.end_column)
        assert 0.0 <= result.security_severity <= 10.0
        assert re.fullmatch(r"[0-9a-f]{32}", result.fingerprint)
        read = result.rule.match["matcher"] in ("key", "regex")  # values of settings stand there with their quotes
        if read and not result.via and result.secret and region.line == region.end_line:
            assert result.secret.reveal() == _cut_out(blob.data, region)


def _cut_out(data: bytes, region: Region) -> str:
    text = data.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    lines = text.split("\n" if "\n" in text or "\r" not in text else "\r")
    return lines[region.line - 1][region.column - 1 : region.end_column - 1]


NAMES = (
    *(f"mail.{extension}" for extension in sorted(EXTENSIONS)),
    *("Dockerfile", ".env", "Makefile", "main.cf", "notes.txt", "README.md", ".github/workflows/mail.yml"),
    *("db.example.com", "docker-compose.yml", "settings.py", "composer.json", "config/production.rb", "test/mail.py"),
)  # fmt: skip


def files() -> Iterator[bytes]:
    for path, text in examples():
        best = next(
            (n for n, name in enumerate(NAMES) if name == path or name.rpartition(".")[2] == path.rpartition(".")[2]), 0
        )
        yield bytes([best]) + text


def named(data: bytes) -> None:
    """No secret half of a key is left in a name that is shown, and a name without one is shown as it is."""
    name = filled(data).decode("utf-8", "surrogateescape")
    shown = Names(rules()).shown(name)
    assert render("{key.secret}", 1) not in shown
    if len(name) < 20:
        assert shown == name


TARGETS = {
    "decoders": Target(decoded, spelt),
    **{
        f"syntax-{language}": Target(partial(understood, language), partial(written_in, language), (Unparsed,), 2048)
        for language in LANGUAGES
    },
    "scan": Target(scanned, files),
    "names": Target(named, lambda: (b"a/{key}/b", b"{base64:{key}}", b"x{key}.env", b"{percent:{key}}")),
}
