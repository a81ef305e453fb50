"""The line that tells the life of a secret."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports import key_finding
from sgleaks.formats.exposure import exposed
from sgleaks.model import Commit, Exposure, Origin, Region


def commit(date: str) -> Commit:
    return Commit("0" * 40, "Ada", f"{date}T10:00:00Z", "x")


GONE = Exposure(
    commit("2024-05-01"), commit("2024-05-30"), commit("2024-06-02"), at_head=False, reachable=True, refs=("refs/x",)
)


@pytest.mark.parametrize(
    ("exposure", "line"),
    [
        pytest.param(GONE, "since 2024-05-01, removed 2024-06-02, 32 days; still reachable from refs/x", id="removed"),
        pytest.param(
            replace(GONE, removed_in=commit("2024-05-02")),
            "since 2024-05-01, removed 2024-05-02, 1 day; still reachable from refs/x",
            id="after a day",
        ),
        pytest.param(
            replace(GONE, removed_in=commit("2024-04-01")),
            "since 2024-05-01, removed 2024-04-01; still reachable from refs/x",
            id="a clock was wrong",
        ),
        pytest.param(replace(GONE, removed_in=None, at_head=True), "since 2024-05-01; still at HEAD", id="still there"),
        pytest.param(
            replace(GONE, removed_in=None, refs=("a", "b", "c", "d", "e")),
            "since 2024-05-01; still reachable from a, b, c and 2 more",
            id="many refs",
        ),
        pytest.param(
            Exposure(None, None, None, at_head=False, reachable=False),
            "; no ref leads to it, and it is still stored",
            id="in no commit",
        ),
    ],
)
def test_life_is_told_in_a_line(exposure: Exposure, line: str) -> None:
    also = ((Origin("b"), Region(1, 1, 1, 2)),)
    told = "in 2 places " + line if not line.startswith(";") else "in 2 places" + line
    assert exposed(key_finding(also=also, exposure=exposure)) == told
    assert exposed(key_finding(exposure=exposure)).startswith("in 1 place")


def test_files_have_no_life() -> None:
    assert exposed(key_finding()) == ""
