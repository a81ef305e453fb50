"""What scripts and CI jobs do with a secret: print it, or run what strangers wrote beside it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.secret_name import is_secret_name
from sgleaks.matchers.stores import kept
from sgleaks.syntax import Block, Call, Facts, Setting, Value
from sgleaks.syntax.facts import once

__all__ = ["printed", "reachable_from_fork"]

SCRIPTS = frozenset(("bash", "dockerfile", "groovy", "make", "powershell", "yaml"))
PRINTERS = frozenset(
    ("echo", "printf", "print", "println", "cat", "printenv")
    + ("write-host", "write-output", "write-information", "write-verbose", "write-warning")
)
# What the runner puts in before the shell sees it, quoted or not; then what only the shell does.
PUT_IN = re.compile(
    r"\$\{\{\s*(?:secrets|env|vars)\.([\w-]+)\s*(?:\|\|[^{}]*)?\}\}"
    r"|\$\(([\w.]+)\)|%(\w+)%|\{\{\s*(?:secrets|env)\.(\w+)\s*\}\}"
)
EXPANDED = re.compile(r"\$(?:\$|env:)?(\w+)|\$\$?\{(?:env[:.])?(\w+)(?::?[-?=][^{}]*)?\}|!(\w+)!")
POWERSHELL = re.compile(
    rb"(?i)(\b(?:write-(?:host|output|information|verbose)|echo)\b)([^|>\n]{1,400})(?=\r?\n|\Z|['\"]?$)"
)
# Told to the runner, which hides it or keeps it to itself.
TO_RUNNER = re.compile(r"::add-mask::|::set-|::save-state|##vso\[|##teamcity\[")

ALL = frozenset(("env", "printenv"))
ALL_WITH = {
    "export": ("", "-p"),
    "set": ("",),
    "declare": ("-x", "-p", "-px", "-xp"),
    "typeset": ("-x",),
    **dict.fromkeys(("get-childitem", "gci", "dir", "ls", "get-item", "gi"), ("env:", "env:*", "env:\\*", "env:/*")),
}
TRACE = re.compile(r"-[a-wyzA-Z]*x[a-zA-Z]*")
# Commands through which a list still comes out as it went in.
FILTERS = frozenset(("sort", "grep", "cat", "less", "more", "tee", "head", "tail", "uniq", "column", "egrep"))
QUIET = re.compile(r"-[a-zA-Z]*[qcvlL][a-zA-Z]*|--(?:quiet|count|invert-match|silent)")
MOST_FILTERS = 8

ENVIRONMENT = re.compile(r"(?i)env(?:ironment)?s?|variables|global")
# Services that give the variables of a project to every job, so that a script that reads one shows that it is there.
GIVES_ALL = re.compile(r"(?i)gitlab|bitbucket|circleci|travis|buildkite|drone")

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


def printed(file: File) -> Iterator[Hit]:
    """Commands that write a secret to the log: itself, all variables, or every command with its values."""
    facts = file.facts
    if facts.language not in SCRIPTS:
        return
    calls = _calls(facts)
    if facts.language == "yaml":
        yield from _printed_by_powershell(facts)
    for call in calls:
        if call.redirected and call.name not in ALL:
            continue
        if not call.redirected and call.name.lower() in PRINTERS and _prints_secret(facts, call):
            yield Hit(call.start, call.end)
        elif _prints_all(facts, call) and _has_secret(file, call):
            yield Hit(call.start, call.end, "It prints every variable, and a SendGrid secret is one of them.")
        elif _traces(call) and _has_secret(file, call) and _used_after(facts, call):
            yield Hit(call.start, call.end, "It prints every command with the values in it.")


def _printed_by_powershell(facts: Facts) -> Iterator[Hit]:
    """Steps of Azure Pipelines whose key says that they are PowerShell."""
    for setting in facts.settings():
        if setting.name in ("pwsh", "powershell") and setting.value.kind in ("text", "template"):
            for found in POWERSHELL.finditer(facts.data, setting.start, setting.value.end):
                text = found[2].decode(errors="replace")
                names = [
                    name
                    for pattern in (PUT_IN, EXPANDED)
                    for each in pattern.finditer(text)
                    for name in each.groups()
                    if name
                ]
                if any(map(is_secret_name, names)):
                    yield Hit(found.start(1), found.end())


@once
def _calls(facts: Facts) -> list[Call]:
    return sorted(facts.calls, key=lambda call: call.start)


def _prints_secret(facts: Facts, call: Call) -> bool:
    source = facts.data[call.start : call.end].decode(errors="replace")
    if TO_RUNNER.search(source):
        return False
    if facts.language == "yaml" and _puts_secret_in(facts, call):
        return True
    for argument in call.arguments:
        if call.name == "printenv" and is_secret_name(argument.text):
            return True
        text = facts.data[argument.start : argument.end].decode(errors="replace")
        names = [name for found in PUT_IN.finditer(text) for name in found.groups() if name]
        if argument.kind != "text":
            names += [name for found in EXPANDED.finditer(text) for name in found.groups() if name]
        if argument.kind == "reference" and facts.language in ("groovy", "powershell"):
            names += [argument.text.rpartition(".")[2].rpartition(":")[2].removeprefix("$")]
        if any(is_secret_name(name) for name in names):
            return True
    return False


def _puts_secret_in(facts: Facts, call: Call) -> bool:
    """``echo ${{ secrets.X }}``, which is no shell before the runner has been over it, to the end of its line."""
    end = facts.data.find(b"\n", call.start)
    line = facts.data[call.start : end if end >= 0 else None].decode(errors="replace")
    names = [name for found in PUT_IN.finditer(line) if found[0].startswith("${{") for name in found.groups() if name]
    goes_on = re.search(r"[|>]", re.sub(r"\$\{\{.*?\}\}", "", line))
    return not goes_on and any(map(is_secret_name, names))


def _prints_all(facts: Facts, call: Call) -> bool:
    words = facts.data[call.start : call.end].decode(errors="replace").lower().split()[1:]
    name = call.name.lower()
    if name in ALL:
        everything = not [word for word in words if word not in ("-0", "--null")]
    else:
        everything = " ".join(words) in ALL_WITH.get(name, ())
    return everything and not call.named.settings and (not call.redirected or _shown_in_the_end(facts, call))


def _shown_in_the_end(facts: Facts, call: Call) -> bool:
    """Whether what a pipe takes comes out of it on the terminal."""
    calls = _calls(facts)
    at = bisect_right(calls, call.start, key=lambda each: each.start)
    last = call
    for following in calls[at : at + MOST_FILTERS]:
        if facts.data[last.end : following.start].strip() != b"|" or following.name not in FILTERS:
            break
        words = [argument.text for argument in following.arguments]
        if "grep" in following.name and (any(map(QUIET.fullmatch, words)) or not _lets_secret_pass(words)):
            return False
        last = following
    return last is not call and not last.redirected


def _lets_secret_pass(words: list[str]) -> bool:
    pattern = next((word for word in words if not word.startswith("-")), "")
    return any(part and part in "sendgrid_api_key" for part in re.split(r"[^a-z_]+", pattern.lower()))


def _traces(call: Call) -> bool:
    words = [argument.text for argument in call.arguments]
    if call.name == "set":
        return any(map(TRACE.fullmatch, words)) or ("xtrace" in words and "-o" in words)
    return call.name in ("bash", "sh") and bool(words) and TRACE.fullmatch(words[0]) is not None


def _has_secret(file: File, call: Call) -> bool:
    """Whether a SendGrid secret is in the environment of a command."""
    if file.facts.language != "yaml":
        return _mentions_secret(file.facts)
    holders = _holders(file.facts)
    if any(id(block) in holders for block in call.block.around()):
        return True
    return GIVES_ALL.search(file.path) is not None and any(
        id(each) in _readers(file.facts) for each in call.block.around()
    )


@once
def _holders(facts: Facts) -> frozenset[int]:
    """The mappings whose environment has a SendGrid secret, by identity: workflows, jobs, steps."""
    entries = [each for each in kept(facts) if ENVIRONMENT.fullmatch(each.under)]
    around = [each.block.parent if each.block.labels else each.block for each in entries]
    return frozenset(id(block) for block in around if block)


@once
def _readers(facts: Facts) -> frozenset[int]:
    """The mappings with commands that read a SendGrid secret."""
    return frozenset(id(call.block) for call in facts.calls if any(map(_reads_secret, call.arguments)))


def _reads_secret(value: Value) -> bool:
    return any(each.kind == "reference" and is_secret_name(each.text) for each in value.walk())


@once
def _mentions_secret(facts: Facts) -> bool:
    names = [reference.text.rpartition(".")[2] for reference in facts.references]
    given = [setting.name for setting in facts.settings()]
    texts = [value.text for value in facts.strings if len(value.text) < 100]
    return any(map(is_secret_name, {*names, *given, *texts}))


def _used_after(facts: Facts, call: Call) -> bool:
    """In a script of its own, whether a secret is used in what is traced; a job may use it in a script it calls."""
    if facts.language != "bash":
        return True
    untraced = [
        each.start for each in _calls(facts) if each.name == "set" and each.start > call.start and _ends_trace(each)
    ]
    end = min(untraced, default=len(facts.data))
    return any(call.start < each.start < end and is_secret_name(each.text) for each in facts.references)


def _ends_trace(call: Call) -> bool:
    words = [argument.text for argument in call.arguments]
    return any(re.fullmatch(r"\+[a-wyz]*x\w*", word) for word in words) or words == ["+o", "xtrace"]


def reachable_from_fork(file: File) -> Iterator[Hit]:
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
    values = [value.text for inner in block.walk() for setting in inner.settings for value in setting.value.walk()]
    return any(is_secret_name(found[1] or found[2]) for text in values for found in SECRET.finditer(text)) or any(
        "secrets." in entry.value.text for entry in kept(facts) if block.start <= entry.start < block.end
    )
