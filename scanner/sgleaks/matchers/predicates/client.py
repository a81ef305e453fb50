"""What reaches everybody: secrets that a bundler puts into a page, and calls of the API from pages and apps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.client import is_client
from sgleaks.matchers.subjects.program import PROGRAMS
from sgleaks.matchers.subjects.secret_name import PUBLIC_PREFIX, is_client_exposed, is_secret_name
from sgleaks.matchers.subjects.spans import Spans
from sgleaks.syntax import Facts, Setting

__all__ = ["api_called", "exposed_variable"]

NAME = re.compile(rb"(?<![\w-])" + PUBLIC_PREFIX.pattern.encode() + rb"\w{1,80}")
SENTENCE = re.compile(r"\S\s+[^\s=]")
# Where builds are told what becomes part of a page: a file, and the parts of it (all of it, where none is named).
CONFIGURATIONS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (re.compile(r"(?:^|/)next\.config\.[cm]?[jt]s$"), frozenset({"env", "publicRuntimeConfig"})),
    (re.compile(r"(?:^|/)nuxt\.config\.[cm]?[jt]s$"), frozenset({"env", "public", "publicRuntimeConfig"})),
    (
        re.compile(r"(?:^|/)(?:vite|webpack)[\w.-]*\.config\.[cm]?[jt]s$|(?:^|/)webpack\.[\w.]+\.js$"),
        frozenset({"define", "DefinePlugin"}),
    ),
    (re.compile(r"(?:^|/)src/environments/environment[\w.-]*\.ts$"), frozenset()),
)
# Files that only show which variables there are.
EXAMPLE = re.compile(r"(?i)(?:^|/)[^/]*(?:example|sample|template|dist|defaults?|schema)[^/]*$")
PLACEHOLDER = re.compile(
    r"(?i)$|[<@]|\$|\{\{|%|(?:change|your|my|replace|insert|enter|add|put|xxx|todo|dummy|fake|none|null|undefined|placeholder|\.\.\.|\*)|SG\.(?![\w-]{22}\.)"
)
API = re.compile(
    rb"(?i)https?:\\?/\\?/api\.(?:eu\.)?sendgrid\.com|(?<![\w.@/-])api\.(?:eu\.)?sendgrid\.com(?:/v3)?(?![\w.])"
)
MARKUP = ("html", "vue", "svelte")
SCRIPT = re.compile(rb"(?i)<script\b[^>]{0,500}>|</script")
# How the SDKs are imported, where that is no address.
_PACKAGE = re.compile(
    rb"(?:\bfrom\s{0,9}|\bimport\s{0,9}\(?|\brequire\s{0,9}\(\s{0,9})[\"']@sendgrid/(?:mail|client)[\"']"
)
_CLASS = re.compile(rb"(?m)^[ \t]*import[ \t]+com\.sendgrid\b[^\n]*")
IMPORT: Mapping[str, re.Pattern[bytes]] = {
    **dict.fromkeys(("javascript", "typescript", "tsx", *MARKUP), _PACKAGE),
    **dict.fromkeys(("java", "kotlin"), _CLASS),
    "swift": re.compile(rb"(?m)^[ \t]*import[ \t]+SendGrid\w*"),
    "dart": re.compile(rb"(?m)^[ \t]*import[ \t]+[\"']package:sendgrid\w*/[^\n]*"),
}


def exposed_variable(file: File) -> Iterator[Hit]:
    """A secret of SendGrid under a name that is given to browsers, once a file; or in what a build gives them."""
    facts = file.facts
    unsaid = _said(facts)
    told: set[str] = set()
    settings = {each.name: each for each in facts.settings()}
    for found in NAME.finditer(facts.data):
        name = found[0].decode()
        if name not in told and is_client_exposed(name) and found.start() not in unsaid:
            told.add(name)
            yield _exposed(file, settings.get(name), found.start(), found.end())
    yield from _built_in(file)


def _exposed(file: File, setting: Setting | None, start: int, end: int) -> Hit:
    if file.facts.language == "dotenv" and EXAMPLE.search(file.path):
        return Hit(start, end, advice=True)
    if setting and setting.start <= start < setting.end and _is_secret(setting):
        return Hit(start, setting.end, secret=setting.value.text)
    return Hit(start, end, confidence="medium")


def _is_secret(setting: Setting) -> bool:
    """Whether a setting has a text that was not left to be filled in."""
    return setting.value.kind == "text" and not PLACEHOLDER.match(setting.value.text)


def _said(facts: Facts) -> Spans:
    """What is comment, or a sentence in a program."""
    sentences = (
        (each.start, each.end)
        for each in facts.strings
        if each.kind == "text" and facts.language in PROGRAMS and SENTENCE.search(each.text)
    )
    return Spans([*facts.comments, *sentences])


def _built_in(file: File) -> Iterator[Hit]:
    """Secrets in the part of a build's configuration that goes into what it builds."""
    for path, names in CONFIGURATIONS:
        if path.search(file.path):
            for setting in file.facts.settings():
                around = {name.rpartition(".")[2] for name in setting.path[:-1]}
                name = setting.name.removeprefix("process.env.").removeprefix("import.meta.env.")
                if is_secret_name(name) and not PUBLIC_PREFIX.match(name) and (not names or names & around):
                    yield Hit(setting.start, setting.end, "The build puts it into the bundle.", confidence="medium")


def api_called(file: File) -> Iterator[Hit]:
    """The first address of the API, or import of the SDK, in a file that runs at its users'."""
    facts = file.facts
    if not is_client(file):
        return
    inert = Spans(facts.comments)
    scripts = Spans(_scripts(facts.data)) if facts.language in MARKUP else None
    places = [found for each in facts.strings if (found := API.search(facts.data, each.start, each.end))]
    places += IMPORT[facts.language].finditer(facts.data) if facts.language in IMPORT else ()
    for found in sorted(places, key=lambda found: found.start()):
        if found.start() not in inert and (scripts is None or found.start() in scripts):
            yield Hit(found.start(), found.end())
            return


def _scripts(data: bytes) -> Iterator[tuple[int, int]]:
    """What is between ``<script>`` and ``</script>``."""
    start = -1
    for tag in SCRIPT.finditer(data):
        if tag[0].startswith(b"</"):
            if start >= 0:
                yield start, tag.start()
            start = -1
        elif start < 0:
            start = tag.end()
