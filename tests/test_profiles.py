"""Levels of the hardening guide: what each profile asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import sgleaks

WEBHOOK = """\
terraform {
  required_providers {
    sendgrid = { source = "kenzo0107/sendgrid" }
  }
}
resource "sendgrid_event_webhook" "events" {
  url         = "https://hooks.example.com/events"
  enabled     = true
  bounce      = true
  dropped     = true
  spam_report = true
}
resource "sendgrid_api_key" "app" {
  name = "app"
}
resource "sendgrid_parse_webhook" "mail" {
  url        = "https://hooks.example.com/mail"
  hostname   = "mail.example.com"
  spam_check = false
}
"""


@pytest.mark.parametrize(
    ("profile", "found", "not_found"),
    [
        ("L1", {"full-access-key"}, {"unsigned-event-webhook", "parse-without-spam-check"}),
        ("L2", {"full-access-key", "unsigned-event-webhook"}, {"parse-without-spam-check"}),
        ("L3", {"full-access-key", "unsigned-event-webhook", "parse-without-spam-check"}, set()),
    ],
)
def test_each_level_adds_to_the_one_before(tmp_path: Path, profile: str, found: set[str], not_found: set[str]) -> None:
    (tmp_path / "main.tf").write_text(WEBHOOK)
    report = sgleaks("scan", "--no-config", "--format", "json", "--profile", profile, cwd=tmp_path).report
    rules = {finding["rule"] for finding in report["findings"]}
    assert found <= rules
    assert not rules & not_found
