"""Three accounts, as SendGrid would tell of them: a hardened one, one as it comes, and a dreadful one."""

from __future__ import annotations

import time
from typing import Any

from keys import key
from sendgrid_server import Account
from sgleaks.sendgrid.scopes import categories

DAY = 86_400
ALL = [scope for category in categories() for power in category.powers for scope in power.scopes]
FULL = [scope for scope in ALL if not scope.startswith(("billing.", "validations.", "ui.", "signup.", "2fa_exempt"))]
AUDITOR = [scope for scope in ALL if scope.endswith(".read") and not scope.startswith(("billing.", "marketing."))] + [
    "2fa_required",
    "sender_verification_eligible",
]
EVENTS = ("processed", "dropped", "delivered", "bounce", "open", "click", "spam_report", "deferred")


def id_of(seed: int) -> str:
    return key(seed)[3:25]


def teammate(name: str, *scopes: str, **more: Any) -> dict[str, Any]:
    """As ``/v3/teammates/NAME`` has it."""
    kinds = {"user_type": "teammate", "is_admin": False, "is_sso": False, "is_unified": False}
    return {"username": name, "email": f"{name}@acme.example", **kinds, "scopes": list(scopes), **more}


def people(*teammates: dict[str, Any], invitations: list[dict[str, Any]]) -> dict[str, Any]:
    listed = [{name: value for name, value in each.items() if name != "scopes"} for each in teammates]
    single = {f"teammates/{each['username']}": each for each in teammates}
    return {"teammates": {"result": listed}, "teammates/pending": {"result": invitations}, **single}


def statistics(now: float, requests: list[int], bounces: float = 0.0, spam: float = 0.0) -> list[dict[str, Any]]:
    rows = []
    for ago, count in enumerate(requests):
        metrics = {
            "requests": count, "delivered": count, "bounces": int(count * bounces), "spam_reports": int(count * spam)
        }  # fmt: skip
        day = time.strftime("%Y-%m-%d", time.gmtime(now - ago * DAY))
        rows.append({"date": day, "stats": [{"metrics": metrics}]})
    return rows


def webhook(**changes: Any) -> dict[str, Any]:
    return {
        "enabled": True, "url": "https://hooks.acme.example/sg", "friendly_name": "main", "id": "1",
        "public_key": "MFkw", "oauth_client_id": None, **dict.fromkeys(EVENTS, True), **changes,
    }  # fmt: skip


def domain(**changes: Any) -> dict[str, Any]:
    return {"domain": "acme.example", "valid": True, "legacy": False, "automatic_security": True, **changes}


def settings(*enabled: str) -> dict[str, Any]:
    names = ("bcc", "forward_spam", "forward_bounce", "footer")
    return {"result": [{"name": name, "title": name, "enabled": name in enabled} for name in names]}


def hardened() -> Account:
    now = time.time()
    return Account(
        {
            "user/account": {"type": "paid", "reputation": 99.0},
            **people(
                teammate("ada", *FULL, user_type="owner", is_admin=True),
                teammate("bob", *FULL, "2fa_exempt", is_admin=True, is_sso=True),
                teammate("eve", "stats.read", "2fa_exempt", "2fa_required", is_sso=True),
                invitations=[],
            ),
            "sso/integrations": [
                {
                    "id": "i-1", "name": "Okta", "enabled": True, "completed_integration": True,
                    "signin_url": "https://idp.example/in", "signout_url": "https://idp.example/out",
                }
            ],
            "sso/integrations/i-1/certificates": [{"not_before": now - DAY, "not_after": now + 300 * DAY}],
            "access_settings/whitelist": {"result": [{"ip": "203.0.113.10/32"}, {"ip": "198.51.100.*"}]},
            "access_settings/activity": {"result": [{"allowed": True, "ip": "203.0.113.10", "last_at": now}]},
            "alerts": [{"type": "usage_limit", "percentage": 90}, {"type": "stats_notification"}],
            "whitelabel/domains": [domain()],
            "whitelabel/links": [{"domain": "acme.example", "valid": True}],
            "verified_senders": {"results": []},
            "user/settings/enforced_tls": {"require_tls": True, "require_valid_cert": True, "version": 1.2},
            "user/webhooks/event/settings/all": {"max_allowed": 5, "webhooks": [webhook()]},
            "user/webhooks/parse/settings": {
                "result": [{"url": "https://in.acme.example", "hostname": "in.acme.example", "spam_check": True}]
            },
            "mail_settings": settings("forward_spam"),
            "mail_settings/forward_spam": {"email": "abuse@acme.example", "enabled": True},
            "stats": statistics(now, [1000, 1100, 900, 1000, 1000, 1050, 950, 1000], 0.01, 0.0005),
        },
        {id_of(11): ("shop", ["mail.send", "2fa_required"]), id_of(12): ("reports", ["stats.read"])},
    )  # fmt: skip


def default() -> Account:
    """Free, one person, one key, made as the first page of the documents says."""
    now = time.time()
    return Account(
        {
            "user/account": {"type": "free", "reputation": 100.0},
            **people(teammate("ada", *FULL, user_type="owner", is_admin=True), invitations=[]),
            "access_settings/whitelist": {"result": []},
            "access_settings/activity": {"result": []},
            "alerts": [{"type": "usage_limit", "percentage": 90}],
            "whitelabel/domains": [],
            "whitelabel/links": [],
            "verified_senders": {"results": [{"id": 1, "from_email": "Ada@Gmail.com"}]},
            "user/settings/enforced_tls": {"require_tls": False},
            "user/webhooks/event/settings/all": {"webhooks": []},
            "user/webhooks/parse/settings": {"result": []},
            "mail_settings": settings(),
            "stats": statistics(now, [3, 0, 5]),
        },
        {id_of(21): ("first", FULL)},
    )


def dreadful() -> Account:
    now = time.time()
    return Account(
        {
            "user/account": {"type": "paid", "reputation": 41.0},
            **people(
                *(teammate(f"boss{number}", *FULL, is_admin=True) for number in range(7)),
                teammate("temp", "mail.send", "2fa_exempt"),
                teammate("dev", "api_keys.create", "2fa_required"),
                invitations=[{"email": "x@example.net", "is_admin": True, "token": "made-up-token"}],
            ),
            "sso/integrations": [{"id": "i-1", "name": "Old", "enabled": True, "signin_url": "http://idp.example/in"}],
            "sso/integrations/i-1/certificates": [{"not_before": now - 9 * DAY, "not_after": now - DAY}],
            "access_settings/whitelist": {"result": [{"ip": "0.0.0.0/0"}, {"ip": "10.0.0.0/8"}, {"ip": "::/0"}]},
            "access_settings/activity": {
                "result": [{"allowed": False, "ip": "203.0.113.77", "last_at": now - 60, "auth_method": "API"}]
            },
            "alerts": [],
            "whitelabel/domains": [domain(valid=False), domain(domain="old.example", legacy=True)],
            "whitelabel/links": [{"domain": "acme.example", "valid": False}],
            "verified_senders": {"results": [{"id": 7, "from_email": "boss@yahoo.com"}]},
            "user/settings/enforced_tls": {"require_tls": False, "version": 1.1},
            "user/webhooks/event/settings/all": {
                "webhooks": [webhook(url="http://user:pass@203.0.113.9/sg", public_key="", click=False)]
            },
            "user/webhooks/parse/settings": {
                "result": [{"url": "http://in.acme.example", "hostname": "in.acme.example", "spam_check": False}]
            },
            "mail_settings": settings("bcc", "forward_spam", "forward_bounce"),
            "mail_settings/forward_spam": {"email": "me@evil.example", "enabled": True},
            "stats": statistics(now, [90_000, 1000, 1000, 1000, 1000, 1000, 1000, 1000], 0.2, 0.01),
        },
        {
            id_of(31): ("everything", FULL),
            id_of(32): ("both", ["mail.send", "marketing.read"]),
            id_of(33): ("keys", ["api_keys.create"]),
        },
    )
