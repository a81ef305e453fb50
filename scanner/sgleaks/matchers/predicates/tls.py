"""Connections to SendGrid that do not verify whom they talk to."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import NamedTuple

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.entries import Entry, entries, told
from sgleaks.matchers.subjects.frameworks import Spec, table
from sgleaks.matchers.subjects.mail import CODE, OURS, mailers, uses_sendgrid
from sgleaks.matchers.subjects.reading import Reading, reading
from sgleaks.matchers.subjects.requests import requests
from sgleaks.syntax import Call, Facts, Value

__all__ = ["verification_off"]

# The whole process stops verifying, whoever it talks to.
# sgleaks: ignore[tls-verification-off] names that the rule looks for
VARIABLES = {"nodetlsrejectunauthorized": "0", "pythonhttpsverify": "0"}
IN_SCRIPTS = re.compile(r"(?<!\w)(?:NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY)=['\"]?0(?!\d)")
CALLBACK = re.compile(
    rb"ServicePointManager\]?(?:\.|::)ServerCertificateValidationCallback\s{0,9}\+?=\s{0,9}[^;]{0,200}?(?:\$?\btrue\b|DangerousAccept)"
)
UNVERIFIED = "_create_unverified_context"
DEFAULT_VERIFIER = re.compile(r"(?:.*\.)?setDefault(?:HostnameVerifier|SSLSocketFactory)")
# One connection, or one client, does not.
IN_QUERY = re.compile(r"(?i)(?:^|&)(?:verify_peer=(?:0|false|no)|(?:tls\.)?rejectUnauthorized=(?:false|0))")
SDK_OPTION = ("turnoffsslverification",)
CALLBACKS = re.compile(r"(?:remote|server)certificate(?:custom)?validationcallback")
ACCEPTS = re.compile(r"(?:[=-]>\s*|return\s+|\{\s*)true\b|DangerousAccept", re.IGNORECASE)
VERIFIERS = ("hostnameVerifier", "setHostnameVerifier", "setSSLHostnameVerifier")
OPTION = re.compile(r"CURLOPT_SSL_VERIFY(?:PEER|HOST)")
FLAGS = frozenset(("--insecure", "--no-check-certificate", "--verify=no", "--verify=false"))
BUNDLED = re.compile(r"-[#0-9aBfgGiIjJlLMnNOpqRsSvZ]{0,9}k")  # after curl's short switches that take no value
REQUEST = re.compile(
    r"(?i)(?:.*[.:>])?(?:get|post|put|patch|delete|head|request(?:async)?|fetch|axios|ajax|got|urlopen|getasync|postasync"
    r"|invoke-(?:restmethod|webrequest)|curl|wget|https?)"
)
THEIRS = re.compile(
    r"(?i)\b(?:https?|smtps?|wss?)://(?!\{|\$|(?:[\w.-]*\.)?sendgrid\.|localhost\b|127\.)[\w-]|^(?:smtp|mail)\.(?!(?:eu\.)?sendgrid\.)[\w-]+\.\w"
)
MOST = 200  # switches in one file; each looks at what is around it


class Switch(NamedTuple):
    """Where verification is switched off, and the name that the switched-off thing is kept under."""

    start: int
    end: int
    entry: Entry | None = None


def verification_off(file: File) -> Iterator[Hit]:
    """Where a file switches off that the certificate of SendGrid's servers is verified."""
    facts = file.facts
    found = {each.start: each for each in _of_mailers(facts)}
    found |= {each.start: each for each in _of_process(facts)}
    alone = [*islice(_alone(facts), MOST)]
    scope = _Scope(facts) if alone else None
    for each in alone:
        told = any(other.start <= each.start < other.end for other in found.values())
        if scope and not told and scope.is_towards_sendgrid(each):
            found[each.start] = each
    for each in sorted(found.values()):
        yield Hit(each.start, each.end)


def _of_mailers(facts: Facts) -> Iterator[Switch]:
    """Those in the settings of an SMTP client."""
    for mailer in mailers(facts):
        if mailer.address:
            if IN_QUERY.search(mailer.address["query"] or ""):
                yield Switch(mailer.host.start, mailer.host.end)
            continue
        block = mailer.host.block
        for entry in mailer.found((*table().named, *table().near)):
            named = any(spec.names(entry) for spec in table().named)
            if named or (entry.block is block if block.parent is None else block.start <= entry.start < block.end):
                yield Switch(entry.start, entry.end)


def _of_process(facts: Facts) -> Iterator[Switch]:
    """Those of the whole process, in a file that uses SendGrid."""
    evidence = uses_sendgrid(facts)
    whole = facts.language in CODE or facts.language in ("bash", "dockerfile", "dotenv", "make", "properties")
    for entry in entries(facts):
        says = told(facts, entry.value) if entry.name in VARIABLES else None
        if says and says.text == VARIABLES[entry.name] and (evidence if whole else _is_beside(facts, entry)):
            yield Switch(entry.start, entry.end)
    if not evidence:
        return
    for value in facts.strings if facts.language == "json" else ():
        if IN_SCRIPTS.search(value.text):
            yield Switch(value.start, value.end)
    for call in facts.calls:
        for setting in call.named.settings:
            if setting.name.replace("_", "").lower() in VARIABLES and setting.value.text == "0":
                yield Switch(setting.start, setting.end)
        if DEFAULT_VERIFIER.fullmatch(call.name) and any(_accepts(facts, each) for each in call.arguments):
            yield Switch(call.start, call.end)
    for root in facts.roots:
        for setting in root.settings:
            keys = [key.lower() for key in setting.keys]
            if keys[-1] == "_create_default_https_context" and UNVERIFIED in _source(facts, setting.value):
                yield Switch(setting.start, setting.end)
            if keys[-1] == "verify_peer" and "VERIFY_NONE" in _source(facts, setting.value):
                yield Switch(setting.start, setting.end)
            if "defaulttransport" in keys and "InsecureSkipVerify: true" in _source(facts, setting.value):
                yield Switch(setting.start, setting.end)
    for callback in islice(CALLBACK.finditer(facts.data), MOST):
        if not any(start <= callback.start() < end for start, end in facts.comments):
            yield Switch(callback.start(), callback.end())


def _is_beside(facts: Facts, entry: Entry) -> bool:
    """Whether the same structure names SendGrid."""
    beside = (each for each in entries(facts) if each.block is entry.block)
    return any("sendgrid" in each.name or "sendgrid" in each.value.text.lower() for each in beside)


def _alone(facts: Facts) -> Iterator[Switch]:
    """Those that say nothing of the server."""
    for entry in entries(facts):
        if _is_off(facts, entry):
            yield Switch(entry.start, entry.end, entry)
    for call in facts.calls:
        last, arguments = call.name.split(".")[-1], call.arguments
        option = last == "curl_setopt" and len(arguments) > 2 and OPTION.search(arguments[1].text)
        if (
            last == UNVERIFIED
            or (option and arguments[2].text.lower() in ("false", "0"))
            or (last in VERIFIERS and arguments and _accepts(facts, arguments[0]))
        ):
            yield Switch(call.start, call.end)
    yield from _flags(facts)


def _is_off(facts: Facts, entry: Entry) -> bool:
    """Whether a setting switches verification off."""
    spec = _near().get(entry.name)
    if spec and spec.holds(facts, entry.value):
        return True
    if CALLBACKS.fullmatch(entry.name):
        return _accepts(facts, entry.value)
    if entry.name == "verifymode":
        return "CERT_NONE" in _source(facts, entry.value)
    says = told(facts, entry.value) if entry.name in SDK_OPTION or entry.name.startswith("curloptsslverify") else None
    return says is not None and says.text in (("true", "1") if entry.name in SDK_OPTION else ("false", "0"))


@cache
def _near() -> dict[str, Spec]:
    return {spec.name: spec for spec in table().near}


def _flags(facts: Facts) -> Iterator[Switch]:
    """Switches of commands: ``curl -sk``, ``wget --no-check-certificate``, ``http --verify=no``."""
    for call in facts.calls:
        name = call.name.rpartition("/")[2].lower()
        for word in call.arguments if REQUEST.fullmatch(name) else ():
            if word.kind == "text" and (word.text.lower() in FLAGS or (name == "curl" and BUNDLED.match(word.text))):
                yield Switch(word.start, word.end)


def _accepts(facts: Facts, value: Value) -> bool:
    """Whether a callback says yes to everybody."""
    source = _source(facts, value)
    yes = ACCEPTS.search(source) is not None and "false" not in source.lower()
    return yes or "NoopHostnameVerifier" in source


def _source(facts: Facts, value: Value) -> str:
    return facts.data[value.start : min(value.end, value.start + 400)].decode("utf-8", "replace")


class _Scope:
    """Whose addresses are where in a file."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.reading: Reading = reading(facts)
        self.requests = requests(facts)
        self.calls = sorted(facts.calls, key=lambda call: call.start)
        self.ours = sorted(
            [each.start for each in facts.strings if OURS.search(each.text)]
            + [each.start for each in self.requests]
            + [each.host.start for each in mailers(facts)]
        )
        self.theirs = sorted(each.start for each in facts.strings if THEIRS.search(each.text))

    def is_towards_sendgrid(self, switch: Switch) -> bool:
        """Whether what does not verify talks to SendGrid: its own call, its structure, else what is around it."""
        if switch.entry and switch.entry.name in SDK_OPTION:
            return True
        around = [call for call in self.calls if call.start <= switch.start and switch.end <= call.end]
        if any("sendgrid" in call.name.lower() for call in around):
            return True
        asked = [call for call in around if REQUEST.fullmatch(call.name)]
        if asked:
            return any(self._is_ours(call) for call in asked)
        if any(
            _has(self.ours, call.start, call.end) for call in around if not call.block.parent and call.named.settings
        ):
            return True
        block = switch.entry.block if switch.entry else None
        while block and block.parent:
            if _has(self.ours, block.start, block.end):
                return not _has(self.theirs, block.start, block.end)
            block = block.parent
        if self.facts.language not in CODE and self.facts.language != "bash":
            return False
        return self._is_used_by_ours(switch) or self._is_among_ours(switch.start)

    def _is_ours(self, call: Call) -> bool:
        return any(each.start == call.start for each in self.requests) or (
            _has(self.ours, call.start, call.end) and not _has(self.theirs, call.start, call.end)
        )

    def _is_used_by_ours(self, switch: Switch) -> bool:
        """Whether a request to SendGrid is given the name that a thing is kept under."""
        kept = next(
            (each for root in self.facts.roots for each in root.settings if each.start <= switch.start < each.end), None
        )
        if kept is None:
            return False
        uses = [each.start for each in self.facts.references if each.text == kept.keys[0]]
        return any(request.start <= use < request.end for use in uses for request in self.requests)

    def _is_among_ours(self, start: int) -> bool:
        """Whether the function around, or a file without functions around, talks to SendGrid alone."""
        at = self.reading.function_at(start)
        function = self.reading.functions[at] if at >= 0 else None
        begin, end = (function.start, function.end) if function else (0, len(self.facts.data))
        if self.facts.language == "bash":
            return False  # each command says for itself
        return _has(self.ours, begin, end) and not _has(self.theirs, begin, end)


def _has(starts: Sequence[int], begin: int, end: int) -> bool:
    at = bisect_left(starts, begin)
    return at < len(starts) and starts[at] < end
