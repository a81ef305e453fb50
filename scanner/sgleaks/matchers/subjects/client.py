"""Whether a file runs where its users can look into it: in a browser, or in an app on their phone.

Markers are what only such code has; a marker of a server wins, since frameworks put both into one folder. Facts about
bundlers: the documentation of Vite (``import.meta.env``), Create React App, Vue CLI, Expo and Next.js ("use client").
"""

from __future__ import annotations

import re

from sgleaks.matchers.file import File
from sgleaks.matchers.subjects.handlers import takes_request
from sgleaks.matchers.subjects.secret_name import PUBLIC_PREFIX
from sgleaks.syntax import Facts

WEB = ("javascript", "typescript", "tsx", "vue", "svelte", "html")

SERVER_PATH = re.compile(
    r"""(?xi)
    (?:^|/)
    (?: pages/api | (?<!src/)api | servers? | functions | netlify | lambdas? | backend | workers? | edge | cron | jobs
      | scripts? | bin | cli | controllers | actions | middlewares? | migrations | emails?/templates | tests?
      | __tests__ | cypress | e2e
    ) /
  | (?:^|/) (?: route | middleware | server | \+server | \+(?:page|layout)\.server | hooks\.server ) \.[cm]?[jt]sx? $
  | \.server\.[cm]?[jt]sx? $
  | (?:^|/) (?: gulpfile | webpack | vite | next | nuxt | astro ) [\w.]* \.config\.[cm]?[jt]s $
    """
)
SERVER_IMPORT = re.compile(
    r"""(?x)
    (?: express | fastify | koa | hono | restify | polka | @hapi/hapi | h3 | next/server | next/headers | server-only
      | astro | nitropack | aws-lambda | firebase-functions | firebase-admin | nodemailer | mongoose | pg | mysql2?
      | @prisma/client | dotenv | fs | http | https | path | os | net | child_process | worker_threads | bcryptjs?
      | jsonwebtoken | body-parser | @remix-run/node | @sveltejs/kit/node | \$env/.*private.*
    ) (?: [/.] .* )?
  | (?: @nestjs/ | @hapi/ | @koa/ | @fastify/ | @azure/functions | @google-cloud/ | @aws-sdk/ | @netlify/functions
      | @vercel/node | @cloudflare/workers | node: | https://deno | jsr:@std/http | \#imports$ | ~~?/server/ | @/server/
    ) .*
    """
)
SERVER_CODE = re.compile(
    r"getServerSideProps|getStaticProps|getInitialProps|defineEventHandler|Deno\.(?:serve|env\.get)|serve"
)

CLIENT_IMPORT = re.compile(
    r"""(?x)
    (?: vue | svelte | react-dom | react-native | preact | solid-js | jquery | lit | alpinejs | @angular/core
      | @angular/common/http | react-router-dom | react-hook-form | next/router | next/navigation | @ionic/\w+
      | nativescript
    ) (?: [/.] .* )?
  | (?: expo | react-native | @react-native | @react-navigation | @ionic ) [-/@] .*
  | react\.use (?: State | Effect | Ref | Reducer | Context | Callback | Memo | LayoutEffect )
    """
)
HOOK = re.compile(
    r"(?:React\.)?use(?:State|Effect|Ref|Reducer|Context|Callback|Memo|LayoutEffect|Form|Navigate|Router|Navigation)"
)
BROWSER = re.compile(
    r"(?:window|document|localStorage|sessionStorage|navigator|chrome\.(?:runtime|storage|tabs)|\$|jQuery)(?:\..*)?"
)
PAGES_ONLY = re.compile(r"(?:REACT_APP|VUE_APP|EXPO_PUBLIC|NG_APP)_")
ENVIRONMENT = re.compile(r"(?:import\.meta|process|import_meta)\.env\.(?P<name>\w+)")

# Imports of apps, and those that tell the same language on a server, by language.
_JVM_SERVER = r"(?:org\.springframework|io\.ktor\.server|jakarta|javax\.servlet|io\.(?:micronaut|javalin|quarkus))\..*"
_ANDROID = r"androidx?\..*|com\.google\.android\..*"
APPS = {
    "dart": (
        r"package:flutter\w*/.*|dart:(?:ui|html|js)",
        r"package:(?:shelf|dart_frog|serverpod|functions_framework|alfred|angel)\w*/.*",
    ),
    "swift": (
        r"(?:UIKit|SwiftUI|AppKit|WatchKit|Alamofire)(?:\..*)?",
        r"(?:Vapor|Hummingbird|Kitura|NIO\w*|AWSLambda\w*|Smoke\w*)(?:\..*)?",
    ),
    "kotlin": (_ANDROID, _JVM_SERVER),
    "java": (_ANDROID, _JVM_SERVER),
    "c_sharp": (
        r"(?:UnityEngine|Xamarin|Microsoft\.Maui|Microsoft\.AspNetCore\.Components\.WebAssembly)(?:\..*)?",
        r"Microsoft\.AspNetCore\.(?:Mvc|Builder|Hosting).*",
    ),
}
DART_HTTP = re.compile(r"package:(?:http|dio|chopper|sendgrid_mailer|mailer)/")
APP = {language: (re.compile(app), re.compile(server)) for language, (app, server) in APPS.items()}


def is_client(file: File) -> bool:
    """Whether a file is evidently part of a browser's page or a mobile app."""
    facts = file.facts
    if facts.language in APP:
        app, server = APP[facts.language]
        marked = any(map(app.fullmatch, facts.imports)) or (facts.language == "dart" and _is_flutter(file))
        return marked and not any(map(server.fullmatch, facts.imports))
    return facts.language in WEB and not _is_server(file) and _is_page(facts)


def _is_flutter(file: File) -> bool:
    """Whether a library in Dart calls somebody over HTTP: what does so and serves nothing is nearly always an app."""
    return "lib/" in file.path and not SERVER_PATH.search(file.path) and any(map(DART_HTTP.match, file.facts.imports))


def _is_server(file: File) -> bool:
    facts = file.facts
    return (
        SERVER_PATH.search(file.path) is not None
        or any(map(SERVER_IMPORT.fullmatch, facts.imports))
        or any(value.text == "use server" for value in facts.strings)
        or any(SERVER_CODE.fullmatch(function.name) for function in facts.functions)
        or any(SERVER_CODE.fullmatch(call.name) for call in facts.calls)
        or any(takes_request(facts, function) for function in facts.functions)
        or any(_is_private(value.text) for value in facts.references)
    )


def _is_page(facts: Facts) -> bool:
    return (
        facts.language in ("vue", "svelte", "html")
        or any(value.text == "use client" for value in facts.strings)
        or any(map(CLIENT_IMPORT.fullmatch, facts.imports))
        or any(HOOK.fullmatch(call.name) for call in facts.calls)
        or any(BROWSER.fullmatch(value.text) or _is_public(value.text) for value in facts.references)
    )


def _is_public(reference: str) -> bool:
    """Whether a name is one of a variable that a bundler replaces by its value, in what only browsers run.

    ``process.env.NEXT_PUBLIC_X`` is no sign: servers of Next.js read it, too.
    """
    found = ENVIRONMENT.fullmatch(reference)
    name = found["name"] if found else ""
    return bool(PUBLIC_PREFIX.match(name) if reference.startswith("import") else PAGES_ONLY.match(name))


def _is_private(reference: str) -> bool:
    """Whether a name is one of a variable that no bundler gives away, ``import.meta.env.SENDGRID_API_KEY`` in Astro."""
    found = ENVIRONMENT.fullmatch(reference) if reference.startswith("import.meta") else None
    return (
        found is not None
        and found["name"].isupper()
        and found["name"] not in VITE
        and not PUBLIC_PREFIX.match(found["name"])
    )


VITE = ("DEV", "PROD", "MODE", "SSR", "BASE_URL")
