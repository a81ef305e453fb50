"""How programs read variables of their environment and keys of their configuration, in every language.

``process.env.X``, ``os.environ["X"]``, ``ENV.fetch("X")``, ``System.getenv("X")``, ``config["SendGrid:ApiKey"]``.
Sources: the documentation of each language's standard library, and of decouple, environs, NestJS, Laravel, Symfony,
Spring, viper, flutter_dotenv and Microsoft.Extensions.Configuration. ``is_secret_name`` says whether it is a secret.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sgleaks.once import once
from sgleaks.syntax import Facts, Value

# What variables are found in, then the variable; subscripts as parsers write them.
_STORE = re.compile(
    r"""(?x)
    (?: [\w.$()?]*? [.:] )??
    \$?_? (?: env | ENV | SERVER | environ | environment | [Cc]onfig(?:uration)?(?:\(\))? | [Ss]ettings
  | BuildConfig | credentials
          | runtimeConfig )
    [.:]+ (?P<name> [\w.:-]+ )
    """
)
# Functions that give the variable which their first argument names.
_READER = re.compile(
    r"""(?x)
    (?: [\w.$]*? (?:\.|::|->) )??
    (?: getenv | Getenv | LookupEnv | GetEnvironmentVariable | fromEnvironment | get_env | fetch_env!
  | getProperty | getRequiredProperty
      | [Ee]nviron(?:ment)?\.(?:get|Get|pop|string) | ENV\.(?:fetch|dig) | env
      | [Ee]nv\.(?:get|str|string|var|required|fetch|maybeGet)
      | dotenv\.(?:get|maybeGet) | config | viper\.Get(?:String)? | credentials\.(?:fetch|dig)
      | _?[Cc]onfig(?:uration)?(?:Service)?
        \.(?:get|Get|GetValue|GetSection|getString|getOrThrow|require|requireSecret|fetch|dig)
      | _?[Ss]ettings\.(?:get|Get|fetch) | env::var )
    """
)
_HINT = re.compile(r"(?i)env|config|settings|server|credentials")
MAX_NAME = 200  # characters of a dotted name that is looked at; the patterns take quadratic time


class Read(NamedTuple):
    """One place (half-open byte offsets) where a program reads a variable."""

    name: str
    start: int
    end: int


def variable(value: Value) -> str | None:
    """The variable or key whose value this is, as it is called there; None for anything else, also for a part of it."""
    if value.kind == "call" and value.call:
        return _argument(value)
    if value.kind != "reference" or len(value.text) > MAX_NAME or not _HINT.search(value.text):
        return None
    found = _STORE.fullmatch(value.text)
    return found["name"] if found else None


@once
def reads(facts: Facts) -> tuple[Read, ...]:
    """Every variable that a file reads, in its order."""
    found = [Read(name, each.start, each.end) for each in facts.references if (name := variable(each))]
    for call in facts.calls:
        value = Value("call", call.name, call.start, call.end, call=call)
        if name := _argument(value):
            found.append(Read(name, call.start, call.end))
    return tuple(sorted(found, key=lambda read: read.start))


def _argument(value: Value) -> str | None:
    call = value.call
    if call is None or len(call.name) > MAX_NAME or not _READER.fullmatch(call.name):
        return None
    if call.name.endswith(".dig"):  # a path: `credentials.dig(:sendgrid, :api_key)`
        return ".".join(each.text.strip(":") for each in call.arguments)
    return call.arguments[0].text if call.arguments and call.arguments[0].kind == "text" else None
