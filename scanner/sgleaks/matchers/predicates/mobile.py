"""Secrets that are packaged with an app for phones: everyone who installs it can read them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects import commands
from sgleaks.matchers.subjects.environment import reads
from sgleaks.matchers.subjects.secret_name import is_secret_name
from sgleaks.matchers.subjects.stores import kept, told
from sgleaks.syntax import Facts, Value

__all__ = ["packaged_secret"]

GRADLE = re.compile(r"(?i)\.gradle(?:\.kts)?$")
GENERATORS = frozenset(("buildConfigField", "resValue"))
ANDROID = re.compile(rb"\bandroid\s{0,9}(?:\{|\.)|com\.android\.|AndroidManifest|\bapplicationId\b")
DART_DEFINE = re.compile(rb"--dart-define[= ,\"']{1,4}[\"']?([A-Za-z_]\w{0,80})=[\"']?([^\s\"'$\\,]{0,200})")
EXPO = re.compile(r"(?i)(?:^|/)app(?:\.config)?\.(?:json|[jt]s)$")
# Of property lists: agents of launchd and what Xcode keeps for itself are on the developer's machine.
NO_APP = re.compile(rb"<key>(?:ProgramArguments|objectVersion|EnvironmentVariables)</key>")
REFERENCE = re.compile(r"^\s*(?:\$[({]|@[\w:]+/|%[({\w])")


def packaged_secret(file: File) -> Iterator[Hit]:
    """Resources, build fields, property lists, build settings and defines under the name of a SendGrid secret."""
    facts, name = file.facts, file.path.rpartition("/")[2].lower()
    if facts.language == "xml":
        yield from _property_list(facts) if name.endswith(".plist") else _resources(facts)
    elif GRADLE.search(file.path):
        yield from _gradle(facts)
    elif name.endswith(".xcconfig"):
        yield from (
            _kept(facts, setting.start, setting.value) for setting in facts.settings() if is_secret_name(setting.name)
        )
    elif EXPO.search(file.path):
        yield from _expo(facts)
    for found in DART_DEFINE.finditer(facts.data):
        start = commands.begin(facts, found.start())
        if start is not None and is_secret_name(found[1].decode()):
            value = found.span(2) if found[2] else None
            yield told(facts, start, found.end(), value, "What is defined for Dart is compiled into the app.")


def _kept(facts: Facts, start: int, value: Value) -> Hit:
    """A secret beside its name: judged where it is a literal, told anyway where the build puts it in."""
    text = value.text.strip()
    if value.kind not in ("text", "number") or REFERENCE.match(text):
        return Hit(start, start)
    # The line of the name is told; where the value is on it, all of the value is hidden.
    apart = b"\n" in facts.data[start : value.start]
    return Hit(start, start, secret=text) if apart else Hit(value.start, value.end, secret=text)


def _resources(facts: Facts) -> Iterator[Hit]:
    for block in facts.blocks():
        name, value = block.get("name"), block.get("")
        if (
            block.labels in (("string",), ("item",))
            and block.path[0] == "resources"
            and name
            and value
            and is_secret_name(name.value.text)
        ):
            yield _kept(facts, block.start, value.value)
        name, value = block.get("android:name"), block.get("android:value")
        if block.labels == ("meta-data",) and name and value and is_secret_name(name.value.text):
            yield _kept(facts, value.start, value.value)


def _property_list(facts: Facts) -> Iterator[Hit]:
    if NO_APP.search(facts.data):
        return
    for block in facts.blocks():
        for setting in block.settings if block.labels == ("dict",) else ():
            if is_secret_name(setting.name) and setting.value.text.strip():
                yield _kept(facts, setting.start, setting.value)


def _gradle(facts: Facts) -> Iterator[Hit]:
    if not ANDROID.search(facts.data):
        return
    for call in facts.calls:
        texts = [argument for argument in call.arguments if argument.kind in ("text", "template")]
        named = call.named.get("name")
        name = named.value if named else texts[1] if len(texts) > 1 else None
        if call.name.rpartition(".")[2] in GENERATORS and name and is_secret_name(name.text):
            yield _generated(call.start, texts[2] if len(texts) > 2 else None)
    for setting in facts.settings():
        made = setting.value.call
        pairs = made.named.settings if made and setting.keys == ("manifestPlaceholders",) else []
        inside = "manifestPlaceholders" in (*setting.keys[:-1], *setting.block.labels)
        for each in [*pairs, *([setting] if inside else [])]:
            if is_secret_name(each.name):
                yield _generated(each.start, each.value)


def _generated(start: int, value: Value | None) -> Hit:
    if value is None or value.kind != "text":
        return Hit(start, start)
    return Hit(value.start, value.end, secret=value.text.strip("\"'\\ "))


def _expo(facts: Facts) -> Iterator[Hit]:
    for entry in kept(facts):
        if entry.under == "extra":
            yield _kept(facts, entry.start, entry.value)


def dart_reads_secret(file: File) -> Iterator[str]:
    """The tag ``dart-env-secret``: Dart code that reads a SendGrid secret from an env file."""
    if file.facts.language == "dart" and any(is_secret_name(read.name) for read in reads(file.facts)):
        yield "dart-env-secret"
