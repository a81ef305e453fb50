"""What rules on application code understand: who answers requests, where code runs, what it reads and calls."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Any

import pytest

from sgleaks.errors import ToolError
from sgleaks.matchers import prepare
from sgleaks.matchers.file import File
from sgleaks.matchers.predicates.code import secret_logged
from sgleaks.matchers.predicates.signature import fails_open
from sgleaks.matchers.subjects.branches import branches
from sgleaks.matchers.subjects.client import is_client
from sgleaks.matchers.subjects.environment import reads
from sgleaks.matchers.subjects.handlers import handlers
from sgleaks.model import Blob, Origin, Rule, View
from sgleaks.rule import builtin_rules, load_folder
from sgleaks.syntax import language_of, parse

MINE = frozenset(
    path.stem
    for path in builtin_rules().glob("*/*.toml")
    if re.search(r"predicate *= \"(?:code|address|client|webhook|signature)\.|matcher *= \"call\"", path.read_text())
)
HANDLERS = [
    pytest.param("app.py", '@app.route("/x", methods=["POST"])\ndef hook():\n    pass\n', 2, id="flask"),
    pytest.param("app.py", '@router.post("/x")\nasync def hook(body: list):\n    pass\n', 2, id="fastapi"),
    pytest.param("views.py", "def hook(request):\n    pass\n", 1, id="django"),
    pytest.param("views.py", "class Hook(View):\n    def post(self, request):\n        pass\n", 2, id="django-class"),
    pytest.param("fn.py", "def lambda_handler(event, context):\n    pass\n", 1, id="lambda-python"),
    pytest.param("fn.py", "def main(req: func.HttpRequest):\n    pass\n", 1, id="azure-python"),
    pytest.param("a.js", 'app.post("/x", (req, res) => res.end());\n', 1, id="express"),
    pytest.param("a.js", 'router.route("/x").post(hook);\nfunction hook(a, b) {}\n', None, id="no-route-no-handler"),
    pytest.param("a.js", 'router.post("/x", hook);\nfunction hook(a, b) {}\n', 2, id="express-by-name"),
    pytest.param("a.js", 'router.post("/x", async (ctx) => {});\n', 1, id="koa"),
    pytest.param("a.ts", "export async function POST(request: Request) {}\n", 1, id="next-route"),
    pytest.param("a.ts", "export const POST = async ({ request }) => {};\n", 1, id="sveltekit"),
    pytest.param("a.ts", "export const action = async ({ request }) => {};\n", 1, id="remix"),
    pytest.param("a.ts", "class A {\n  @Post('x')\n  async hook(@Body() body: any) {}\n}\n", 3, id="nest"),
    pytest.param("a.js", "exports.handler = async (event) => {};\n", 1, id="lambda-javascript"),
    pytest.param("a.js", "module.exports = async function (context, req) {};\n", 1, id="azure-javascript"),
    pytest.param("a.js", "exports.hook = functions.https.onRequest((req, res) => {});\n", 1, id="firebase"),
    pytest.param("a.ts", "Deno.serve(async (req) => new Response());\n", 1, id="deno"),
    pytest.param("app/controllers/x_controller.rb", "class X\n  def create\n  end\nend\n", 2, id="rails"),
    pytest.param("hooks.rb", "class X < ApplicationController\n  def create\n  end\nend\n", 2, id="rails-elsewhere"),
    pytest.param("a.rb", "post '/x' do\n  1\nend\n", 1, id="sinatra"),
    pytest.param("a.php", "<?php\nRoute::post('/x', function (Request $request) {});\n", 2, id="laravel"),
    pytest.param("a.php", "<?php\nclass A {\n  #[Route('/x')]\n  public function hook() {}\n}\n", 4, id="symfony"),
    pytest.param("a.php", "<?php\n$app->post('/x', function ($a, $b) {});\n", 2, id="slim"),
    pytest.param("a.php", "<?php\n$in = file_get_contents('php://input');\n", 2, id="script"),
    pytest.param("a.go", "package a\nfunc hook(w http.ResponseWriter, r *http.Request) {}\n", 2, id="net-http"),
    pytest.param("a.go", "package a\nfunc (s *S) hook(c *gin.Context) {}\n", 2, id="gin"),
    pytest.param("a.go", "package a\nfunc hook(c echo.Context) error { return nil }\n", 2, id="echo"),
    pytest.param("A.java", "class A {\n  @PostMapping(\"/x\")\n  void hook(String body) {}\n}\n", 3, id="spring"),
    pytest.param("A.java", "class A {\n  void doPost(HttpServletRequest req) {}\n}\n", 2, id="servlet"),
    pytest.param("A.kt", "@PostMapping(\"/x\")\nfun hook(body: String) {}\n", 2, id="spring-kotlin"),
    pytest.param("A.cs", "class A {\n  [HttpPost(\"x\")]\n  public void Hook(string body) {}\n}\n", 3, id="aspnet"),
    pytest.param("A.cs", "class A { void M() { app.MapPost(\"/x\", (List<E> e) => 1); } }\n", 1, id="aspnet-minimal"),
    pytest.param("a.js", 'axios.post("/x", body).then((res) => res.data);\n', None, id="a-client"),
    pytest.param("a.js", '$.post("/x", body, function (data) {});\n', None, id="jquery"),
    pytest.param("models.py", "class Event:\n    def save(self):\n        pass\n", None, id="a-method"),
]  # fmt: skip

CLIENTS = [
    pytest.param("src/A.jsx", 'import { useState } from "react";', True, id="hooks"),
    pytest.param("src/a.ts", "const x = import.meta.env.VITE_X;", True, id="vite"),
    pytest.param("src/a.js", "const x = process.env.REACT_APP_X;", True, id="create-react-app"),
    pytest.param("src/a.js", "document.getElementById('x');", True, id="document"),
    pytest.param("app/a.tsx", '"use client";', True, id="use-client"),
    pytest.param("src/app/a.ts", 'import { Component } from "@angular/core";', True, id="angular"),
    pytest.param("App.js", 'import { View } from "react-native";', True, id="react-native"),
    pytest.param("index.html", "<script>fetch('https://api.sendgrid.com')</script>", True, id="html"),
    pytest.param("src/a.svelte", "<script>let x = 1;</script>", True, id="svelte"),
    pytest.param("lib/a.dart", "import 'package:flutter/material.dart';", True, id="flutter"),
    pytest.param("lib/services/a.dart", "import 'package:http/http.dart' as http;", True, id="dart-over-http"),
    pytest.param("A.swift", "import UIKit", True, id="ios"),
    pytest.param("A.java", "import android.os.Bundle;\nclass A {}", True, id="android"),
    pytest.param("A.cs", "using UnityEngine;\nclass A {}", True, id="unity"),
    pytest.param("src/A.tsx", 'import * as React from "react";', False, id="react-alone"),
    pytest.param("pages/api/a.ts", 'import { useState } from "react";', False, id="api-route"),
    pytest.param("app/x/route.ts", "const x = import.meta.env.VITE_X;", False, id="route-handler"),
    pytest.param("src/routes/+server.ts", "const x = import.meta.env.VITE_X;", False, id="sveltekit-server"),
    pytest.param("src/a.ts", "const x = import.meta.env.SENDGRID_API_KEY;", False, id="astro-server"),
    pytest.param("src/a.js", 'import express from "express";\nconst x = process.env.REACT_APP_X;', False, id="express"),
    pytest.param("src/a.js", "module.exports = (req, res) => process.env.REACT_APP_X;", False, id="handler"),
    pytest.param("a.js", 'const sg = require("@sendgrid/mail");', False, id="node"),
    pytest.param("bin/a.dart", "import 'package:shelf/shelf.dart';", False, id="shelf"),
    pytest.param("A.swift", "import Vapor", False, id="vapor"),
    pytest.param("A.java", "import org.springframework.X;\nclass A {}", False, id="spring"),
]

READS = [
    ("a.js", 'process.env.X; process.env["X"]; import.meta.env.X; Deno.env.get("X"); config.get("X")', 5),
    ("a.js", "const { X } = process.env;", 1),
    ("a.py", 'os.environ["X"]; os.environ.get("X"); os.getenv("X"); config("X"); settings.X', 5),
    ("a.rb", 'ENV["X"]; ENV.fetch("X"); Rails.application.credentials.dig(:X)', 3),
    ("a.php", "<?php getenv('X'); env('X'); $_ENV['X']; $_SERVER['X'];", 4),
    ("a.go", 'package a\nfunc f() { os.Getenv("X"); os.LookupEnv("X"); viper.GetString("X") }', 3),
    ("A.java", 'class A { String x = System.getenv("X"); String y = env.getProperty("X"); }', 2),
    ("A.cs", 'class A { object a = Environment.GetEnvironmentVariable("X"); object b = config["X"]; }', 2),
    ("B.cs", 'class A { object c = Configuration.GetValue<string>("X"); }', 1),
    ("a.dart", "const x = String.fromEnvironment('X'); var y = dotenv.env['X'];", 2),
    ("a.kt", 'val x = System.getenv("X")', 1),
    ("a.js", "process.env.PATH.length; process.cwd(); environment(X)", 0),
]  # fmt: skip

LOGGED = [
    ("a.ts", "const { SENDGRID_API_KEY } = process.env;\nconsole.log(SENDGRID_API_KEY);", True),
    ("a.ts", "this.logger.log(`${this.config.get<string>('SENDGRID_API_KEY')}`);", True),
    ("a.ts", "console.log(JSON.stringify({ key: process.env.SENDGRID_API_KEY }));", True),
    ("a.ts", "console.log(process.env.SENDGRID_API_KEY || 'none');", True),
    ("a.py", "key = os.getenv('SENDGRID_API_KEY')\nprint('{}'.format(key))", True),
    ("a.py", "print('%s' % settings.SENDGRID_API_KEY)", True),
    ("a.rb", "logger.debug('k ' + Rails.application.credentials.sendgrid[:api_key])", True),
    ("a.php", "<?php Log::info('k', ['key' => config('services.sendgrid.api_key')]);", True),
    ("a.go", 'package a\nfunc f() { k := os.Getenv("SENDGRID_API_KEY"); log.Printf("%s", k) }', True),
    ("A.java", 'class A { void f() { log.debug("k {}", sendgridApiKey); } }', True),
    ("A.cs", 'class A { void F() { Console.WriteLine($"{_config["SendGrid:ApiKey"]}"); } }', True),
    ("a.kt", 'fun f() { println("k ${System.getenv("SENDGRID_API_KEY")}") }', True),
    ("a.swift", 'print("k \\(sendGridApiKey)")', True),
    ("a.dart", "void f() { debugPrint('k ${dotenv.env['SENDGRID_API_KEY']}'); }", True),
    ("a.ts", "console.log('SENDGRID_API_KEY' in process.env, process.env.SENDGRID_API_KEY != null);", False),
    ("a.ts", "console.log(process.env.SENDGRID_API_KEY?.startsWith('SG.'));", False),
    ("a.ts", "console.log(sgMail.setApiKey(process.env.SENDGRID_API_KEY));", False),
    ("a.py", "print('*' * len(sendgrid_api_key), hashlib.sha256(sendgrid_api_key.encode()).hexdigest())", False),
    ("a.py", "print(f\"{'set' if sendgrid_api_key else 'missing'} {sendgrid_api_key[:4]}\")", False),
    ("a.rb", "puts ENV['SENDGRID_API_KEY'].nil?, ENV['SENDGRID_API_KEY'][0..4]", False),
    ("a.php", "<?php echo $settings['sendgrid_api_key'], strlen(getenv('SENDGRID_API_KEY'));", False),
    ("A.cs", 'class A { void F() { Console.WriteLine(string.IsNullOrEmpty(sendGridApiKey)); } }', False),
    ("a.sh", "echo $SENDGRID_API_KEY", False),
]  # fmt: skip

OPEN = [
    ("a.ts", "if (!key || !signature) { log(); return true; }", True),
    ("a.ts", "if (key === undefined) return next();", True),
    ("a.ts", "try { check() } catch (e) { return true; }", True),
    ("a.ts", "if (publicKey && !verifyIt(publicKey)) return res.status(401).end(); next();", True),
    ("a.ts", "if (process.env.SKIP_WEBHOOK_VERIFICATION) return true;", True),
    ("a.ts", "return Boolean(publicKey);", True),
    ("a.ts", "return { valid: true };", False),
    ("a.ts", "if (!key) throw new Error(); if (!signature) return false;", False),
    ("a.ts", "try { check() } catch (e) { return false; }", False),
    ("a.ts", "if (!verifyIt(key, signature)) return res.status(401).end(); next();", False),
    ("a.ts", "if (!key) { return res.status(500).json({}); }", False),
]  # fmt: skip


def file(path: str, text: str) -> File:
    language = language_of(path, text.encode())
    assert language
    return File(path, parse(text.encode(), language))


@pytest.mark.parametrize(("path", "text", "line"), HANDLERS)
def test_handlers_of_every_framework_are_found_where_they_are_named(path: str, text: str, line: int | None) -> None:
    found = [text.encode()[: each.line].count(b"\n") + 1 for each in handlers(file(path, text))]
    assert found == ([] if line is None else [line])


@pytest.mark.parametrize(("path", "text", "expected"), CLIENTS)
def test_code_is_a_client_only_where_nothing_speaks_for_a_server(path: str, text: str, *, expected: bool) -> None:
    assert is_client(file(path, text)) is expected


@pytest.mark.parametrize(("path", "text", "count"), READS)
def test_variables_are_read_in_the_ways_of_each_language(path: str, text: str, count: int) -> None:
    assert [read.name for read in reads(file(path, text).facts) if read.name == "X"] == ["X"] * count


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        pytest.param("javascript", "if (!key) return true; else go();", [("!key", "return true")], id="bare"),
        pytest.param("javascript", "if (a) { b } else { c }", [("a", "b }"), ("!(a)", "c }")], id="braces"),
        pytest.param("go", 'if key == "" {\n b\n}', [('key == ""', "b\n}")], id="go"),
        pytest.param("python", "if not a:\n    b\nelse:\n    c\n", [("not a", "b"), ("!(not a)", "c")], id="python"),
        pytest.param("ruby", "return true if a\n", [("a", "return true")], id="ruby-modifier"),
        pytest.param("ruby", "unless a\n  b\nend\n", [("!(a)", "b")], id="ruby-unless"),
        pytest.param("javascript", "try { a } catch (e) { b }", [("catch", "b }")], id="catch"),
        pytest.param("python", "try:\n    a\nexcept E:\n    b\n", [("catch", "b")], id="except"),
        pytest.param("javascript", "if (", [], id="cut-off"),
    ],
)
def test_branches_are_read_from_source(language: str, text: str, expected: list[tuple[str, str]]) -> None:
    code = text.encode()
    found = [
        (each.condition, code[each.start : each.end].decode().strip())
        for each in branches(code, 0, len(code), language)
    ]
    assert found == expected


@pytest.mark.parametrize(("path", "text", "expected"), LOGGED)
def test_a_log_says_the_secret_or_only_that_there_is_one(path: str, text: str, *, expected: bool) -> None:
    assert bool(list(secret_logged(file(path, text)))) is expected


@pytest.mark.parametrize(("path", "body", "expected"), OPEN)
def test_a_verification_is_open_where_nothing_is_verified(path: str, body: str, *, expected: bool) -> None:
    text = f"function verifySendGrid(key, signature, res, next) {{ {body} return check(key, signature); }}"
    assert bool(list(fails_open(file(path, text)))) is expected


def own(**match: Any) -> Rule:
    rule = load_folder(builtin_rules())["legacy-sdk-constructor"]
    return replace(rule, id="mine", match={"matcher": "call", **match})


def lines(rule: Rule, text: str, path: str = "a.py") -> list[int]:
    view = View(text.encode(), Blob(text.encode(), Origin(path)))
    return [text[: each.start].count("\n") + 1 for each in prepare(rule)(view)]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        pytest.param({"name": r"a\.b"}, [1, 2, 3], id="name"),
        pytest.param({"name": r"a\.b", "at_least": 2}, [2], id="number-of-arguments"),
        pytest.param(
            {"name": r"a\.b", "argument": {"1": {"kind": ["text"]}}}, [1, 2], id="kind-of-what-a-name-stands-for"
        ),
        pytest.param({"name": r"a\.b", "argument": {"1": {"is": "^x"}}}, [2], id="text"),
        pytest.param({"name": r"a\.b", "argument": {"c": {"missing": True}}}, [1, 2], id="missing"),
        pytest.param({"name": r"a\.b", "argument": {"c.d": {"is": "^1$"}}}, [3], id="key-inside-an-argument"),
        pytest.param({"name": r"a\.b", "argument": {"any": {"not": "x"}}}, [1, 3], id="any"),
        pytest.param({"name": r"a\.b", "imports": "json"}, [1, 2, 3], id="imports"),
        pytest.param({"name": r"a\.b", "imports": "sendgrid"}, [], id="imports-not"),
        pytest.param({"name": r"a\.b", "languages": ["ruby"]}, [], id="language"),
        pytest.param({"name": r"a\.b", "not_path": r"\.py$"}, [], id="path"),
        pytest.param({"name": r"a\.b", "contains": "xy"}, [2], id="contains"),
    ],
)
def test_call_finds_what_its_forms_say(form: dict[str, Any], expected: list[int]) -> None:
    text = 'a.b(t)\na.b("xy", 1)\na.b(c={"d": 1})\nimport json\nt = "later"\n'
    assert lines(own(calls=[form]), text) == expected


@pytest.mark.parametrize(
    ("match", "key"),
    [
        pytest.param({}, "match.calls", id="none"),
        pytest.param({"calls": [{}]}, "match.calls 1.name", id="no-name"),
        pytest.param({"calls": [{"name": "("}]}, "match.calls 1.name", id="pattern"),
        pytest.param({"calls": [{"nmae": "a"}]}, "match.calls 1.nmae", id="key"),
        pytest.param({"calls": [{"name": "a", "at_least": -1}]}, "match.calls 1.at_least", id="number"),
        pytest.param(
            {"calls": [{"name": "a", "argument": {"1": {"kind": ["txt"]}}}]}, "match.calls 1.argument.1.kind", id="kind"
        ),
        pytest.param({"calls": [{"name": "a", "argument": {"1": 2}}]}, "match.calls 1.argument.1", id="no-table"),
        pytest.param({"calls": [{"name": "a"}], "other": 1}, "match.other", id="unknown"),
    ],
)
def test_a_wrong_call_table_names_the_key(match: dict[str, Any], key: str) -> None:
    with pytest.raises(ToolError) as error:
        prepare(own(**match))
    assert error.value.what == f"rule mine: {key}"


# Each is repeated to 200 kB. The slowest takes a fifth of a second; a quadratic one would take minutes.
@pytest.mark.parametrize(
    ("path", "unit"),
    [
        pytest.param("a.js", "function verifySendgrid(key) { if (!key) { ", id="nested-verifications"),
        pytest.param("a.rb", "return true if sendgrid_key.blank?\n", id="branches"),
        pytest.param("a.js", "app.post('/sendgrid', (req, res) => { 'bounce'; ", id="nested-handlers"),
        pytest.param("a.html", "<script>fetch('https://api.sendgrid.com')", id="open-scripts"),
        pytest.param("a.js", "console.log(sendgridKey + `${sendgridKey}`, ", id="nested-logs"),
        pytest.param("a.js", "'http://api.sendgrid.com/api/mail.send.json?api_key=' + ", id="addresses"),
        pytest.param("a.py", "\"\"\"sendgrid\n'''", id="docstrings"),
        pytest.param("a.ts", "NEXT_PUBLIC_SENDGRID_API_KEY ", id="names"),
    ],
)
def test_hostile_code_takes_linear_time(path: str, unit: str) -> None:
    data = (unit * (200_000 // len(unit))).encode()
    view = View(data, Blob(data, Origin(path)))
    file_rules = [each for each in load_folder(builtin_rules()).values() if each.id in MINE]
    list(prepare(file_rules[0])(view))  # parses
    begin = time.monotonic()
    for each in file_rules:
        list(prepare(each)(view))
    assert time.monotonic() - begin < 10
