"""Deletes keys at SendGrid by their ids, with an administrator's key: looked up, deleted, and looked up again.

``DELETE`` is the one thing that sgleaks ever changes at SendGrid, and it is asked for key by key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import sleep
from typing import Literal

from sgleaks.errors import ToolError
from sgleaks.model import Access
from sgleaks.secret import Secret
from sgleaks.sendgrid.api import Answer, Api
from sgleaks.sendgrid.pace import Pace
from sgleaks.sendgrid.scopes import access
from sgleaks.sendgrid.verdict import heard

VARIABLE = "SENDGRID_ADMIN_API_KEY"
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


class Refused(ToolError):
    """No address knows the key that asks."""


class Account:
    """The account that a key opens, at the address that knows the key."""

    def __init__(self, hosts: Sequence[str], key: Secret, pace: Pace | None = None) -> None:
        """Raises ToolError where no address knows the key."""
        pace = pace or Pace()
        self.key = key
        for host in hosts:
            self.api = Api(host, key, pace)
            said = heard(self.api.get("scopes"))
            if said.what == "here":
                self.scopes, self.host = said.scopes, host
                return
            if said.what == "unclear":
                raise ToolError(host, f"it gives no clear answer: {said.detail}", "try again, or from another address")
        raise Refused("the key that asks", "SendGrid does not know it", f"put a working one into {VARIABLE}")

    def find(self, key_id: str) -> Key:
        """What the account says of a key."""
        answer = self.api.get("api_keys", key_id)
        if answer.status == 200:
            row = _row(answer.body)
            scopes = row.get("scopes")
            kind = access([each for each in scopes if isinstance(each, str)]) if isinstance(scopes, list) else None
            return Key(key_id, "found", str(row.get("name", "")), kind)
        if answer.status == 404:
            return Key(key_id, "absent", detail="no such key in this account: deleted already, or of another account")
        return Key(key_id, "refused" if answer.status == 403 else "unclear", detail=_why(answer, "api_keys.read"))

    def delete(self, key: Key) -> Key:
        """Deletes a key, and looks whether it is gone."""
        answer = self.api.delete("api_keys", key.id)
        if answer.status not in (200, 204, 404):
            outcome: Outcome = "refused" if answer.status == 403 else "unclear"
            return Key(key.id, outcome, key.name, key.access, _why(answer, "api_keys.delete"))
        for look in range(LOOKS):
            sleep(1.0 if look else 0.0)
            if self._is_gone(key.id):
                return Key(key.id, "deleted", key.name, key.access)
        return Key(key.id, "unconfirmed", key.name, key.access, "SendGrid took the deletion, and still shows the key")

    def _is_gone(self, key_id: str) -> bool:
        # A key that deleted itself is refused from then on.
        status = self.api.get("api_keys", key_id).status
        return status == 404 or (status == 401 and self.key.key_id == key_id)


def _row(body: object) -> dict[str, object]:
    """The document says ``{"result": [{…}]}``, and clients in use read the object itself: either is taken."""
    if isinstance(body, dict) and isinstance(body.get("result"), list) and body["result"]:
        body = body["result"][0]
    return body if isinstance(body, dict) else {}


def _why(answer: Answer, scope: str) -> str:
    if answer.status == 403:
        return f"the key that asks lacks the scope {scope}, or an IP allow list keeps it out"
    return f"{answer.status}: not an answer to be expected" if answer.status else answer.trouble
