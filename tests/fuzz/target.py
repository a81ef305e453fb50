"""What a target is, and how bytes become documents: a fuzzer knows bytes, most readers want a shape."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

from sgleaks.errors import ToolError

SECONDS = 10.0  # of one input of a few kilobytes, on any machine; what takes so long does not end in proportion


@dataclass(frozen=True)
class Target:
    """``check`` reads any bytes and asserts what holds of the result; ``seeds`` are some that are well-formed.

    ``refusals`` are the exceptions that the reader documents. Whatever else it raises is a bug.
    """

    check: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]] = lambda: (b"",)
    refusals: tuple[type[Exception], ...] = ()
    longest: int = 4096  # bytes


def attempt(target: Target, data: bytes) -> None:
    """Runs a target on some bytes. Raises AssertionError, or whatever the reader should not have raised."""
    started, refusal = process_time(), None
    try:
        target.check(data)
    except target.refusals as error:
        refusal = error
        str(refusal).encode()
    assert not isinstance(refusal, ToolError) or (refusal.what and refusal.next_step), "an error says how to mend it"
    assert process_time() - started < SECONDS, "it takes too long"


@cache
def folder() -> Path:
    """A place for files that readers want to open by their path; one a process, never emptied: files are replaced."""
    return Path(tempfile.mkdtemp(prefix="sgleaks-fuzz-"))


def written(name: str, data: bytes) -> Path:
    """A file of these bytes."""
    path = folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# What stands in for any value of a document: each kind, empty, odd or huge.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 1 << 70, 0.5, float("nan"), float("inf"), -1e308, "", " ", "x", "\0", "a\nb", "\ud800",
    "../..", "%s", "9" * 40, "2026-01-31", "2026-01-31T10:00:00Z", "https://[x", "http://h:99999/", "critical",
    "api-key",
    [], [None], [[]], ["x"], [1, "x"], {}, {"x": None}, {"": {}}, [{}], [{"x": 1}],
)  # fmt: skip


def document(data: bytes, samples: Sequence[Any]) -> Any:
    """A document: one of the samples with some values replaced, doubled or taken out, as the bytes say.

    The first byte chooses the sample; three bytes say each change: where, what, and with what.
    """
    if not data:
        return deepcopy(samples[0])
    found = deepcopy(samples[data[0] % len(samples)])
    for at in range(1, len(data) - 2, 3):
        places = list(_places(found))
        if not places:
            break
        holder, key = places[(data[at] | data[at + 1] << 8 & 0x700) % len(places)]
        _change(holder, key, data[at + 1] >> 3, data[at + 2])
    return found


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _places(value[key])


def _change(holder: Any, key: Any, how: int, what: int) -> None:
    if how % 8 == 0:
        del holder[key]
    elif how % 8 == 1 and isinstance(holder, dict):
        holder[("x", "", "paths", "rule", "version")[what % 5]] = holder.pop(key)
    elif how % 8 == 1:
        holder.append(deepcopy(holder[key]))
    else:
        holder[key] = deepcopy(VALUES[what % len(VALUES)])


def toml(value: Any) -> str:
    """A value as TOML writes it; what it has no word for as what looks alike."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items())
        return f"{{{pairs}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, float | date):
        return str(value)
    return '""' if value is None else json.dumps(value)


def toml_document(table: Any) -> bytes:
    """A table as a TOML file, one line a key."""
    pairs = table.items() if isinstance(table, dict) else ()
    text = "".join(f"{json.dumps(key)} = {toml(value)}\n" for key, value in pairs)
    return text.encode(errors="surrogatepass")
