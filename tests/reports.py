"""Reports made by hand, for tests of what is shown. Keys come from a seed at run time: none is written down."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from sgleaks.model import (
    Commit,
    Confidence,
    Drop,
    Finding,
    Ignored,
    Origin,
    Region,
    Report,
    Rule,
    Skip,
    Stats,
)
from sgleaks.secret import Secret

ID_PLACEHOLDER = f"<{'id':-^20}>"  # as wide as an id, so that carets in golden files stay under what they mark

KEY_RULE = Rule(
    id="api-key",
    kind="credentials",
    title="SendGrid API key",
    severity=9.8,
    confidence="high",
    level="error",
    controls=("2.2",),
    cwe=798,
    anchors=("SG.",),
    match={"matcher": "key"},
    message="A SendGrid API key is written in this file.",
    why="Whoever reads the file can send mail as you until the key is deleted.",
    fix="Delete the key at app.sendgrid.com/settings/api_keys, then read a new one from the environment.",
    references=("https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys",),
    examples=(),
    counter_examples=(),
)
WEBHOOK_RULE = replace(
    KEY_RULE,
    id="unsigned-event-webhook",
    kind="misconfiguration",
    title="Event webhook without signature or OAuth",
    severity=6.5,
    confidence="medium",
    level="warning",
    controls=("4.2",),
    cwe=345,
    anchors=("sendgrid_event_webhook",),
    match={"matcher": "setting"},
    message="The event webhook is neither signed nor protected by OAuth",
    why="Anyone who knows the address can post events that never happened.",
    fix="Set signed = true and verify the signature.",
    references=(),
)


def make_key(seed: int = 1) -> str:
    """A key of the right shape that nobody issued."""
    random = Random(seed)
    parts = (base64.urlsafe_b64encode(random.randbytes(size)).decode().rstrip("=") for size in (16, 32))
    return "SG." + ".".join(parts)


def masked_line(line: str, key: str) -> str:
    """The line as the pipeline gives it: a mask as long as what it hides, the id left."""
    return line.replace(key, key[:26] + "*" * 43)


def key_finding(seed: int = 1, line: int = 3, before: str = "SENDGRID_API_KEY=", **changes: Any) -> Finding:
    """A key on a line of its own file. ``before`` is what stands in front of it; ``changes`` replace members."""
    key = make_key(seed)
    column = len(before) + 1
    finding = Finding(
        rule=KEY_RULE,
        origin=Origin("deploy/mail.env"),
        region=Region(line, column, line, column + len(key)),
        secret=Secret(key),
        confidence="high",
        security_severity=KEY_RULE.severity,
        fingerprint=hashlib.sha256(key.encode()).hexdigest()[:32],
        excerpt=masked_line(before + key, key),
    )
    return replace(finding, **changes)


def webhook_finding(confidence: Confidence = "medium", **changes: Any) -> Finding:
    """A finding without a secret."""
    line = '  url = "https://hooks.example.com/events"'
    finding = Finding(
        rule=WEBHOOK_RULE,
        origin=Origin("infra/sendgrid.tf"),
        region=Region(12, 3, 12, len(line) + 1),
        secret=None,
        confidence=confidence,
        security_severity=WEBHOOK_RULE.severity,
        fingerprint=hashlib.sha256(b"webhook").hexdigest()[:32],
        excerpt=line,
    )
    return replace(finding, **changes)


def password_finding(**changes: Any) -> Finding:
    """A secret that is no key: neither shown nor hashed."""
    text = "correct-horse-battery"
    before = "smtp_password: "
    rule = replace(
        KEY_RULE,
        id="account-password",
        title="SendGrid account password",
        message="The password of a SendGrid account is written in this file.",
        fix="Change the password, then switch to an API key: SendGrid takes no passwords any more.",
        cwe=259,
    )
    finding = key_finding(before=before, rule=rule, secret=Secret(text, "account-password"))
    region = Region(3, len(before) + 1, 3, len(before) + 1 + len(text))
    return replace(finding, region=region, excerpt=before + "*" * len(text), **changes)


def full_report() -> Report:
    """Something of everything a report can hold."""
    commit = Commit("0123456789abcdef0123456789abcdef01234567", "Ada", "2026-01-31T10:00:00Z", "Add mail")
    findings = (
        key_finding(),
        key_finding(2, 9, via=("base64", "gzip"), confidence="medium", security_severity=8.9, note="In a test file."),
        key_finding(
            3,
            1,
            origin=Origin("backup.zip", ("etc/mail.env",)),
            also=tuple((Origin(f"copies/{number:02}.env"), Region(number, 1, number, 70)) for number in range(1, 13)),
        ),
        key_finding(4, 5, origin=Origin("old.env", commit=commit), ignored=Ignored("baseline", "Rotated in March.")),
        key_finding(5, 6, before="# ", ignored=Ignored("inline", "")),
        password_finding(),
        webhook_finding(),
        webhook_finding("low", region=Region(40, 1, 41, 2), security_severity=0.0),
    )
    return Report(
        findings=findings,
        skips=(
            Skip("data/dump.zip", "bomb", "expands to more than 1 GiB"),
            Skip("private.env", "unreadable", "permission denied"),
            Skip("vendor/lib", "submodule"),
        ),
        drops=(
            Drop("README.md", 10, 5, "api-key", "placeholder"),
            Drop("tests/test_mail.py", 3, 17, "api-key", "too regular to be random"),
        ),
        rules=(KEY_RULE, WEBHOOK_RULE),
        stats=Stats(files=1204, bytes=18_243_511),
    )


def normalised(text: str) -> str:
    """The text with every key id replaced, for golden files."""
    return re.sub(r"SG\.[A-Za-z0-9_-]{22}\.", f"SG.{ID_PLACEHOLDER}.", text)


# What a stranger can call a file, or write into a message, to become something else in some format.
HOSTILE = (
    "a\nb\r\n::error file=x::y\r##[warning]z",
    "::set-output name=x::y,z:%0A%25",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*\t-2+3",
    "\"x\",'y',<b>&amp;]]><![CDATA[\x00\x1b[31m\x7f",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "caf\udce9 \ud83d \ufffe\uffff \U000e0041",
)


def hostile_report() -> Report:
    """Findings and skips with hostile words wherever a stranger could put some."""
    findings = tuple(
        key_finding(
            number,
            origin=Origin(
                text, (text,) if number % 2 else (), commit=Commit("0" * 40, text, "2026-01-31T10:00:00Z", text)
            ),
            note=text,
            also=((Origin(text), Region(1, 1, 1, 2)),),
            ignored=Ignored("path", text) if number % 3 == 2 else None,
        )
        for number, text in enumerate(HOSTILE)
    )
    return Report(findings, tuple(Skip(text, "damaged", text) for text in HOSTILE))


def assert_reviewed(name: str, told: str) -> None:
    """Holds a format's text against its golden file; the variable UPDATE_GOLDEN writes it anew."""
    golden = Path(__file__).parent / "golden" / name
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(normalised(told), "utf-8")
    assert normalised(told) == golden.read_text("utf-8")
