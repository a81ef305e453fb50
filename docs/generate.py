"""Writes what the documents say of rules and guide: docs/rules.md, docs/rules/, docs/guide.md, README.md's table.

`make docs` runs it. With ``--check`` nothing is written: it names the documents that are out of date or have no reason
to be there, and exits 1 if there are any.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from sgleaks import guide
from sgleaks.formats import guide_markdown, rules_markdown
from sgleaks.guide import Check
from sgleaks.model import Rule
from sgleaks.rule import builtin_rules, load_folder

ROOT = Path(__file__).resolve().parents[1]
TABLE = re.compile(r"(?<=<!-- rules, by make docs -->\n).*?(?=<!-- end of rules -->)", re.DOTALL)

BACK = "[All documents](README.md)"


def documents(rules: Iterable[Rule], checks: Iterable[Check]) -> dict[str, str]:
    """Each generated document by its path in this project, and what it must say."""
    rules, book = list(rules), guide.load()
    summary = rules_markdown.summary(rules, book)
    rows = guide.matrix(book, rules, checks)
    chapters = rules_markdown.chapters(rules, book)
    return {
        "README.md": TABLE.sub(lambda _: f"{summary}\n", (ROOT / "README.md").read_text("utf-8")),
        "docs/guide.md": guide_markdown.page(book, rows, "rules/", f"{rules_markdown.NOTE}\n\n{BACK}\n\n"),
        "docs/rules.md": rules_markdown.index(rules, book),
        **{f"docs/rules/{name}.md": rules_markdown.page(title, own, book) for name, (title, own) in chapters.items()},
    }


def main() -> int:
    """Writes or checks, and gives the exit code."""
    wanted = documents(load_folder(builtin_rules()).values(), guide.load_checks())
    there = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/rules/*.md")}
    gone = sorted(there - wanted.keys())
    stale = [
        name for name, text in wanted.items() if not (ROOT / name).exists() or (ROOT / name).read_text("utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        sys.stderr.writelines(f"{name} is out of date: run `make docs`\n" for name in (*stale, *gone))
        return 1 if stale or gone else 0
    (ROOT / "docs" / "rules").mkdir(exist_ok=True)
    for name in stale:
        (ROOT / name).write_text(wanted[name], "utf-8")
    for name in gone:
        (ROOT / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
