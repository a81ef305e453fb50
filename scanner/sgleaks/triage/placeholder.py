"""Tells a credential from what stands in its place: placeholders, references, masks, fillers, code.

Judges the text alone. To drop a real credential is worse than to report a dummy, so inside API keys, which are random,
only what chance cannot write counts.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sgleaks.secret import Secret

SHORTEST = 4  # characters; nobody could log in with less, and `%s`, `pw`, `***` are common
RUN = 7  # of one character, or of a sequence: in a random key once in 400 million
PERIOD = 11  # a half of a key that repeats itself this often was typed
SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "01234567890123456789",
    "9876543210",
    "qwertyuiop",
    "asdfghjkl",
    "abcd1234",
    "abc123",
)

# In keys. Six letters in one case (chance 64^-6 at each place), or more in any (32^-7).
SIX_LETTERS = ("apikey", "change", "foobar", "insert", "qwerty", "sample", "secret")
MORE_LETTERS = (
    "actualkey|asdfghj|changeme|deleted|example|fakekey|goeshere|invalid|notreal|password|placeholder|redacted"
    "|removed|replace|sendgrid|testkey|testing|yourkey"
)
LONG_WORD = re.compile(
    "|".join(form for word in SIX_LETTERS for form in (word, word.upper(), word.capitalize())) + f"|(?i:{MORE_LETTERS})"
)
# Shorter words count from the second on, and with a separator on both sides: your_key, TEST-KEY, not_a_real_key.
SHORT_WORD = re.compile(
    r"(?i)(?<=[._-])(?:add|api|demo|dev|dummy|enter|fake|for|from|full|goes|here|key|live|mock|not|prod|put|real|some"
    r"|test|the|this|todo|token|value|with|your)(?=[._-])"
)

# Passwords are placeholders when they are made of these words alone, whatever is between, with `123` at most behind.
WORDS = (
    "account|actual|admin|another|any|api|app|auth|azure|change|client|code|correct|default|demo|dummy|email|enter|example|fake"
    "|false|field|filtered|foo|bar|goes|here|heroku|hidden|host|insert|into|invalid|key|login|long|mail|missing|mock|name|new|nil|none|not"
    "|null|oauth|old|omitted|our|pass|passphrase|passwd|password|placeholder|please|provide|put|pwd|random|real|redacted|removed"
    "|replace|required|safe|sample|secret|secure|send|sensitive|sendgrid|smtp|some|something|string|strong|subuser|super|temp|test|testing|that|the"
    "|this|todo|token|true|undefined|unset|use|user|value|very|webhook|with|word|wrong|your|my|me|it|is|of|in|to|an|a"
    "|aqui|aquí|chave|clave|dein|ihr|mot|passe|seu|sua|tu|votre|vuestra"
    "|contraseña|contrasena|hasło|kennwort|lozinka|parola|passwort|senha|wachtwoord|пароль"  # labels of forms
)
PLACEHOLDER = re.compile(
    rf"(?i)[\W_]*+(?:(?>{'|'.join(sorted(WORDS.split('|'), reverse=True))})[\W_]*+)++(?:1234?5?6?|\d)?[\W_]*+"
)
WELL_KNOWN = re.compile(
    r"(?i)enterintheapikey|p[a@][s$]{2}w[o0]rd[!1]?|JBSWY3DPEHPK3PXP.*|d-[0-9a-f]{32}|lorem\b.*|n/a|\d{1,5}"
)
REFERENCE = re.compile(
    r"""(?x)
    ^\$[\w{(\[] | \$\{ | \$\( | \#\{ | \{\{ | ^<% | ^@?\{[^{}]*\}?$ | ^<[^<>]*>?$ | ^\[[^\[\]]*\]?$  # ${X}  {{x}}  <x>
    | ^%[\w.()]+%$ | ^%[\w.()]*[sdv@]$ | ^:\w+$ | ^\#\w+\#$ | ^__\w+__$ | ^@@?\w+@@?$               # %X%  %s  :x
    | ^(?:var|local|data|module|each|self|this|random_password|ephemeral|secrets?|vars|env|config|settings|process
         |params?|props|parameters|import|os|Rails|ENV|System|Environment|Deno|Configuration)(?:\.|\[|\(|->|::)\D
    | process\.env | os\.environ | getenv | secrets\. | ENV[.\[] | \$__(?:file|env|vault)
    | ^(?:op|vault|ssm|arn|gcp|awssm|secretref|kms|keychain|keyring|doppler|infisical|file|sm|ref\+\w+
         |projects/[\w-]+)[:/]
    | ^(?!https?:)[a-z][a-z0-9+.-]{1,20}://                                                   # akv://…  bws://…
    | ^!(?:Ref|Sub|GetAtt|ImportValue|vault|secret|env|env_var|Join|reference)\b | ^(?:file|resolve|lookup|read)\w*\(
    | ^@Microsoft\.KeyVault | ^/(?:run|etc|var|mnt|vault|secrets|opt|home)/ | secretKeyRef
    """
)
CIPHERTEXT = re.compile(
    r"""(?x)
    ^(?:ENC[\[(]|encrypted:|\{(?:cipher|AES[^{}]*|S?SHA(?:256|512)?|S?MD5|CRYPT)\}|\$ANSIBLE_VAULT|Ag[A-D][\w+/]{80}
    |-----BEGIN|secure:)
    """
)
MASK = re.compile(r"\*{3}|•{2}|·{3}|…|\.{3}|_{4}|\#{4}|\?{3}|[xX]{4}|^[xX]+$|(?i:redacted|masked)")
CODE = re.compile(
    r"""(?x)
    ^[A-Za-z_$@\\][\w$\\]*(?:(?:\.|->|::|\?\.)[A-Za-z_]\w*)*\s?[(\[](?:$|.*[)\]]\W*$)   # call(…), look_up[…]
    | ^[A-Za-z_$][\w$]*(?:\.[A-Za-z_]\w*)+\( | ^\(\?[:P<=!] | \($          # z.string().min(1   (?:a pattern)
    | ^[$@]?[A-Za-z_]{2,}(?:(?:\.|->|::|\?\.)[A-Za-z_]{2,})+$               # settings.smtp.password
    | ^[A-Z][A-Z_]*_(?:PASS|PASSWORD|PASSWD|PWD|KEY|SECRET|TOKEN|CODE|SEED|USER)S?$  # the name of a variable
    | ^[a-z]+(?:_[a-z]+)*_(?:pass|password|passwd|pwd|secret|token)$
    | ^[a-z]+(?:[A-Z][a-z]+)*(?:Pass|Password|Pwd|Secret)$
    | ^["'`] | ["'`]$ | ["'`]\s*[+.] | [+.]\s*["'`] | ^(?:new|await|function|lambda|return)\s | =>
    """
)
ADDRESS = re.compile(r"https?://\S*|[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}")


def why_not(secret: Secret) -> str:
    """Why this is no credential after all, in a few words; "" for a plausible one."""
    return _why_no_key(secret.reveal()) if secret.is_key else _why_no_password(secret.reveal().strip())


def _why_no_key(text: str) -> str:
    if any(_is_filler(part) for part in (text[3:25], text[26:])):
        return "filler, not random"
    if LONG_WORD.search(text) or len(set(SHORT_WORD.findall(f"{text}."))) > 1:
        return "words of a placeholder"
    return ""


def _why_no_password(text: str) -> str:
    if len(text) < SHORTEST:
        return "empty or too short"
    if text.startswith("SG."):
        return "an API key cut short or made up"
    if len(set(text)) < 3 or _is_repeated(text) or any(text.lower() in sequence for sequence in SEQUENCES):
        return "filler"
    for pattern, reason in ((CIPHERTEXT, "ciphertext"), (REFERENCE, "a reference"), (MASK, "masked")):
        if pattern.search(text):
            return reason
    if PLACEHOLDER.fullmatch(text) or WELL_KNOWN.fullmatch(text):
        return "words of a placeholder"
    if CODE.search(text):
        return "code"
    return "an address" if ADDRESS.fullmatch(text) else "prose" if _is_prose(text) else ""


def _is_prose(text: str) -> bool:
    words = [re.sub(r"[-.,:;!?()/'\"_…]", "", word) for word in text.split()]
    return len(words) > 1 and all(word.isalpha() or not word for word in words)


def _is_repeated(text: str) -> bool:
    """Whether a password is the same few characters again and again: asdfasdf."""
    return any(len(text) >= 2 * size and text[size:] == text[:-size] for size in (3, 4))


def _is_filler(part: str) -> bool:
    """Whether a half of a key was typed, not drawn: few characters, runs, sequences, repetition."""
    few = len(set(part)) <= len(part) * 3 // 8  # 8 of 22, 16 of 43: chance 1e-10 and less
    periodic = any(part[size:] == part[:-size] for size in range(1, min(PERIOD, len(part) // 2) + 1))
    return few or periodic or any(_has_run(part.lower()[first::step]) for step in (1, 2) for first in range(step))


def _has_run(text: str) -> bool:
    """Whether ``RUN`` neighbours are equal, or follow each other up or down."""
    steps = "".join({0: "=", 1: "+", -1: "-"}.get(ord(b) - ord(a), ".") for a, b in pairwise(text))
    return any(sign * (RUN - 1) in steps for sign in "=+-")
