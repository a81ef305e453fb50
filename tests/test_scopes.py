"""What scopes let the holder of a key do: every scope once, kinds of keys by what only they have."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from sgleaks.errors import ToolError
from sgleaks.rule import builtin_rules
from sgleaks.sendgrid import scopes
from sgleaks.sendgrid.scopes import access, categories, powers
from sgleaks.validity import RISKS

MAIL = ["mail.send", "mail.batch.create", "mail.batch.read", "user.scheduled_sends.create", "2fa_required"]
EVERY = [scope for category in categories() for power in category.powers for scope in power.scopes]


def test_every_scope_is_told_of_once() -> None:
    assert len(EVERY) == 284
    assert [scope for scope, count in Counter(EVERY).items() if count > 1] == []


@pytest.mark.parametrize(
    ("held", "kind"),
    [
        ([], None),
        (["2fa_required", "2fa_exempt", "sender_verification_eligible", "ui.provision"], None),
        (["user.timezone.read"], None),
        (["mail.send"], "mail-only"),
        (MAIL, "mail-only"),
        (["mail.batch.create"], "restricted"),
        ([*MAIL, "stats.read"], "restricted"),
        (["user.email.read"], "restricted"),
        (["marketing.read"], "restricted"),
        (["billing.read"], "billing"),
        (["billing.read", "2fa_required"], "billing"),
        (["teammates.create", "mail.send"], "full"),
        (["sso.settings.update"], "full"),
        (EVERY, "full"),
        (["something.new"], "restricted"),
    ],
)
def test_a_kind_of_key_is_told_by_what_only_it_has(held: list[str], kind: str | None) -> None:
    assert access(held) == kind


def test_powers_are_the_worst_first_and_hold_only_scopes_that_the_key_has() -> None:
    found = powers([*MAIL, "templates.update", "stats.read"])
    assert [RISKS.index(power.risk) for power in found] == sorted(RISKS.index(power.risk) for power in found)
    assert found[0].scopes == ("mail.send",)
    told = list(chain.from_iterable(power.scopes for power in found))
    assert sorted(told) == sorted({*MAIL, "templates.update", "stats.read"} - {"2fa_required"})


@pytest.mark.parametrize(
    ("scope", "risk"),
    [("moon.read", "low"), ("moon.create", "medium"), ("moon", "medium"), ("moon.read.all", "medium")],
)
def test_a_scope_that_nobody_knows_is_kept_and_rated_by_its_last_word(scope: str, risk: str) -> None:
    (power,) = powers([scope])
    assert (power.category, power.risk, power.scopes) == ("unknown", risk, (scope,))
    assert scope in power.can


def test_marketing_may_write_whatever_its_name_says() -> None:
    (power,) = powers(["marketing.read"])
    assert power.risk == "critical"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('risk = "critical"', 'risk = "dire"', "mail-send, powers 1, risk"),
        ("can = ", "cann = ", "mail-send, powers 1, cann"),
        ("title  =", "titel  =", "mail-send, titel"),
    ],
)
def test_a_mistake_names_the_place(
    old: str, new: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (builtin_rules() / "scopes.toml").read_text("utf-8")
    (tmp_path / "scopes.toml").write_text(text.replace(old, new, 1))
    monkeypatch.setattr(scopes, "builtin_rules", lambda: tmp_path)
    with pytest.raises(ToolError) as raised:
        categories.__wrapped__()
    assert raised.value.what == f"{tmp_path / 'scopes.toml'}: {what}"
