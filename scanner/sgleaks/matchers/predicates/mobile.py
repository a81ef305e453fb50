"""Secrets that are packaged with an app for phones: everyone who installs it can read them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers import commands
from sgleaks.matchers.environment import reads
from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.secret_name import is_secret_name
from sgleaks.matchers.stores import KEY_SHAPED, kept
from sgleaks.model import Condition
from sgleaks.syntax import Block, Facts, Setting, Value

__all__ = ["packaged_secret"]

GRADLE = re.compile(r"(?i)\.gradle(?:\.kts)?$")
GENERATORS = frozenset(("buildConfigField", "resValue"))
ANDROID = re.compile(rb"\bandroid\s{0,9}(?:\{|\.)|com\.android\.|AndroidManifest|\bapplicationId\b")
DART_DEFINE = re.compile(rb"--dart-define[= ,\"']{1,4}[\"']?([A-Za-z_]\w{0,80})=")
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
        yield from (_kept(setting.start, setting.value) for setting in facts.settings() if is_secret_name(setting.name))
    elif name == "pubspec.yaml":
        yield from _assets(facts)
    elif EXPO.search(file.path):
        yield from _expo(facts)
    for found in DART_DEFINE.finditer(facts.data):
        start = commands.begin(facts, found.start())
        if start is not None and is_secret_name(found[1].decode()):
            yield Hit(start, found.end(), "What is defined for Dart is compiled into the app.")


def _kept(start: int, value: Value) -> Hit:
    """A secret beside its name: judged where it is a literal, told anyway where the build puts it in."""
    text = value.text.strip()
    if value.kind in ("text", "number") and not REFERENCE.match(text):
        return Hit(value.start, value.end, secret=text)
    return Hit(start, start)


def _resources(facts: Facts) -> Iterator[Hit]:
    for block in facts.blocks():
        name, value = block.get("name"), block.get("")
        if block.labels == ("string",) and block.path[0] == "resources" and name and value and is_secret_name(name.value.text):
            yield _kept(block.start, value.value)
        name, value = block.get("android:name"), block.get("android:value")
        if block.labels == ("meta-data",) and name and value and is_secret_name(name.value.text):
            yield _kept(value.start, value.value)


def _property_list(facts: Facts) -> Iterator[Hit]:
    if NO_APP.search(facts.data):
        return
    for block in facts.blocks():
        for setting in block.settings if block.labels == ("dict",) else ():
            if is_secret_name(setting.name) and setting.value.text.strip():
                hit = _kept(setting.start, setting.value)
                # The key's line is told; nothing of the value is on it, or else all of it is hidden.
                apart = b"\n" in facts.data[setting.start : setting.value.start]
                yield hit._replace(start=setting.start, end=setting.start) if apart else hit


def _gradle(facts: Facts) -> Iterator[Hit]:
    if not ANDROID.search(facts.data):
        return
    for call in facts.calls:
        texts = [argument for argument in call.arguments if argument.kind in ("text", "template")]
        if call.name.rpartition(".")[2] in GENERATORS and len(texts) > 1 and is_secret_name(texts[1].text):
            yield _generated(call.start, texts[2] if len(texts) > 2 else None)
    for entry in kept(facts):
        keys = (*entry.place, *(key for setting in entry.block.settings for key in setting.keys if setting.value is entry.value))
        if "manifestPlaceholders" in keys:
            yield _generated(entry.start, entry.value)
    for setting in facts.settings():
        inner = setting.value.block
        if setting.keys[0] == "manifestPlaceholders" and inner:
            yield from (_generated(each.start, each.value) for each in inner.settings if is_secret_name(each.name))


def _generated(start: int, value: Value | None) -> Hit:
    if value is None or value.kind != "text":
        return Hit(start, start)
    return Hit(value.start, value.end, secret=value.text.strip("\"'\\ "))


def _assets(facts: Facts) -> Iterator[Hit]:
    """``.env`` among the assets of a Flutter app whose code reads a SendGrid secret from it."""
    reading = Condition(("dart-env-secret",), least=1)
    for block in facts.blocks():
        assets = block.get("assets") if block.labels == ("flutter",) else None
        for item in assets.value.items if assets else ():
            if re.fullmatch(r"(?:[\w./-]*/)?(?:\.env(?:\.\w+)?|\w*\.env)", item.text):
                yield Hit(item.start, item.end, conditions=(reading,))


def _expo(facts: Facts) -> Iterator[Hit]:
    for entry in kept(facts):
        if entry.under == "extra":
            yield _kept(entry.start, entry.value)


def dart_reads_secret(file: File) -> Iterator[str]:
    """The tag ``dart-env-secret``: Dart code that reads a SendGrid secret from an env file."""
    if file.facts.language == "dart" and any(is_secret_name(read.name) for read in reads(file.facts)):
        yield "dart-env-secret"
