"""What an account in code lacks as a whole, and certificates that stand in files of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from posixpath import dirname, join, normpath

from sgleaks.matchers.repository import Place, Scene
from sgleaks.matchers.subjects.certificate import expiry
from sgleaks.model import Clue

__all__ = ["expired_certificate", "no_event_webhook", "no_usage_alert"]

# Who declares one of these keeps the account in code.
ACCOUNT = ("resource api_key", "resource teammate", "resource sso_teammate", "resource subuser")


def no_usage_alert(scene: Scene) -> Iterator[Place]:
    """The first resource of an account without any alert, where the provider could declare one."""
    if scene.has("fact alerts"):
        yield from _first_without(scene, "* alert")


def no_event_webhook(scene: Scene) -> Iterator[Place]:
    """The first resource of an account whose events go nowhere."""
    yield from _first_without(scene, "* event_webhook")


def _first_without(scene: Scene, tag: str) -> Iterator[Place]:
    if not any(fnmatchcase(clue.tag, tag) for clue in scene.clues):
        declared = [(clue.path, clue.line) for clue in scene.clues if clue.tag in ACCOUNT]
        yield from (Place(*place) for place in sorted(declared)[:1])


def expired_certificate(scene: Scene) -> Iterator[Place]:
    """Certificates of SSO that are no longer valid, written in code or in a file that the code names."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for clue in scene.clues:
        until = clue.tag.removeprefix("certificate until ") if clue.tag.startswith("certificate until ") else ""
        until = until or _until(scene, clue)
        if until and until < today:
            yield Place(clue.path, clue.line, f"It was valid until {until}.")


def _until(scene: Scene, clue: Clue) -> str:
    name = clue.tag.removeprefix("certificate in ")
    if name == clue.tag:
        return ""
    data = scene.tree.read(normpath(join(dirname(clue.path), name)))
    return expiry(data.decode("ascii", "replace")) if data else ""
