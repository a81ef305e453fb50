"""What the readers of configuration formats understand, and that no input makes one fail or linger."""

# ruff: noqa: E501  # a source and what is expected of it stand on one line each
from __future__ import annotations

import os
import random
import time

import pytest

from sgleaks.syntax import Facts, Value, language_of, parse


def said(value: Value) -> object:
    """A value, short: texts and references say which they are, the rest is what it would be in Python."""
    match value.kind:
        case "text":
            return value.text
        case "list":
            return [said(item) for item in value.items]
        case "block":
            return {}
        case "template" | "expression":
            return (value.kind, *(said(item) for item in value.items))
        case "call":
            return value.call and f"{value.call.name}()"
        case _:
            return f"<{value.text}>"


def told(facts: Facts) -> dict[str, object]:
    """All settings by their paths: blocks by ``/``, keys by ``.``."""
    return {
        "/".join((*each.block.path, ".".join(each.keys))): said(each.value)
        for each in facts.settings()
        if each.value.kind != "block"
    }


HCL = """\
# sensitive = true
resource "sendgrid_api_key" "main" {
  name   = "a-${var.env}"
  scopes = ["mail.send", null]
  on     = true
  count  = -1
  ref    = random_password.p[0].result
  sub    = data.x["y"].z
  body   = jsonencode({ a = 1 })
  pick   = var.x == "" ? "b" : "c"
  all    = [for s in var.scopes : s]
  map    = { for t in var.t : t.k => t }
  tags = {
    "k" = "v", n = { l : 2 }
  }
  text = <<-EOT
    v=spf1
  EOT
  heredoc = <<EOT
${var.h}
EOT
  lifecycle { on = false }
}
"""
HCL_TOLD = {
    "resource/sendgrid_api_key/main/name": ("template", "<var.env>"),
    "resource/sendgrid_api_key/main/scopes": ["mail.send", "<null>"],
    "resource/sendgrid_api_key/main/on": "<true>",
    "resource/sendgrid_api_key/main/count": "<-1>",
    "resource/sendgrid_api_key/main/ref": "<random_password.p.0.result>",
    "resource/sendgrid_api_key/main/sub": "<data.x.y.z>",
    "resource/sendgrid_api_key/main/body": "jsonencode()",
    "resource/sendgrid_api_key/main/a": "<1>",
    "resource/sendgrid_api_key/main/pick": ("expression", "<var.x>", "", "b", "c"),
    "resource/sendgrid_api_key/main/all": ("expression", ("expression", "<s>", "<var.scopes>", "<s>")),
    "resource/sendgrid_api_key/main/map": ("expression", "<t>", "<var.t>", "<t.k>", "<t>"),
    "resource/sendgrid_api_key/main/tags/k": "v",
    "resource/sendgrid_api_key/main/tags/n/l": "<2>",
    "resource/sendgrid_api_key/main/text": "v=spf1\n",
    "resource/sendgrid_api_key/main/heredoc": ("template", "<var.h>"),
    "resource/sendgrid_api_key/main/lifecycle/on": "<false>",
}

TABLE = [
    pytest.param("hcl", HCL, HCL_TOLD, id="hcl"),
    pytest.param(
        "hcl",
        'a {\n  b = = "x" }}\n  c "unclosed\n  d = [1, \n}\nresource "t" "n" {\n  e = "f"\n}',
        {"a/b": ("expression", "x"), "d": ["<1>"], "resource/t/n/e": "f"},
        id="hcl-one-broken-block-does-not-lose-the-next",
    ),
    pytest.param(
        "hcl",
        '{"resource": {"t": {"n": {"a": "${var.z}", "b": {"c": 1}}}}, "variable": {"v": {"sensitive": true}}}',
        {"resource/t/n/a": ("template", "<var.z>"), "resource/t/n/b/c": "<1>", "variable/v/sensitive": "<true>"},
        id="hcl-in-json",
    ),
    pytest.param(
        "json",
        '// c\n{"a": {"b": "x\\u0041", /* c */ "d": [1, {"e": false,},],}, f: \'g\', "h": null}',
        {"a/b": "xA", "a/d": ["<1>", {}], "a/e": "<false>", "f": "g", "h": "<null>"},
        id="json-with-comments-trailing-commas-and-bare-keys",
    ),
    pytest.param("json", r'{"a": "\x41\U00000042\/\'"}', {"a": "AB/'"}, id="json-escapes-of-others"),
    pytest.param("json", '{"a": 1}\n{"a": 2}', {"a": "<2>"}, id="json-lines"),
    pytest.param("json", '{"a": "https://x", "b": "${c}"', {"a": "https://x", "b": ("template", "<c>")}, id="json-cut"),
    pytest.param(
        "yaml",
        "on: push\na: 'it''s'\nb: \"x\\n\"\nc: yes\nd: 'yes'\ne: 0x1f\nf: ~\ng:\nh: http://x:80/#y # c\ni:\n- 1\n- j: k\n"
        "l: {m: [n, 2], o: p}\nq: r\n  s\n't u': v",
        {
            "on": "push",
            "a": "it's",
            "b": "x\n",
            "c": "<true>",
            "d": "yes",
            "e": "<0x1f>",
            "f": "<null>",
            "g": "<null>",
            "h": "http://x:80/#y",
            "i": ["<1>", {}],
            "j": "k",
            "l/m": ["n", "<2>"],
            "l/o": "p",
            "q": "r s",
            "t u": "v",
        },
        id="yaml",
    ),
    pytest.param(
        "yaml", "a: |\n  x\n   y\nb: >-\n  x\n  y\nc: d", {"a": "x\n y", "b": "x y", "c": "d"}, id="yaml-blocks"
    ),
    pytest.param(
        "yaml",
        "a: !Ref X\nb: !GetAtt [X, Y]\nc: !Sub 'x${Z}'\nd: !!str yes\ne: !reference [f]\n- bad\ng: h",
        {"a": "<X>", "b": "<X.Y>", "c": ("template", "<Z>"), "d": "yes", "e": ["f"], "g": "h"},
        id="yaml-tags",
    ),
    pytest.param(
        "yaml",
        "x: &x\n  h: smtp\n  p: 25\n  sub: {a: b}\ny:\n  <<: *x\n  p: 587\nz: &z 1\nw: *z\nv: *x",
        {
            "x/h": "smtp",
            "x/p": "<25>",
            "x/sub/a": "b",
            "y/<<": "<*x>",
            "y/h": "smtp",
            "y/p": "<587>",
            "z": "<1>",
            "w": "<1>",
            "v": "<*x>",
        },
        id="yaml-anchors-and-merge-keys",
    ),
    pytest.param(
        "yaml",
        '{{- if .Values.x }}\na: {{ .Values.k | quote }}\nb: {{ required "x: y" .Values.z }}\n{{- end }}\n'
        "c: ${{ secrets.T }}\nd: <%= ENV['E'] %>\n{{- /*\nx: y\n*/}}\nlist:\n  - {{ x.y }}\n  {{- range $i := .V }}\n  - e\n",
        {
            "a": ("template", ("expression", "<Values.k>")),
            "b": ("template", ("expression", "<required>", "<Values.z>")),
            "c": ("template", "<secrets.T>"),
            "d": ("template", "<ENV.E>"),
            "list": [("template", "<x.y>"), "e"],
        },
        id="yaml-helm-github-and-erb",
    ),
    pytest.param(
        "yaml", 'a: "x\nb: c\nd:\n\te: f\n ]\nh: i', {"a": "x", "b": "c", "d/e": "f", "h": "i"}, id="yaml-bad-lines"
    ),
    pytest.param(
        "toml",
        "a.b = true # c\nbad\n[x.\"y.z\"]\nk = '''\nl'''\nm = [1, # c\n {n = \"o\"},\n]\n[[t]]\nu = \"${V}\"\nw = 1.5",
        {
            "a.b": "<true>",
            "x/y.z/k": "l",
            "x/y.z/m": ["<1>", {}],
            "x/y.z/n": "o",
            "t/u": ("template", "<V>"),
            "t/w": "<1.5>",
        },
        id="toml",
    ),
    pytest.param(
        "dotenv",
        '# A=1\nexport A=x # c\nB="q\\n${C}"\nD=\'${E}\'\nthis is no line\nF="two\nlines"\nG="unclosed\nH=$I\nJ=\nK=False\nL=x#y',
        {
            "A": "x",
            "B": ("template", "<C>"),
            "D": "${E}",
            "F": "two\nlines",
            "G": '"unclosed',
            "H": ("template", "<I>"),
            "J": "",
            "K": "<false>",
            "L": "x#y",
        },
        id="dotenv-one-bad-line-does-not-lose-the-rest",
    ),
    pytest.param(
        "ini",
        'top: 1\n[smtp]\nhost = smtp.x:587 ; c\ntls off\nuser = a\nuser = b\ndeps =\n  x>=1\n  y\n[r "s"]\n\turl = u\n\tz = 1\n',
        {
            "top": "<1>",
            "smtp/host": "smtp.x:587",
            "smtp/tls": "<false>",
            "smtp/user": "b",
            "smtp/deps": "x>=1\ny",
            'r "s"/url': "u",
            'r "s"/z': "<1>",
        },
        id="ini-duplicates-continuations-both-separators",
    ),
    pytest.param(
        "ini",
        'server {\n  listen 80;\n  location / {\n    proxy_pass http://x:1/;\n  }\n}\npass "a;b"',
        {"server/listen": "<80>", "server/location///proxy_pass": "http://x:1/", "pass": "a;b"},
        id="ini-braces",
    ),
    pytest.param(
        "properties",
        "! c\nspring.mail.host=x\na\\:b : c\nd = e\\\n   f\nd = ${G:h}\ni yes\nj=\nK[sdk=x*] = v // c\n",
        {
            "spring.mail.host": "x",
            "a:b": "c",
            "d": ("template", "<G>", "h"),
            "i": "<true>",
            "j": "",
            "K[sdk=x*]": "v",
        },
        id="properties",
    ),
    pytest.param(
        "properties",
        "relayhost = [x]:587\nmynetworks = 1\n  2\n  [::1]/8\n# c\nlevel = none\n",
        {"relayhost": "[x]:587", "mynetworks": "1\n2\n[::1]/8", "level": "none"},
        id="properties-of-postfix",
    ),
    pytest.param(
        "xml",
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a b="c&amp;&#65;" d=\'false\'><!-- <e/> -->&x;<f>25</f><g><h></a><i j="k"/>',
        {"a/b": "c&A", "a/d": "<false>", "a/": "&x;", "a/f/": "<25>", "i/j": "k"},
        id="xml-entities-are-not-resolved",
    ),
    pytest.param(
        "xml",
        "<dict><key>A</key><string>$(B)</string><key>C</key><true/><key>D</key><array><string>e</string></array></dict>",
        {
            "dict/A": ("template", "<B>"),
            "dict/C": "<true>",
            "dict/D": ["e"],
            "dict/key/": "D",
            "dict/string/": ("template", "<B>"),
            "dict/array/string/": "e",
        },
        id="xml-property-list",
    ),
    pytest.param(
        "dockerfile",
        'ARG V=1\nFROM x:$V\nARG K\nENV A=1 B="x y" \\\n  # c\n  C=$D\nENV OLD a b\nCOPY --from=b c d\n# ENV E=1\nRUN <<EOF\nENV F=1\nEOF\n',
        {
            "ARG/V": "<1>",
            "FROM/": ("template", "<V>"),
            "ARG/K": "<null>",
            "ENV/A": "<1>",
            "ENV/B": "x y",
            "ENV/C": ("template", "<D>"),
            "ENV/OLD": "a b",
            "COPY/from": "b",
            "COPY/": "c d",
            "RUN/": "<<EOF\nENV F=1\nEOF",
        },
        id="dockerfile-continuations-heredocs-arg-before-from",
    ),
    pytest.param(
        "dockerfile", "# escape=`\nENV A=c:\\x `\n  B=1", {"ENV/A": "c:\\x", "ENV/B": "<1>"}, id="dockerfile-escape"
    ),
    pytest.param(
        "zone",
        '$ORIGIN Example.com.\n@ IN SOA ns h. (\n 1 2 ; c\n 3 )\n 60 IN TXT "v=spf1 " "-all"\nem CNAME u1.sendgrid.net.\n_d.x. TXT "p"\n',
        {
            "$ORIGIN": "example.com",
            "example.com/SOA/name": "example.com",
            "example.com/SOA/type": "SOA",
            "example.com/SOA/value": "ns h. 1 2 3",
            "example.com/TXT/name": "example.com",
            "example.com/TXT/ttl": "60",
            "example.com/TXT/type": "TXT",
            "example.com/TXT/value": "v=spf1 -all",
            "em.example.com/CNAME/name": "em.example.com",
            "em.example.com/CNAME/type": "CNAME",
            "em.example.com/CNAME/value": "u1.sendgrid.net",
            "_d.x/TXT/name": "_d.x",
            "_d.x/TXT/type": "TXT",
            "_d.x/TXT/value": "p",
        },
        id="zone-parentheses-relative-names-split-strings",
    ),
    pytest.param(
        "zone",
        "em CNAME U.sendgrid.net\n",
        {"em/CNAME/name": "em", "em/CNAME/type": "CNAME", "em/CNAME/value": "u.sendgrid.net"},
        id="zone-fragment",
    ),
    pytest.param(
        "http",
        '@t = x\n### a\nPOST https://u/v HTTP/1.1\nA: {{t}}\n\n{"b": 1}\n',
        {"t": "x", "POST/body": '{"b": 1}'},
        id="http",
    ),
]


@pytest.mark.parametrize(("language", "source", "expected"), TABLE)
def test_settings_are_what_the_file_says(language: str, source: str, expected: dict[str, object]) -> None:
    assert told(parse(source.encode(), language)) == expected


SPELLINGS = {
    "${X}": ["<X>"],
    "${X:-d}": ["<X>", "d"],
    "${X:d}": ["<X>", "d"],
    "${X:?must be set}": ["<X>", "must be set"],
    "${env:X, 'd'}": ["<env.X>", " 'd'"],
    "$(X)": ["<X>"],
    "$(cat x)": [("expression", "<cat>", "<x>")],
    "$X": ["<X>"],
    "${{ secrets['X'] }}": ["<secrets.X>"],
    "${{ a.b || 'c' }}": [("expression", "<a.b>")],
    "{{ .Values.x }}": ["<Values.x>"],
    "{{resolve:ssm:x}}": [("expression", "<resolve>", "<ssm>", "<x>")],
    "<%= ENV['X'] %>": ["<ENV.X>"],
    "%env(string:X)%": ["<X>"],
    "#{X}": ["<X>"],
    "pa$word": [],
    "$$X": [],
    "${": [],
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_is_put_into_a_text_is_told(spelling: str) -> None:
    data = b'{"k": "%s"}' % spelling.encode()
    (setting,) = parse(data, "json").roots[0].settings
    assert [said(item) for item in setting.value.items] == SPELLINGS[spelling]
    assert setting.value.kind == ("template" if SPELLINGS[spelling] else "text")


OFFSETS = [
    ("hcl", b'\xff\nr "t" {\n  a = "\xc3\xa9" # c\n}', [(b"a", b'"\xc3\xa9"')], b'r "t" {\n  a = "\xc3\xa9" # c\n}'),
    ("json", b'{"b": {"a": "x"}}', [(b'"a"', b'"x"')], b'"b": {"a": "x"}'),
    ("yaml", b"b:\n  a: 'x' # c\nd: e", [(b"a", b"'x'")], b"b:\n  a: 'x'"),
    ("toml", b"[b]\na = 'x' # c\n", [(b"a", b"'x'")], b"[b]\na = 'x'"),
    ("ini", b"[b]\n a = x ; c\n", [(b"a", b"x")], b"[b]\n a = x ; c\n"),
    ("dotenv", b"export A='x' # c", [(b"A", b"'x'")], None),
    ("properties", b"a.b = x\\\n  y\n", [(b"a.b", b"x\\\n  y")], None),
    ("xml", b'<b a="x"></b>', [(b"a", b'"x"')], b'<b a="x"></b>'),
    ("dockerfile", b'ENV A="x" \n', [(b"A", b'"x"')], b'ENV A="x"'),
]


@pytest.mark.parametrize(("language", "data", "settings", "block"), OFFSETS, ids=[each[0] for each in OFFSETS])
def test_offsets_cut_out_what_is_meant(
    language: str, data: bytes, settings: list[tuple[bytes, bytes]], block: bytes | None
) -> None:
    facts = parse(data, language)
    found = {data[each.value.start : each.value.end]: each for each in facts.settings()}
    for key, value in settings:
        assert data[found[value].start :].startswith(key)
        assert found[value].end == found[value].value.end
    if block:
        inner = next(each for each in facts.blocks() if each.parent)
        assert data[inner.start : inner.end] == block


COMMANDS = [
    ("yaml", b"jobs:\n  j:\n    steps:\n      - run: |\n          echo $X\n          env\n", ["echo", "env"]),
    ("yaml", b"script:\n  - echo a\n  - env\n", ["echo", "env"]),
    ("yaml", b'c: {command: ["sh", "-c", "echo x"], entrypoint: [node, x.js]}', ["echo", "node"]),
    (
        "dockerfile",
        b'RUN --mount=type=secret npm ci && \\\n  # c\n  env\nCMD ["node", "x.js"]\n',
        ["npm", "env", "node"],
    ),
    ("dockerfile", b"RUN <<EOF\necho a\nEOF\n", ["echo"]),
    ("http", b"GET https://x\n", ["http"]),
]


@pytest.mark.parametrize(("language", "data", "names"), COMMANDS)
def test_commands_are_calls(language: str, data: bytes, names: list[str]) -> None:
    facts = parse(data, language)
    assert [call.name for call in facts.calls] == names
    assert all(call.block in list(facts.blocks()) for call in facts.calls)


def test_comments_are_no_settings_and_are_told() -> None:
    for language, comment in (("hcl", "# a = 1"), ("json", '// "a": 1'), ("yaml", "# a: 1"), ("toml", "# a = 1")):
        facts = parse(f"{comment}\n".encode(), language)
        assert not list(facts.settings()), language
        assert facts.comments == [(0, len(comment))], language


def test_documents_of_yaml_are_roots() -> None:
    facts = parse(b"a: 1\n---\n# c\na: 2\n...\n", "yaml")
    assert [root.settings[0].value.text for root in facts.roots] == ["1", "2"]


NAMES = {
    **dict.fromkeys(
        ("values.yaml", "docker-compose.prod.yml", "database.yml.erb", "Pulumi.dev.yaml", "app.yaml"), "yaml"
    ),
    **dict.fromkeys(("appsettings.Development.json", "x.arm.json", "terraform.tfstate", "a.jsonc"), "json"),
    **dict.fromkeys(("main.tf", "prod.auto.tfvars", "main.tf.json", "x.tofu"), "hcl"),
    **dict.fromkeys((".env", ".env.local", "prod.env", "laravel.env.production", ".dev.vars"), "dotenv"),
    **dict.fromkeys(("web.config", "web.Release.config", "Info.plist", "strings.xml"), "xml"),
    **dict.fromkeys(("grafana.ini", "airflow.cfg", ".msmtprc", "nginx.conf"), "ini"),
    **dict.fromkeys(("main.cf", "application-prod.properties", "Debug.xcconfig"), "properties"),
    **dict.fromkeys(("db.example.com", "example.com.zone"), "zone"),
    **dict.fromkeys(("Dockerfile", "Dockerfile.prod", "api.dockerfile"), "dockerfile"),
    **dict.fromkeys(("wrangler.toml", "netlify.toml"), "toml"),
    "dnsconfig.js": "javascript",
    "requests.http": "http",
    **dict.fromkeys(("package-lock.json", "pnpm-lock.yaml", "poetry.lock", "README"), None),
}


@pytest.mark.parametrize("name", NAMES)
def test_language_is_told_by_the_name(name: str) -> None:
    assert language_of(f"some/dir/{name}", b"") == NAMES[name]


def test_zone_is_told_by_its_first_bytes() -> None:
    assert language_of("zones/example.db", b"$ORIGIN example.com.\n") == "zone"
    assert language_of("data/example.db", b"SQLite format 3\0") is None


LANGUAGES = sorted({str(each.values[0]) for each in TABLE})
SEEDS = {language: [str(each.values[1]) for each in TABLE if each.values[0] == language] for language in LANGUAGES}
PIECES = (
    "\"'{}[]()<>#:=\n\\|&*!?%@.,$",
    "${",
    "{{",
    "}}",
    "<<: *x\n",
    "- ",
    "&x ",
    "*x",
    "<!--",
    '"""',
    "<<E\n",
    "\r\n",
    "\t",
    "\0",
)


def mutated(seed: str, chance: random.Random) -> bytes:
    data = seed.encode()
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(data))
        piece = chance.choice(PIECES)
        piece = chance.choice(piece) if len(piece) > 9 else piece
        match chance.randrange(4):
            case 0:
                data = data[:at] + piece.encode() * chance.choice((1, 1, 2, 30)) + data[at:]
            case 1:
                data = data[:at] + data[at + chance.randint(0, 12) :]
            case 2:
                data = data[:at] + data[chance.randint(0, len(data)) :][:40] + data[at:]
            case _:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    return data


def consistent(facts: Facts) -> None:
    size = len(facts.data)
    values = [*facts.strings, *facts.references]
    for block in facts.blocks():
        assert 0 <= block.start <= block.end <= size
        for setting in block.settings:
            assert setting.block is block
            assert setting.keys
            assert 0 <= setting.start <= setting.end <= size
            values += setting.value.walk()
    assert all(0 <= value.start <= value.end <= size for value in values)
    assert all(0 <= call.start <= call.end <= size for call in facts.calls)
    assert all(0 <= start < end <= size for start, end in facts.comments)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mutation_makes_a_reader_fail(language: str) -> None:
    chance = random.Random(language)
    for _ in range(int(os.environ.get("SGLEAKS_MUTATIONS", "100"))):
        data = mutated(chance.choice(SEEDS[language]), chance)
        try:
            consistent(parse(data, language))
        except Exception as error:
            raise AssertionError(data) from error


# 100 KB each: nesting, what is never closed, what refers to much.
HOSTILE = {
    "brackets": b"[" * 100_000,
    "braces": b"a = " + b"{" * 100_000,
    "mappings": b'{"a":' * 20_000,
    "flow": b"a: " + b"{a: " * 25_000,
    "dashes": b"- " * 50_000,
    "columns": b"".join(b" " * i + b"a:\n" for i in range(440)),
    "elements": b"<a>" * 33_000,
    "comments": b"<!--" * 25_000,
    "stars": b"/*" * 50_000,
    "quotes": b'a="\n' * 25_000,
    "lone quotes": b'"\n' * 50_000,
    "escaped quotes": b'a: "\\"\n' * 14_000,
    "dollars": b'a="' + b"${" * 50_000,
    "defaults": b"a=" + b"${a:-" * 20_000,
    "helm": b"{{ " * 33_000,
    "covered": b"{{ }}" * 20_000 + b"x",
    "spaces": b"a: " + b" " * 100_000 + b"x",
    "tabs": b"a: x" + b" \t" * 50_000 + b"y",
    "lines": b" \n" * 50_000,
    "continued": b"a = b\n" + b"  c\n" * 25_000,
    "dots": b"a." * 50_000,
    "digits": b"a IN TXT " + b"1" * 100_000,
    "here-documents": b"".join(b"a = <<E%d\n" % i for i in range(8_000)),
    "anchors": b"".join(b"a%d: &x%d *x%d\n" % (i, i, i - 1) for i in range(5_000)),
    "aliases": b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (i, i, i - 1, i - 1) for i in range(1, 3_000)),
    "merges": b"a0: &a0 {x: y}\n"
    + b"".join(b"a%d: &a%d {p: {<<: *a%d}, q: {<<: *a%d}}\n" % (i, i, i - 1, i - 1) for i in range(1, 2_000)),
    "merged": b"a: &a\n" + b"".join(b"  k%d: 1\n" % i for i in range(5_000)) + b"m: {<<: *a}\n" * 3_000,
    "noise": bytes(random.Random(1).choices(b"{}[]\":,'\n ab$<>=#-&*!|\\", k=100_000)),
}


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_input_takes_no_time(language: str, hostile: str) -> None:
    started = time.process_time()
    facts = parse(HOSTILE[hostile], language)
    for setting in list(facts.settings())[:1000]:
        assert setting.path
    sum(1 for setting in facts.roots[0].settings for _ in setting.value.walk())
    assert time.process_time() - started < 3  # 0.4 s where it was written; quadratic ones took minutes
