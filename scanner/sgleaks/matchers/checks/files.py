"""What is in a repository beside its code: what git ignores, and who looks for secrets.

Files are asked for by name; the rules of the reader's own git (``info/exclude``, ``core.excludesFile``) protect nobody
else and do not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from posixpath import basename, dirname, join

from pathspec import GitIgnoreSpec

from sgleaks.matchers.repository import Place, Scene, Tree

__all__ = ["env_file_not_ignored", "no_secret_scanning"]

MOST_FILES = 300  # that are read for a check: a repository has a dozen manifests, and each costs a read
EXAMPLE = re.compile(
    r"(?i)(?:.*[._-])?env(?:[._-].*)?[._-](?:example|sample|template|dist|defaults?|tpl|tmpl)(?:\..*)?"
    r"|(?:example|sample|template|default)[._-]env|env[._-](?:example|sample|template|dist)"
)
MANIFEST = re.compile(
    r"(?i)package\.json|requirements[^/]*\.(?:txt|in)|pyproject\.toml|pipfile|setup\.(?:py|cfg)|gemfile|composer\.json|go\.mod"
    r"|cargo\.toml|pubspec\.yaml|mix\.exs|build\.gradle(?:\.kts)?|pom\.xml|(?:docker-)?compose[^/]*\.ya?ml|[^/]*\.csproj"
)
# Libraries that read `.env`, calls of them, and compose's `env_file`.
LOADER = re.compile(
    rb"(?i)dotenv|\benv_file\b|@nestjs/config|env-cmd|django-environ|\benvirons\b|python-decouple|pydantic[-_]settings"
    rb"|react-native-config|laravel/framework|--env-file|loadEnvFile|Env\.Load\("
)
# Frameworks that read `.env` without a library.
BY_ITSELF = re.compile(rb"\"(?:next|vite|react-scripts|astro|nuxt|@sveltejs/kit|gatsby)\"\s*:")

# What scanners of secrets are configured by, by whole path or name.
SCANNER_FILE = re.compile(
    r"(?ix) \.github/secret[_-]scanning\.ya?ml | (?:.*/)? (?:"
    r"   \.?gitleaks(?:\.toml|\.ya?ml|ignore|-baseline\.json)? | \.betterleaks[^/]* | \.?sgleaks\.toml"
    r" | \.secrets\.baseline | \.detect-secrets[^/]* | \.?git-?guardian\.ya?ml | \.ggshield[^/]*"
    r" | \.trufflehog[^/]* | trufflehog[^/]*\.(?:ya?ml|toml|json|txt|cfg|conf|ini) | \.talismanrc"
    r" | \.secretlintrc[^/]* | \.gitallowed | \.secretsignore | \.?noseyparker[^/]* | \.?kingfisher\.ya?ml"
    r" | \.ripsecrets[^/]* | \.?whispers\.ya?ml | trivy-secret\.ya?ml )"
)
# What may call one: hooks, CI, and the scripts of both.
CALLER = re.compile(
    r"(?ix) \.github/(?:workflows|actions)/.*\.ya?ml"
    r" | \.(?:gitlab|circleci|buildkite|woodpecker|semaphore|azuredevops|azure-pipelines|tekton|trunk|husky)/.*"
    r" | \.?(?:git)?-?hooks/.* | (?:\.?ci|scripts)/[^/]* | (?:.*/)? (?:"
    r"   \.pre-commit-config\.ya?ml | prek\.toml | \.?lefthook[^/]*\.(?:ya?ml|toml|json) | \.overcommit\.yml"
    r" | \.lintstagedrc[^/]* | lint-staged\.config\.[a-z]+ | \.(?:husky|simple-git-hooks)[^/]*"
    r" | grumphp\.ya?ml[^/]*"
    r" | captainhook\.json | \.gitlab-ci[^/]*\.ya?ml | azure-pipelines[^/]*\.ya?ml | bitbucket-pipelines\.ya?ml"
    r" | \.(?:travis|drone)\.ya?ml | appveyor\.ya?ml | buildspec[^/]*\.ya?ml | cloudbuild[^/]*\.ya?ml"
    r" | codemagic\.ya?ml"
    r" | jenkinsfile[^/]* | \.?mega-?linter[^/]*\.ya?ml | trivy\.ya?ml | package\.json | composer\.json"
    r" | (?:gnu)?makefile"
    r" | justfile | taskfile\.ya?ml | tox\.ini | noxfile\.py | pyproject\.toml )"
)
# The scanners themselves, and linters that bring one.
SCANNER = re.compile(
    rb"(?i)gitleaks|betterleaks|detect-secret|ggshield|git-?guardian|trufflehog|(?<!flask-)talisman|git-secrets|ripsecrets"
    rb"|secretlint|nosey-?parker|kingfisher|\bsgleaks\b|secret[-_]detection|mega-?linter|super-linter|\bwhispers\b"
    rb"|spectralops|shhgit|rusty-hog|git-hound|credscan|secret[-_ ]scan(?:ner|ning)?\b|SECRET_SCANNING"
    rb"|trivy[\"', ]{1,4}(?:fs|filesystem|repo(?:sitory)?)\b"
    rb"|trivy-action[^#]{0,300}?\bscan-type:[ ]{0,4}['\"]?(?:fs|repo)"
    rb"|\bscanners?\b[\"']?[ =:]{1,3}[^\n]{0,60}\bsecret|--security-checks[ =][^\n]{0,60}\bsecret"
)
COMMENT = re.compile(rb"(?m)^[ \t]*(?:#|//).*$")


def env_file_not_ignored(scene: Scene) -> Iterator[Place]:
    """Where `.env` would be committed by the next ``git add``: the ignore file that should name it."""
    tree = scene.tree
    if not tree.whole:
        return
    names = set(tree.names())
    for folder in _env_folders(scene):
        path = join(folder, ".env")
        if not _is_ignored(tree, names, path) and "tracked" not in tree.versioned([path]).values():
            where = "" if folder == "" else f" in {folder}/"
            yield Place(_ignore_file(names, folder), note=f"git would add a file .env{where}.")
            return


def no_secret_scanning(scene: Scene) -> Iterator[Place]:
    """The repository, where no file of it sets up a scanner of secrets or calls one."""
    tree = scene.tree
    if not tree.whole:
        return
    names = tree.names()
    if any(SCANNER_FILE.fullmatch(name) for name in names):
        return
    callers = [name for name in names if CALLER.fullmatch(name)]
    if not any(SCANNER.search(COMMENT.sub(b"", data)) for data in _texts(tree, callers)):
        yield Place(".", note="Push protection of the hosting service cannot be seen from the files.")


def _env_folders(scene: Scene) -> Sequence[str]:
    """The folders in which `.env` is read, nearest to the root first: those that have one or an example of one, else
    the root where something loads it."""
    tree = scene.tree
    names = [name for name in tree.names() if "node_modules/" not in name and "vendor/" not in name]
    folders = {dirname(name) for name in names if basename(name) == ".env" or EXAMPLE.fullmatch(basename(name))}
    if not folders:
        manifests = [name for name in names if MANIFEST.fullmatch(basename(name))]
        code = [clue.path for clue in scene.clues if clue.tag == "sendgrid"]
        if any(LOADER.search(data) or BY_ITSELF.search(data) for data in _texts(tree, [*manifests, *code])):
            folders = {""}
    return sorted(folders, key=lambda folder: (folder.count("/") + bool(folder), folder))


def _texts(tree: Tree, names: Sequence[str]) -> Iterator[bytes]:
    """What files hold, those nearest to the root first."""
    for name in sorted(set(names), key=lambda name: (name.count("/"), name))[:MOST_FILES]:
        yield tree.read(name) or b""


def _is_ignored(tree: Tree, names: set[str], path: str) -> bool:
    """Whether the ignore files on the way from the root say so, of the file or of a folder that it is in."""
    parts = path.split("/")
    specs = [(level, _spec(tree, "/".join((*parts[:level], ".gitignore")), names)) for level in range(len(parts))]
    for length in range(1, len(parts) + 1):
        ignored = False
        for level, spec in specs[:length]:
            verdict = spec.check_file("/".join(parts[level:length]) + "/" * (length < len(parts))).include
            ignored = ignored if verdict is None else verdict
        if ignored:
            return True
    return False


def _spec(tree: Tree, name: str, names: set[str]) -> GitIgnoreSpec:
    """The patterns of an ignore file, without those that make no sense."""
    lines = (tree.read(name) or b"").decode(errors="replace").splitlines() if name in names else []
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _ignore_file(names: set[str], folder: str) -> str:
    """The nearest ignore file that could name a file of a folder; "." where there is none."""
    while True:
        name = join(folder, ".gitignore")
        if name in names:
            return name
        if folder == "":
            return "."
        folder = dirname(folder)
