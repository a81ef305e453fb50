"""Handlers that take SendGrid's webhooks from anybody: events, and mail from Inbound Parse.

SendGrid signs events over the timestamp and the raw body, in the headers ``X-Twilio-Email-Event-Webhook-Signature`` and
``-Timestamp``, and parsed mail where a security policy says so. A handler may also have a check of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.handlers import Handler, handlers
from sgleaks.matchers.subjects.program import code_of
from sgleaks.matchers.subjects.verification import shows_verification
from sgleaks.model import Condition

__all__ = ["parse_endpoint", "unverified"]

# Fields that only SendGrid's events have; not MESG_EVENT_ID, of radio code.
PAYLOAD = re.compile(rb"(?<![A-Za-z0-9_])(?:sg_(?:event|message)_id|[sS]g(?:Event|Message)I[dD])(?![A-Za-z0-9_])")
# Kinds of events, https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
EVENTS = re.compile(
    rb"[\"'`:](bounce|dropped|delivered|spam_?report|deferred|processed|group_unsubscribe|group_resubscribe|unsubscribe"
    rb"|open|click)\b"
)
FEW_EVENTS = 2
# The field that says which kind an event is.
EVENT = re.compile(
    rb"(?:\[|\b(?:get|fetch|delete|dig)\()(?:[\"']event[\"']|:event\b)|(?<!body)(?<!params)\??(?:\.|->)event\b(?!\s*[(.\[?-])"
)
MOST = 100  # handlers of a file that are looked into; no file with so many is about one webhook
SENDGRID = re.compile(r"(?i)send_?-?grid")
HOOK = re.compile(r"(?i)web_?-?hooks?|events?(?![a-z])|hooks?(?![a-z])|callback|notif")
# What holds events and answers no request.
HOLDER = re.compile(
    r"""(?xi)
    (?:^|/)(?:models?|migrations?|types?|dtos?|entities|schemas?|serializers?|factories|seeds?|db|prisma)/
  | (?:^|/)(?:models|serializers|types|schemas?|admin|factories)\.\w+$ | \.d\.ts$ | \.(?:dto|entity|model)\.\w+$
    """
)

# Signs that somebody is asked who they are. What switches such a check off is none, and taken out before.
CHECKED = re.compile(
    rb"""(?xi)
    authori[sz] | authenticat | basic_?auth | \bauth\b | (?:login|permission|token|scope)s?_required
  | requires?_?(?:auth|login|token|secret)
  | signature | hmac | verif(?:y|ied|ication|ies) | hash_equals | timing_?safe | compare_?digest | secure_?compare
  | permission_classes
  | [-_]token\b | token[-_] | \btoken\b | hook_?(?:secret|key|pass) | \bsecret\b | shared_?secret
  | ip_?(?:allow|white)_?list | allowed_?ips
  | guards?\b | \bjwt | passport | protect\b
    """
)
UNCHECKED = re.compile(
    rb"""(?xi)
    skip_before_(?:action|filter)[^\n]* | verify_authenticity_token | AllowAnonymous | AllowAny
  | Authori[sz]ationLevel\.\w+ | csrf_?token
  | (?:authentication|permission)_classes\s*[=(]\s*[(\[]*[\])]+ | ValidateAntiForgeryToken | unsubscribe_?token
  | email_?verif\w* | verified_at | is_?verified
    """
)
FUNCTION_KEY = re.compile(
    rb"AuthorizationLevel\.(?:Function|Admin)|[\"']?authLevel[\"']?\s*:\s*[\"'](?:function|admin)|AuthLevel\.(?:FUNCTION|ADMIN)"
)
# What in a file guards all of its handlers.
GUARD = re.compile(
    rb"""(?xi)
    \bbefore_(?:action|filter)\s+:?\w*(?:auth|verif|check|valid|require|signature|token)
  | http_basic_authenticate_with
  | \b(?:app|router|server|api)\.use\([^\n]{0,80}(?:auth|verif|jwt|guard|signature) | @UseGuards
  | ->middleware\([^\n]{0,80}(?:auth|verif|sign|token) | before_request | \bdependencies\s*=\s*\[ | LoginRequiredMixin
    """
)
NOT_VERIFIED = Condition(clues=("webhook-verification",), most=0)

# Fields of the form that Inbound Parse posts, in Twilio's documentation "Setting up the Inbound Parse Webhook".
PARSE_FIELD = re.compile(rb"[\"'`.:](envelope|spam_score|spam_report|dkim|SPF|attachment-info|sender_ip)(?![\w-])")
FEW_FIELDS = 2
INBOUND = re.compile(r"(?i)send_?-?grid|inbound|incoming|parse")


def unverified(file: File) -> Iterator[Hit]:
    """The handler of a file that takes SendGrid's events from anybody, where no file verifies them."""
    found = () if HOLDER.search(file.path) else handlers(file)
    handler = _of_events(file, found) if found else None
    if handler:
        yield from _unchecked(file, handler, (NOT_VERIFIED,))


def parse_endpoint(file: File) -> Iterator[Hit]:
    """The handler of a file that takes parsed mail from anybody."""
    if "helpers/inbound" in file.path or shows_verification(file.facts):
        return
    for handler in handlers(file)[:MOST]:
        body = code_of(file.facts)[handler.start : handler.end]
        named = any(INBOUND.search(name) for name in (*handler.names, file.path))
        if named and len(set(PARSE_FIELD.findall(body))) >= FEW_FIELDS:
            yield from _unchecked(file, handler, ())
            return


def _of_events(file: File, found: tuple[Handler, ...]) -> Handler | None:
    """The handler that reads events of SendGrid: it names their fields, or is named for them and tells their kinds."""
    code = code_of(file.facts)
    places = [each.start() for each in PAYLOAD.finditer(code)]
    for handler in found:
        index = bisect_left(places, handler.start)
        if index < len(places) and places[index] < handler.end:
            return handler
    named = [each for each in found[:MOST] if _is_named(file, each)]
    if places:  # in a helper, or in a type
        return named[0] if named else found[0] if len(found) == 1 else None
    return next((each for each in named if _tells_events(code, each)), None)


def _tells_events(code: bytes, handler: Handler) -> bool:
    kinds = set(EVENTS.findall(code, handler.start, handler.end))
    return len(kinds) >= FEW_EVENTS or EVENT.search(code, handler.start, handler.end) is not None


def _is_named(file: File, handler: Handler) -> bool:
    name = " ".join((*handler.names, file.path))
    return SENDGRID.search(name) is not None and HOOK.search(name) is not None


def _unchecked(file: File, handler: Handler, conditions: tuple[Condition, ...]) -> Iterator[Hit]:
    code = UNCHECKED.sub(lambda found: b" " * len(found[0]), code_of(file.facts))
    if CHECKED.search(code, handler.start, handler.end) or GUARD.search(code):
        return
    keyed = FUNCTION_KEY.search(file.facts.data) is not None
    note = "Only the key of the function in its address keeps others out." if keyed else ""
    yield Hit(handler.line, handler.end, note, advice=keyed, conditions=conditions)
