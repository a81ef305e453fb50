"""Who a mail through SendGrid says it is from, and what SendGrid changes in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.entries import entries, told
from sgleaks.matchers.subjects.mail import uses_sendgrid
from sgleaks.matchers.subjects.requests import requests
from sgleaks.syntax import Call, Facts, Value

__all__ = ["free_mailbox", "tracked_security_mail"]

# Mailbox providers, most of which publish a DMARC policy for their domains; all of them filter what fails it.
FREE = re.compile(
    r"""(?ix)
    [\w.+%'-]{1,64} @ (?:
        (?: gmail | googlemail | ymail | rocketmail | outlook | msn | aol | icloud | me | mac | mail | zoho | hushmail
          | fastmail | protonmail | tutanota | qq | foxmail | 126 | 163 | yeah | sina | rediffmail | inbox )\.com
      | (?: yahoo | hotmail | live | outlook | gmx )\.(?: [a-z]{2,3} | com?\.[a-z]{2} )
      | (?: proton | pm )\.me | tuta\.io | (?: web | t-online | freenet )\.de | (?: mail | bk | list | yandex )\.ru
      | yandex\.com | naver\.com | (?: orange | free | wanadoo )\.fr | laposte\.net | (?: libero | virgilio )\.it
      | (?: uol | bol )\.com\.br | seznam\.cz | (?: wp | o2 )\.pl
    ) (?![\w.-]*\w)
    """
)
# The end of the path of a sender's setting: `from: {email: …}`, `DEFAULT_FROM_EMAIL`, `msg["From"]`.
SENDER = re.compile(
    r"(?:from|sender)(?:e?mail|addr|address|emailaddress|mailaddress|emailid)?$|(?:serveremail|noreplyemail|noreply|defaultfrom)$"
)
NO_SENDER = re.compile(r"replyto|(?:date|time|copy|import|copied|moved|migrat|transfer)\w*from")
# Calls whose first argument is the sender, by their last name; of Django's it is the third.
SENDS = {
    "Mail": 0, "MailMessage": 0, "CreateSingleEmail": 0, "CreateSingleEmailToMultipleRecipients": 0, "sendmail": 0,
    "NewSingleEmail": 0, "NewV3MailInit": 0, "send_mail": 2, "EmailMessage": 2, "EmailMultiAlternatives": 2,
}  # fmt: skip
OTHER_SERVER = re.compile(
    rb"(?i)smtp\.(?:gmail|mail\.yahoo|office365|live|zoho)\b|smtp-mail\.outlook|service['\"]?\s?[:=]\s?['\"]gmail"
)
NEVER = re.compile(
    r"(?i)(?:^|/)(?:tests?|specs?|__tests__|fixtures?|testdata|mocks?|examples?|samples?|docs?|e2e|cypress)/"
    r"|(?:^|/)(?:test_[^/]*|[^/]*[._-](?:test|spec|example|sample|dist|template))(?:\.\w+)?$|\.(?:example|sample|dist|template)\b"
)
MOST_TEXT = 400  # characters of a text that may be an address with a name

SECURITY = re.compile(
    r"(?i)\b(?:re-?set|verif\w+|confirm(?:ation)? (?:your )?(?:e-?mail|account)|magic[ _-]?link|one[ _-]?time|otp"
    r"|passcode|log[ _-]?in|sign[ _-]?in|password|2fa|two[ _-]factor)\b"
)
SUBJECT = re.compile(r"(?:.*[^a-z])?(?:email|mail)?subject|template(?:name)?")
TRACKING = re.compile(rb"(?i)click_?tracking|tracking_?settings|disable_?tracking")


def free_mailbox(file: File) -> Iterator[Hit]:
    """Senders at a mailbox provider, in a file that uses SendGrid."""
    facts = file.facts
    if NEVER.search(file.path) or b"@" not in facts.data or not uses_sendgrid(facts) or OTHER_SERVER.search(facts.data):
        return
    told_at: set[int] = set()
    for value in _senders(facts):
        found = next((each for each in value.walk() if _is_free(facts, each)), None)
        if found and found.start not in told_at:
            told_at.add(found.start)
            yield Hit(found.start, found.end)


def _senders(facts: Facts) -> Iterator[Value]:
    """The values that say who a mail is from."""
    for entry in entries(facts):
        if SENDER.search(entry.path[-60:]) and not NO_SENDER.search(entry.path[-60:]):
            yield entry.value
    for call in facts.calls:
        at = SENDS.get(_last(call))
        if at is not None and len(call.arguments) > at:
            yield call.arguments[at]
    for request in requests(facts):
        for block in request.body.walk() if request.body else ():
            if block.labels[-1:] == ("from",):
                yield from (setting.value for setting in block.settings if setting.name == "email")


def _is_free(facts: Facts, value: Value) -> bool:
    says = told(facts, value) if value.kind in ("text", "template", "reference") else None
    return bool(says and len(says.text) < MOST_TEXT and FREE.search(says.text))


def _last(call: Call) -> str:
    return re.split(r"[.:\\>]", call.name.removesuffix(".new"))[-1]


def tracked_security_mail(file: File) -> Iterator[Hit]:
    """Mail on passwords and logins whose links SendGrid may replace: nothing in the file says that it must not."""
    facts = file.facts
    if not uses_sendgrid(facts) or TRACKING.search(facts.data):
        return
    for entry in entries(facts):
        if (
            SUBJECT.fullmatch(entry.name)
            and entry.value.kind in ("text", "template")
            and SECURITY.search(entry.value.text)
        ):
            yield Hit(entry.start, entry.end)
