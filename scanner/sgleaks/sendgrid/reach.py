"""What a live key gets at, for an incident report: asked with ``--blast-radius`` only, by GET, where scopes allow.

Counts and names of the account, never of people: who receives mail is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from sgleaks.sendgrid.api import Api
from sgleaks.validity import LOGIN, UNREAD

MAX_NAMES = 10  # domains that are named; of more it is told how many
MAX_TEXT = 100  # characters of a name


class Question(NamedTuple):
    """``told`` makes words of a good answer; it may raise LookupError, TypeError or AttributeError for others."""

    what: str
    scope: str
    path: tuple[str, ...]
    told: Callable[[Any], str]
    query: tuple[tuple[str, str | int], ...] = ()


def of(api: Api, scopes: Collection[str]) -> tuple[tuple[str, str], ...]:
    """What the key was seen to get at, by what it is; what could not be read says so."""
    return tuple((each.what, _asked(api, each)) for each in QUESTIONS if each.scope in scopes)


def _asked(api: Api, question: Question) -> str:
    answer = api.get(*question.path, **dict(question.query))
    if answer.status != 200 or answer.body is None:
        return f"{UNREAD} ({answer.status or answer.trouble})"
    try:
        return question.told(answer.body)
    except (LookupError, TypeError, AttributeError):
        return f"{UNREAD} (not as SendGrid writes it)"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value[:MAX_TEXT]


def _number(value: object) -> str:
    if not isinstance(value, int | float):
        raise TypeError
    return f"{value:,}"


def _count(rows: object, most: int) -> str:
    if not isinstance(rows, list):
        raise TypeError
    return f"{len(rows):,}" + (" or more" if len(rows) >= most else "")


def _domains(rows: Any) -> str:
    names = sorted({_text(row["domain"]) for row in rows})
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more:,} more" if more > 0 else "") or "none"


QUESTIONS = (
    Question(LOGIN, "user.username.read", ("user", "username"), lambda body: _text(body["username"])),
    Question(
        "account",
        "user.account.read",
        ("user", "account"),
        lambda body: f"{_text(body['type'])}, reputation {_number(body['reputation'])}",
    ),
    Question(
        "mail left to send",
        "user.credits.read",
        ("user", "credits"),
        lambda body: f"{_number(body['remain'])} of {_number(body['total'])}",
    ),
    Question("sender domains", "whitelabel.read", ("whitelabel", "domains"), _domains, (("limit", 50),)),
    Question(
        "teammates", "teammates.read", ("teammates",), lambda body: _count(body["result"], 500), (("limit", 500),)
    ),
    Question("API keys", "api_keys.read", ("api_keys",), lambda body: _count(body["result"], 1000)),
    Question("subusers", "subusers.read", ("subusers",), lambda body: _count(body, 500), (("limit", 500),)),
    Question(
        "templates",
        "templates.read",
        ("templates",),
        lambda body: _count(body.get("result", body.get("templates")), 200),
        (("generations", "legacy,dynamic"), ("page_size", 200)),
    ),
    Question(
        "contacts",
        "marketing.read",
        ("marketing", "contacts", "count"),
        lambda body: _number(body["contact_count"]),
    ),
)
