"""What an event of GitHub Actions is about (docs.github.com, "Events that trigger workflows")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sgleaks.ci import Change
from sgleaks.ci.payload import id_or_none, needed, read, ref_or_none, text_at
from sgleaks.errors import ToolError

Payload = Mapping[str, Any]


def change_of(variables: Mapping[str, str], *, targets: bool) -> Change:
    """The change that a job is started for. Raises ToolError.

    ``targets`` says that `pull_request_target` is meant: it runs with the repository's secrets beside a stranger's
    content.
    """
    name, path = variables.get("GITHUB_EVENT_NAME", ""), variables.get("GITHUB_EVENT_PATH", "")
    if not name or not path:
        raise ToolError("sgleaks ci github", "GITHUB_EVENT_NAME is not set", "elsewhere, use `sgleaks scan --range`")
    if name == "pull_request_target" and not targets:
        raise ToolError(
            "pull_request_target",
            "it gives a stranger's pull request the secrets of this repository",
            "start the workflow on pull_request, or give --allow-pull-request-target if you know why",
        )
    payload = read(path)
    if name == "push":
        return _push(payload)
    if name in ("pull_request", "pull_request_target"):
        return _pull_request(payload)
    if name == "merge_group":
        return _merge_group(payload)
    if name == "release":
        return _release(payload, variables.get("GITHUB_SHA", ""))
    head = id_or_none(variables.get("GITHUB_SHA", ""))
    return Change(f"the event {name}", "tree", head, default_branch=_default_branch(payload))


def is_foreign(payload: Payload) -> bool:
    """Whether a pull request comes from a fork, or from one that is gone."""
    return text_at(payload, "pull_request", "head", "repo", "full_name") != (
        text_at(payload, "pull_request", "base", "repo", "full_name") or text_at(payload, "repository", "full_name")
    )


def _push(payload: Payload) -> Change:
    ref = ref_or_none(text_at(payload, "ref"))
    what = f"the push to {ref.removeprefix('refs/heads/').removeprefix('refs/')}"
    if payload.get("deleted") is True:
        return Change(what, "nothing", ref=ref, notes=(f"{ref} was deleted: there is nothing to scan",))
    before = id_or_none(text_at(payload, "before"))
    head = needed(id_or_none(text_at(payload, "after")), "what was pushed")
    return Change(what, "range", head, (before,) if before else (), ref, _default_branch(payload))


def _pull_request(payload: Payload) -> Change:
    base = needed(id_or_none(text_at(payload, "pull_request", "base", "sha")), "what the pull request is based on")
    head = needed(id_or_none(text_at(payload, "pull_request", "head", "sha")), "what the pull request is")
    number = payload.get("number")
    what = f"pull request {number}" if isinstance(number, int) else "the pull request"
    foreign = is_foreign(payload)
    return Change(what, "range", head, (base,), "", _default_branch(payload), base, foreign)


def _merge_group(payload: Payload) -> Change:
    base = needed(id_or_none(text_at(payload, "merge_group", "base_sha")), "what the merge group is based on")
    head = needed(id_or_none(text_at(payload, "merge_group", "head_sha")), "what the merge group is")
    return Change("the merge group", "range", head, (base,), "", _default_branch(payload), base)


def _release(payload: Payload, commit: str) -> Change:
    tag = ref_or_none(text_at(payload, "release", "tag_name"))
    head = needed(id_or_none(commit), "which commit was released")
    return Change(f"the release {tag}", "range", head, (), f"refs/tags/{tag}", _default_branch(payload))


def _default_branch(payload: Payload) -> str:
    return ref_or_none(text_at(payload, "repository", "default_branch"))
