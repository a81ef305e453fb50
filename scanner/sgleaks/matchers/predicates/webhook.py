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
from sgleaks.syntax import Function

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
FUNCTION_KEY = re.compile(rb"AuthorizationLevel\.(?:Function|Admin)|[\"']?authLevel[\"']?\s*:\s*[\"'](?:function|admin)|auth_level=func\.AuthLevel\.(?:FUNCTION|ADMIN)")
# What in a whole file guards each of its handlers.
GUARD = re.compile(
    rb"""(?xi)
    \bbefore_(?:action|filter)\s+:?\w*(?:auth|verif|check|valid|require|signature|token) | http_basic_authenticate_with | \b(?:app|router|server|api)\.use\([^\n]{0,80}(?:auth|verif|jwt|guard|signature)
  | @UseGuards | ->middleware\([^\n]{0,80}(?:auth|verif|sign|token) | before_request | \bdependencies\s*=\s*\[ | LoginRequiredMixin
    """
)
REPOSITORY = Condition(clues=("webhook-verification",), most=0)

# Fields of the form that Inbound Parse posts, in Twilio's documentation "Setting up the Inbound Parse Webhook".
PARSE_FIELD = re.compile(rb"[\"'`.:](envelope|spam_score|spam_report|dkim|SPF|attachment-info|sender_ip)(?![\w-])")
FEW_FIELDS = 2
INBOUND = re.compile(r"(?i)send_?-?grid|inbound|incoming|parse")


# Functions that verify, and code that does so for SendGrid alone.
VERIFIER = re.compile(r"(?i)verif|valid(?!ation)|signature|authentic|is_?(?:sendgrid|signed)|check_?(?:sendgrid|webhook|sig)")
HELPER = re.compile(rb"@sendgrid/eventwebhook|helpers[./]eventwebhook|\bEventWebhook\b|(?i:twilio[-_]email[-_]event[-_]webhook)|send_?grid_?(?i:webhook|event)_?(?i:public|verif)")
OTHERS = re.compile(rb"(?i)mailgun|postmark|resend[-_ .]|svix|stripe|slack|shopify|paddle|x-hub-signature|x-twilio-signature|mandrill|sparkpost|mailjet|brevo|ses\b.{0,20}sns")
DOUBLE = re.compile(r"(?i)mock|fake|stub|dummy|test")
TEST = re.compile(r"(?i)(?:^|/)(?:tests?|specs?|__tests__|mocks?|__mocks__|fixtures?)/|(?:^|/)test_[^/]*$|[._-](?:test|spec)\.\w+$|Tests?\.\w+$")
_KEY = r"[$@\w.\[\]'\"(:?>-]*?(?:key|secret|public|verif|signature|\bsig\b|\bts\b|timestamp|token)[\w.\[\]'\")]*"
# Nothing to verify with, or verification switched off.
MISSING = re.compile(
    rf"""(?xi)
    (?:!|\bnot\b)\s*\(?\s* {_KEY} | {_KEY} \s*(?:===?|\bis\b|\beq\b)\s*(?:null|undefined|nil|none|""|'')(?!\w) | (?:empty|is_null|IsNullOrEmpty|IsNullOrWhiteSpace|isBlank|isEmpty|len)\(\s*{_KEY}
  | {_KEY}\.(?:nil\?|blank\?|empty\?|isEmpty\(|is_none\() | skip\w*(?:verif|sig|valid|webhook|auth) | (?:disable|ignore|bypass|allow_?un)\w*(?:verif|sig)
  | (?:NODE_ENV|APP_ENV|ENVIRONMENT|FLASK_ENV|RAILS_ENV|env)['"\])]*\s*(?:!==?\s*['"]prod | ===?\s*['"](?:dev|test|local|stag)) | settings\.DEBUG | app\.debug | Rails\.env\.(?:dev|test|local)
    """
)
CONFIGURED = re.compile(rf"(?i)\s*\(?\s*{_KEY}\s*(?:$|&&|\band\b|!==?|!=|is not|\.present\?)")
CHECKS = re.compile(r"(?i)verif\w*[(.]|\.verify\b|verify_?signature|check_?signature|validat\w*\(")
ACCEPTS = re.compile(rb"(?P<accept>\breturn\s+(?:true|True|TRUE|next\(\)|await\s+next\(\)|\(?\s*true\s*,|\{\s*(?:valid|ok|verified|success|isValid)\s*:\s*true|nil\b(?!\s*,)|Ok\(\s*(?:true|\(\)))|(?<![\w.])next\(\)|\bnext_handler\(|\bc\.Next\(\)|\btrue\s*(?=\n\s*(?:end|rescue)\b))")
LEAVES = re.compile(rb"\s*(?:[\w.:>$-]*(?:log|warn|console|print|puts)[\w.:>$-]*[ (][^\n]*\n\s*)?(?P<accept>return)\s*;?\s*\}?\s*")
REJECTS = re.compile(rb"\bthrow\b|\braise\b|\babort\b|\breturn\s+(?:false|False|FALSE)|(?:status|sendStatus|head|abort)[ (]*:?(?:4\d\d|5\d\d|unauthorized|forbidden|bad_request)|HTTPException|Status(?:Unauthorized|Forbidden|BadRequest|InternalServerError)")
PRESENCE = re.compile(rb"(?i)\breturn\s+(?:Boolean\(\s*|!!\s*|bool\(\s*)[\w.]*(?:key|secret)[\w.]*\s*\)?\s*(?:;|\n)")
HMAC = re.compile(r"(?:.*\.)?createHmac|hmac\.(?:new|New|digest|HMAC)|(?:.*[.:])?OpenSSL.*HMAC\.\w+|hash_hmac|HMACSHA\w*|(?:.*\.)?HMACSHA256|Mac\.getInstance|HmacUtils\.\w+")
UNUSED = re.compile(r"(?i)(?:\w+(?:\(\))?\.)+verify_?signature")
WHY_MISSING = "What comes without a key to verify it, or without a signature, is accepted."
WHY_CAUGHT = "An error while verifying counts as verified."
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
        if MISSING.search(branch.condition) or branch.condition == "catch":
            missing = True
            accepts = ACCEPTS.search(code, branch.start, branch.end) or (throws and LEAVES.fullmatch(code, branch.start, branch.end))
            if accepts and not REJECTS.search(code, branch.start, accepts.start()):
                yield Hit(accepts.start("accept"), accepts.end("accept"), WHY_MISSING if branch.condition != "catch" else WHY_CAUGHT)
        elif branch.alone and not missing and CONFIGURED.match(branch.condition) and CHECKS.search(f"{branch.condition} {code[branch.start:branch.end].decode('utf-8', 'replace')}"):
            start = code.rfind(b"\n", 0, branch.start - 1) + 1
            yield Hit(start + len(code[start:branch.start]) - len(code[start:branch.start].lstrip()), branch.end, WHY_CONFIGURED)
    for found in PRESENCE.finditer(code, function.start, function.end):
        yield Hit(found.start(), found.end(), WHY_CONFIGURED)
    for call in facts.calls:
        if function.start <= call.start < function.end:
            if HMAC.fullmatch(call.name):
                yield Hit(call.start, call.end, "SendGrid signs with ECDSA; an HMAC never fits, so that nobody can switch the check on.")
            elif UNUSED.fullmatch(call.name) and len(call.arguments) + len(call.named.settings) >= 3 and _is_statement(code, call.start):
                yield Hit(call.start, call.end, "What the verification says is not looked at.")


def _is_statement(code: bytes, at: int) -> bool:
    """Whether the value of what begins here is not used."""
    before = code[max(0, at - 80) : at].removesuffix(b"await ").rstrip(b" \t")
    return before[-1:] in (b";", b"{", b"}", b"\n", b"")
