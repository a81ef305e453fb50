"""Expected failures: what went wrong, why, and what to do now. Anything else is a bug and surfaces."""

from __future__ import annotations


class ToolError(Exception):
    """A failure the user can mend. Ends the run with exit code 2; never holds a secret.

    ``what`` names the file or option, ``why`` the reason, ``next_step`` the mend; one sentence each.
    """

    def __init__(self, what: str, why: str = "", next_step: str = "") -> None:
        super().__init__(what, why, next_step)
        self.what, self.why, self.next_step = what, why, next_step

    def __str__(self) -> str:
        text = f"{self.what}: {self.why}" if self.why else self.what
        return f"{text}\n  help: {self.next_step}" if self.next_step else text


class ReportedBug(Exception):
    """A bug that a worker process has told of already."""


def frames(error: BaseException) -> list[str]:
    """Where an error happened, innermost last, without its text and values: they may quote what was scanned."""
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-8:]
    return [f"{type(error).__name__}:", *(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in last)]


def suggestion(word: str, known: list[str]) -> str:
    """`` (did you mean "x"?)`` for a misspelt ``word``, or nothing when no known word is near."""
    import difflib

    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f' (did you mean "{near[0]}"?)' if near else ""
