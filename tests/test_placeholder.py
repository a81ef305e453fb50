"""What stands in a credential's place is dropped; a credential never is."""

from __future__ import annotations

import random

import pytest

from sgleaks import samples
from sgleaks.secret import Secret
from sgleaks.triage.placeholder import why_not

FILLERS = [
    ("x" * 22, "x" * 43),
    ("A" * 22, "0" * 43),
    ("abababababababababababa"[:22], "1212" * 10 + "121"),
    ("a1B2c3D4e5F6g7H8i9J0k1", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V"),
    ("abcdefghijklmnopqrstuv", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
    ("1234567890123456789012", "1234567890" * 4 + "123"),
    ("abc123abc123abc123abc1", "def456" * 7 + "d"),
]
WORDS = [
    ("your_api_key_goes_here", "replace-this-with-your-own-sendgrid-api-key"),
    ("THIS-IS-A-TEST-KEY-000", "and_it_is_not_a_real_one_0000_at_all_never_"),
    ("EXAMPLEkJ8dLq2Zr7Tn4Wb", "Vh3Pq9Lx2Mz7Rt5Kd8Nc4Fj6Gs1Bw0Yv3Hq8Lp2Mz7R"[:43]),
    ("kJ8dLq2Zr7Tn4WbPLACEHOLDER"[:22], "Vh3Pq9Lx2Mz7changemeRt5Kd8Nc4Fj6Gs1Bw0Yv3Hq"),
]


@pytest.mark.parametrize(("identity", "secret"), FILLERS)
def test_typed_key_is_filler(identity: str, secret: str) -> None:
    assert why_not(Secret(f"SG.{identity}.{secret}")) == "filler, not random"


@pytest.mark.parametrize(("identity", "secret"), WORDS)
def test_key_of_words_is_a_placeholder(identity: str, secret: str) -> None:
    assert why_not(Secret(f"SG.{identity}.{secret}"))


def test_no_generated_key_is_dropped() -> None:
    rng = random.Random(20261125)
    assert [text for text in (samples.key(rng) for _ in range(20_000)) if why_not(Secret(text))] == []


def test_no_generated_password_is_dropped() -> None:
    rng = random.Random(20261125)
    texts = [samples.password(rng) for _ in range(20_000)]
    assert [text for text in texts if why_not(Secret(text, "account-password"))] == []


@pytest.mark.parametrize(
    "text",
    [
        "letmein77",
        "hunter2",
        "P@ssw0rd!99",
        "Spring-Letter-44",
        "correcthorsebattery",
        "tr0ub4dor&3",
        "pa$$w0rd-x9",
        "a{b}c(d)e",
        "Pass(w)rd1",
        "x9%K2s",
        "q#8dK!",
        "9f8e7d6c5b4a",
        "mYp4ss",
        "Kx+9/aa=",
        "geheim-im-haus",
    ],
)
def test_password_is_kept(text: str) -> None:
    assert why_not(Secret(text, "account-password")) == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        *((text, "empty or too short") for text in ("", " ", "pw", "%s", "***", "xxx")),
        *((text, "filler") for text in ("xxxxxxxx", "--------", "12345678", "abcdefgh", "qwerty", "0000", "abab")),
        *(
            (text, "words of a placeholder")
            for text in (
                "password",
                "PASSWORD",
                "your-password",
                "your_sendgrid_password",
                "YOUR SENDGRID PASSWORD",
                "yourpassword",
                "changeme",
                "change_me",
                "enterintheapikey",
                "secret",
                "supersecret",
                "test1234",
                "password123",
                "a-client-secret",
                "my-secret-password-here",
                "null",
                "none",
                "undefined",
                "TODO",
                "replace-with-your-api-key",
                "JBSWY3DPEHPK3PXP",
            )
        ),
        *(
            (text, "a reference")
            for text in (
                "$SENDGRID_PASSWORD",
                "${SMTP_PASSWORD}",
                "${SMTP_PASSWORD:}",
                "%SMTP_PASSWORD%",
                "$(SmtpPassword)",
                "#{smtp.password}",
                "{{ .Values.smtp.password }}",
                "{{resolve:secretsmanager:prod/mail:SecretString:key}}",
                "<your password>",
                "[password]",
                "{smtp_pass}",
                "process.env.SMTP_PASS",
                "os.environ",
                "os.environ.get(",
                "ENV[",
                "secrets.SMTP_PASS",
                "var.subuser_password",
                "data.vault_generic_secret.sg",
                "random_password.a.result",
                "!Ref SmtpPassword",
                "op://prod/sendgrid/password",
                "vault:secret/data/mail#password",
                "ssm:/prod/mail",
                "@Microsoft.KeyVault(SecretUri=https://x.vault.azure.net/secrets/mail)",
                "/run/secrets/smtp_password",
                "$__file{/run/secrets/smtp}",
                "env(SENDGRID_API_KEY)",
                "__SMTP_PASSWORD__",
            )
        ),
        *((text, "ciphertext") for text in ("ENC[AES256_GCM,data:Zm9v,type:str]", "encrypted:BD0cafe", "ENC(bm9uZQ)")),
        *((text, "masked") for text in ("ab****yz", "ab•••••yz", "XXXX-YYYY", "abc...xyz", "abc…xyz", "A-REDACTED-1")),
        *(
            (text, "code")
            for text in (
                "getPassword()",
                "user.getPassword()",
                'lookup["x"]',
                "options.smtp.password",
                "mailer->password",
                "ACME_SMTP_PASS",
                "new Password(x)",
            )
        ),
        ("the password of the relay", "prose"),
        ("ask Bob for it", "prose"),
        ("https://api.eu.sendgrid.com", "an address"),
        ("ops@example.com", "an address"),
        ("SG.123", "an API key cut short or made up"),
    ],
)
def test_dummy_is_dropped_with_a_reason(text: str, reason: str) -> None:
    assert why_not(Secret(text, "account-password")) == reason
