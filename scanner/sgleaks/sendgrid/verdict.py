"""What an answer to ``GET /v3/scopes`` says of the key it was asked with.

Needs no scope of the key, sends no mail, and shows no personal data. Only SendGrid's own two answers decide: a list of
scopes, or a refusal as SendGrid writes it. Whatever else comes (a portal, a proxy, a fault) leaves the key unknown.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sgleaks.sendgrid.api import Answer

# 401s that speak of something else than the key: of the request, and of sending mail, which only a live key may try.
OTHER_REFUSALS = {
    "permission denied, wrong credentials": "SendGrid did not see the key",
    "maximum credits exceeded": "refused, and likely alive: its account has no credits left",
    "authenticated user is not authorized to send mail": "refused, and likely alive: it may not send",
}
STATUSES = {
    403: "refused without saying whether the key is right: likely alive, and kept out by an IP allow list or a block",
    429: "too many requests, and waiting did not help or would take too long",
    451: "not to be had from this region",
}
MAX_SCOPES = 10_000


class Heard(NamedTuple):
    """``here`` knows the key, ``refused`` does not, ``elsewhere`` leads to another region, ``unclear`` is the rest."""

    what: Literal["here", "refused", "elsewhere", "unclear"]
    detail: str = ""
    scopes: tuple[str, ...] = ()


def heard(answer: Answer) -> Heard:
    """What one address says of a key."""
    if answer.status == 200:
        scopes = _scopes(answer.body)
        return Heard("here", scopes=scopes) if scopes else Heard("unclear", answer.trouble or "it lists no scopes")
    if answer.status == 401:
        return _refusal(answer)
    if answer.status == 0:
        return Heard("unclear", answer.trouble)
    known = STATUSES.get(answer.status) or answer.trouble
    if not known:
        known = "a fault at SendGrid" if answer.status >= 500 else "not an answer to be expected"
    return Heard("elsewhere" if answer.status == 451 else "unclear", f"{answer.status}: {known}")


def _refusal(answer: Answer) -> Heard:
    messages = _messages(answer.body)
    if messages is None:
        return Heard("unclear", f"401: {answer.trouble or 'not as SendGrid writes it'}")
    for message in messages:
        if told := OTHER_REFUSALS.get(message.strip().lower()):
            return Heard("unclear", f"401: {told}")
    return Heard("refused")


def _scopes(body: object) -> tuple[str, ...]:
    """The scopes, sorted; none where the body is not as SendGrid writes it."""
    names = body.get("scopes") if isinstance(body, dict) else None
    if not isinstance(names, list) or len(names) > MAX_SCOPES:
        return ()
    good = all(
        isinstance(name, str) and 0 < len(name) <= 100 and name.isascii() and name.isprintable() for name in names
    )
    return tuple(sorted(set(names))) if good else ()


def _messages(body: object) -> list[str] | None:
    """The texts of ``{"errors": [{"message": …}]}``; None for anything else."""
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(errors, list) or not errors:
        return None
    messages = [each.get("message") if isinstance(each, dict) else None for each in errors]
    return [each for each in messages if isinstance(each, str)] if all(isinstance(m, str) for m in messages) else None
