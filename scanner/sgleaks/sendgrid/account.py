"""An account read through its API: a key opens it, and its scopes say what can be read.

Nothing is asked for which the key has no scope. Whatever cannot be read is Unavailable, with the reason in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sgleaks.errors import ToolError
from sgleaks.secret import Secret
from sgleaks.sendgrid.api import Api
from sgleaks.sendgrid.pace import Pace
from sgleaks.sendgrid.verdict import heard

VARIABLE = "SENDGRID_ADMIN_API_KEY"
MAX_ROWS = 5_000  # of one list
Row = dict[str, Any]


class Refused(ToolError):
    """No address knows the key that asks."""


class Unavailable(Exception):
    """Something of an account that cannot be told; ``str`` is why. ``mendable``: by a better key, or another try."""

    def __init__(self, why: str, *, mendable: bool = True) -> None:
        super().__init__(why)
        self.mendable = mendable


@dataclass(frozen=True, slots=True)
class Resource:
    """``rows`` is the member that holds the list, none for a bare one; ``page`` how many come at once, 0 for all."""

    path: str
    scope: str
    rows: str = ""
    page: int = 0
    query: Mapping[str, str | int] = field(default_factory=dict)


# Paths, scopes and shapes: twilio/sendgrid-oai, where clients that work differ from it they are followed.
RESOURCES: Mapping[str, Resource] = {
    "account": Resource("user/account", "user.account.read"),
    "alerts": Resource("alerts", "alerts.read"),
    "allow list": Resource("access_settings/whitelist", "access_settings.whitelist.read", "result"),
    "access activity": Resource(
        "access_settings/activity", "access_settings.activity.read", "result", query={"limit": 100}
    ),
    "certificates": Resource("sso/integrations/{}/certificates", "sso.settings.read"),
    "domains": Resource("whitelabel/domains", "whitelabel.read", page=50),
    "enforced TLS": Resource("user/settings/enforced_tls", "user.settings.enforced_tls.read"),
    "event webhooks": Resource(
        "user/webhooks/event/settings/all", "user.webhooks.event.settings.read", "webhooks",
        query={"include": "account_status_change"},
    ),
    "forwarded spam": Resource("mail_settings/forward_spam", "mail_settings.forward_spam.read"),
    "integrations": Resource("sso/integrations", "sso.settings.read", query={"si": "true"}),
    "invitations": Resource("teammates/pending", "teammates.read", "result"),
    "key": Resource("api_keys/{}", "api_keys.read"),
    "keys": Resource("api_keys", "api_keys.read", "result"),
    "links": Resource("whitelabel/links", "whitelabel.read"),
    "mail settings": Resource("mail_settings", "mail_settings.read", "result"),
    "inbound parse": Resource("user/webhooks/parse/settings", "user.webhooks.parse.settings.read", "result"),
    "senders": Resource("verified_senders", "sender_verification_eligible", "results"),
    "statistics": Resource("stats", "stats.read"),
    "teammate": Resource("teammates/{}", "teammates.read"),
    "teammates": Resource("teammates", "teammates.read", "result", page=500),
}  # fmt: skip


class Account:
    """The account that a key opens, at the address that knows the key. What was read once is not read again."""

    def __init__(self, hosts: Sequence[str], key: Secret, pace: Pace | None = None) -> None:
        """Raises Refused where no address knows the key, ToolError where one gives no clear answer."""
        pace = pace or Pace()
        self.key = key
        self._read: dict[tuple[object, ...], Any] = {}
        for host in hosts:
            self.api = Api(host, key, pace)
            said = heard(self.api.get("scopes"))
            if said.what == "here":
                self.scopes = said.scopes
                return
            if said.what == "unclear":
                raise ToolError(host, f"it gives no clear answer: {said.detail}", "try again, or from another address")
        raise Refused("the key that asks", "SendGrid does not know it", f"put a working one into {VARIABLE}")

    def rows(self, name: str, *parts: str, **query: str | int) -> list[Row]:
        """A list, all pages of it. Raises Unavailable."""
        resource = RESOURCES[name]
        found: list[Row] = []
        while len(found) <= MAX_ROWS:
            page = {"limit": resource.page, "offset": len(found)} if resource.page else {}
            body = self._body(name, parts, {**resource.query, **page, **query})
            rows = body.get(resource.rows) if resource.rows and isinstance(body, dict) else body
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise Unavailable(f"the answer on {name} is not as SendGrid writes it")
            found += rows
            if not resource.page or len(rows) < resource.page:
                return found
        raise Unavailable(f"there are more than {MAX_ROWS:,} {name}", mendable=False)

    def row(self, name: str, *parts: str) -> Row:
        """A single object; where the document says ``{"result": [{…}]}`` and clients read the object, either is taken.

        Raises Unavailable.
        """
        body = self._body(name, parts, RESOURCES[name].query)
        if isinstance(body, dict) and isinstance(body.get("result"), list) and body["result"]:
            body = body["result"][0]
        if not isinstance(body, dict):
            raise Unavailable(f"the answer on the {name} is not as SendGrid writes it")
        return body

    def _body(self, name: str, parts: tuple[str, ...], query: Mapping[str, str | int]) -> Any:
        resource = RESOURCES[name]
        if resource.scope not in self.scopes:
            raise Unavailable(f"the key lacks the scope {resource.scope}")
        known = (name, parts, *sorted(query.items()))
        if known not in self._read:
            left = iter(parts)
            path = [next(left) if part == "{}" else part for part in resource.path.split("/")]
            self._read[known] = self.api.get(*path, **query)
        answer = self._read[known]
        if answer.status == 200 and answer.body is not None:
            return answer.body
        if answer.status == 403:
            raise self._forbidden(name, resource)
        raise Unavailable(f"no clear answer on {name}: {answer.status or answer.trouble}")

    def _forbidden(self, name: str, resource: Resource) -> Unavailable:
        if name != "account" and self.is_free():
            return Unavailable(f"the free plan of this account has no {name}", mendable=False)
        why = f"SendGrid refuses to tell of {name}, although the key has the scope {resource.scope}"
        return Unavailable(f"{why}: the plan may not have it")

    def is_free(self) -> bool:
        """Whether the plan is known to be a free one."""
        try:
            return self.row("account").get("type") == "free"
        except Unavailable:
            return False
