"""Deletes keys at SendGrid by their ids, with an administrator's key: looked up, deleted, and looked up again.

``DELETE`` is the one thing that sgleaks ever changes at SendGrid, and it is asked for key by key.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import sleep
from typing import Literal

from sgleaks.sendgrid.account import Account
from sgleaks.sendgrid.api import Answer
from sgleaks.sendgrid.scopes import access
from sgleaks.validity import Access

LOOKS = 5  # after a deletion, a second apart: it takes a moment to be known everywhere at SendGrid

Outcome = Literal["found", "absent", "deleted", "unconfirmed", "refused", "unclear"]


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the account, as SendGrid tells of it. ``detail`` says why there is no more to tell.

    ``absent``: SendGrid knows no such key in this account; it was deleted already, or is of another one.
    """

    id: str
    outcome: Outcome
    name: str = ""
    access: Access | None = None
    detail: str = ""


def find(account: Account, key_id: str) -> Key:
    """What the account says of a key."""
    answer = account.api.get("api_keys", key_id)
    if answer.status == 200:
        row = _row(answer.body)
        scopes = row.get("scopes")
        kind = access([each for each in scopes if isinstance(each, str)]) if isinstance(scopes, list) else None
        return Key(key_id, "found", str(row.get("name", "")), kind)
    if answer.status == 404:
        return Key(key_id, "absent", detail="no such key in this account: deleted already, or of another account")
    return Key(key_id, "refused" if answer.status == 403 else "unclear", detail=_why(answer, "api_keys.read"))


def delete(account: Account, key: Key) -> Key:
    """Deletes a key, and looks whether it is gone."""
    answer = account.api.delete("api_keys", key.id)
    if answer.status not in (200, 204, 404):
        outcome: Outcome = "refused" if answer.status == 403 else "unclear"
        return Key(key.id, outcome, key.name, key.access, _why(answer, "api_keys.delete"))
    for look in range(LOOKS):
        sleep(1.0 if look else 0.0)
        if _is_gone(account, key.id):
            return Key(key.id, "deleted", key.name, key.access)
    return Key(key.id, "unconfirmed", key.name, key.access, "SendGrid took the deletion, and still shows the key")


def _is_gone(account: Account, key_id: str) -> bool:
    # A key that deleted itself is refused from then on.
    status = account.api.get("api_keys", key_id).status
    return status == 404 or (status == 401 and account.key.key_id == key_id)


def _row(body: object) -> dict[str, object]:
    """The document says ``{"result": [{…}]}``, and clients in use read the object itself: either is taken."""
    if isinstance(body, dict) and isinstance(body.get("result"), list) and body["result"]:
        body = body["result"][0]
    return body if isinstance(body, dict) else {}


def _why(answer: Answer, scope: str) -> str:
    if answer.status == 403:
        return f"the key that asks lacks the scope {scope}, or an IP allow list keeps it out"
    return f"{answer.status}: not an answer to be expected" if answer.status else answer.trouble
