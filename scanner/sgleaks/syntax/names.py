"""Which language a file is in: by its name, and for the few names that say too little by its first bytes."""

from __future__ import annotations

import re

# By what follows the last dot of the name, in lower case.
EXTENSIONS = {
    "bash": "bash",
    "bicep": "bicep",
    "cfg": "ini",
    "cjs": "javascript",
    "conf": "ini",
    "config": "xml",
    "cs": "c_sharp",
    "dart": "dart",
    "dockerfile": "dockerfile",
    "env": "dotenv",
    "fs": "c_sharp",
    "go": "go",
    "gradle": "groovy",
    "groovy": "groovy",
    "hcl": "hcl",
    "htm": "html",
    "html": "html",
    "http": "http",
    "ini": "ini",
    "java": "java",
    "js": "javascript",
    "json": "json",
    "json5": "json",
    "jsonc": "json",
    "jsx": "javascript",
    "kt": "kotlin",
    "kts": "kotlin",
    "mjs": "javascript",
    "mk": "make",
    "mts": "typescript",
    "php": "php",
    "plist": "xml",
    "properties": "properties",
    "ps1": "powershell",
    "psm1": "powershell",
    "py": "python",
    "rb": "ruby",
    "rest": "http",
    "ru": "ruby",
    "rake": "ruby",
    "sh": "bash",
    "svelte": "svelte",
    "swift": "swift",
    "tf": "hcl",
    "tfstate": "json",
    "tfvars": "hcl",
    "toml": "toml",
    "tofu": "hcl",
    "ts": "typescript",
    "cts": "typescript",
    "tsx": "tsx",
    "vue": "vue",
    "xcconfig": "properties",
    "xml": "xml",
    "yaml": "yaml",
    "yml": "yaml",
    "zone": "zone",
    "zsh": "bash",
}

# Whole names, in lower case.
NAMES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), language)
    for pattern, language in (
        (r"(?:dockerfile|containerfile)(?:[._-].*)?", "dockerfile"),
        (r"jenkinsfile(?:[._-].*)?", "groovy"),
        (r"(?:gnu)?makefile", "make"),
        (r"\.env(?:[._-].*)?|.*\.env(?:[._-].*)?|\.?flaskenv|\.envrc|\.dev\.vars", "dotenv"),
        (r"\.(?:bashrc|bash_profile|profile|zshrc)|procfile", "bash"),
        (r"(?:main|master)\.cf", "properties"),
        (r"\.?(?:msmtprc|ssmtp\.conf|pip\.conf|netrc)", "ini"),
        (r"db\.[a-z0-9-]+(?:\.[a-z0-9-]+)+|.*\.zone(?:file)?", "zone"),
        (r"gemfile|rakefile|vagrantfile|fastfile|podfile", "ruby"),
        (r"pipfile|poetry\.lock", "toml"),
        (r".*\.(?:tf|tfvars)\.json|.*\.tfstate\.backup", "json"),
    )
)
# Generated, and without a word that a person set.
NEVER = re.compile(
    r"(?:package-lock|npm-shrinkwrap|composer-lock)\.json|pnpm-lock\.ya?ml|yarn\.lock|composer\.lock|.*\.min\.(?:js|css)"
    r"|.*\.map"
)
SHEBANG = re.compile(
    rb"#![^\n]*\b(?:(?P<bash>(?:ba|da|z|k)?sh)|(?P<python>python)|(?P<javascript>node)|(?P<ruby>ruby)|(?P<php>php))"
)


def language_of(path: str, head: bytes) -> str | None:
    """The language of a file from its ``/``-separated path and its first bytes; None where nothing can be said."""
    name = re.split(r"[/!]", path)[-1].lower()
    if NEVER.fullmatch(name):
        return None
    for pattern, language in NAMES:
        if pattern.fullmatch(name):
            return language
    _, dot, extension = name.rpartition(".")
    if dot and extension in EXTENSIONS:
        return EXTENSIONS[extension]
    shebang = SHEBANG.match(head) if not dot else None
    return shebang.lastgroup if shebang else None
