"""Rules are data: one TOML file each, checked here and nowhere else.

A rule file may come from anybody, so every wrong value is a ToolError that names the file, the key and the mend.
What ``[match]`` holds beside its ``matcher`` is for that matcher to check.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from sgleaks.errors import ToolError
from sgleaks.model import CONFIDENCES, Example, Kind, Level, Rule, Scope, level_of
from sgleaks.table import LINE, TEXT, Field, check, is_int, is_line, is_list, is_number, matches, one_of, read

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS: tuple[Level, ...] = ("note", "warning", "error")  # mildest first
ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
CONTROL = re.compile(r"[1-9][0-9]?\.[1-9][0-9]?")
VERSION = re.compile(r"\d{1,4}\.\d{1,4}\.\d{1,4}")


def builtin_rules() -> Path:
    """The folder of the rules that come with sgleaks: inside the installed package, else the checkout's own."""
    package = Path(__file__).parent
    installed = package / "_data" / "rules"
    return installed if installed.is_dir() else package.parent.parent / "rules"


def load_folder(folder: Path, *, examples: bool = True) -> dict[str, Rule]:
    """Every rule of a folder by id, sorted. Raises ToolError for a bad file, a duplicate id, or no rule at all.

    Without ``examples`` the built-in rules load in a third of the time.
    """
    files = _builtin_files(folder) if folder == builtin_rules() else _user_files(folder)
    rules: dict[str, Rule] = {}
    for path in sorted(files):
        rule = load(path, examples=examples or folder != builtin_rules())
        if folder == builtin_rules():
            rule = replace(rule, chapter=path.parent.name)
        if rule.id in rules:
            twins = ", ".join(str(other) for other in sorted(files) if other.stem == rule.id)
            raise ToolError(f"{path}: file name", f'"{rule.id}" is there twice: {twins}', "rename one of the files")
        rules[rule.id] = rule
    if not rules:
        raise ToolError(f"{folder}", "no rule is in it", "name a folder that holds rule files, ID.toml")
    return dict(sorted(rules.items()))


def load(path: Path, *, examples: bool = True) -> Rule:
    """The rule of one file. Raises ToolError naming file, key and mend.

    ``examples`` are the end of every built-in rule's file, most of it, and nothing to a scan.
    """
    if not ID.fullmatch(path.stem):
        raise ToolError(f"{path}: file name", f'"{path.stem}" is no kebab-case id', "use a-z, 0-9 and single hyphens")
    table = read(path) if examples else {"examples": [], "counter_examples": [], **read(path, "[[examples]]")}
    if examples:
        check(f"{path}: ", table, FIELDS)
    _check_level(path, table)
    lists = {key: tuple(table[key]) for key in ("controls", "anchors", "references")}
    lists |= {key: _examples(path, key, table) for key in ("examples", "counter_examples")}
    texts = {key: table[key].strip() for key in ("message", "why", "fix")}
    # What looks for bytes finds credentials; what understands a file, how something is set up.
    kind = "credentials" if table["match"]["matcher"] in ("key", "regex") else "misconfiguration"
    return Rule(**{"kind": kind, **table, **lists, **texts, "id": path.stem, "severity": float(table["severity"])})


def _builtin_files(folder: Path) -> list[Path]:
    # Beside the chapters lie data, which are no rules, and `account/`, the checks of a live account.
    return [path for path in folder.glob("*/*.toml") if path.parent.name != "account"]


def _user_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ToolError(f"{folder}", "there is no such folder", "name a folder that holds rule files, ID.toml")
    return list(folder.rglob("*.toml"))


def _check_level(path: Path, table: Mapping[str, Any]) -> None:
    # A rule may be milder than its severity (advice that scores 4.0 is still advice), never harsher.
    worst = level_of(table["severity"])
    if LEVELS.index(table["level"]) > LEVELS.index(worst):
        why = f"severity {table['severity']} is at most {worst}"
        raise ToolError(f"{path}: level", why, f'write level = "{worst}", or raise the severity')


def _examples(path: Path, key: str, table: Mapping[str, Any]) -> tuple[Example, ...]:
    fields = EXAMPLE if key == "examples" else COUNTER_EXAMPLE
    return tuple(
        _example(f"{path}: {key} {number}, ", each, fields, table["confidence"])
        for number, each in enumerate(table[key], 1)
    )


def _example(where: str, each: Mapping[str, Any], fields: Mapping[str, Field], confidence: str) -> Example:
    check(where, each, fields)
    last = len(each["text"].splitlines())
    if any(line > last for line in each.get("lines", ())):
        raise ToolError(f"{where}lines", f"the text ends at line {last}", "count the lines of the text from 1")
    lists = {key: tuple(each.get(key, ())) for key in ("lines", "days")}
    return Example(**{"confidence": confidence, **each, **lists})


def _is_path(value: Any) -> bool:
    return is_line(value) and not value.startswith("/") and ".." not in value.split("/") and "\\" not in value


FIELDS: Mapping[str, Field] = {
    "title": LINE,
    "severity": Field(lambda value: is_number(value, 0, 10), "a number from 0 to 10, as SARIF's security-severity"),
    "level": one_of(*LEVELS),
    "confidence": one_of(*CONFIDENCES),
    "controls": Field(lambda value: is_list(value, matches(CONTROL)), 'a list of controls such as ["2.2"]'),
    "cwe": Field(lambda value: is_int(value, 1, 9999), "the number of a weakness, such as 798"),
    "anchors": Field(lambda value: is_list(value, is_line), "a list of texts, one of which every match's file holds"),
    "message": TEXT,
    "why": TEXT,
    "fix": TEXT,
    "references": Field(
        lambda value: is_list(value, matches(re.compile(r"https://[!-~]+"))), "a list of https addresses"
    ),
    "match": Field(
        lambda value: isinstance(value, dict) and is_line(value.get("matcher")), 'a table with matcher = "regex", say'
    ),
    "examples": Field(lambda value: is_list(value, lambda each: isinstance(each, dict)), "at least one [[examples]]"),
    "counter_examples": Field(
        lambda value: is_list(value, lambda each: isinstance(each, dict)), "at least one [[counter_examples]]"
    ),
    "default": Field(lambda value: isinstance(value, bool), "true or false", required=False),
    "since": Field(matches(VERSION), 'a version such as "1.2.0"', required=False),
    "kind": one_of(*get_args(Kind))._replace(required=False),
    "scope": one_of(*get_args(Scope))._replace(required=False),
}
COUNTER_EXAMPLE: Mapping[str, Field] = {
    "text": TEXT,
    "path": Field(_is_path, "a relative path with forward slashes"),
    "why": LINE._replace(required=False),
    "files": Field(
        lambda value: (
            isinstance(value, dict) and all(_is_path(name) and isinstance(value[name], str) for name in value)
        ),
        "a table of other files, their texts by path",
        required=False,
    ),
    "days": Field(
        lambda value: is_list(value, lambda day: is_int(day, 0, 36_500)) and value == sorted(value, reverse=True),
        "how many days ago it came, went, came back, such as [60, 50, 30]",
        required=False,
    ),
}
EXAMPLE: Mapping[str, Field] = {
    **COUNTER_EXAMPLE,
    "lines": Field(
        lambda value: is_list(value, lambda line: is_int(line, 1, 1_000_000)), "the lines to be found, from 1"
    ),
    "confidence": one_of(*CONFIDENCES)._replace(required=False),
}
