"""What programming languages say: one table of sources and what is understood of them, then any bytes at all."""

# ruff: noqa: E501  # a source of the table stands on its own line

from __future__ import annotations

import os
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from sgleaks.syntax import Unparsed, parse
from sgleaks.syntax.bash import commands
from sgleaks.syntax.facts import Block, Call, Facts, Function, Value

MUTATIONS = int(os.environ.get("SGLEAKS_MUTATIONS", "60"))  # of each source; by hand once with 10,000 a language


@dataclass(frozen=True)
class Source:
    """A source, and what is said there; what is not given is not compared."""

    language: str
    text: str
    settings: dict[str, str] | None = None
    calls: list[str] | None = None
    functions: list[str] | None = None
    references: list[str] | None = None
    imports: list[str] | None = None
    strings: list[str] = field(default_factory=list)


def told(value: Value) -> str:
    """A value in short: ``'text'``, ``name``, ``name()``, ```a ${template}```, ``<an expression>``."""
    if value.block:
        pairs = ", ".join(f"{'.'.join(each.keys)}: {told(each.value)}" for each in value.block.settings)
        return f"{value.call.name}() {{{pairs}}}" if value.call else f"{{{pairs}}}"
    if value.call:
        return f"{value.call.name}()"
    if value.kind == "list":
        return f"[{', '.join(map(told, value.items))}]"
    marks = {"text": "''", "template": "``", "expression": "<>"}.get(value.kind, ("", ""))
    return f"{marks[0]}{value.text}{marks[1]}"


def told_call(call: Call) -> str:
    given = [told(argument) for argument in call.arguments]
    given += [f"{each.name}={told(each.value)}" for each in call.named.settings]
    return f"{'new ' * call.new}{call.name}({', '.join(given)}){' >' * call.redirected}"


def told_function(function: Function) -> str:
    decorators = "".join(f"@{each.text} " for each in function.decorators)
    return f"{decorators}{function.name}{f' in {function.given_to.name}' if function.given_to else ''}"


SOURCES = {
    "python-settings": Source(
        "python",
        "EMAIL_HOST = 'smtp.sendgrid.net'\nclass A:\n  EMAIL_USE_TLS: bool = False\n  if x:\n    P = -1\na = b = None\n",
        {"EMAIL_HOST": "'smtp.sendgrid.net'", "EMAIL_USE_TLS": "false", "P": "-1", "a": "null", "b": "null"},
    ),
    "python-subscripts": Source(
        "python",
        'app.config["MAIL_SERVER"] = os.environ["X"]\napp.config[name] = os.getenv("Y", "d")\n',
        {"app.config.MAIL_SERVER": "os.environ.X", "app.config.[name]": "os.getenv()"},
        ["os.getenv('Y', 'd')"],
        references=["os.environ.X", "name", "os"],
    ),
    "python-named-arguments": Source(
        "python",
        'requests.post(url, json={"a": [{"b": 1}]}, auth=("u", "p"), verify=False)\napp.config.update(MAIL_SERVER=x)',
        {
            "json": "{a: [{b: 1}]}",
            "json.a": "[{b: 1}]",
            "json.b": "1",
            "auth": "['u', 'p']",
            "verify": "false",
            "MAIL_SERVER": "x",
        },
        ["requests.post(url, json={a: [{b: 1}]}, auth=['u', 'p'], verify=false)", "app.config.update(MAIL_SERVER=x)"],
        references=["requests", "url", "app.config", "x"],
    ),
    "python-chains": Source(
        "python",
        'sg.client._("api_keys").post(request_body=data)\nkey.strip()\n",".join(x)',
        calls=["sg.client._('api_keys')", "sg.client._.post(request_body=data)", "key.strip()", "join(x)"],
        references=["sg.client", "data", "key", "x"],
    ),
    "python-strings": Source(
        "python",
        "a = ('x'\n  'y\\n' \"\\u00e4\")\nb = 'a' + 'b' + 'c'\nc = f'k={d[\"e\"]}' 'f'\ne = r'\\n'\nf = 'a' + g",
        {"a": "'xy\nä'", "b": "'abc'", "c": '`k={d["e"]}f`', "e": "'\\n'", "f": "<'a' + g>"},
        strings=["xy\nä", "abc", 'k={d["e"]}f', "e", "\\n", "a"],
    ),
    "python-with": Source(
        "python",
        "with smtplib.SMTP('h', 587) as s:\n  s.login('apikey', k)\n",
        {"s": "smtplib.SMTP()"},
        ["smtplib.SMTP('h', 587)", "s.login('apikey', k)"],
    ),
    "python-decorators": Source(
        "python",
        '@app.route("/x", methods=["POST"])\n@csrf_exempt\nasync def f(a: str = "x", b=1): pass\nclass A:\n  def m(self): pass\n',
        {"a": "'x'", "b": "1", "methods": "['POST']"},
        functions=["@app.route @csrf_exempt f", "m"],
        references=["app", "csrf_exempt"],
    ),
    "python-imports": Source(
        "python",
        "import os.path as p, sys\nfrom sendgrid.helpers.eventwebhook import EventWebhook as E, X\nfrom . import y",
        imports=[
            "os.path",
            "sys",
            "sendgrid.helpers.eventwebhook",
            "sendgrid.helpers.eventwebhook.EventWebhook",
            "sendgrid.helpers.eventwebhook.X",
            ".",
            ".y",
        ],
    ),
    "javascript-objects": Source(
        "javascript",
        "export default { host: 'h', 'tls': { rejectUnauthorized: false }, port, ...rest, [k]: 1 }",
        {
            "host": "'h'",
            "tls": "{rejectUnauthorized: false}",
            "tls.rejectUnauthorized": "false",
            "port": "port",
            "k": "1",
        },
    ),
    "javascript-env": Source(
        "javascript",
        "const {A, B: c} = process.env; x(process.env['D'], import.meta.env.E, `k ${process.env.F}`); key?.trim()",
        {"A": "process.env.A", "c": "process.env.B"},
        ["x(process.env.D, import.meta.env.E, `k ${process.env.F}`)", "key.trim()"],
        references=[
            "process.env",
            "process.env.A",
            "process.env.B",
            "process.env.D",
            "import.meta.env.E",
            "process.env.F",
            "key",
        ],
    ),
    "javascript-require": Source(
        "javascript",
        "var s = require('sendgrid')(u, p); require('dotenv').config(); new nodemailer.T({ignoreTLS: true})",
        {"s": "require.sendgrid()", "ignoreTLS": "true"},
        [
            "require('sendgrid')",
            "require.sendgrid(u, p)",
            "require('dotenv')",
            "require.dotenv.config()",
            "new nodemailer.T({ignoreTLS: true})",
        ],
        imports=["sendgrid", "dotenv"],
    ),
    "javascript-functions": Source(
        "javascript",
        "app.post('/x', auth, (req, res) => { go() }); module.exports.handler = async (e) => 1;\n"
        "export async function POST(r, k = 2) {}; const f = () => {}; class A { m() {} }; export default function () {}",
        functions=[" in app.post", "module.exports.handler", "POST", "f", "m", ""],
    ),
    "typescript": Source(
        "typescript",
        'import x, { y as z } from "m";\nclass A { private host: string = "h"; @Post("e") on(@Body() b: B) {} }\n'
        "const k = (process.env.K as string)!;",
        {"host": "'h'", "k": "process.env.K"},
        functions=["@Post on"],
        imports=["m", "m.y"],
    ),
    "tsx": Source(
        "tsx",
        '"use client"\nexport const C = () => <a href={`https://x/${k}`} onClick={() => send(k)}>{t}</a>;',
        calls=["send(k)"],
        functions=["C", ""],
        strings=["use client", "https://x/${k}"],
    ),
    "php-arrays": Source(
        "php",
        "<?php return ['smtp' => ['host' => 'h', 'encryption' => null, 'k' => env('K', 'd')], 'l' => [1, true]];",
        {
            "smtp": "{host: 'h', encryption: null, k: env()}",
            "smtp.host": "'h'",
            "smtp.encryption": "null",
            "smtp.k": "env()",
            "l": "[1, true]",
        },
        ["env('K', 'd')"],
    ),
    "php-calls": Source(
        "php",
        "<?php use A\\B\\{C, D}; $a = new \\SendGrid($k, ['verify_ssl' => false]); new SendGrid\\Email(); $mail->isSMTP();\n"
        "X\\Y::f(z: 1); echo $k, $_ENV['X'];",
        {"a": "SendGrid()", "verify_ssl": "false", "z": "1"},
        [
            "new SendGrid(k, {verify_ssl: false})",
            "new SendGrid.Email()",
            "mail.isSMTP()",
            "X.Y.f(z=1)",
            "echo(k, _ENV.X)",
        ],
        imports=["A.B.C", "A.B.D"],
        references=["k", "mail", "X.Y", "k", "_ENV.X"],
    ),
    "php-settings": Source(
        "php",
        "<?php define('WPMS_ON', true); const A = 'x\\n'; class M { public $p = \"b $c {$d->e}\\n\"; }\n$mail->Host = 'h';",
        {"WPMS_ON": "true", "A": "'x\\n'", "p": "`b $c {$d->e}\n`", "mail.Host": "'h'"},
        references=["c", "d.e"],
    ),
    "php-functions": Source(
        "php",
        "<?php class C { #[Route('/x')] public function f(string $x = 'y') { Route::post('/z', function () {}); } }",
        {"x": "'y'"},
        functions=["@Route f", " in Route.post"],
    ),
    "ruby-hashes": Source(
        "ruby",
        "config.action_mailer.smtp_settings = { :a => :plain, b: false, 'c' => ENV['X'] }\ngitlab_rails['smtp_tls'] = nil",
        {
            "config.action_mailer.smtp_settings": "{a: 'plain', b: false, c: ENV.X}",
            "gitlab_rails.smtp_tls": "null",
            "config.action_mailer.smtp_settings.a": "'plain'",
            "config.action_mailer.smtp_settings.b": "false",
            "config.action_mailer.smtp_settings.c": "ENV.X",
        },
    ),
    "ruby-calls": Source(
        "ruby",
        "require 'sendgrid-ruby'\nsg = SendGrid::API.new(api_key: ENV.fetch('X'))\npost '/x' do |r|\n  puts \"a#{r}\"\nend\n"
        "skip_before_action :verify, only: [:y]\nsg.client.mail._('send').post",
        {"sg": "SendGrid.API.new()", "api_key": "ENV.fetch()", "only": "['y']"},
        [
            "require('sendgrid-ruby')",
            "SendGrid.API.new(api_key=ENV.fetch())",
            "ENV.fetch('X')",
            "post('/x')",
            "puts(`a#{r}`)",
            "skip_before_action('verify', only=['y'])",
            "sg.client.mail._('send')",
        ],
        [" in post"],
        imports=["sendgrid-ruby"],
    ),
    "ruby-texts": Source(
        "ruby",
        "x = send(<<~A, <<-'B')\n  hi #{y}\nA\nyo\nB\n$g ||= 'a' \"b\"\nX = %w[a b]\nhttp.verify_mode = OpenSSL::SSL::VERIFY_NONE",
        {"x": "send()", "$g": "'ab'", "X": "['a', 'b']", "http.verify_mode": "OpenSSL.SSL.VERIFY_NONE"},
        ["send(`  hi #{y}\n`, 'yo\n')"],
    ),
    "go": Source(
        "go",
        'package m\nimport ("crypto/tls"; sg "github.com/sendgrid/sendgrid-go")\nconst A, B = "a" + "b", 2\n'
        "func (c *C) F() error {\n  http.T.(*http.X).TLS = &tls.Config{InsecureSkipVerify: true}\n"
        '  res, err := sg.New(os.Getenv("K"), "u")\n  m := map[string]string{"h": `raw`}\n'
        '  http.HandleFunc("/x", func(w http.W) {})\n}\n',
        {
            "A": "'ab'",
            "B": "2",
            "http.T.TLS": "{InsecureSkipVerify: true}",
            "res": "sg.New()",
            "m": "{h: 'raw'}",
            "tls.Config.InsecureSkipVerify": "true",
            "m.h": "'raw'",
        },
        ["sg.New(os.Getenv(), 'u')", "os.Getenv('K')", "http.HandleFunc('/x', <func(w http.W) {}>)"],
        ["F", " in http.HandleFunc"],
        imports=["crypto/tls", "github.com/sendgrid/sendgrid-go"],
    ),
    "java": Source(
        "java",
        'import com.sendgrid.*;\n@RestController class A { private final SendGrid sg = new SendGrid(System.getenv("K"), true);\n'
        '  @PostMapping(value = "/x") void f(@Body String b) { props.put("mail.smtp.starttls.enable", "false"); x.y = "a" + "b"; } }',
        {"sg": "SendGrid()", "x.y": "'ab'", "value": "'/x'"},
        [
            "new SendGrid(System.getenv(), true)",
            "System.getenv('K')",
            "PostMapping(value='/x')",
            "props.put('mail.smtp.starttls.enable', 'false')",
        ],
        ["@PostMapping f"],
        imports=["com.sendgrid.*"],
    ),
    "c-sharp": Source(
        "c_sharp",
        'using SendGrid.Helpers;\nclass A { [HttpPost("y", Name = "n")] void F(int z = 3) {\n'
        '  var c = new SmtpClient("h", 587) { EnableSsl = false }; c.EnableSsl = false; config["SendGrid:ApiKey"] = $"a{x}";\n'
        '  S.Callback += (s, e) => true; services.AddSendGrid(o => o.ApiKey = @"v"); f(new { A = 1 }); } }',
        {
            "z": "3",
            "c": "SmtpClient() {EnableSsl: false}",
            "c.EnableSsl": "false",
            "config.SendGrid:ApiKey": "`a{x}`",
            "S.Callback": "<(s, e) => true>",
            "o.ApiKey": "'v'",
            "Name": "'n'",
            "SmtpClient.EnableSsl": "false",
            "A": "1",
        },
        [
            "HttpPost('y', Name='n')",
            "new SmtpClient('h', 587)",
            'services.AddSendGrid(<o => o.ApiKey = @"v">)',
            "f({A: 1})",
        ],
        ["@HttpPost F", "S.Callback", " in services.AddSendGrid"],
        imports=["SendGrid.Helpers"],
    ),
    "kotlin": Source(
        "kotlin",
        'import com.sendgrid.*\nclass A(val h: String = "x") { @PostMapping("/x") fun f(n: Int = 1) { val c = SendGrid(System.getenv("K"), true)\n'
        '  c.host = "a"; props["m"] = "a$b${c.d}"; foo(name = null) { bar(it) } } }\nval m = mapOf("a" to true)',
        {
            "h": "'x'",
            "n": "1",
            "c": "SendGrid()",
            "c.host": "'a'",
            "props.m": "`a$b${c.d}`",
            "m": "mapOf()",
            "name": "null",
            "a": "true",
        },
        [
            "PostMapping('/x')",
            "SendGrid(System.getenv(), true)",
            "System.getenv('K')",
            "foo(<{ bar(it) }>, name=null)",
            "bar(it)",
            "mapOf(a=true)",
        ],
        ["@PostMapping f", " in foo"],
        imports=["com.sendgrid.*"],
    ),
    "swift": Source(
        "swift",
        'import Foundation\nlet key = ProcessInfo.processInfo.environment["X"]\n'
        'func f() { req.post("u", headers: ["A": "B \\(key)"]) { r in print(r) }; self.x = nil; if let z = q() { } }',
        {
            "key": "ProcessInfo.processInfo.environment.X",
            "self.x": "null",
            "z": "q()",
            "headers": "{A: `B \\(key)`}",
            "headers.A": "`B \\(key)`",
        },
        ["req.post('u', <{ r in print(r) }>, headers={A: `B \\(key)`})", "print(r)", "q()"],
        ["f", " in req.post"],
        imports=["Foundation"],
    ),
    "dart": Source(
        "dart",
        "import 'package:flutter/material.dart';\nconst k = \"x\";\nclass A { Future f() async { await http.post(Uri.parse('u'), "
        "headers: {'A': 'B $k'});\n  client.cb = (c) => true; print(dotenv.env['X']!); new Foo(1); } }",
        {"k": "'x'", "client.cb": "<(c) => true>", "headers": "{A: `B $k`}", "headers.A": "`B $k`"},
        ["http.post(Uri.parse(), headers={A: `B $k`})", "Uri.parse('u')", "print(dotenv.env.X)", "new Foo(1)"],
        ["f", "client.cb"],
        imports=["package:flutter/material.dart"],
    ),
    "groovy-pipeline": Source(
        "groovy",
        "pipeline { environment { K = credentials('s') }\n stages { stage('I') { steps {\n"
        "  sh \"docker build --build-arg K=$K .\"\n  sh(script: 'echo $K > f', returnStdout: true)\n } } } }",
        {
            "pipeline.environment.K": "credentials()",
            "pipeline.stages.stage.I.steps.script": "'echo $K > f'",
            "pipeline.stages.stage.I.steps.returnStdout": "true",
        },
        [
            "pipeline()",
            "environment()",
            "credentials('s')",
            "stages()",
            "stage('I')",
            "steps()",
            "sh(`docker build --build-arg K=$K .`)",
            "docker('build', '--build-arg', `K=$K`, '.')",
            "sh(script='echo $K > f', returnStdout=true)",
            "echo(`$K`) >",
        ],
    ),
    "groovy-gradle": Source(
        "groovy",
        'android { defaultConfig { buildConfigField "String", "K", "\\"${project.k}\\""\n manifestPlaceholders = [k: "x"] } }',
        {
            "android.defaultConfig.manifestPlaceholders": "{k: 'x'}",
            "android.defaultConfig.manifestPlaceholders.k": "'x'",
        },
        ["android()", "defaultConfig()", "buildConfigField('String', 'K', `\"${project.k}\"`)"],
        references=["project.k"],
    ),
    "bash-words": Source(
        "bash",
        'export A="b" C\nX=y curl -u "a:$P" \'{"b": 1}\'"${C:-d}"e https://x?k=$K \n',
        {"A": "'b'", "X": "'y'"},
        ["export('C')", "curl('-u', `a:$P`, `{\"b\": 1}${C:-d}e`, `https://x?k=$K`, X='y')"],
        references=["P", "C", "K"],
    ),
    "bash-redirections": Source(
        "bash",
        "echo $A >> f; echo b >&2; echo c 2> f; echo d | e; (g; h) &> f; echo i > /dev/stderr\nX=$(j k)\n"
        "cat <<E > f\nhi $B\nE\ncat <<'E' | sh\nyo\nE\n",
        {"X": "`$(j k)`"},
        [
            "echo(`$A`) >",
            "echo('b')",
            "echo('c')",
            "echo('d') >",
            "e()",
            "g() >",
            "h() >",
            "echo('i')",
            "j('k') >",
            "cat(`hi $B\n`) >",
            "cat('yo\n') >",
            "sh()",
        ],
    ),
    "powershell": Source(
        "powershell",
        '$env:X = "y"; $m.EnableSsl = $false\nInvoke-RestMethod -Uri "https://x/$env:K" -Headers @{ A = "B $k" } -Verbose\n'
        "Write-Host $env:KEY | Out-Null; curl.exe -u a:b; New-Object Net.Mail.SmtpClient('h', 25)",
        {
            "env.X": "'y'",
            "m.EnableSsl": "false",
            "Uri": "`https://x/$env:K`",
            "Headers": "{A: `B $k`}",
            "Headers.A": "`B $k`",
            "Verbose": "true",
        },
        [
            "Invoke-RestMethod(Uri=`https://x/$env:K`, Headers={A: `B $k`}, Verbose=true)",
            "Write-Host(env.KEY) >",
            "Out-Null()",
            "curl.exe('-u', 'a:b')",
            "new Net.Mail.SmtpClient('h', 25)",
        ],
        references=["env.K", "k", "env.KEY"],
    ),
    "vue": Source(
        "vue",
        '<template><a href="https://x">t</a></template>\n<script setup lang="ts">\nconst a: string = import.meta.env.VITE_X\n</script>',
        {"a": "import.meta.env.VITE_X"},
        references=["import.meta.env.VITE_X"],
        strings=["https://x", "t", "ts"],
    ),
    "make": Source(
        "make",
        "KEY ?= $(SECRET) # c\nall: b\n\t@echo $(KEY) > f; curl -u a:$$K \\\n\t  x\n",
        {"KEY": "`$(SECRET) # c`"},
        ["echo(`${KEY}`) >", "curl('-u', `a:$K`, 'x')"],
        references=["SECRET", "KEY", "K"],
    ),
    "bicep": Source(
        "bicep",
        "@secure()\n@minLength(8)\nparam key string = 'd'\nvar v = { a: [1, true] }\n"
        "resource s 'T/s@1' = if (x) {\n  name: 'n${key}'\n  p: {\n    q: [\n      { name: 'K', value: key }\n    ]\n  }\n}\n"
        "output o string = s.id",
        {
            "param.key.type": "'string'",
            "param.key.secure": "true",
            "param.key.minLength": "8",
            "param.key.default": "'d'",
            "var.v.value": "{a: [1, true]}",
            "var.v.value.a": "[1, true]",
            "resource.s.T/s@1.name": "`n${key}`",
            "resource.s.T/s@1.p": "{q: [{name: 'K', value: key}]}",
            "resource.s.T/s@1.p.q": "[{name: 'K', value: key}]",
            "resource.s.T/s@1.p.name": "'K'",
            "resource.s.T/s@1.p.value": "key",
            "output.o.type": "'string'",
            "output.o.value": "s.id",
        },
        references=["key", "key", "s.id"],
    ),
}


def sources() -> list[object]:
    return [pytest.param(source, id=name) for name, source in SOURCES.items()]


@pytest.mark.parametrize("source", sources())
def test_what_a_source_says(source: Source) -> None:
    facts = parse(source.text.encode(), source.language)
    if source.settings is not None:
        assert {".".join(each.path): told(each.value) for each in facts.settings()} == source.settings
    if source.calls is not None:
        assert [told_call(call) for call in facts.calls] == source.calls
    if source.functions is not None:
        assert [told_function(function) for function in facts.functions] == source.functions
    if source.references is not None:
        assert [each.text for each in facts.references] == source.references
    if source.imports is not None:
        assert facts.imports == source.imports
    assert not source.strings or [each.text for each in facts.strings] == source.strings


def values(facts: Facts) -> list[Value]:
    """Every value; that this ends without a RecursionError is a test of its own."""
    found = [*facts.strings, *facts.references]
    found += [argument for call in facts.calls for argument in call.arguments]
    found += [setting.value for setting in facts.settings()]
    return [inner for value in found for inner in value.walk()]


def check(facts: Facts) -> None:
    """What holds of any input."""
    size = len(facts.data)
    for value in values(facts):
        assert 0 <= value.start <= value.end <= size
    for setting in facts.settings():
        assert 0 <= setting.start <= setting.end <= size
        assert setting.keys
        assert setting.path[-len(setting.keys) :] == setting.keys
    spans: list[Call | Function | Block] = [*facts.calls, *facts.functions, *facts.blocks()]
    assert all(0 <= each.start <= each.end <= size for each in spans)


@pytest.mark.parametrize("source", sources())
def test_values_are_where_they_say(source: Source) -> None:
    data = source.text.encode()
    facts = parse(data, source.language)
    check(facts)
    for value in values(facts):
        written = data[value.start : value.end].decode()
        if value.kind == "number":
            assert written == value.text
        if value.kind == "text" and "\\" not in written and "+" not in written and "<<" not in written:
            assert value.text.removesuffix("\n") in written or len(value.text) < len(written)
        if value.kind == "reference":
            last = value.text.rpartition(".")[2].strip("[]")
            assert last in written
    for call in facts.calls:
        head = data[call.start : call.end].decode()
        assert call.name.rpartition(".")[2].partition("/")[0] in head or call.name.startswith("require.")
    for setting in facts.settings():
        named = setting.keys[0].strip("[]") in data[setting.start :][: len(setting.keys[0]) + 3].decode()
        assert named or source.language == "bicep"  # which has names that are not written, as "default"


def test_an_object_argument_of_a_command_can_be_parsed_where_it_stands() -> None:
    data = b"curl -d '{\"a\": 1}' x"
    (call,) = parse(data, "bash").calls
    body = call.arguments[1]
    assert data[body.start + 1 : body.end - 1] == body.text.encode()


def test_commands_inside_of_another_file_have_its_offsets() -> None:
    data = b"RUN curl -k $X && A=1 ls; no"
    root = Block((), 0, len(data))
    found = commands(data, 4, 24, root)
    assert [data[call.start : call.end] for call in found] == [b"curl -k $X", b"A=1 ls"]
    assert {call.block for call in found} == {root}


def test_an_object_that_is_initialised_is_linked_to_its_constructor() -> None:
    facts = parse(b'class A { void F() { var c = new S("h") { Ssl = false }; } }', "c_sharp")
    (setting,) = facts.roots[0].settings
    assert setting.value.kind == "call"
    assert setting.value.call is facts.calls[0]
    assert setting.value.block is not None
    assert setting.value.block.labels == ("S",)


LANGUAGES = sorted({source.language for source in SOURCES.values()})
OPENINGS = (
    b"(",
    b"[",
    b"{",
    b"f(",
    b"{a: ",
    b'"${',
    b"$(",
    b"a.b(",
    b"a ? b : ",
    b"if (x) {",
    b"() => ",
    b"<a>",
    b"-",
    b'"a" + ',
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("opening", OPENINGS, ids=repr)
def test_deep_nesting_is_read_without_an_error(language: str, opening: bytes) -> None:
    head = b"<?php " if language == "php" else b""
    # Grammars take quadratic time to recover from some of what nobody writes: Kotlin's four seconds for 40 KB of `{a: `.
    check(parse(head + opening * (10_000 if len(opening) == 1 else 500), language))
    check(parse(head + opening * 300 + b'x = "y"' + b")]}" * 100, language))


def test_what_is_nested_too_deeply_is_still_found() -> None:
    facts = parse(b"f(" * 1000 + b"g('x', y)" + b")" * 1000, "python")
    assert len(facts.calls) == 1001
    assert [each.text for each in facts.strings] == ["x"]
    assert [each.text for each in facts.references] == ["y"]


PIECES = (b"(", b")", b"[", b"]", b"{", b"}", b'"', b"'", b"`", b"$", b"\\", b"\n", b" ", b"\0", b"\xff", b"=", b"=>", b":", b"@", b"#", b"/*", b"<<A\n", b"${", b"#{", b"->", b"::", b",", b";", b"<", b"\t")  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Data with a few pieces taken out, doubled, moved, or replaced by what means something."""
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((0, 1, 1, 3, 20)))
        piece = chance.choice((b"", chance.choice(PIECES), data[start:end] * 2, bytes([chance.randrange(256)])))
        data = data[:start] + piece + data[end:]
    return data


@pytest.mark.parametrize("source", sources())
def test_any_bytes_are_read_without_an_error(source: Source) -> None:
    chance = random.Random(source.text)
    for _ in range(MUTATIONS):
        with suppress(Unparsed):  # a grammar may not end by itself, on a few bytes in ten thousand; it is ended
            check(parse(mutated(source.text.encode(), chance), source.language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_of_ten_kilobytes_takes_no_time(language: str) -> None:
    text = next(source.text for source in SOURCES.values() if source.language == language)
    data = (text.encode() + b"\n") * (10_240 // len(text.encode()) + 1)
    parse(data, language)
    best = min(_seconds(data, language) for _ in range(3))
    assert best < 0.2  # some 5 ms on a quiet machine


def _seconds(data: bytes, language: str) -> float:
    start = time.perf_counter()
    parse(data, language)
    return time.perf_counter() - start


def test_verbatim_string_of_c_sharp_is_unquoted() -> None:
    facts = parse(b'class A { void F() { var body = @"{ ""name"": ""x"" }"; } }', "c_sharp")
    assert [each.text for each in facts.strings] == ['{ "name": "x" }']
