"""What git's hooks ask: may this commit be made, this push be sent or taken?

Of each the content that would go on is scanned, never the work tree. `sgleaks hook` tells the answer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sgleaks import changed
from sgleaks.errors import ToolError
from sgleaks.git.repository import Repository, find

if TYPE_CHECKING:
    from sgleaks.git.pushes import Push
    from sgleaks.model import Report
    from sgleaks.settings import Settings

BLOCKING = ("missing", "unreadable", "damaged", "worker-died")  # what should have been seen and could not be


class Answer(NamedTuple):
    """A report, and what it is about in words: ``what the commit adds``."""

    report: Report
    what: str


def pre_commit(settings: Settings, variables: Mapping[str, str] = os.environ) -> Answer:
    """What a commit would bring. Under pre-commit's ``run --all-files`` or ``--from-ref`` nothing is about to be
    committed: then all tracked files are scanned, or those commits. Raises ToolError."""
    if (first := variables.get("PRE_COMMIT_FROM_REF")) and (last := variables.get("PRE_COMMIT_TO_REF")):
        span = f"{first}..{last}"
        return Answer(changed.scan_range(span, (), settings), f"what {span} brings")
    report = changed.scan_staged((), settings)
    if "PRE_COMMIT" in variables and not report.stats.blobs and not report.skips:
        from sgleaks import pipeline

        return Answer(pipeline.scan([Path()], settings), "all files")
    return Answer(report, "what the commit adds")


def pre_push(text: str, remote: str, settings: Settings, variables: Mapping[str, str] = os.environ) -> Answer:
    """What a push would send: ``text`` is what git gives the hook, ``remote`` the name it pushes to. Raises ToolError.

    pre-commit takes git's lines and tells of the first ref only, in its variables.
    """
    from sgleaks.git.pushes import sent
    from sgleaks.git.refs import refs_of

    repository = repository_of(variables)
    tips = refs_of(repository).refs
    if "PRE_COMMIT" in variables:
        return _framework_push(repository, settings, variables)
    push = sent(text, remote, tips)
    return Answer(changed.scan_push(repository, push, settings), _told(push))


def pre_receive(text: str, settings: Settings, seconds: float, variables: Mapping[str, str] = os.environ) -> Answer:
    """What a push would bring to this repository, as far as it can be seen in so many seconds. Raises ToolError.

    The pushed content is a stranger's: no comment in it silences anything.
    """
    from sgleaks.git.pushes import in_quarantine, received
    from sgleaks.git.refs import refs_of

    repository = repository_of(variables)
    push = received(text, refs_of(repository).refs)
    distrustful = replace(settings, inline_ignores=False)
    return Answer(changed.scan_push(in_quarantine(repository), push, distrustful, seconds), _told(push))


def repository_of(variables: Mapping[str, str]) -> Repository:
    """The repository a hook runs for: git names it where the folder does not. Raises ToolError."""
    named = variables.get("GIT_DIR")
    found = find(Path(named), outside=True) if named else find(Path(), outside=True)
    if found is None:
        raise ToolError("sgleaks hook", "this is not in a git repository", "git calls it; try `sgleaks scan --staged`")
    if named and found.root is None and (tree := variables.get("GIT_WORK_TREE")):
        return replace(found, root=Path(os.path.realpath(tree)), bare=False)
    return found


def _framework_push(repository: Repository, settings: Settings, variables: Mapping[str, str]) -> Answer:
    from sgleaks.git.pushes import Push
    from sgleaks.git.refs import refs_of

    first, last = variables.get("PRE_COMMIT_FROM_REF", ""), variables.get("PRE_COMMIT_TO_REF", "")
    tips = refs_of(repository).refs
    remote = variables.get("PRE_COMMIT_REMOTE_NAME", "")
    there = tuple(tip.oid for tip in tips if tip.name.startswith(f"refs/remotes/{remote}/"))
    branch = variables.get("PRE_COMMIT_LOCAL_BRANCH", "HEAD")
    by_name = {tip.name: tip.oid for tip in tips}
    wanted = last or by_name.get(branch) or by_name.get(f"refs/heads/{branch}") or refs_of(repository).head
    known = (first, *there) if first else there
    push = Push((wanted,) if wanted else (), known, (variables.get("PRE_COMMIT_REMOTE_BRANCH", branch),))
    return Answer(changed.scan_push(repository, push, settings), _told(push))


def _told(push: Push) -> str:
    more = len(push.refs) - 1
    return f"the push to {push.refs[0]}" + (f" and {more} more" if more > 0 else "") if push.refs else "the push"
