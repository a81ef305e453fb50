"""How handlers of SendGrid's webhooks tell SendGrid from anybody else: not at all, or so that it comes to nothing.

SendGrid signs events with ECDSA over the timestamp and the raw body, in the headers
``X-Twilio-Email-Event-Webhook-Signature`` and ``-Timestamp``; its SDKs verify that (see the page on the Event Webhook's
security features). A webhook may also be given OAuth, and any handler a check of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.branches import branches
from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.handlers import Handler, handlers
from sgleaks.matchers.verification import VERIFICATION, code_of
from sgleaks.model import Condition
from sgleaks.syntax import Call, Function

__all__ = ["fails_open", "parse_endpoint", "unverified"]

PAYLOAD = re.compile(rb"(?<![A-Za-z0-9_])(?:sg_(?:event|message)_id|[sS]g(?:Event|Message)I[dD])(?![A-Za-z0-9_])")
EVENTS = re.compile(
    rb"[\"'`:](bounce|dropped|delivered|spam_?report|deferred|processed|group_unsubscribe|group_resubscribe|unsubscribe|open|click)\b"
)
FEW_EVENTS = 2
SENDGRID = re.compile(r"(?i)send_?-?grid")
HOOK = re.compile(r"(?i)web_?-?hooks?|events?(?![a-z])|hooks?(?![a-z])|callback|notif")
GENERATED = re.compile(r"(?i)(?:^|/)(?:models?|migrations?|types?|dtos?|entities|schemas?|serializers?|factories|seeds?|db|prisma)/|(?:^|/)(?:models|serializers|types|schemas?|admin|factories)\.\w+$|\.d\.ts$|\.(?:dto|entity|model)\.\w+$")

# Signs that somebody is asked who they are. What switches such a check off is none, and taken out before.
CHECKED = re.compile(
    rb"""(?xi)
    authori[sz] | authenticat | basic_?auth | \bauth\b | (?:login|permission|token|scope)s?_required | requires?_?(?:auth|login|token|secret) | signature | hmac
  | verif(?:y|ied|ication|ies) | hash_equals | timing_?safe | compare_?digest | secure_?compare | permission_classes | [-_]token\b | token[-_] | \btoken\b
  | (?:web_?)?hook_?(?:secret|key|pass) | \bsecret\b | shared_?secret | ip_?(?:allow|white)_?list | allowed_?ips | guards?\b | \bjwt | passport | protect\b
    """
)
UNCHECKED = re.compile(
    rb"""(?xi)
    skip_before_action [^\n]* | skip_before_filter [^\n]* | verify_authenticity_token | AllowAnonymous | AllowAny | Authori[sz]ationLevel\.\w+ | csrf_?token
  | authentication_classes \s*[=(]\s*[(\[]*[\])]+ | permission_classes \s*[=(]\s*[(\[]*[\])]+ | ValidateAntiForgeryToken | unsubscribe_?token | sg_template\w*
  | email_?verif\w* | verified_at | is_?verified
    """
)
FUNCTION_KEY = r"[$@\w.\[\]'\":?>-]{0,80}?(?:key|secret|public|verif|signature|\bsig\b|\bts\b|timestamp|token)[\w.\[\]'\")]*"
# Nothing to verify with, or verification switched off; of a condition as `_plain` writes it.
MISSING = re.compile(
    rf"""(?xi)
    (?:!|\bnot\b)[\s(]* {_KEY} | skip\w*(?:verif|sig|valid|webhook|auth) | (?:disable|ignore|bypass|allow_?un)\w*(?:verif|sig)
  | (?:NODE_ENV|APP_ENV|ENVIRONMENT|FLASK_ENV|RAILS_ENV|\benv)['"\])]*\s*(?:!==?\s*['"]prod | ===?\s*['"](?:dev|test|local|stag)) | settings\.DEBUG | app\.debug
  | Rails\.env\.(?:dev|test|local) | IsDevelopment\(
    """
)
# How languages ask whether a name has a value, and how here: `x`, `!x`.
EMPTY = re.compile(
    r"""(?xi)
    (?:string\.IsNullOr(?:Empty|WhiteSpace)|empty|is_null|is_none|isBlank|isEmpty|StringUtils\.\w*(?:Blank|Empty))\(\s*(?P<asked>[^()]{1,100})\)
  | (?P<of>[$@\w.\[\]'":?>-]{1,100}?)(?:\.(?:nil\?|blank\?|empty\?|isEmpty\(\)|isBlank\(\)|isNullOrEmpty\(\)|isNullOrBlank\(\)|is_none\(\))|\s*(?:===?|\bis\b)\s*(?:null|undefined|nil|none|""|'')(?!\w))
  | len\((?P<length>[^()]{1,100})\)\s*==\s*0
    """
)
FILLED = re.compile(
    r"""(?xi)
    isset\(\s*(?P<asked>[^()]{1,100})\)
  | (?P<of>[$@\w.\[\]'":?>-]{1,100}?)(?:\.(?:present\?|isPresent\(\))|\s*(?:!==?|\bis\snot\b)\s*(?:null|undefined|nil|none|""|'')(?!\w))
    """
)
CONFIGURED = re.compile(rf"(?i)[\s(]*{_KEY}\s*(?:$|&&|\band\b)")
CHECKS = re.compile(r"(?i)verif\w*[(.]|\.verify\b|verify_?signature|check_?signature|validat\w*\(")
ACCEPTS = re.compile(rb"(?P<accept>\breturn\s+(?:true|True|TRUE|next\(\)|await\s+next\(\)|\(?\s*true\s*,|\{\s*(?:valid|ok|verified|success|isValid)\s*:\s*true|nil\b(?!\s*,)|Ok\(\s*(?:true|\(\)))|(?<![\w.])next\(\)|\bnext_handler\(|\bc\.Next\(\)|\btrue\s*(?=\n\s*(?:end|rescue)\b))")
LEAVES = re.compile(rb"\s*(?:[\w.:>$-]*(?:log|warn|console|print|puts)[\w.:>$-]*[ (][^\n]*\n\s*)?(?P<accept>return)\s*;?\s*\}?\s*")
REJECTS = re.compile(rb"\bthrow\b|\braise\b|\babort\b|\breturn\s+(?:false|False|FALSE)|(?:status|sendStatus|head|abort)[ (]*:?(?:4\d\d|5\d\d|unauthorized|forbidden|bad_request)|HTTPException|Status(?:Unauthorized|Forbidden|BadRequest|InternalServerError)")
PRESENCE = re.compile(rb"(?i)\breturn\s+(?:Boolean\(\s*|!!\s*|bool\(\s*)[\w.]*(?:key|secret)[\w.]*\s*\)?\s*(?:;|\n)")
HMAC = re.compile(r"(?:.*\.)?createHmac|hmac\.(?:new|New|digest|HMAC)|(?:.*[.:])?OpenSSL.*HMAC\.\w+|hash_hmac|HMACSHA\w*|(?:.*\.)?HMACSHA256|Mac\.getInstance|HmacUtils\.\w+")
UNUSED = re.compile(r"(?i)(?:\w+(?:\(\))?\.)+verify_?signature")
# What an expression goes on from, and with.
BEFORE = re.compile(rb"[=>(,&|?:+\[!.\\-]$|\b(?:return|and|or|not|if|in|await|yield)$")
AFTER = re.compile(rb"[?&|.=<>]|(?:and|or|if)\b")
SIGNATURE = re.compile(r"(?i)(?:verif|valid|check).*(?:signature|webhook|sendgrid)")
STUB = re.compile(rb"(?P<accept>\breturn\s+(?:true|True|TRUE)\b)")
WHY_STUB = "It verifies nothing, and says yes."
WHY_MISSING = "What comes without a key to verify it, or without a signature, is accepted."
WHY_CAUGHT = "An error while verifying counts as verified."
WHY_HMAC = "SendGrid signs with ECDSA; an HMAC never fits, so that nobody can leave the check on."
WHY_CONFIGURED = "Without a key nothing is verified, and everything is accepted."


def unverified(file: File) -> Iterator[Hit]:
    """The handler of a file that takes SendGrid's events from anybody, unless the repository verifies them somewhere."""
    if GENERATED.search(file.path):
        return
    found = handlers(file)
    handler = _of_events(file, found) if found else None
    if handler:
        yield from _unchecked(file, handler, (REPOSITORY,))


def parse_endpoint(file: File) -> Iterator[Hit]:
    """The handler of a file that takes parsed mail from anybody."""
    if "helpers/inbound" in file.path or VERIFICATION.search(file.facts.data):
        return
    for handler in handlers(file):
        body = code_of(file.facts)[handler.start : handler.end]
        named = any(INBOUND.search(name) for name in (*handler.names, file.path))
        if named and len(set(PARSE_FIELD.findall(body))) >= FEW_FIELDS:
            yield from _unchecked(file, handler, ())
            return


def _of_events(file: File, found: tuple[Handler, ...]) -> Handler | None:
    """The handler that reads events of SendGrid: it names their fields, or it is named for them and tells their kinds."""
    code = code_of(file.facts)
    places = [each.start() for each in PAYLOAD.finditer(code)]
    named = [each for each in found if _is_named(file, each)]
    for handler in found:
        if any(handler.start <= at < handler.end for at in places):
            return handler
    if places:  # in a helper, or a type
        return named[0] if named else found[0] if len(found) == 1 else None
    return next((each for each in named if len(set(EVENTS.findall(code, each.start, each.end))) >= FEW_EVENTS), None)


def _is_named(file: File, handler: Handler) -> bool:
    own = " ".join(handler.names)
    return (SENDGRID.search(own) is not None or SENDGRID.search(file.path) is not None) and HOOK.search(f"{own} {file.path}") is not None


def _unchecked(file: File, handler: Handler, conditions: tuple[Condition, ...]) -> Iterator[Hit]:
    code = code_of(file.facts)
    text = UNCHECKED.sub(b"", code[handler.start : handler.end])
    if CHECKED.search(text) or GUARD.search(UNCHECKED.sub(b"", code)):
        return
    keyed = FUNCTION_KEY.search(code) is not None
    note = "Only the key of the function in its address keeps others out." if keyed else ""
    yield Hit(handler.line, handler.end, note, advice=keyed, conditions=conditions)


def fails_open(file: File) -> Iterator[Hit]:
    """A function that verifies SendGrid's signature and accepts what it could not verify: the first place in each."""
    facts, code = file.facts, code_of(file.facts)
    if TEST.search(file.path) or not SENDGRID.search(code.decode("utf-8", "replace")):
        return
    strong = HELPER.search(code) is not None
    done = 0
    for function in sorted(facts.functions, key=lambda each: (each.start, -each.end)):
        text = code[function.start : function.end]
        if function.start >= done and _verifies(function.name, text, strong=strong):
            place = next(_openings(file, function), None)
            if place:
                done = function.end
                yield place
    if strong:
        yield from _unused(file)


def _unused(file: File) -> Iterator[Hit]:
    """Calls of SendGrid's own verification whose answer nobody looks at; three arguments at least, as it has."""
    for call in file.facts.calls:
        count = len(call.arguments) + len(call.named.settings)
        if count >= 3 and UNUSED.fullmatch(call.name) and _is_statement(code_of(file.facts), call, file.facts.language):  # noqa: PLR2004
            yield Hit(call.start, call.end, "What the verification says is not looked at.")


def _verifies(name: str, text: bytes, *, strong: bool) -> bool:
    """Whether a function verifies a signature of SendGrid, and of nobody else. ``strong``: its file does."""
    if DOUBLE.search(name) or OTHERS.search(text):
        return False
    if HELPER.search(text):
        return True
    return bool(VERIFIER.search(name)) and (strong or SENDGRID.search(f"{name} {text[:4000].decode('utf-8', 'replace')}") is not None)


def _openings(file: File, function: Function) -> Iterator[Hit]:
    facts, code = file.facts, code_of(file.facts)
    throws = REJECTS.search(code, function.start, function.end) is not None and VERIFIER.search(function.name) is not None
    missing = False
    for branch in sorted(branches(code, function.start, function.end, facts.language), key=lambda each: each.start):
        condition = _plain(branch.condition)
        if MISSING.search(condition) or condition == "catch":
            missing = True
            accepts = ACCEPTS.search(code, branch.start, branch.end) or (throws and LEAVES.fullmatch(code, branch.start, branch.end))
            if accepts and not REJECTS.search(code, branch.start, accepts.start()):
                yield Hit(accepts.start("accept"), accepts.end("accept"), WHY_CAUGHT if condition == "catch" else WHY_MISSING)
        elif branch.alone and not missing and CONFIGURED.match(condition) and CHECKS.search(f"{condition} {code[branch.start : branch.end].decode('utf-8', 'replace')}"):
            start = code.rfind(b"\n", 0, branch.start - 1) + 1
            yield Hit(start + len(code[start:branch.start]) - len(code[start:branch.start].lstrip()), branch.end, WHY_CONFIGURED)
    only = _only_accepts(function, code)
    if only and not missing:
        yield Hit(only.start("accept"), only.end("accept"), WHY_STUB)
    for found in PRESENCE.finditer(code, function.start, function.end):
        yield Hit(found.start(), found.end(), WHY_CONFIGURED)
    for call in facts.calls:
        if function.start <= call.start < function.end and HMAC.fullmatch(call.name):
            yield Hit(call.start, call.end, WHY_HMAC)


def _only_accepts(function: Function, code: bytes) -> re.Match[bytes] | None:
    """The one thing that a function says which is called a verification: yes."""
    body = code[function.start : function.end]
    if not SIGNATURE.search(function.name) or len(re.findall(rb"\breturn\b", body)) != 1 or REJECTS.search(body):
        return None
    return STUB.search(code, function.start, function.end)


def _plain(condition: str) -> str:
    """A condition in which ``x`` says that x has a value, and ``!x`` that it has none."""
    condition = FILLED.sub(lambda found: found[found.lastgroup or 0], condition)
    condition = EMPTY.sub(lambda found: f"!{found[found.lastgroup or 0]}", condition)
    return re.sub(r"!\s*\(?\s*!", "", condition)


def _is_statement(code: bytes, call: Call, language: str) -> bool:
    """Whether the value of a call is not used."""
    if language in ("ruby", "kotlin", "swift"):
        return False  # the last value is what a function gives
    line = code[max(0, call.start - 200) : call.start].removesuffix(b"await ")
    before = line.rstrip()
    after = code[call.end : call.end + 80].lstrip()
    if AFTER.match(after):
        return False
    if before[-1:] in (b";", b"{", b"}", b"") or (language == "python" and before[-1:] == b":"):
        return True
    return b"\n" in line[len(before) :] and not BEFORE.search(before)
