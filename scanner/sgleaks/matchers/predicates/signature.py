"""Verifications of SendGrid's signature that let everything pass.

SendGrid signs events with ECDSA; whoever has no key to verify with must refuse them. What runs under which condition is
told by ``branches``, from source: only the few functions that verify are looked at.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.branches import Branch, branches
from sgleaks.matchers.subjects.handlers import registers
from sgleaks.matchers.subjects.program import code_of, is_test
from sgleaks.once import once
from sgleaks.syntax import Call, Facts, Function

__all__ = ["fails_open"]

SENDGRID = re.compile(rb"(?i)send_?-?grid")
# Functions that verify, and code that does so for SendGrid, or for somebody else.
VERIFIER = re.compile(
    r"(?i)verif|valid(?!ation)|signature|authentic|is_?(?:sendgrid|signed)|check_?(?:sendgrid|webhook|sig)"
)
HELPER = re.compile(
    rb"@sendgrid/eventwebhook|helpers[./]eventwebhook|\bEventWebhook\b|(?i:twilio[-_]email[-_]event[-_]webhook"
    rb"|send_?grid_?(?:webhook|event)_?(?:public|verif))"
)
OTHERS = re.compile(
    rb"(?i)mailgun|postmark|resend[-_ .]|svix|stripe|slack|shopify|paddle|x-hub-signature|x-twilio-signature|mandrill"
    rb"|sparkpost|mailjet|brevo"
)
CALLED = re.compile(rb"(?i)verify_?signature\(")
DOUBLE = re.compile(r"(?i)mock|fake|stub|dummy|test")

# What is verified with, or what is verified.
_KEY = (
    r"(?:[\w.:]{0,40}(?:getenv|get|fetch|env|config|value)\()?[$@\w.\[\]'\":?>-]{0,80}?"
    r"(?:key|secret|public|verif|signature|\bsig\b|\bts\b|timestamp|token)[\w.\[\]'\")]{0,80}(?![\w(])"
)
# Nothing to verify with, or verification switched off; of a condition as `_plain` writes it.
MISSING = re.compile(
    rf"""(?xi)
    (?: ! | \bnot\b ) [\s(]{{0,9}} {_KEY}
  | skip\w{{0,40}}(?:verif|sig|valid|webhook|auth) | (?:disable|ignore|bypass|allow_?un)\w{{0,40}}(?:verif|sig)
  | (?:NODE_ENV|APP_ENV|ENVIRONMENT|FLASK_ENV|RAILS_ENV|\benv)['"\])]{{0,4}} \s{{0,4}} (?: !==?\s?['"]prod
  | ===?\s?['"](?:dev|test|local|stag) )
  | ![\s(]{{0,9}}[\w.:>()-]{{0,60}}?prod | settings\.DEBUG | app\.debug | Rails\.env\.(?:dev|test|local)
  | IsDevelopment\(
    """
)
CONFIGURED = re.compile(rf"(?i)[\s(]*{_KEY}\s*(?:$|&&|\band\b)")
# How languages ask whether a name has a value.
EMPTY = re.compile(
    r"""(?xi)
    (?: string\.IsNullOr(?:Empty|WhiteSpace) | empty | is_null | is_none | isBlank
  | isEmpty ) \( \s{0,4} (?P<asked>[^()]{1,100}) \)
  | len\( (?P<length>[^()]{1,100}) \) \s{0,4} == \s{0,4} 0
  | (?P<of>[$@\w.\[\]()'":?>-]{1,100}?)
    (?: \.(?: nil\? | blank\? | empty\? | is_?Empty\(\) | isBlank\(\) | isNullOrEmpty\(\) | isNullOrBlank\(\)
  | is_none\(\) )
      | \s{0,4} (?:===?|\bis\b) \s{0,4} (?:null|undefined|nil|none|""|'')(?!\w) )
    """
)
FILLED = re.compile(
    r"""(?xi)
    isset\( \s{0,4} (?P<asked>[^()]{1,100}) \)
  | (?P<of>[$@\w.\[\]()'":?>-]{1,100}?)
    (?: \.(?:present\?|isPresent\(\)) | \s{0,4} (?:!==?|\bis\snot\b) \s{0,4} (?:null|undefined|nil|none|""|'')(?!\w) )
    """
)

CHECKS = re.compile(rb"(?i)verif\w*[(.]|\.verify\b|verify_?signature|check_?signature|validat\w*\(")
ACCEPTS = re.compile(
    rb"""(?x)
    \breturn\s+ (?: true\b | True\b | TRUE\b | (?:await\s+)? next\(\) | \(?\s*true\s*,
  | \{\s*(?:valid|ok|verified|success|isValid)\s*:\s*true
                  | nil\b(?!\s*,) | Ok\((?:true|\(\)) )
  | (?<![\w.])next\(\) | \bc\.Next\(\) | \bnext\.ServeHTTP\( | \btrue\s*(?=\n\s*(?:end|rescue)\b)
    """
)
LEAVES = re.compile(rb"\breturn\s*;?\s*\}?\s*\Z")
REJECTS = re.compile(
    rb"""(?x)
    \bthrow\b | \braise\b | \babort\b | \breturn\s+(?:false|False|FALSE)
  | (?:status|sendStatus|head|abort)[ (]*:?(?:[45]\d\d|unauthorized|forbidden|bad_request)
  | HTTPException | Status(?:Unauthorized|Forbidden|BadRequest|InternalServerError)
    """
)
STUB_NAME = re.compile(r"(?i)(?:verif|valid|check).*(?:signature|webhook|sendgrid)")
STUB = re.compile(rb"\breturn\s+(?:true|True|TRUE)\b")
PRESENCE = re.compile(rb"(?i)\breturn\s+(?:Boolean\(\s*|!!\s*|bool\(\s*)[\w.]*(?:key|secret)[\w.]*\s*\)?\s*(?:;|\n)")
HMAC = re.compile(
    r"(?:.*\.)?(?:createHmac|HMACSHA\w+)|hmac\.(?:new|New|digest|HMAC)|.*OpenSSL.*HMAC.*|hash_hmac|Mac\.getInstance"
    r"|HmacUtils\.\w+"
)
# SendGrid's own function is given a key, a body, a signature and a timestamp; the key may have been given before.
UNUSED = re.compile(r"(?i)(?:\w+(?:\(\))?\.)+verify_?signature")
FEWEST = 3
MAX_BRANCHES = 100  # of one function; those that verify have ten
MAX_NAME = 200  # characters of a call's name; who calls that is written by a generator
# What an expression goes on from, and with.
BEFORE = re.compile(rb"[=>(,&|?:+\[!.\\-]$|\b(?:return|and|or|not|if|in|await|yield)$")
AFTER = re.compile(rb"[?&|.=<>]|(?:and|or|if)\b")

MISSING_NOTE = "What comes without a key to verify it, or without a signature, is accepted."
CAUGHT_NOTE = "An error while verifying counts as verified."
CONFIGURED_NOTE = "Without a key nothing is verified, and everything is accepted."
HMAC_NOTE = "SendGrid signs with ECDSA; an HMAC never fits, so that nobody can leave the check on."
STUB_NOTE = "It verifies nothing, and says yes."
UNUSED_NOTE = "What the verification says is not looked at."


def fails_open(file: File) -> Iterator[Hit]:
    """A function that verifies SendGrid's signature and accepts what it could not verify: the first place in each."""
    code = code_of(file.facts)
    if is_test(file.path) or not SENDGRID.search(code):
        return
    whole = [function for function in file.facts.functions if _is_whole(function)]
    if not HELPER.search(code) and not any(VERIFIER.search(function.name) for function in whole):
        return
    marks = Marks(code, file.path)
    done: list[Function] = []
    # Innermost first, so that a verification is not judged by what else its surroundings do.
    for function in sorted(whole, key=lambda each: (each.end, -each.start)):
        if not (done and done[-1].start >= function.start) and marks.verifies(function):
            done.append(function)
            yield from islice(_openings(file, function), 1)
    if marks.ours:
        yield from _unused(file)


def _is_whole(function: Function) -> bool:
    """Whether a function is more than a piece of another one, such as a callback of ``map``."""
    return bool(function.name) or (function.given_to is not None and registers(function.given_to))


class Marks:
    """Where a file speaks of SendGrid, of its verification, and of other senders of webhooks; found once."""

    def __init__(self, code: bytes, path: str) -> None:
        self._sendgrid, self._helper, self._others, self._called = (
            [found.start() for found in pattern.finditer(code)] for pattern in (SENDGRID, HELPER, OTHERS, CALLED)
        )
        self.ours = bool(self._helper)
        self._named = SENDGRID.search(path.encode()) is not None

    def verifies(self, function: Function) -> bool:
        """Whether a function verifies a signature of SendGrid, and of nobody else."""
        if DOUBLE.search(function.name) or _any_in(self._others, function):
            return False
        named = VERIFIER.search(function.name) is not None
        return (
            _any_in(self._helper, function)
            or (self.ours and (named or _any_in(self._called, function)))
            or (named and (self._named or _any_in(self._sendgrid, function)))
        )


def _any_in(places: list[int], function: Function) -> bool:
    index = bisect_left(places, function.start)
    return index < len(places) and places[index] < function.end


def _openings(file: File, function: Function) -> Iterator[Hit]:
    facts, code = file.facts, code_of(file.facts)
    start, end = function.start, function.end
    found = sorted(islice(branches(code, start, end, facts.language), MAX_BRANCHES), key=lambda branch: branch.start)
    asked = False  # whether it was said before what happens without a key
    for branch in found:
        condition = _plain(branch.condition)
        if condition == "catch" or MISSING.search(condition):
            asked = True
            if place := _accepting(code, branch, function):
                yield Hit(*place, CAUGHT_NOTE if condition == "catch" else MISSING_NOTE)
        elif branch.alone and not asked and _only_if_configured(code, branch, condition):
            yield Hit(branch.at, branch.end, CONFIGURED_NOTE)
    if not asked and _is_stub(function, code) and (stub := STUB.search(code, start, end)):
        yield Hit(*stub.span(), STUB_NOTE)
    for presence in PRESENCE.finditer(code, start, end):
        yield Hit(*presence.span(), CONFIGURED_NOTE)
    hmacs = _hmacs(facts)
    for call in hmacs[bisect_left(hmacs, start, key=lambda each: each.start) :][:1]:
        if call.start < end:
            yield Hit(call.start, call.end, HMAC_NOTE)


@once
def _hmacs(facts: Facts) -> list[Call]:
    """The calls that make an HMAC, in the order of the file."""
    found = (call for call in facts.calls if len(call.name) < MAX_NAME and HMAC.fullmatch(call.name))
    return sorted(found, key=lambda call: call.start)


def _plain(condition: str) -> str:
    """A condition in which ``x`` says that x has a value, and ``!x`` that it has none."""
    condition = FILLED.sub(lambda found: found[found.lastgroup or 0], condition)
    condition = EMPTY.sub(lambda found: f"!{found[found.lastgroup or 0]}", condition)
    return re.sub(r"!\s*\(?\s*!", "", condition)


def _accepting(code: bytes, branch: Branch, function: Function) -> tuple[int, int] | None:
    """Where a branch accepts, if nothing in it refuses before."""
    accepts = ACCEPTS.search(code, branch.start, branch.end)
    if not accepts and VERIFIER.search(function.name) and REJECTS.search(code, function.start, function.end):
        accepts = LEAVES.search(code[: branch.end], branch.start)  # it refuses by raising, so leaving accepts
    return accepts.span() if accepts and not REJECTS.search(code, branch.start, accepts.start()) else None


def _only_if_configured(code: bytes, branch: Branch, condition: str) -> bool:
    return bool(CONFIGURED.match(condition)) and bool(
        CHECKS.search(code, branch.start, branch.end) or CHECKS.search(condition.encode())
    )


def _is_stub(function: Function, code: bytes) -> bool:
    """Whether all that a function says which is called a verification is yes."""
    body = code[function.start : function.end]
    return bool(STUB_NAME.search(function.name)) and body.count(b"return") == 1 and not REJECTS.search(body)


def _unused(file: File) -> Iterator[Hit]:
    """Calls of SendGrid's own verification whose answer nobody looks at."""
    code = code_of(file.facts)
    for call in file.facts.calls:
        count = len(call.arguments) + len(call.named.settings)
        if count >= FEWEST and UNUSED.fullmatch(call.name) and _is_statement(code, call, file.facts.language):
            yield Hit(call.start, call.end, UNUSED_NOTE)


def _is_statement(code: bytes, call: Call, language: str) -> bool:
    """Whether the value of a call is not used."""
    if language in ("ruby", "kotlin", "swift"):
        return False  # the last value is what a function gives
    line = code[max(0, call.start - 200) : call.start].removesuffix(b"await ")
    before = line.rstrip()
    if AFTER.match(code[call.end : call.end + 80].lstrip()):
        return False
    if before[-1:] in (b";", b"{", b"}", b"") or (language == "python" and before[-1:] == b":"):
        return True
    return b"\n" in line[len(before) :] and not BEFORE.search(before)
