"""Functions that answer HTTP requests, in the web frameworks of every language.

Flask, Django, FastAPI, Starlette, aiohttp, Bottle, Pyramid; Express, Koa, Fastify, Hono, NestJS, Next.js, SvelteKit,
Remix, Astro, Workers; Rails, Sinatra, Rack; Laravel, Symfony, Slim, plain scripts of PHP; net/http, gin, echo, fiber;
Spring, JAX-RS, servlets, Ktor, Javalin; ASP.NET; Lambda and the functions of Azure, Google, Netlify and Supabase.

What can only be asked to show something (GET) is left out: no webhook calls it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sgleaks.matchers.file import File
from sgleaks.syntax import Call, Facts, Function


class Handler(NamedTuple):
    """A function that answers requests: where it is defined, what it ranges over (half-open bytes, its registration
    included), and everything that names it: its name, and the routes that lead to it."""

    line: int  # offset of its name, or of the call that registers it
    start: int
    end: int
    names: tuple[str, ...]


# Decorators, annotations and attributes.
DECORATOR = re.compile(
    r"""(?x)
    (?: .*\. )?
    (?: route | post | put | patch | api_route | view | view_config | api_view | csrf_exempt | require_POST
      | require_http_methods | on_request | http | function_name | action | webhook
      | Post | All | Put | HttpPost | HttpPut | AcceptVerbs | Route | Function | FunctionName | POST | PUT | Path
      | PostMapping | PutMapping | RequestMapping | HttpFunction | LambdaFunction | HttpApi | RestApi
    )
    """
)
# Functions that are given a route and its handler. What precedes the dot must not be a client of somebody else.
REGISTRATION = re.compile(
    r"""(?x)
    (?! (?: \$ | jQuery | axios | this\.\$?axios | request | requests | superagent | got | https? | this\.http
          | http_client | session | client | api
        ) [.:]
    )
    (?: .* (?:\.|::|->) )?
    (?: post | put | all | any | route | match | Post | POST | Any | HandleFunc | Handle | MapPost | MapMethods
      | on_request | onRequest | serve | createServer | add_api_route | add_url_rule | add_route | re_path | path
      | handle | handler | http | addRoute
    )
    """
)
# How the head of a function looks that is given a request, by language.
_JAVASCRIPT = r"""
    \(\s*_?(?:req|request)\b[^()]*,\s*_?(?:res|response|reply|resp|h)\b | \(\s*ctx\b
  | \(\s*context\s*(?::[^,()]*)?,\s*_?(?:req|request)\b
  | ^(?:async\s+)?fetch\s*\(\s*req
  | \(\s*_?(?:req|request)\s*:\s*(?:Next)?(?:Request|HttpRequest|ApiRequest|FastifyRequest) | :\s*Request\b
"""
_JAVA = r"""
    HttpServletRe(?:quest|sponse) | ServerRequest | APIGateway\w*Request | ApplicationCall | RoutingContext
  | HttpExchange | @RequestBody
  | HttpRequestMessage | @RequestParam | \bdoPost\b
"""
HEADS = {
    "python": r"""
        \(\s*(?:self\s*,\s*)?_?(?:request|req)\b | :\s*(?:func\.)?(?:Http)?Request\b
      | ^(?:async\s+)?def\s+(?:lambda_)?handler\s*\(\s*event
    """,
    "javascript": _JAVASCRIPT,
    "typescript": _JAVASCRIPT,
    "tsx": _JAVASCRIPT,
    "ruby": r"^def\s+(?:call\s*\(\s*_?env | (?:lambda_)?handler\s*\(\s*event)",
    "php": r"(?:Request|RequestInterface)\s+\$",
    "go": r"""
        http\.ResponseWriter | \b(?:gin|echo|iris)\.Context | \bfiber\.Ctx | \bfasthttp\.RequestCtx
      | \bevents\.\w*Request
    """,
    "java": _JAVA,
    "kotlin": _JAVA,
    "groovy": _JAVA,
    "c_sharp": r"""
        \bHttp(?:Request|Context|RequestData|RequestMessage)\b | \[FromBody | APIGateway\w*Request
      | \b(?:IActionResult|IHttpActionResult|IResult|ActionResult|HttpResponseMessage)\b
    """,
}
HEAD = {language: re.compile(f"(?x){pattern}") for language, pattern in HEADS.items()}
MAX_NAME = 200  # characters of a call's name that is looked at
HEAD_SIZE = 400  # bytes in which the parameters of a function stand
# Names that a framework or a platform calls, where nothing else says so.
EXPORTED = re.compile(
    r"POST|PUT|action|onRequest(?:Post)?|(?:module\.)?exports\.(?:handler|main|default)|handler|lambdaHandler|lambda_handler"
)
CONTROLLER = re.compile(r"(?:^|/)controllers?/.*\.rb$")
# … or by what it inherits from, wherever it lies.
IS_CONTROLLER = re.compile(
    rb"(?m)^[ \t]*class[ \t]+[\w:]{1,80}[ \t]*<[ \t]*(?:[\w:]{0,80}Controller|ActionController::\w{1,40})\b"
)
PRIVATE = re.compile(rb"(?m)^[ \t]*(?:private|protected)[ \t]*\r?$")
# A script of PHP that reads the body itself.
SCRIPT = re.compile(rb"php://input|\$HTTP_RAW_POST_DATA")


def handlers(file: File) -> tuple[Handler, ...]:
    """The handlers of a file, in its order."""
    facts = file.facts
    routes = _routes(facts)
    found = [
        _handler(facts, function, routes)
        for function in facts.functions
        if _is_handler(file, function) or function.name.rpartition(".")[2] in routes
    ]
    if facts.language == "php" and not found:
        found += _scripts(facts)
    return tuple(found)


def _is_handler(file: File, function: Function) -> bool:
    facts = file.facts
    if any(DECORATOR.fullmatch(each.text) for each in function.decorators):
        return True
    if function.given_to:
        return registers(function.given_to)
    if CONTROLLER.search(file.path) or (facts.language == "ruby" and IS_CONTROLLER.search(facts.data)):
        private = PRIVATE.search(facts.data)
        return not private or function.start < private.start()
    if facts.language in ("javascript", "typescript", "tsx") and EXPORTED.fullmatch(function.name):
        return True
    return takes_request(facts, function)


def takes_request(facts: Facts, function: Function) -> bool:
    """Whether the parameters of a function are those of a handler."""
    head = HEAD.get(facts.language)
    return bool(head and head.search(_head(facts, function)))


def _head(facts: Facts, function: Function) -> str:
    """The beginning of a function, up to the line that ends its parameters."""
    text = facts.data[function.start : min(function.end, function.start + HEAD_SIZE)].decode("utf-8", "replace")
    return re.split(r"[{:>]\s*\n|\)\s*\n", text, maxsplit=1)[0]


def registers(call: Call) -> bool:
    """Whether a call gives a route its handler."""
    return len(call.name) < MAX_NAME and REGISTRATION.fullmatch(call.name) is not None


def _routes(facts: Facts) -> dict[str, list[str]]:
    """The names of functions that are registered under a route, and the routes."""
    routes: dict[str, list[str]] = {}
    for call in facts.calls:
        if registers(call):
            paths = [each.text for each in call.arguments if each.kind == "text"]
            for each in call.arguments:
                if each.kind == "reference" and paths:
                    routes.setdefault(each.text.rpartition(".")[2], []).extend(paths)
    return routes


def _handler(facts: Facts, function: Function, routes: dict[str, list[str]]) -> Handler:
    last = function.name.rpartition(".")[2]
    names = [function.name, *routes.get(last, ())]
    for value in function.decorators:
        names += (each.text for each in value.walk() if each.kind == "text")
    call = function.given_to
    if call:
        names += (each.text for each in call.arguments if each.kind == "text")
        return Handler(call.start, call.start, max(call.end, function.end), tuple(names))
    start = min((each.start for each in function.decorators), default=function.start)
    return Handler(_name_at(facts, function, last), min(start, function.start), function.end, tuple(names))


def _name_at(facts: Facts, function: Function, name: str) -> int:
    """Where the name of a function stands, behind its annotations."""
    after = max((each.end for each in function.decorators if each.end < function.end), default=function.start)
    end = min(function.end, max(after, function.start) + HEAD_SIZE)
    at = facts.data.find(f"{name}(".encode(), max(after, function.start), end) if name else -1
    return at if at >= 0 else function.start


def _scripts(facts: Facts) -> Iterator[Handler]:
    body = SCRIPT.search(facts.data)
    if body and not any(start <= body.start() < end for start, end in facts.comments):
        yield Handler(body.start(), 0, len(facts.data), ())
