"""The values that flow through the pipeline, from bytes to report. All frozen; stages make new ones with ``replace``.

Nothing here reads files, runs anything or knows how findings are shown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from sgleaks.secret import Secret
from sgleaks.validity import Validity

Confidence = Literal["high", "medium", "low"]
Severity = Literal["critical", "high", "medium", "low", "note"]
Level = Literal["error", "warning", "note"]
Kind = Literal["credentials", "misconfiguration"]
Scope = Literal["tree", "history", "both"]

CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)  # worst first
# Lower bounds of GitHub's bands for `security-severity`, docs.github.com "SARIF support for code scanning".
SEVERITY_FROM: Mapping[Severity, float] = {"critical": 9.0, "high": 7.0, "medium": 4.0, "low": 0.1, "note": 0.0}


@dataclass(frozen=True, slots=True)
class Example:
    """A snippet of a rule: ``{key}`` and its likes become synthetic secrets; ``lines`` (from 1) must be found."""

    text: str
    path: str
    lines: tuple[int, ...] = ()
    confidence: Confidence = "high"
    why: str = ""
    files: Mapping[str, str] = field(default_factory=dict)  # other files beside it, by path
    days: tuple[int, ...] = ()  # how many days ago it came, went, came back, …; none: it is not under version control


@dataclass(frozen=True, slots=True)
class Rule:
    """One TOML file of ``rules/``; the file name is the id, the folder the chapter."""

    id: str
    kind: Kind
    title: str
    severity: float  # SARIF security-severity, 0.0 to 10.0
    confidence: Confidence
    level: Level
    controls: tuple[str, ...]  # of the hardening guide, such as "2.2"
    cwe: int
    anchors: tuple[str, ...]  # a blob without one of these, in any case, is never matched
    match: Mapping[str, object]
    message: str
    why: str
    fix: str
    references: tuple[str, ...]
    examples: tuple[Example, ...]
    counter_examples: tuple[Example, ...]
    default: bool = True
    since: str = "0.1.0"
    chapter: str = ""  # the folder it came in; none for a rule of a user
    scope: Scope = "both"  # what is no longer in the tree matters for credentials, and for little else

    def fingerprint(self, identity: str) -> str:
        """32 hex digits for what the rule found; ``identity`` is what stays the same of it wherever it is moved."""
        import hashlib

        return hashlib.sha256(f"sgleaks/v1\0{self.id}\0{identity}".encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Clue:
    """What one file says that rules ask of the whole repository, such as ``resource sso_certificate``."""

    path: str
    tag: str
    line: int = 0  # tells two clues of one file apart; 0 where one a file is enough


@dataclass(frozen=True, slots=True)
class Condition:
    """What other files must say for a match to count.

    Holds when ``least`` to ``most`` clues fit one of ``clues`` (``fnmatch`` patterns of tags) in the same ``file``, the
    same folder (``module``) or anywhere (``repository``). Otherwise the match is dropped, or is advice.
    """

    clues: tuple[str, ...]
    within: Literal["file", "module", "repository"] = "repository"
    least: int = 0
    most: int | None = None
    otherwise: Literal["drop", "advice"] = "drop"


@dataclass(frozen=True, slots=True)
class Commit:
    """Where in a history: full object id, author (name only unless asked), ISO 8601 date, first line of the message."""

    id: str
    author: str
    date: str
    subject: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """How long a history held something, and what still holds it.

    ``first_seen`` is the oldest commit that has it, ``last_seen`` the newest; None where no commit has it, as for a tag
    or an object that nothing names. ``removed_in`` is None where it is at HEAD or was never taken away. ``reachable``:
    from a ref or a reflog, so that git keeps it; ``refs`` names them, reflog entries as ``HEAD@{2}`` and only where no
    ref does.
    """

    first_seen: Commit | None
    last_seen: Commit | None
    removed_in: Commit | None
    at_head: bool
    reachable: bool
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Where bytes were found: a ``/``-separated path from the scanned root; ``members`` lead on into archives."""

    path: str
    members: tuple[str, ...] = ()
    repo: str | None = None
    commit: Commit | None = field(default=None, compare=False)

    @property
    def place(self) -> str:
        """``outer.zip!inner/file``, as reports show it."""
        return "!".join((self.path, *self.members))


@dataclass(frozen=True, slots=True)
class Region:
    """Lines and columns as an editor shows them: both from 1, columns in characters, ``end_column`` exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes once, however many places hold them. ``added``: 1-based lines a change brought, None for all.

    A large file comes as several blobs: ``line`` and ``column`` say where ``data`` begins, and the last ``overlap``
    bytes come again at the start of the next one.
    """

    data: bytes
    origin: Origin
    also: tuple[Origin, ...] = ()
    added: frozenset[int] | None = None
    line: int = 1
    column: int = 1
    encoding: str | None = None  # of the file, where a BOM outside this blob told it
    overlap: int = 0
    # `data` may be a file's name, what a symbolic link says, or the name of a branch or tag
    what: Literal["content", "name", "link", "ref"] = "content"


class Piece(NamedTuple):
    """From ``start`` in a view on, ``unit`` bytes stand for ``source_unit`` bytes from ``source`` in its parent.

    A ``solid`` piece cannot be divided: any part of it stands for the whole (compressed data).
    """

    start: int
    source: int
    unit: int = 1
    source_unit: int = 1
    solid: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """One spelling of a blob (or of a part of it): decoded bytes, with a map back to the bytes they came from."""

    data: bytes
    blob: Blob
    via: tuple[str, ...] = ()
    parent: View | None = None
    pieces: Sequence[Piece] = (Piece(0, 0),)
    known: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)  # what `once` remembers

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open range of the blob's bytes that the half-open range of this view stands for."""
        first = self._piece(start)
        last = self._piece(max(end - 1, start))
        begin = first.source + (0 if first.solid else (start - first.start) * first.source_unit // first.unit)
        stop = last.source + (
            last.source_unit if last.solid else -(-(end - last.start) * last.source_unit // last.unit)
        )
        return self.parent.span(begin, stop) if self.parent else (begin, stop)

    def _piece(self, offset: int) -> Piece:
        if len(self.pieces) == 1:
            return self.pieces[0]
        return self.pieces[max(bisect_right(self.pieces, offset, key=lambda piece: piece.start) - 1, 0)]


@dataclass(frozen=True, slots=True)
class Match:
    """What a matcher saw, before anyone asks for lines: half-open offsets in a view, and why it counts."""

    rule: Rule
    view: View
    start: int
    end: int
    secret: Secret | None
    confidence: Confidence
    note: str = ""
    advice: bool = False  # told as a note, which fails no run unless asked to
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """Why a finding does not count: an inline comment, a baseline entry, or a path rule of the configuration."""

    kind: Literal["inline", "baseline", "path"]
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a person reads. ``severity`` is the rule's, lowered for doubtful matches and test files.

    Once SendGrid was asked about its key, the answer (``validity``) decides instead.
    """

    rule: Rule
    origin: Origin
    region: Region
    secret: Secret | None
    confidence: Confidence
    security_severity: float
    fingerprint: str
    excerpt: str  # the first line, every secret masked, control characters still in it
    excerpt_column: int = 1  # of the line's column that the excerpt starts with; long lines are clipped
    via: tuple[str, ...] = ()
    note: str = ""
    also: tuple[tuple[Origin, Region], ...] = ()
    ignored: Ignored | None = None
    exposure: Exposure | None = None  # only of a history
    validity: Validity | None = None  # only where SendGrid was asked
    advice: bool = False
    conditions: tuple[Condition, ...] = ()  # that the rest of the repository must meet

    @property
    def is_advice(self) -> bool:
        """Whether it is told as a note whatever its score: by its rule, or because of where it stands."""
        return self.advice or self.rule.level == "note"

    @property
    def severity(self) -> Severity:
        return "note" if self.is_advice else severity_of(self.security_severity)

    @property
    def level(self) -> Level:
        return "note" if self.is_advice else level_of(self.security_severity)

    @property
    def message(self) -> str:
        return f"{self.rule.message} {self.note}".strip()

    @property
    def counts(self) -> bool:
        """Whether it can fail a run."""
        return self.ignored is None and self.confidence != "low"


@dataclass(frozen=True, slots=True, order=True)
class Skip:
    """Something that should have been scanned and was not. ``reason`` is one of ``SKIP_REASONS``."""

    path: str
    reason: str
    detail: str = ""


# Reasons of skips, and whether one makes the scan incomplete. What git itself keeps elsewhere (a submodule, an LFS
# object) or what no link leads to is named but is no fault of this scan.
SKIP_REASONS: Mapping[str, bool] = {
    "missing": True,
    "unreadable": True,
    "too-large": True,
    "too-many-findings": True,
    "bomb": True,
    "encrypted": True,
    "damaged": True,
    "unsupported": True,
    "worker-died": True,
    "interrupted": True,
    "unparsed": True,
    "clone-failed": True,
    "not-listed": True,
    "timed-out": True,
    "changed-while-reading": False,  # what it held when it was opened was scanned
    "submodule": False,
    "lfs-pointer": False,
    "link-out-of-root": False,
    "link-loop": False,
    "broken-link": False,
    "special-file": False,
    "nested-repository": False,
}


@dataclass(frozen=True, slots=True, order=True)
class Drop:
    """A candidate that is no finding, and why. Holds no text of the candidate."""

    path: str
    line: int
    column: int
    rule: str
    reason: str


@dataclass(frozen=True, slots=True, order=True)
class Notice:
    """Something about what silences findings that its owner should know: it is no finding, and fails no run.

    ``path`` is that of the comment or of the baseline; ``line`` counts from 1, 0 where there is none.
    """

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Stats:
    """What was covered. ``bytes`` counts the bytes of files and objects, not of what was decoded from them.

    ``unreachable`` are those of the commits that no ref and no reflog leads to.
    """

    files: int = 0
    blobs: int = 0
    commits: int = 0
    bytes: int = 0
    refs: int = 0
    unreachable: int = 0

    def __add__(self, other: Stats) -> Stats:
        return Stats(
            self.files + other.files,
            self.blobs + other.blobs,
            self.commits + other.commits,
            self.bytes + other.bytes,
            self.refs + other.refs,
            self.unreachable + other.unreachable,
        )


@dataclass(frozen=True, slots=True)
class Report:
    """Everything of a run, sorted, so that the same input gives the same bytes.

    ``rules`` are those of the findings; ``asked`` all that were to report, None where no format needs to know.
    ``repositories`` are those of a sweep, also the ones that failed; findings name theirs in ``origin.repo``.
    """

    findings: tuple[Finding, ...] = ()
    skips: tuple[Skip, ...] = ()
    drops: tuple[Drop, ...] = ()
    rules: tuple[Rule, ...] = ()
    stats: Stats = Stats()
    notices: tuple[Notice, ...] = ()
    asked: tuple[Rule, ...] | None = None
    repositories: tuple[str, ...] = ()

    @property
    def incomplete(self) -> bool:
        return any(SKIP_REASONS[skip.reason] for skip in self.skips)


CLEAN, FINDINGS, USAGE, INCOMPLETE, BUG = 0, 1, 2, 3, 70
INTERRUPTED, CLOSED_PIPE, TERMINATED = 130, 141, 143  # as a shell says them: 128 and the number of the signal


def exit_code(report: Report, fail_on: Severity = "low", *, exit_zero: bool = False) -> int:
    """The exit code of a run, whatever the format: a leak is never mistaken for a failure, nor a failure for clean."""
    bound = SEVERITY_FROM[fail_on]
    found = any(finding.counts and SEVERITY_FROM[finding.severity] >= bound for finding in report.findings)
    if found and not exit_zero:
        return FINDINGS
    return INCOMPLETE if report.incomplete else CLEAN


def severity_of(score: float) -> Severity:
    """The band of a SARIF security-severity."""
    return next(name for name in SEVERITIES if score >= SEVERITY_FROM[name])


def level_of(score: float) -> Level:
    """The SARIF level of a security-severity: error from 7, warning from 4, note below."""
    return "error" if score >= SEVERITY_FROM["high"] else "warning" if score >= SEVERITY_FROM["medium"] else "note"


def lowered(score: float) -> float:
    """The top of the next lower band: 9.8 becomes 8.9, 7.5 becomes 6.9. Never below a note."""
    return {"critical": 8.9, "high": 6.9, "medium": 3.9, "low": 0.0, "note": 0.0}[severity_of(score)]
