"""What is known of the keys in a repository only when all of them are: one key for many purposes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from posixpath import basename, dirname

from sgleaks.matchers.repository import Place, Scene
from sgleaks.model import Finding
from sgleaks.secret import Secret

__all__ = ["reused_across_environments"]

SHOWN = 4  # names in a note

ENVIRONMENTS = {
    "production": ("prod", "production", "prd", "live"),
    "staging": ("stag", "stage", "staging", "stg", "preprod"),
    "acceptance": ("uat", "acc", "acceptance"),
    "quality assurance": ("qa",),
    "test": ("test", "testing"),
    "development": ("dev", "develop", "development"),
    "sandbox": ("sandbox",),
    "preview": ("preview",),
}
ENVIRONMENT_OF = {token: name for name, tokens in ENVIRONMENTS.items() for token in tokens}
# A service is what has one of these: it is built, deployed and broken into by itself.
MANIFEST = re.compile(
    r"(?i)package\.json|go\.mod|dockerfile|chart\.yaml|pyproject\.toml|requirements\.txt|setup\.py|pipfile|gemfile|composer\.json"
    r"|cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|[^/]*\.(?:csproj|fsproj)|serverless\.ya?ml|wrangler\.(?:toml|jsonc?)|mix\.exs"
    r"|pubspec\.yaml|app\.ya?ml|fly\.toml|procfile"
)
# A copy in an example, a test or documentation is no use of the key.
NO_USE = re.compile(
    r"(?i)(?:^|/)(?:node_modules|vendor|third_party|tests?|specs?|__tests__|fixtures?|testdata|mocks?|examples?|samples?|docs?)/"
    r"|[._-](?:example|sample|template|dist|tpl|bak|old|orig)\b|\.(?:md|mdx|rst|adoc|txt|log)$"
)


def reused_across_environments(scene: Scene) -> Iterator[Place]:
    """Every place of a key that several environments or services use."""
    by_key: dict[Secret, list[Finding]] = {}
    for finding in scene.findings:
        if finding.secret and finding.secret.is_key and finding.rule.id == "api-key" and _counts(finding):
            by_key.setdefault(finding.secret, []).append(finding)
    by_key = {secret: found for secret, found in by_key.items() if len({each.origin.path for each in found}) > 1}
    if not by_key:
        return
    roots = {dirname(name) for name in scene.tree.names() if MANIFEST.fullmatch(basename(name))}
    for findings in by_key.values():
        environments = [_environment(finding.origin.path) for finding in findings]
        services = [_service(finding.origin.path, roots) for finding in findings]
        names = environments if len(_apart(environments)) > 1 else services
        distinct = _apart(names)
        if len(distinct) > 1:
            shown = sorted(name or "." for name in distinct)
            note = f"It is used in {', '.join(shown[:SHOWN])}{' and others' if len(shown) > SHOWN else ''}."
            for finding, name in zip(findings, names, strict=True):
                if name in distinct:
                    yield Place(finding.origin.path, finding.region.line, note, finding=finding)


def _counts(finding: Finding) -> bool:
    return finding.confidence != "low" and not NO_USE.search(finding.origin.path)


def _environment(path: str) -> str | None:
    """The environment that a path names; of several the last one, which is the narrowest."""
    tokens = re.split(r"[^a-z]+", path.lower())
    return next((ENVIRONMENT_OF[token] for token in reversed(tokens) if token in ENVIRONMENT_OF), None)


def _service(path: str, roots: set[str]) -> str | None:
    """The nearest folder around a file that has a manifest."""
    return next((folder for folder in _folders(path) if folder in roots), None)


def _folders(path: str) -> Iterator[str]:
    """The folders that a path is in, the innermost first; the root is ""."""
    while path:
        path = dirname(path)
        yield path


def _apart(names: Sequence[str | None]) -> set[str]:
    """The names that hold no other one: the root of a repository that holds services is no service."""
    known = {name for name in names if name is not None}
    return known - {folder for name in known for folder in _folders(name)}
