"""Workflows of GitHub in which the code of a stranger runs beside a secret.

https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.secret_name import is_secret_name
from sgleaks.matchers.subjects.stores import Kept, kept
from sgleaks.syntax import Block, Facts, Setting, Value

__all__ = ["secret_reachable"]

FROM_OUTSIDE = ("pull_request_target", "workflow_run")
STRANGE_REF = re.compile(
    r"github\.event\.pull_request\.head\.|github\.event\.pull_request\.merge_commit_sha|github\.head_ref|refs/pull/|(?<!\w)pull/"
    r"|github\.event\.workflow_run\.(?:head_|pull_requests)|github\.event\.(?:pull_request\.)?number"
)
FETCHED = re.compile(
    r"\b(?:git\b[^\n]*\b(?:fetch|checkout|pull|clone|switch|reset)\b|gh\s+pr\s+checkout|hub\s+pr\s+checkout)"
)
# Conditions under which no stranger's code gets there.
OWN_ONLY = re.compile(
    r"head\.repo\.full_name\s*==\s*github\.repository|github\.repository\s*==\s*github\.event\.pull_request\.head\.repo\.full_name"
    r"|!\s*github\.event\.pull_request\.head\.repo\.fork|head\.repo\.fork\s*==\s*false|head_repository\.full_name\s*==\s*github\.repository"
    r"|head\.repo\.owner\.login\s*==|(?:github\.(?:triggering_)?actor|user\.login)\s*==\s*['\"]"
    r"|github\.event\.workflow_run\.event\s*==\s*['\"](?:push|schedule|workflow_dispatch|release)"
)
SECRET = re.compile(r"\bsecrets(?:\.([\w-]{1,80})|\[\s?['\"]([\w-]{1,80})['\"])")


def secret_reachable(file: File) -> Iterator[Hit]:
    """Workflows of GitHub that fetch a stranger's code where a SendGrid secret is."""
    facts = file.facts
    for root in facts.roots if facts.language == "yaml" else ():
        trigger = _trigger(root)
        jobs = next((block for block in root.blocks if block.labels == ("jobs",)), None)
        if trigger is None or jobs is None:
            continue
        for job in jobs.blocks:
            if _fetches_strange_code(root, job) and (
                _has_secrets(facts, job) or _has_secrets(facts, _child(root, "env"))
            ):
                yield Hit(trigger.start, trigger.end, f"The job is {job.labels[-1]}." if job.labels else "")
                break


def _trigger(root: Block) -> Value | Setting | None:
    on = root.get("on") or root.get("true")
    if on is None:
        return None
    for value in on.value.walk():
        if value.kind == "text" and value.text in FROM_OUTSIDE:
            return value
    block = on.value.block
    return next((setting for setting in block.settings if setting.name in FROM_OUTSIDE), None) if block else None


def _child(block: Block, name: str) -> Block | None:
    return next((each for each in block.blocks if each.labels == (name,)), None)


def _fetches_strange_code(root: Block, job: Block) -> bool:
    if _is_guarded(job):
        return False
    given = _texts(_child(root, "env"), _child(job, "env"))
    return any(_fetches(step, given) for step in job.walk() if step is not job and not _is_guarded(step))


def _texts(*blocks: Block | None) -> str:
    return " ".join(setting.value.text for block in blocks if block for setting in block.settings)


def _is_guarded(block: Block) -> bool:
    condition = block.get("if")
    return condition is not None and OWN_ONLY.search(condition.value.text) is not None


def _fetches(step: Block, environment: str) -> bool:
    uses, run, given = step.get("uses"), step.get("run"), _child(step, "with")
    if uses and "checkout" in uses.value.text and given:
        return any(STRANGE_REF.search(each.value.text) for each in given.settings if each.name in ("ref", "repository"))
    by_variable = STRANGE_REF.search(f"{environment} {_texts(_child(step, 'env'))}") is not None
    return any(
        FETCHED.search(line) and (STRANGE_REF.search(line) or "pr checkout" in line or ("$" in line and by_variable))
        for line in (run.value.text.split("\n") if run else ())
    )


def _has_secrets(facts: Facts, block: Block | None) -> bool:
    if block is None:
        return False
    values = [
        value for inner in block.walk() for setting in inner.settings for value in (setting.value, *setting.value.items)
    ]
    if any(is_secret_name(found[1] or found[2]) for value in values for found in SECRET.finditer(value.text)):
        return True
    given = kept(facts)
    inside = given[bisect_left(given, block.start, key=_start) : bisect_left(given, block.end, key=_start)]
    return any("secrets." in entry.value.text for entry in inside)


def _start(entry: Kept) -> int:
    return entry.value.start
