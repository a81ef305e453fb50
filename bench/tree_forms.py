"""The text forms a key takes in a tree: plain in many contexts, encoded, and split over literals.

Each form gives the bytes of one file that holds one key. The packed forms are in `tree_packed.py`.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tree_keys import Key

Write = Callable[[Key, Random], bytes]


@dataclass(frozen=True, slots=True)
class Form:
    """One way to hold a key: its kebab-case name, the file's name, and what writes the file."""

    name: str
    file: str
    write: Write


# @KEY@ is the whole key, @ID@ and @SECRET@ its parts, @LEFT@ and @RIGHT@ two pieces cut at a random place.
TEMPLATES = (
    ("dotenv", ".env", "PORT=8080\nSENDGRID_API_KEY=@KEY@\nLOG_LEVEL=info\n"),
    ("shell", "deploy.sh", "#!/bin/sh\nset -eu\nexport SENDGRID_API_KEY='@KEY@'\nexec ./run\n"),
    ("yaml", "values.yaml", "mail:\n  provider: sendgrid\n  apiKey: @KEY@\n  from: noreply@example.net\n"),
    ("json", "config.json", '{"mail": {"apiKey": "@KEY@", "from": "noreply@example.net"}}\n'),
    ("xml", "web.xml", "<settings>\n  <mailKey>@KEY@</mailKey>\n</settings>\n"),
    ("csv", "vault.csv", "id,owner,value,created\n7,mailer,@KEY@,2024-03-01\n8,queue,,2024-03-02\n"),
    ("url", "access.log", "GET https://mail.example.net/send?key=@KEY@&to=ops HTTP/1.1 200\n"),
    ("markdown", "setup.md", "# Setup\n\nSet the variable to `@KEY@` before the first start.\n"),
    ("prose", "notes.txt", "The staging key is @KEY@. Ask the mail team before you change it.\n"),
    ("python", "mailer.py", 'import sendgrid\n\nclient = sendgrid.SendGridAPIClient("@KEY@")\n'),
    ("javascript", "mailer.js", "const mail = require('@sendgrid/mail');\nmail.setApiKey('@KEY@');\n"),
    ("php-bearer", "Mailer.php", "<?php\n$headers = ['Authorization: Bearer @KEY@', 'Accept: */*'];\n"),
    ("smtp-url", "mail.conf", "MAILER_DSN=smtp://apikey:@KEY@@smtp.sendgrid.net:587\n"),
    ("glued-left", "export.txt", "mailer\\nkey@KEY@ \\nqueue\n"),
    ("glued-right", "strings.dat", "s@KEY@timeout retries backoff\n"),
    ("ansi-log", "build.log", "\x1b[36mstep 4\x1b[0m \x1b[1m@KEY@\x1b[0m ok\n"),
    ("env-name", "settings.py", 'import os\n\nAPI_KEY = os.environ.get("@KEY@")\n'),
    ("split-parts", "client.js", 'const key = "SG." + "@ID@" + "." + "@SECRET@";\nmail.setApiKey(key);\n'),
    ("split-plus", "Client.java", 'class Client {\n  String key = "@LEFT@" +\n      "@RIGHT@";\n}\n'),
    ("split-php", "Client.php", "<?php\n$key = '@LEFT@' . '@RIGHT@';\n"),
    ("split-adjacent", "client.py", 'API_KEY = (\n    "@LEFT@"\n    "@RIGHT@"\n)\n'),
    ("split-backslash", "start.sh", '#!/bin/sh\nexport SENDGRID_API_KEY="@LEFT@\\\n@RIGHT@"\n'),
    ("split-join", "client.ts", "const key = ['SG', '@ID@', '@SECRET@'].join('.');\n"),
    ("split-template", "template.js", 'const key = `SG.${"@ID@"}.${"@SECRET@"}`;\n'),
    ("split-variables", "parts.js", "const id = '@ID@';\nconst rest = '@SECRET@';\nconst key = `SG.${id}.${rest}`;\n"),
)


def text_forms() -> tuple[Form, ...]:
    """Give every text form, each once."""
    return (
        *(Form(name, file, _template(text)) for name, file, text in TEMPLATES),
        Form("utf16le-bom", "sendgrid.env", lambda key, _: b"\xff\xfe" + _export(key).encode("utf-16-le")),
        Form("utf16be-bom", "sendgrid.env", lambda key, _: b"\xfe\xff" + _export(key).encode("utf-16-be")),
        Form("utf16le-no-bom", "sendgrid.env", lambda key, _: _export(key).encode("utf-16-le")),
        Form("base64-alignment-0", "secret.yaml", lambda key, _: _secret("api-key", key.text)),
        Form("base64-alignment-1", "request.http", lambda key, _: _basic(key)),
        Form("base64-alignment-2", "session.txt", lambda key, _: _auth_plain(key)),
        Form("base64url", "state.txt", _base64url),
        Form("base64-wrapped", "values.b64", _base64_wrapped),
        Form("base64-double", "secret.yaml", lambda key, _: _secret("blob", _b64(key.text))),
        Form("base64-json-base64", "pull.yaml", lambda key, _: _secret("auth.json", _registry_login(key))),
        Form("gzip-base64", "state.json", lambda key, _: json.dumps({"state": _b64(_gzip(key))}).encode()),
        Form("helm-release", "release.yaml", lambda key, _: _secret("release", _b64(_gzip(key)))),
        Form("percent-all", "form.txt", lambda key, _: b"to=ops&token=" + _each(key, "%{:02X}") + b"\n"),
        Form("percent-dots", "query.txt", lambda key, _: b"/send?to=ops&key=" + _dots(key, "%2E") + b"\n"),
        Form("html-entity-dots", "page.html", lambda key, _: b"<code>" + _dots(key, "&#46;") + b"</code>\n"),
        Form("unicode-escape-dots", "dump.json", lambda key, _: b'{"key": "' + _dots(key, "\\u002e") + b'"}\n'),
        Form("hex-escape-dots", "dump.js", lambda key, _: b'var key = "' + _dots(key, "\\x2e") + b'";\n'),
        Form("hex-escape-all", "key.h", lambda key, _: b'#define KEY "' + _each(key, "\\x{:02x}") + b'"\n'),
        Form("hex", "payload.json", lambda key, _: json.dumps({"payload": key.text.encode().hex()}).encode()),
        Form("quoted-printable", "mail.eml", _quoted_printable),
    )


def _template(text: str) -> Write:
    def write(key: Key, random: Random) -> bytes:
        left, right = halves(key, random)
        filled = text.replace("@KEY@", key.text).replace("@ID@", key.id).replace("@SECRET@", key.secret)
        return filled.replace("@LEFT@", left).replace("@RIGHT@", right).encode()

    return write


def halves(key: Key, random: Random) -> tuple[str, str]:
    """Cut a key in two, at least 8 characters from either end."""
    place = random.randrange(8, len(key.text) - 8)
    return key.text[:place], key.text[place:]


def _export(key: Key) -> str:
    return f"export SENDGRID_API_KEY='{key.text}'\r\n"


def _b64(content: str | bytes) -> str:
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def _secret(name: str, value: str) -> bytes:
    lines = ("apiVersion: v1", "kind: Secret", "metadata:", "  name: mail", "data:", f"  {name}: {_b64(value)}", "")
    return "\n".join(lines).encode()


def _basic(key: Key) -> bytes:
    return f"POST /v3/mail/send HTTP/1.1\r\nAuthorization: Basic {_b64(f'apikey:{key.text}')}\r\n\r\n".encode()


def _auth_plain(key: Key) -> bytes:
    answer = _b64(f"\0apikey\0{key.text}")
    return f"C: EHLO example.net\nS: 250 AUTH PLAIN LOGIN\nC: AUTH PLAIN {answer}\n".encode()


def _base64url(key: Key, random: Random) -> bytes:
    """Encode so that the text has both `-` and `_`, at any alignment."""
    content = json.dumps({"q": "???~~~>>>" + "?" * random.randrange(3), "k": key.text})
    return b"state=" + base64.urlsafe_b64encode(content.encode()).rstrip(b"=") + b"\n"


def _base64_wrapped(key: Key, random: Random) -> bytes:
    """Encode a whole settings file in lines of 76 columns, as MIME and `base64` do: the key lies across two lines."""
    lines = [f"SETTING_{number}={random.randrange(10**6)}\n" for number in range(40)]
    lines.insert(random.randrange(5, 35), f"SENDGRID_API_KEY={key.text}\n")
    return base64.encodebytes("".join(lines).encode())


def _registry_login(key: Key) -> str:
    return json.dumps({"auths": {"registry.example.net": {"auth": _b64(f"apikey:{key.text}")}}})


def _gzip(key: Key) -> bytes:
    content = json.dumps({"name": "mail", "config": {"replicas": 2, "sendgrid": {"apiKey": key.text}}, "version": 4})
    return gzip.compress(content.encode(), mtime=0)


def _each(key: Key, form: str) -> bytes:
    return "".join(form.format(byte) for byte in key.text.encode()).encode()


def _dots(key: Key, dot: str) -> bytes:
    return key.text.replace(".", dot).encode()


def _quoted_printable(key: Key, random: Random) -> bytes:
    left, right = halves(key, random)
    head = "Subject: access\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return f"{head}The key =E2=80=93 keep it: {left}=\r\n{right}\r\n".encode()
