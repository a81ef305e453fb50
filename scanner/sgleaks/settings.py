"""What a run is asked to do: the configuration file, then the options of the command line, in one frozen value."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from sgleaks.errors import ToolError, suggestion
from sgleaks.model import CONFIDENCES, SEVERITIES, Confidence, Severity

Profile = Literal["L1", "L2", "L3"]
Only = Literal["credentials", "misconfiguration"]
Color = Literal["auto", "always", "never"]

PROFILES: tuple[Profile, ...] = get_args(Profile)
ONLY: tuple[Only, ...] = get_args(Only)
COLORS: tuple[Color, ...] = get_args(Color)

FILE, PYPROJECT, BASELINE = "sgleaks.toml", "pyproject.toml", ".sgleaks-baseline.toml"
MAX_JOBS = 256  # processes; more would not be faster anywhere, and a configuration must not fork without end
MAX_DAYS = 3650
TOLD = ("markdown", "html")  # formats that say something of every control
MAX_CONFIG = 1 << 20  # bytes; anything larger is no configuration


@dataclass(frozen=True, slots=True)
class PathRule:
    """Findings under ``paths`` (``.gitignore`` patterns) do not count; ``rules`` narrows it, ``reason`` says why."""

    paths: tuple[str, ...]
    reason: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. The names are those of the options and of the keys in the file."""

    formats: tuple[str, ...] = ("text",)
    fail_on: Severity = "low"
    exit_zero: bool = False
    profile: Profile = "L2"
    only: Only | None = None
    rule: tuple[str, ...] = ()
    skip_rule: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()  # folders of further rules
    exclude: tuple[str, ...] = ()  # not scanned at all
    ignore: tuple[PathRule, ...] = ()  # scanned, reported as ignored
    baseline: str = ""  # the file of accepted findings
    inline_ignores: bool = True  # whether comments in what is scanned silence findings
    min_confidence: Confidence = "medium"
    rotation_days: int = 90  # after which a key is to be replaced
    jobs: int = 0  # 0: as many as there are cores
    color: Color = "auto"
    verbosity: int = 0

    @property
    def tells_outcomes(self) -> bool:
        """Whether a report says something of every control: then all rules must be known, else the found ones are."""
        return self.verbosity > 0 or any(entry.partition(":")[0] in TOLD for entry in self.formats)


def _one_of(*known: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in known:
            raise ValueError(f'"{value}" is none of {", ".join(known)}{suggestion(str(value), list(known))}')
        return str(value)

    return check


def _strings(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("it must be a string or a list of strings")
    return tuple(value)


def _string(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("it must be a string")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("it must be true or false")
    return value


def _jobs(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_JOBS:
        raise ValueError(f"it must be a number of processes up to {MAX_JOBS}, 0 for one a core")
    return value


def _days(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_DAYS:
        raise ValueError(f"it must be a number of days from 1 to {MAX_DAYS}")
    return value


def _path_rules(value: Any) -> tuple[PathRule, ...]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError("write each as a table: [[ignore]] with paths and reason")
    return tuple(_path_rule(item) for item in value)


def _path_rule(table: Mapping[str, Any]) -> PathRule:
    known = [field.name for field in fields(PathRule)]
    for key in table:
        if key not in known:
            raise ValueError(f'there is no key "{key}" in it{suggestion(key, known)}')
    if not table.get("paths") or not isinstance(table.get("reason"), str) or not table["reason"].strip():
        raise ValueError("each needs paths and a reason")
    return PathRule(_strings(table["paths"]), table["reason"], _strings(table.get("rules", [])))


# The keys of the file: the field of Settings each sets, and the check of its value.
KEYS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "fail-on": ("fail_on", _one_of(*SEVERITIES)),
    "exit-zero": ("exit_zero", _boolean),
    "profile": ("profile", _one_of(*PROFILES)),
    "only": ("only", _one_of(*ONLY)),
    "rule": ("rule", _strings),
    "skip-rule": ("skip_rule", _strings),
    "rules": ("rules", _strings),
    "exclude": ("exclude", _strings),
    "ignore": ("ignore", _path_rules),
    "baseline": ("baseline", _string),
    "inline-ignores": ("inline_ignores", _boolean),
    "min-confidence": ("min_confidence", _one_of(*CONFIDENCES)),
    "rotation-days": ("rotation_days", _days),
    "jobs": ("jobs", _jobs),
    "color": ("color", _one_of(*COLORS)),
}


def find(start: Path) -> Path | None:
    """The configuration that holds for ``start``: of the nearest folder that has one, up to the repository root."""
    for folder in _upwards(start):
        if (folder / FILE).is_file():
            return folder / FILE
        pyproject = folder / PYPROJECT
        if pyproject.is_file() and b"tool.sgleaks" in _read(pyproject):
            return pyproject
    return None


def find_baseline(start: Path) -> Path | None:
    """The baseline that holds for ``start``: of the nearest folder that has one, up to the repository root."""
    return next((folder / BASELINE for folder in _upwards(start) if (folder / BASELINE).is_file()), None)


def _upwards(start: Path) -> Iterator[Path]:
    folder = start if start.is_dir() else start.parent
    for place in (folder, *folder.parents):
        yield place
        if (place / ".git").exists():
            return


def load(file: Path, settings: Settings | None = None) -> Settings:
    """``settings`` with what ``file`` sets. Raises ToolError naming the file, the key and the mend."""
    import tomllib

    try:
        table = tomllib.loads(_read(file).decode())
    except (ValueError, RecursionError) as error:  # tomllib lets both out for absurd numbers and nesting
        raise ToolError(str(file), f"not valid TOML: {error}", "mend the file, or run with --no-config") from None
    if file.name == PYPROJECT:
        table = dict(_section(file, table))
    changes = dict(_setting(file, key, value) for key, value in table.items())
    if "rules" in changes:  # folders are meant relative to the file that names them
        changes["rules"] = tuple(str(file.parent / folder) for folder in changes["rules"])
    if "baseline" in changes:
        changes["baseline"] = str(file.parent / changes["baseline"])
    return replace(settings or Settings(), **changes)


def _section(file: Path, table: Mapping[str, Any]) -> Mapping[str, Any]:
    tool = table.get("tool", {})
    section = tool.get("sgleaks", {}) if isinstance(tool, dict) else None
    if not isinstance(section, dict):
        raise ToolError(f"{file}: tool.sgleaks", "it is no table", "write [tool.sgleaks] above its keys")
    return section


def _setting(file: Path, key: str, value: Any) -> tuple[str, Any]:
    if key not in KEYS:
        near = suggestion(key, list(KEYS))
        raise ToolError(f"{file}: {key}", f"there is no such key{near}", f"the keys are {', '.join(KEYS)}")
    name, check = KEYS[key]
    try:
        return name, check(value)
    except ValueError as error:
        raise ToolError(f"{file}: {key}", str(error), "mend the file, or run with --no-config") from None


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_CONFIG + 1)
    except OSError as error:
        raise ToolError(
            str(file), f"cannot be read: {error.strerror}", "give another --config, or --no-config"
        ) from None
    if len(data) > MAX_CONFIG:
        raise ToolError(str(file), "larger than 1 MiB", "give another --config, or --no-config")
    return data


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
