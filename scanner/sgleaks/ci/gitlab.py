"""What a pipeline of GitLab is about (docs.gitlab.com, "Predefined CI/CD variables")."""

from __future__ import annotations

from collections.abc import Mapping

from sgleaks.ci import Change
from sgleaks.ci.payload import id_or_none, needed, ref_or_none
from sgleaks.errors import ToolError


def change_of(variables: Mapping[str, str]) -> Change:
    """The change that a job is started for. Raises ToolError."""
    source = variables.get("CI_PIPELINE_SOURCE", "")
    head = id_or_none(variables.get("CI_COMMIT_SHA", ""))
    if not source or not head:
        raise ToolError("sgleaks ci gitlab", "CI_PIPELINE_SOURCE is not set", "elsewhere, use `sgleaks scan --range`")
    default = ref_or_none(variables.get("CI_DEFAULT_BRANCH", ""))
    if source == "merge_request_event":
        return _merge_request(variables, head, default)
    if source != "push":
        return Change(f"the pipeline ({source if source.isidentifier() else 'other'})", "tree", head, (), "", default)
    if tag := ref_or_none(variables.get("CI_COMMIT_TAG", "")):
        return Change(f"the tag {tag}", "range", head, (), f"refs/tags/{tag}", default)
    branch = ref_or_none(variables.get("CI_COMMIT_BRANCH", ""))
    before = id_or_none(variables.get("CI_COMMIT_BEFORE_SHA", ""))
    return Change(f"the push to {branch}", "range", head, (before,) if before else (), f"refs/heads/{branch}", default)


def _merge_request(variables: Mapping[str, str], commit: str, default: str) -> Change:
    # The last two are set in pipelines of merged results only, where CI_COMMIT_SHA is a merge that nobody made.
    head = id_or_none(variables.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "")) or commit
    target = id_or_none(variables.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", ""))
    start = id_or_none(variables.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")) or target
    known = tuple(dict.fromkeys((needed(start, "what the merge request is based on"), *((target,) if target else ()))))
    number = variables.get("CI_MERGE_REQUEST_IID", "")
    foreign = variables.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID") != variables.get("CI_MERGE_REQUEST_PROJECT_ID")
    what = f"merge request {number}" if number.isdecimal() else "the merge request"
    return Change(what, "range", head, known, "", default, target or start, foreign)
