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
    "containerfile": "dockerfile",
    "cnf": "ini",
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
    "hujson": "json",
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
    "nomad": "hcl",
    "plist": "xml",
    "properties": "properties",
    "ps1": "powershell",
    "psm1": "powershell",
    "py": "python",
    "rb": "ruby",
    "rest": "http",
    "ru": "ruby",
    "resx": "xml",
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

# Whole names, in lower case; the first that fits counts.
NAMES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), language)
    for pattern, language in (
        (r"(?:dockerfile|containerfile)(?:[._-].*)?|.*\.(?:dockerfile|containerfile)", "dockerfile"),
        (r"jenkinsfile(?:[._-].*)?", "groovy"),
        (r"(?:gnu)?makefile", "make"),
        (r"\.env(?:[._-].*)?|.*\.env(?:[._-].*)?|(?:[a-z]+\.)?env\.(?:example|sample|template|dist)", "dotenv"),
        (r"\.?flaskenv|\.envrc|\.dev\.vars(?:\..*)?", "dotenv"),
        (r"\.(?:bashrc|bash_profile|profile|zshrc|zshenv)|procfile", "bash"),
        (r"(?:main|master)\.cf|.*[._-](?:main|master)\.cf|main[_-].*\.cf", "properties"),
        (r"\.?(?:msmtprc|netrc|gitconfig|pypirc)|ssmtp\.conf|pip\.conf|sasl_passwd", "ini"),
        (r".*\.conf\.(?:dist|example|sample)|.*\.ini\.(?:dist|example|sample)|php\.ini-.*", "ini"),
        (r"db\.[a-z0-9_-]+(?:\.[a-z0-9_-]+)+|.*\.zone(?:file)?(?:\..*)?|named\.[a-z0-9.-]+|.*\.(?:bind|dns)", "zone"),
        (r"gemfile|rakefile|vagrantfile|fastfile|podfile|appfile|capfile", "ruby"),
        (r"pipfile|uv\.toml", "toml"),
        (r".*\.(?:tf|tfvars|tofu|pkr)\.json", "hcl"),
        (
            r".*\.(?:tfstate|json|jsonc)\.(?:backup|example|sample|dist|template|j2|erb|tpl)|\.(?:babel|eslint|prettier)rc",
            "json",
        ),
        (r".*\.ya?ml\.(?:example|sample|dist|template|erb|j2|jinja2?|tpl|tmpl|gotmpl|enc|dec|dist)", "yaml"),
        (r".*\.properties\.(?:example|sample|dist|template|j2|erb|tpl)", "properties"),
        (r".*\.(?:xml|plist|config)\.(?:example|sample|dist|template)|web\..*\.config", "xml"),
        (r".*\.toml\.(?:example|sample|dist|template|j2|tpl)", "toml"),
        (r".*\.(?:tf|tfvars|hcl)\.(?:example|sample|dist|template|tpl|j2)", "hcl"),
    )
)
# A name that says nothing of the format: its first bytes must.
ZONE = re.compile(rb"(?mi)^(?:\$ORIGIN|\$TTL)[ \t]|^\S*[ \t]+(?:\d+[ \t]+)?IN[ \t]+SOA[ \t]")
# Generated, and without a word that a person set.
NEVER = re.compile(
    r"(?:package-lock|npm-shrinkwrap|composer-lock)\.json|pnpm-lock\.ya?ml|(?:yarn|composer|poetry|uv|pipfile)\.lock|.*\.min\.(?:js|css)"
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
    if (not dot or extension in ("db", "hosts", "txt")) and ZONE.search(head):
        return "zone"
    if dot and extension in EXTENSIONS:
        return EXTENSIONS[extension]
    shebang = SHEBANG.match(head) if not dot else None
    return shebang.lastgroup if shebang else None
