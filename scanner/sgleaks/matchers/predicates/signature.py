"""Verifications of SendGrid's signature that let everything pass.

SendGrid signs events with ECDSA; whoever has no key to verify with must refuse them. What runs under which condition is
told by ``branches``, from source: only the few functions that verify are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.branches import Branch, branches
from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.verification import code_of
from sgleaks.syntax import Call, Function

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
DOUBLE = re.compile(r"(?i)mock|fake|stub|dummy|test")
TEST = re.compile(
    r"(?i)(?:^|/)(?:tests?|specs?|__tests__|mocks?|__mocks__|fixtures?)/|(?:^|/)test_[^/]*$|[._-](?:test|spec)\.\w+$"
    r"|Tests?\.\w+$"
)

# What is verified with, or what is verified.
_KEY = r"[$@\w.\[\]'\":?>-]{0,80}?(?:key|secret|public|verif|signature|\bsig\b|\bts\b|timestamp|token)[\w.\[\]'\")]{0,80}"
# Nothing to verify with, or verification switched off; of a condition as `_plain` writes it.
MISSING = re.compile(
    rf"""(?xi)
    (?: ! | \bnot\b ) [\s(]{{0,9}} {_KEY}
  | skip\w{{0,40}}(?:verif|sig|valid|webhook|auth) | (?:disable|ignore|bypass|allow_?un)\w{{0,40}}(?:verif|sig)
  | (?:NODE_ENV|APP_ENV|ENVIRONMENT|FLASK_ENV|RAILS_ENV|\benv)['"\])]{{0,4}} \s{{0,4}} (?: !==?\s?['"]prod | ===?\s?['"](?:dev|test|local|stag) )
  | settings\.DEBUG | app\.debug | Rails\.env\.(?:dev|test|local) | IsDevelopment\(
    """
)
CONFIGURED = re.compile(rf"(?i)[\s(]*{_KEY}\s*(?:$|&&|\band\b)")
# How languages ask whether a name has a value.
EMPTY = re.compile(
    r"""(?xi)
    (?: string\.IsNullOr(?:Empty|WhiteSpace) | empty | is_null | is_none | isBlank | isEmpty ) \( \s{0,4} (?P<asked>[^()]{1,100}) \)
  | len\( (?P<length>[^()]{1,100}) \) \s{0,4} == \s{0,4} 0
  | (?P<of>[$@\w.\[\]'":?>-]{1,100}?)
    (?: \.(?: nil\? | blank\? | empty\? | is_?Empty\(\) | isBlank\(\) | isNullOrEmpty\(\) | isNullOrBlank\(\) | is_none\(\) )
      | \s{0,4} (?:===?|\bis\b) \s{0,4} (?:null|undefined|nil|none|""|'')(?!\w) )
    """
)
FILLED = re.compile(
    r"""(?xi)
    isset\( \s{0,4} (?P<asked>[^()]{1,100}) \)
  | (?P<of>[$@\w.\[\]'":?>-]{1,100}?)
    (?: \.(?:present\?|isPresent\(\)) | \s{0,4} (?:!==?|\bis\snot\b) \s{0,4} (?:null|undefined|nil|none|""|'')(?!\w) )
    """
)

CHECKS = re.compile(rb"(?i)verif\w*[(.]|\.verify\b|verify_?signature|check_?signature|validat\w*\(")
ACCEPTS = re.compile(
    rb"""(?x)
    \breturn\s+ (?: true\b | True\b | TRUE\b | (?:await\s+)? next\(\) | \(?\s*true\s*, | \{\s*(?:valid|ok|verified|success|isValid)\s*:\s*true
                  | nil\b(?!\s*,) | Ok\((?:true|\(\)) )
  | (?<![\w.])next\(\) | \bc\.Next\(\) | \btrue\s*(?=\n\s*(?:end|rescue)\b)
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
    if TEST.search(file.path) or not SENDGRID.search(code):
        return
    ours = HELPER.search(code) is not None
    done = 0
    for function in sorted(file.facts.functions, key=lambda each: (each.start, -each.end)):
        if function.start >= done and _verifies(function, code, ours=ours):
            place = next(_openings(file, function), None)
            if place:
                done = function.end
                yield place
    if ours:
        yield from _unused(file)


def _verifies(function: Function, code: bytes, *, ours: bool) -> bool:
    """Whether a function verifies a signature of SendGrid, and of nobody else. ``ours``: its file does."""
    if DOUBLE.search(function.name) or OTHERS.search(code, function.start, function.end):
        return False
    if HELPER.search(code, function.start, function.end):
        return True
    named = VERIFIER.search(function.name) is not None
    return named and (ours or SENDGRID.search(code, function.start, function.end) is not None)


def _openings(file: File, function: Function) -> Iterator[Hit]:
    facts, code = file.facts, code_of(file.facts)
    start, end = function.start, function.end
    found = sorted(branches(code, start, end, facts.language), key=lambda branch: branch.start)
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
    for call in facts.calls:
        if start <= call.start < end and HMAC.fullmatch(call.name):
            yield Hit(call.start, call.end, HMAC_NOTE)


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
