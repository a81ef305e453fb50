"""One mistake in many spellings: how rules on the account read requests and declarations, language by language."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest

from sgleaks.check import Files
from sgleaks.errors import ToolError
from sgleaks.examine import examine
from sgleaks.matchers import prepare
from sgleaks.matchers.subjects.certificate import expiry
from sgleaks.matchers.subjects.requests import requests
from sgleaks.model import Blob, Finding, Origin, Rule
from sgleaks.rule import builtin_rules, load_folder
from sgleaks.ruleset import Ruleset
from sgleaks.settings import Settings
from sgleaks.syntax import parse
from sgleaks.whole import clues_of, judged

RULES = load_folder(builtin_rules())


def lines(rule: str, path: str, text: str, rules: dict[str, Rule] = RULES) -> list[int]:
    """The lines of a file that a rule finds."""
    data = dedent(text).lstrip("\n").encode()
    chosen = Ruleset(Settings(profile="L3"), {rule: rules[rule]})
    results = list(examine([Blob(data, Origin(path))], chosen))
    findings = [each for each in results if isinstance(each, Finding)]
    return sorted(each.region.line for each in judged(findings, clues_of(results), chosen, Files({path: data})))


# A key without scopes, on the line behind the path.
WITHOUT_SCOPES = [
    (
        "a.py",
        [4],
        """
        import httpx  # sendgrid
        async def f():
            async with httpx.AsyncClient(base_url="https://api.sendgrid.com/v3", headers=H) as client:
                await client.post("/api_keys", json={"name": "x"})
        """,
    ),
    (
        "a.py",
        [5],
        """
        import aiohttp
        URL = "https://api.sendgrid.com/v3/api_keys"
        async def f():
            async with aiohttp.ClientSession() as session:
                async with session.post(URL, json={"name": "x"}, headers=H) as r:
                    pass
        """,
    ),
    (
        "a.py",
        [3],
        """
        import urllib.request, json
        data = json.dumps({"name": "x"}).encode("utf-8")
        req = urllib.request.Request("https://api.sendgrid.com/v3/api_keys", data=data, headers=H, method="POST")
        urllib.request.urlopen(req)
        """,
    ),
    (
        "a.py",
        [4],
        r"""
        import http.client
        conn = http.client.HTTPSConnection("api.sendgrid.com")
        payload = "{\"name\":\"x\"}"
        conn.request("POST", "/v3/api_keys", payload, headers)
        """,
    ),
    (
        "a.py",
        [4],
        """
        class Client:
            base = "https://api.sendgrid.com/v3"
            def create(self, name):
                return requests.request("POST", f"{self.base}/api_keys", json={"name": name}, headers=self.h)
        """,
    ),
    (
        "a.py",
        [4],
        """
        import sendgrid
        sg = sendgrid.SendGridAPIClient(api_key=KEY)
        client = sg.client
        client.api_keys.post(request_body={"name": "x"})
        """,
    ),
    (
        "a.js",
        [2],
        """
        const axios = require('axios');
        axios({ method: 'post', url: 'https://api.sendgrid.com/v3/api_keys', data: { name: 'x' }, headers });
        """,
    ),
    (
        "a.js",
        [3],
        """
        const SENDGRID_API = 'https://api.sendgrid.com/v3';
        async function f(name) {
          const res = await fetch(`${SENDGRID_API}/api_keys`, {
            method: 'POST',
            headers,
            body: JSON.stringify({ name }),
          });
        }
        """,
    ),
    (
        "a.ts",
        [3],
        """
        import got from 'got';
        const sendgrid = got.extend({ prefixUrl: 'https://api.sendgrid.com/v3' });
        await sendgrid.post('api_keys', { json: { name: 'x' } });
        """,
    ),
    (
        "a.js",
        [2],
        """
        const request = require('superagent');
        request.post('https://api.sendgrid.com/v3/api_keys').set('Authorization', k).send({ name: 'x' }).end(cb);
        """,
    ),
    (
        "a.js",
        [8],
        """
        const client = require('@sendgrid/client');
        const data = { name: 'x' };
        const request = {
          url: `/v3/api_keys`,
          method: 'POST',
          body: data
        }
        client.request(request).then(([response]) => console.log(response.statusCode));
        """,
    ),
    (
        "a.js",
        [6],
        """
        var sg = require('sendgrid')(process.env.SENDGRID_API_KEY);
        var request = sg.emptyRequest();
        request.body = { "name": "My API Key" };
        request.method = 'POST'
        request.path = '/v3/api_keys'
        sg.API(request, function (error, response) {
          console.log(response.statusCode)
        })
        """,
    ),
    (
        "a.js",
        [3],
        """
        const https = require('https');
        const data = JSON.stringify({ name: 'x' });
        const req = https.request({ hostname: 'api.sendgrid.com', path: '/v3/api_keys', method: 'POST' }, cb);
        req.write(data);
        req.end();
        """,
    ),
    (
        "a.php",
        [2],
        """
        <?php
        $ch = curl_init('https://api.sendgrid.com/v3/api_keys');
        curl_setopt($ch, CURLOPT_POST, true);
        curl_setopt($ch, CURLOPT_POSTFIELDS, json_encode(['name' => 'x']));
        curl_exec($ch);
        """,
    ),
    (
        "a.php",
        [3],
        r"""
        <?php
        $client = new \GuzzleHttp\Client();
        $client->request('POST', 'https://api.sendgrid.com/v3/api_keys', ['headers' => $h, 'json' => ['name' => 'x']]);
        """,
    ),
    (
        "a.php",
        [3],
        r"""
        <?php
        use Illuminate\Support\Facades\Http;
        Http::withToken(config('services.sendgrid.key'))->post('https://api.sendgrid.com/v3/api_keys', ['name' => 'x']);
        """,
    ),
    (
        "a.php",
        [6],
        r"""
        <?php
        $sg = new \SendGrid($apiKey);
        $request_body = json_decode('{
          "name": "My API Key"
        }');
        $response = $sg->client->api_keys()->post($request_body);
        """,
    ),
    (
        "a.rb",
        [2],
        """
        require 'httparty'
        HTTParty.post("https://api.sendgrid.com/v3/api_keys", headers: h, body: { name: "x" }.to_json)
        """,
    ),
    (
        "a.rb",
        [2],
        """
        conn = Faraday.new(url: "https://api.sendgrid.com")
        conn.post("/v3/api_keys", { name: "x" }.to_json, h)
        """,
    ),
    (
        "a.rb",
        [2],
        """
        uri = URI("https://api.sendgrid.com/v3/api_keys")
        req = Net::HTTP::Post.new(uri)
        req.body = { name: "x" }.to_json
        http.request(req)
        """,
    ),
    (
        "a.rb",
        [2],
        """
        uri = URI("https://api.sendgrid.com/v3/api_keys")
        Net::HTTP.post(uri, { name: "x" }.to_json, h)
        """,
    ),
    (
        "a.rb",
        [5],
        """
        require 'sendgrid-ruby'
        include SendGrid
        data = JSON.parse('{"name": "x"}')
        sg = SendGrid::API.new(api_key: ENV['SENDGRID_API_KEY'])
        response = sg.client.api_keys.post(request_body: data)
        """,
    ),
    (
        "a.go",
        [6],
        """
        package a
        import "github.com/sendgrid/sendgrid-go"
        func f() {
            payload := map[string]interface{}{"name": "x"}
            b, err := json.Marshal(payload)
            req, err := http.NewRequest("POST", "https://api.sendgrid.com/v3/api_keys", bytes.NewBuffer(b))
            http.DefaultClient.Do(req)
        }
        """,
    ),
    (
        "a.go",
        [5, 6],
        """
        package a
        const base = "https://api.sendgrid.com/v3"
        func f() {
            r := strings.NewReader(`{"name": "x"}`)
            req, _ := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api_keys", r)
            resp, err := http.Post(fmt.Sprintf("%s/api_keys", base), "application/json", r)
        }
        """,
    ),
    (
        "A.java",
        [7],
        r"""
        import com.sendgrid.*;
        class A { void f() {
            Request request = new Request();
            request.setMethod(Method.POST);
            request.setEndpoint("api_keys");
            request.setBody("{\"name\":\"x\"}");
            Response response = sg.api(request);
        } }
        """,
    ),
    (
        "A.java",
        [2],
        r"""
        class A { void f() {
            HttpRequest request = HttpRequest.newBuilder()
                .uri(URI.create("https://api.sendgrid.com/v3/api_keys"))
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"x\"}"))
                .build();
        } }
        """,
    ),
    (
        "A.java",
        [3],
        r"""
        class A { void f() {
            RequestBody body = RequestBody.create(JSON, "{\"name\":\"x\"}");
            Request request = new Request.Builder().url("https://api.sendgrid.com/v3/api_keys").post(body).build();
        } }
        """,
    ),
    (
        "a.ps1",
        [3],
        """
        $headers = @{ Authorization = "Bearer $env:SENDGRID_API_KEY" }
        $body = @{ name = "x" } | ConvertTo-Json
        Invoke-RestMethod -Uri "https://api.sendgrid.com/v3/api_keys" -Method Post -Headers $headers -Body $body
        """,
    ),
    (
        ".github/workflows/a.yml",
        [5],
        r"""
        jobs:
          a:
            steps:
              - run: |
                  curl -X POST https://api.sendgrid.com/v3/api_keys \
                    -d '{"name": "x"}'
        """,
    ),
    (
        "Dockerfile",
        [2],
        r"""
        FROM alpine
        RUN curl -X POST https://api.sendgrid.com/v3/api_keys \
            -d '{"name": "x"}'
        """,
    ),
    (
        "play.yml",
        [4],
        """
        - hosts: all
          tasks:
            - name: create SendGrid key
              ansible.builtin.uri:
                url: https://api.sendgrid.com/v3/api_keys
                method: POST
                body_format: json
                body:
                  name: x
        """,
    ),
    (
        "a.sh",
        [3],
        """
        SENDGRID_API_BASE="${SENDGRID_API_BASE:-https://api.sendgrid.com/v3}"
        api() { curl -sS -H "Authorization: Bearer $KEY" "$@"; }
        curl -sS -X POST "${SENDGRID_API_BASE}/api_keys" -H "Authorization: Bearer $KEY" --json '{"name":"x"}'
        """,
    ),
    (
        "a.sh",
        [5],
        """
        read -r -d '' PAYLOAD <<EOF
        {"name": "x"}
        EOF
        curl -X POST "https://api.eu.sendgrid.com/v3/api_keys" -d "$PAYLOAD"
        wget --method=POST --body-data='{"name":"x"}' https://api.sendgrid.com/v3/api_keys
        """,
    ),
    (
        "a.sh",
        [1, 2],
        """
        wget --post-data '{"name":"x"}' https://api.sendgrid.com/v3/api_keys
        https api.sendgrid.com/v3/api_keys name=x
        http POST api.sendgrid.com/v3/api_keys Authorization:"Bearer $K" name=x scopes:='["mail.send"]'
        """,
    ),
    (
        "main.tf.json",
        [4],
        """
        {"terraform": {"required_providers": {"sendgrid": {"source": "kenzo0107/sendgrid"}}},
         "resource": {
          "sendgrid_api_key": {
           "app": {"name": "x"}
          }}}
        """,
    ),
    (
        "main.ts",
        [4],
        """
        import { ApiKey } from "./.gen/providers/sendgrid/api-key";
        class S extends TerraformStack {
          constructor(scope, id) {
            new ApiKey(this, "app", { name: "x" });
          }
        }
        """,
    ),
    (
        "Program.cs",
        [4],
        """
        using Pulumi;
        using JDetmar.Sendgrid;
        class S : Stack { public S() {
            var key = new ApiKey("app", new ApiKeyArgs { Name = "x" });
            var ok = new ApiKey("ok", new ApiKeyArgs { Name = "x", Scopes = { "mail.send" } });
        } }
        """,
    ),
    (
        "a.ts",
        [4],
        """
        import client, { ClientRequest } from '@sendgrid/client';
        const data = { name: 'x' } as const;
        const request: ClientRequest = { url: '/v3/api_keys', method: 'POST' as HttpMethod, body: data };
        const [response, body] = await client.request(request);
        """,
    ),
    (
        "a.ts",
        [5],
        """
        import client from '@sendgrid/client';
        export class Keys {
          private readonly client = client;
          async create(name: string): Promise<void> {
            await this.client.request({ method: 'POST', url: '/v3/api_keys', body: { name } });
          }
        }
        """,
    ),
    (
        "a.php",
        [2],
        """
        <?php
        $sg->client->api_keys()->post(array('name' => 'x'));
        // sendgrid
        """,
    ),
    (
        "a.php",
        [3],
        """
        <?php
        $body = ['name' => $name];
        $response = $this->sendgrid->client->api_keys()->post($body);
        """,
    ),
    (
        "a.rb",
        [2, 3],
        """
        sg = SendGrid::API.new(api_key: key)
        sg.client.api_keys.post(request_body: { 'name' => 'x' })
        RestClient.post("https://api.sendgrid.com/v3/api_keys", JSON.generate(name: 'x'), headers)
        """,
    ),
    (
        "a.go",
        [9],
        """
        package a
        import "github.com/sendgrid/rest"
        func f() {
            request := rest.Request{
                Method:  rest.Post,
                BaseURL: "https://api.sendgrid.com/v3/api_keys",
                Body:    []byte(`{"name": "x"}`),
            }
            rest.Send(request)
        }
        """,
    ),
]


@pytest.mark.parametrize(("path", "expected", "text"), WITHOUT_SCOPES)
def test_key_without_scopes_is_found_in(path: str, expected: list[int], text: str) -> None:
    assert lines("full-access-key", path, text) == expected


def test_key_without_scopes_is_found_in_a_recipe_of_make() -> None:
    text = 'key:\n\tcurl -X POST https://api.sendgrid.com/v3/api_keys -d \'{"name": "x"}\'\n'
    assert lines("full-access-key", "Makefile", text) == [2]


# Nothing says that these keys have no scopes.
UNKNOWN = [
    (
        "a.js",
        """
        const sg = require('@sendgrid/client');
        app.post('/v3/api_keys', async (req, res) => { res.json({ name: 'x' }) });
        nock('https://api.sendgrid.com').post('/v3/api_keys', { name: 'x' }).reply(201, { api_key: 'x' });
        """,
    ),
    (
        "a.py",
        """
        from sendgrid import SendGridAPIClient
        def create(name, scopes=None):
            body = {"name": name}
            if scopes:
                body["scopes"] = scopes
            return sg.client.api_keys.post(request_body=body)
        def other(body):
            return sg.client.api_keys.post(request_body=body)
        def third(name, **extra):
            data = dict(name=name, **extra)
            sg.client.api_keys.post(request_body=data)
            data = {"name": name}
            data.update(extra)
            sg.client.api_keys.post(request_body=data)
        """,
    ),
    (
        "a.js",
        """
        const client = require('@sendgrid/client');
        const body = { name, ...rest };
        client.request({ url: '/v3/api_keys', method: 'POST', body });
        client.request({ url: '/v3/api_keys', method: 'POST', body: Object.assign({ name }, rest) });
        client.request({ url: '/v3/api_keys', method: 'GET', qs: { limit: 1 } });
        const b2 = { name };
        if (x) b2.scopes = ['mail.send'];
        client.request({ url: '/v3/api_keys', method: 'POST', body: b2 });
        """,
    ),
    (
        "keys.tf",
        """
        terraform {
          required_providers {
            sendgrid = { source = "kenzo0107/sendgrid" }
          }
        }
        resource "sendgrid_api_key" "a" {
          name   = "x"
          scopes = concat(var.base, [])
        }
        resource "sendgrid_api_key" "b" {
          count  = 0
          name   = "x"
        }
        """,
    ),
]


@pytest.mark.parametrize(("path", "text"), UNKNOWN)
def test_key_whose_scopes_are_unknown_is_not_found_for(path: str, text: str) -> None:
    assert lines("full-access-key", path, text) == []


OTHER = [
    (
        "admin-teammate",
        "Program.cs",
        [6],
        """
        using Pulumi;
        using JDetmar.Sendgrid;
        class S : Stack { public S() {
            new Teammate("t", new TeammateArgs {
                Email = "x@example.com",
                IsAdmin = true,
            });
        } }
        """,
    ),
    (
        "admin-teammate",
        "main.go",
        [9],
        """
        package main
        import (
            "github.com/JDetmar/pulumi-sendgrid/sdk/go/sendgrid"
            "github.com/pulumi/pulumi/sdk/v3/go/pulumi"
        )
        func main() {
            sendgrid.NewTeammate(ctx, "t", &sendgrid.TeammateArgs{
                Email:   pulumi.String("x@example.com"),
                IsAdmin: pulumi.Bool(true),
            })
        }
        """,
    ),
    (
        "admin-teammate",
        "team.tf",
        [4],
        """
        resource "sendgrid_teammate" "all" {
          for_each = local.people
          email    = each.key
          is_admin = true
        }
        """,
    ),
    (
        "enforced-tls-off",
        "a.js",
        [2],
        """
        const client = require('@sendgrid/client');
        const request = { url: '/v3/user/settings/enforced_tls', method: 'PATCH', body: { require_tls: false } };
        client.request(request);
        """,
    ),
    (
        "sso-disabled",
        "a.sh",
        [5],
        r"""
        curl --location --request PATCH 'https://api.sendgrid.com/v3/sso/integrations/{{id}}' \
        --header 'Authorization: Bearer {{key}}' \
        --data-raw '{
            "name": "x",
            "enabled": false
        }'
        """,
    ),
    (
        "unsigned-event-webhook",
        "a.py",
        [2, 3],
        """
        from sendgrid import SendGridAPIClient
        sg.client.user.webhooks.event.settings.signed.patch(request_body={"enabled": False})
        sg.client.user.webhooks.event.settings.signed._(webhook_id).patch(request_body={"enabled": False})
        """,
    ),
    (
        "admin-scope-key",
        "a.py",
        [4],
        """
        import sendgrid
        SCOPES = ["mail.send", "api_keys.create"]
        sg = sendgrid.SendGridAPIClient(k)
        sg.client.api_keys.post(request_body={"name": "x", "scopes": SCOPES})
        """,
    ),
    (
        "admin-scope-key",
        "a.tf",
        [3, 7, 11],
        """
        resource "sendgrid_api_key" "x" {
          name   = "x"
          scopes = toset(concat(["mail.send"], ["teammates.update"]))
        }
        resource "sendgrid_api_key" "y" {
          name   = "y"
          scopes = ["*"]
        }
        resource "sendgrid_api_key" "terraform" {
          name   = "terraform-admin"
          scopes = ["api_keys.create"]
        }
        """,
    ),
    (
        "admin-scope-key",
        "a.tf",
        [],
        """
        module "key" {
          source = "./key"
          scopes = ["api_keys.create"] # sendgrid
        }
        data "sendgrid_api_key" "x" {
          scopes = ["api_keys.create"]
        }
        variable "sendgrid_scopes" {
          default = ["api_keys.create"]
        }
        """,
    ),
    (
        "plaintext-webhook-url",
        "index.ts",
        [3, 6],
        """
        import * as sendgrid from "@pulumi/sendgrid";
        const hook = new sendgrid.EventWebhook("h", {
          url: pulumi.interpolate`http://${host}/events`,
          enabled: true,
        });
        new sendgrid.EventWebhook("i", { url: "http://hooks.example.com" });
        """,
    ),
    (
        "unsigned-event-webhook",
        "index.ts",
        [2],
        """
        import * as sendgrid from "@pulumi/sendgrid";
        const hook = new sendgrid.EventWebhook("h", { url: "https://x.example.com", enabled: true });
        """,
    ),
    (
        "enforced-tls-off",
        "tls.yml",
        [5],
        """
        - name: relax SendGrid TLS
          uri:
            url: "https://api.sendgrid.com/v3/user/settings/enforced_tls"
            method: PATCH
            body: '{"require_tls": false}'
            headers:
              Authorization: "Bearer {{ key }}"
        """,
    ),
    (
        "enforced-tls-off",
        ".github/workflows/x.yml",
        [7],
        """
        env:
          API: https://api.sendgrid.com/v3
        jobs:
          a:
            steps:
              - run: |
                  curl -X PATCH "$API/user/settings/enforced_tls" -d '{"require_tls": false}'
        """,
    ),
    (
        "enforced-tls-off",
        "a.tf",
        [3],
        r"""
        resource "null_resource" "tls" {
          provisioner "local-exec" {
            command = "curl -XPATCH https://api.sendgrid.com/v3/user/settings/enforced_tls -d '{\"require_tls\":false}'"
          }
        }
        """,
    ),
    (
        "enforced-tls-off",
        "a.tf",
        [4],
        """
        data "http" "tls" {
          url          = "https://api.sendgrid.com/v3/user/settings/enforced_tls"
          method       = "PATCH"
          request_body = jsonencode({ require_tls = false })
        }
        """,
    ),
    (
        "enforced-tls-off",
        "package.json",
        [2],
        r"""
        {"scripts": {
          "tls": "curl -X PATCH https://api.sendgrid.com/v3/user/settings/enforced_tls -d '{\"require_tls\": false}'"
        }}
        """,
    ),
    (
        "ip-allow-list-open",
        "a.rb",
        [5],
        """
        require 'net/http'
        uri = URI.parse("https://api.sendgrid.com/v3/access_settings/whitelist")
        request = Net::HTTP::Post.new(uri)
        request["Authorization"] = "Bearer #{key}"
        request.body = JSON.dump({ "ips" => [{ "ip" => "0.0.0.0/0" }] })
        """,
    ),
    (
        "admin-teammate",
        "a.kt",
        [5],
        '''
        // sendgrid
        val request = Request()
        request.method = Method.POST
        request.endpoint = "teammates"
        request.body = """{"email":"a@example.com","is_admin":true}"""
        sg.api(request)
        ''',
    ),
    (
        "sso-disabled",
        "Main.java",
        [10],
        r"""
        import com.sendgrid.*;
        public class Main {
          public static void main(String[] a) throws IOException {
            SendGrid sg = new SendGrid(System.getenv("SENDGRID_API_KEY"));
            Request request = new Request();
            request.setMethod(Method.PATCH);
            request.setEndpoint("/sso/integrations/" + id);
            request.setBody(
                "{"
                + "\"enabled\": false"
                + "}");
            Response response = sg.api(request);
          }
        }
        """,
    ),
    (
        "single-sender",
        "a.py",
        [2],
        """
        from sendgrid import SendGridAPIClient
        response = sg.client.verified_senders.post(request_body=data)
        """,
    ),
    (
        "alert-to-personal-mailbox",
        "a.py",
        [2],
        """
        import sendgrid
        sg.client.alerts.post(request_body={"type": "usage_limit", "email_to": "me@gmail.com", "percentage": 90})
        """,
    ),
    (
        "manual-domain-security",
        "a.go",
        [7],
        """
        package a
        import "github.com/sendgrid/sendgrid-go"
        func f() {
            request := sendgrid.GetRequest(k, "/v3/whitelabel/domains", host)
            request.Method = "POST"
            request.Body = []byte(`{
          "automatic_security": false,
          "custom_spf": true
        }`)
            response, err := sendgrid.MakeRequest(request)
        }
        """,
    ),
]


@pytest.mark.parametrize(("rule", "path", "expected", "text"), OTHER)
def test_found(rule: str, path: str, expected: list[int], text: str) -> None:
    assert lines(rule, path, text) == expected


def test_request_tells_headers_and_options() -> None:
    script = b"""
API=https://api.sendgrid.com/v3
curl -sk -XPATCH "$API/user/profile?x=1" -H "Authorization: Bearer $KEY" -u me:you --data @profile.json
"""
    (request,) = requests(parse(script, "bash"))
    assert (request.method, request.path) == ("PATCH", "/v3/user/profile")
    assert request.url == "https://api.sendgrid.com/v3/user/profile?x=1"
    assert request.body is None
    assert not request.whole
    assert request.option("insecure")
    header = request.header("authorization")
    assert header
    assert header.value.text == "Bearer $KEY"


def test_handle_of_php_tells_its_options() -> None:
    code = b"""<?php
$ch = curl_init();
curl_setopt_array($ch, [
    CURLOPT_URL => 'https://api.sendgrid.com/v3/mail/send',
    CURLOPT_HTTPHEADER => ['Authorization: Bearer ' . $key, 'Content-Type: application/json'],
    CURLOPT_SSL_VERIFYPEER => false,
    CURLOPT_POSTFIELDS => json_encode($mail),
]);
curl_exec($ch);
"""
    (request,) = requests(parse(code, "php"))
    assert (request.method, request.path) == ("POST", "/v3/mail/send")
    verify = request.option("ssl_verifypeer")
    assert verify
    assert verify.value.text == "false"
    assert request.header("content-type")


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("https://api.example.com/v3/api_keys", id="another host"),
        pytest.param("/api_keys", id="a path alone"),
        pytest.param("/v3/users", id="a path that SendGrid has not"),
        pytest.param(f"https://api.sendgrid.com/{'x' * 600}", id="too long"),
    ],
)
def test_no_request_to_sendgrid_is(address: str) -> None:
    assert requests(parse(f'requests.post("{address}", json={{}})'.encode(), "python")) == ()


def test_certificate_that_cannot_be_read_has_no_last_day() -> None:
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    for body in ("", "MIIC...", "MIIC", "/////w==", "MIH/MIH/MIH/MIH/"):
        assert expiry(f"{begin}\n{body}\n{end}") == ""


@pytest.mark.parametrize(
    ("match", "says"),
    [
        pytest.param({}, "match", id="nowhere to look"),
        pytest.param({"resources": ["teammate"], "blocks": "x"}, "match", id="two places to look"),
        pytest.param({"resources": ["teamate"]}, 'did you mean "teammate"', id="unknown resource"),
        pytest.param({"resources": ["teammate"], "cases": []}, "match.cases", id="no case"),
        pytest.param({"resources": ["teammate"], "case": []}, "match.case", id="unknown key"),
        pytest.param({"blocks": "("}, "match.blocks", id="bad pattern"),
        pytest.param(
            {"blocks": "x", "cases": [{"settings": "x"}]}, 'did you mean "setting"', id="unknown key of a case"
        ),
        pytest.param({"blocks": "x", "cases": [{"setting": []}]}, "match.cases 1.setting", id="no name"),
        pytest.param({"blocks": "x", "cases": [{"where": {"x": "("}}]}, "where.x", id="bad pattern of a case"),
        pytest.param({"blocks": "x", "cases": [{"via": ["ansible"]}]}, "match.cases 1.via", id="unknown way"),
        pytest.param({"blocks": "x", "cases": [{"provider": "x"}]}, "match.cases 1.provider", id="unknown fact"),
        pytest.param({"blocks": "x", "cases": [{"beside": [{}]}]}, "beside.clues", id="no clues"),
        pytest.param({"blocks": "x", "cases": [{"beside": [{"clues": ["x"], "least": -1}]}]}, "least", id="bad count"),
    ],
)
def test_wrong_table_is_told_with_its_place(match: dict[str, object], says: str) -> None:
    rule = replace(RULES["sso-disabled"], match={"matcher": "setting", "cases": [{}], **match})
    with pytest.raises(ToolError) as error:
        prepare(rule)
    assert says in str(error.value)
    assert "sso-disabled" in str(error.value)


def test_blocks_are_found_by_where_they_stand() -> None:
    match = {
        "matcher": "setting",
        "blocks": "services[.]mail(?:[.].*)?",
        "cases": [{"setting": "relay.tls", "is": "off|false"}, {"setting": "log", "absent": True}],
    }
    rules = {"sso-disabled": replace(RULES["sso-disabled"], match=match)}
    text = """
        # sendgrid
        services:
          mail:
            relay:
              tls: false
          web:
            relay:
              tls: false
    """
    assert lines("sso-disabled", "a.yaml", text, rules) == [3, 4, 5]
