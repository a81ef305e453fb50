"""Writes what the documents say of the rules: docs/rules.md, and the table in README.md. `make docs` runs it.

With ``--check`` nothing is written: it names the documents that are out of date, and exits 1 if there are any.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sgleaks.formats import rules_markdown
from sgleaks.rule import builtin_rules, load_folder

ROOT = Path(__file__).resolve().parents[1]
TABLE = re.compile(r"(?<=<!-- rules, by make docs -->\n).*?(?=\n<!-- end of rules -->)", re.DOTALL)


def documents() -> dict[Path, str]:
    """Each generated document, and what it must say."""
    rules = list(load_folder(builtin_rules()).values())
    readme = ROOT / "README.md"
    table = rules_markdown.table(rules, "docs/rules.md")
    return {
        ROOT / "docs" / "rules.md": rules_markdown.page(rules),
        readme: TABLE.sub(lambda _: table, readme.read_text("utf-8")),
    }


def main() -> int:
    """Writes or checks, and gives the exit code."""
    stale = [path for path, text in documents().items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv[1:]:
        sys.stderr.writelines(f"{path.relative_to(ROOT)} is out of date: run `make docs`\n" for path in stale)
        return 1 if stale else 0
    for path in stale:
        path.write_text(documents()[path], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
