"""What apps for phones take with them, as their manifests say, which need not mention SendGrid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename

from sgleaks.matchers.repository import Place, Scene
from sgleaks.syntax import Facts, Unparsed, Value, parse

__all__ = ["env_file_among_assets"]

ENV_FILE = re.compile(r"(?:[\w.-]*/)*(?:\.env(?:\.\w+)?|\w*\.env)")


def env_file_among_assets(scene: Scene) -> Iterator[Place]:
    """``.env`` among the assets of a Flutter app, where Dart code reads a SendGrid secret from it."""
    if not scene.has("dart-env-secret"):
        return
    for path in scene.tree.names():
        if basename(path) == "pubspec.yaml":
            data = scene.tree.read(path) or b""
            yield from (Place(path, data.count(b"\n", 0, asset.start) + 1) for asset in _assets(data))


def _assets(data: bytes) -> Iterator[Value]:
    try:
        facts: Facts = parse(data, "yaml")
    except Unparsed:
        return
    for block in facts.blocks():
        assets = block.get("assets") if block.labels == ("flutter",) else None
        yield from (item for item in (assets.value.items if assets else ()) if ENV_FILE.fullmatch(item.text))
