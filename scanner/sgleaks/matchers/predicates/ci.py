"""Secrets that scripts and CI jobs write to their logs."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.secret_name import is_secret_name
from sgleaks.matchers.subjects.stores import kept
from sgleaks.once import once
from sgleaks.syntax import Call, Facts, Value

__all__ = ["printed"]

SCRIPTS = frozenset(("bash", "dockerfile", "groovy", "make", "powershell", "yaml"))
STREAMS = ("host", "output", "information", "verbose", "warning")  # of PowerShell
PRINTERS = frozenset(f"echo printf print println cat printenv {' '.join(f'write-{what}' for what in STREAMS)}".split())
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
    if TO_RUNNER.search(source) or (call.name == "cat" and "<<" not in _line(facts, call)):
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
    line = _line(facts, call)
    names = [name for found in PUT_IN.finditer(line) if found[0].startswith("${{") for name in found.groups() if name]
    goes_on = re.search(r"[|>]", re.sub(r"\$\{\{.*?\}\}", "", line))
    return not goes_on and any(map(is_secret_name, names))


def _line(facts: Facts, call: Call) -> str:
    """The rest of the line that a call begins on."""
    end = facts.data.find(b"\n", call.start)
    return facts.data[call.start : end if end >= 0 else None].decode(errors="replace")


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
    """Whether a secret is used in what is traced; a job may use it in a script that it calls."""
    if facts.language in ("yaml", "groovy"):
        return True
    uses, ends = _uses(facts)
    script_end = call.block.end if facts.language == "dockerfile" else len(facts.data)
    end = min(next(iter(ends[bisect_right(ends, call.start) :][:1]), script_end), script_end)
    return bisect_right(uses, call.start) < bisect_right(uses, end)


@once
def _uses(facts: Facts) -> tuple[list[int], list[int]]:
    """Where secrets are read, and where tracing ends."""
    uses = [each.start for each in facts.references if is_secret_name(each.text)]
    return sorted(uses), [each.start for each in _calls(facts) if each.name == "set" and _ends_trace(each)]


def _ends_trace(call: Call) -> bool:
    words = [argument.text for argument in call.arguments]
    return any(re.fullmatch(r"\+[a-wyz]*x\w*", word) for word in words) or words == ["+o", "xtrace"]
