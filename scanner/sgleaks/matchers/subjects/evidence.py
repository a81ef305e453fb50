"""Whether a file uses SendGrid, or merely mentions it: in a list of vendors, in prose, in a file name."""

from __future__ import annotations

import re

from sgleaks.anchors import MENTION, around
from sgleaks.text import merged

NEAR = 100  # bytes around a mention that evidence stands in
EVIDENCE = re.compile(
    rb"(?i)api\.(?:eu\.)?sendgrid\.com|sendgrid\.net|\bSENDGRID_\w|service['\"]?\s{0,4}[:=]\s{0,4}['\"]SendGrid['\"]"
    rb"|@sendgrid/\w|com\.sendgrid[:.]|sendgrid-(?:go|ruby|java|php|python|csharp)|sendgrid/sendgrid|django-sendgrid|sendgrid-mailer"
    rb"|laravel-sendgrid|sendgrid_mailer|resource\s{1,4}\"sendgrid_|sendgrid:\w|(?:import|require|from|using|use)\b[^\n]{0,40}sendgrid"
    rb"|^\s{0,40}[\"']?sendgrid[\w.-]{0,30}[\"']?\s{0,4}(?:[=<>~!^]=|=\s{0,4}[\"'{^~\d]|:\s{0,4}[\"'^~\d]|$)"
    rb"|Include=\"SendGrid",
    re.MULTILINE,
)


def is_evidence(data: bytes) -> bool:
    """Whether something around a mention is more than the word. Costs a look at each mention, until one is."""
    windows = merged(around(data, MENTION, NEAR))
    return any(EVIDENCE.search(data, start, end) for start, end in windows)
