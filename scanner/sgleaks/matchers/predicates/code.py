"""How application code treats the API and its key: which addresses it calls, and what it writes to its log."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.environment import variable
from sgleaks.matchers.subjects.program import PROGRAMS
from sgleaks.matchers.subjects.reading import Reading, reading
from sgleaks.matchers.subjects.requests import Request, requests
from sgleaks.matchers.subjects.secret_name import is_secret_name
from sgleaks.syntax import Call, Facts, Setting, Value

__all__ = ["basic_auth", "secret_logged"]

# Functions that write their arguments where people read them: consoles and logs of the languages' standard libraries,
# frameworks, and of winston, pino, loguru, structlog, zap, logrus, SLF4J, Timber, Serilog, Monolog.
LOG = re.compile(
    r"""(?x)
    (?: .*\. )?
    (?i: console | (?:\w*_)?log(?:ger|ging|uru)? | \w*logger | winston | pino | slog | zap | logrus | timber | monolog
       | syslog
    ) (?: \.|::|-> ) (?: \w+(?:\.|::|->) )? \w+
  | print | pprint | pp | p | puts | warn | echo | printf | print_r | var_dump | var_export | dump | dd | error_log
  | println | debugPrint | NSLog | os_log | syslog | Log | log | debug | trigger_error | console | eprintln!?
  | (?: Kernel | \$?stdout | \$?stderr | STDOUT | STDERR | (?:sys|process)\.(?:stdout|stderr) )
    \.(?:print|printf|puts|write)
  | fmt\.(?:Print|Fprint)\w*
  | System\.(?:out|err)\.(?:print|println|printf|format)
  | (?:System\.)?(?:Console|Debug|Trace|Diagnostics\.\w+)\.Write\w*
  | (?: .*\. )? (?: LogInformation | LogDebug | LogWarning | LogError | LogTrace | LogCritical )
    """
)
# In PHP these write the page, with forms of settings in it; what comes from the environment is no setting of a form.
PAGE = ("echo", "print", "printf")
ENVIRONMENT = re.compile(r"\$?_(?:ENV|SERVER)\..*|(?:getenv|env)")
# What gives back what it was given: a log of it says the secret all the same.
SAME = re.compile(
    r"""(?x)
    (?: .*\. )?
    (?: dict | str | repr | String | JSON\.stringify | json\.dumps | format | Sprintf? | sprintf | strval | json_encode
      | toString | to_s | inspect | trim | strip | ToString | Format | valueOf | concat | join | var_export | print_r
      | Concat | Join | red | green | blue | yellow | cyan | bold | interpolate
    )
    """
)
# What says of a secret only that it is there: `!key`, `key ? 1 : 0`, `key == ""`, `key if key else None`.
JUDGED = re.compile(r"^\s*(?:!|not\b|typeof\b)|[=!]=|(?<!\?)\?(?!\?)| (?:is|in|if|instanceof|isnot) |[<>]|&&| and ")
LITERAL = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
FLAG = re.compile(r"(?i)^\$?_?(?:has|is|have|no|missing|valid|check|with|use|masked?|hashed|redacted|set)(?=_|[A-Z])")
# A name and a password on their way to the API.
BASIC = re.compile(r"(?i)basic\b")
USERINFO = re.compile(
    rb"(?i)https?://[^/\s\"'@:]{1,100}:(?P<password>[^/\s\"'@]{0,200})@(?:[\w-]{1,40}\.){0,2}sendgrid\.com(?![\w.-])"
)
HOLE = re.compile(r"[$%{}<]|#\{")
SETS_BASIC = re.compile(r"(?:.*\.)?(?:SetBasicAuth|basic_auth|setBasicAuth|basicAuth)")
HOSTS = re.compile(rb"(?i)https?://(?:[^/\s\"'@]{1,200}@)?([\w.-]+)")
MAX_NAME = 200  # characters of a call's name that is looked at
MAX_DEPTH = 8  # values in values; an argument of a log is not nested deeper


def secret_logged(file: File) -> Iterator[Hit]:
    """A call that writes a secret of SendGrid, or what it was read from, to a console or a log."""
    for call in file.facts.calls if file.facts.language in PROGRAMS else ():
        if len(call.name) < MAX_NAME and LOG.fullmatch(call.name):
            values = [*call.arguments, *(setting.value for setting in call.named.settings)]
            if file.facts.language == "php" and call.name in PAGE:
                values = [value for value in values if any(ENVIRONMENT.fullmatch(each.text) for each in value.walk())]
            if any(_says(each, file.facts) for each in values):
                yield Hit(call.start, call.end)


def _says(value: Value, facts: Facts, depth: int = 0) -> bool:
    """Whether a value holds the whole of a secret."""
    if depth > MAX_DEPTH:
        return False
    if value.kind == "call" and value.call:
        return _is_secret(value, facts) or (
            bool(SAME.fullmatch(value.call.name)) and _given(value, value.call, facts, depth)
        )
    if value.kind == "reference":
        return _is_secret(value, facts)
    if value.kind == "expression" and JUDGED.search(LITERAL.sub("", value.text)):
        return False
    inner = [setting.value for setting in value.block.settings] if value.block else value.items
    return any(_says(each, facts, depth + 1) for each in inner)


def _given(value: Value, call: Call, facts: Facts, depth: int) -> bool:
    given = (*value.items, *call.arguments, *(setting.value for setting in call.named.settings))
    return any(_says(each, facts, depth + 1) for each in given)


def _is_secret(value: Value, facts: Facts) -> bool:
    names = [variable(value), variable(reading(facts).resolved(value))]
    if value.kind == "reference":
        names.append(re.split(r"[.:>]", value.text)[-1])
    return any(name and is_secret_name(name) and not FLAG.match(name) for name in names)


def basic_auth(file: File) -> Iterator[Hit]:
    """A request to the API with a user's name and password instead of a key."""
    read = reading(file.facts)
    found = [hit for request in requests(file.facts) if (hit := _basic(request, read))]
    found += _set_apart(file.facts, read)
    for value in file.facts.strings:
        userinfo = USERINFO.search(file.facts.data, value.start, value.end)
        if userinfo:
            password = userinfo["password"].decode("utf-8", "replace")
            found.append(Hit(userinfo.start(), value.end, secret=None if HOLE.search(password) else password))
    yield from sorted(found)


def _basic(request: Request, read: Reading) -> Hit | None:
    if request.url.lower().startswith("smtp"):
        return None  # there a password is the way, and it is a key
    header = request.header("authorization")
    if header and _is_basic(header.value, read):
        return Hit(header.start, header.end)
    user = request.option(
        "user", "auth", "httpauth", "proxy-user-auth", "basic_auth", "basicauth", "userpwd", "username"
    )
    if user is None or (
        request.call and request.call.name == "http" and user.value.kind == "text" and ":" not in user.value.text
    ):
        return None
    value = read.resolved(user.value)
    if user.name.lower() in ("user", "userpwd", "auth", "basic_auth") and value.kind in ("text", "template"):
        _, colon, password = value.text.partition(":")
        literal = value.kind == "text" and colon and not HOLE.search(password)
        return Hit(user.start, user.end, secret=password if literal else None)
    return _pair(user, value, read)


def _is_basic(value: Value, read: Reading) -> bool:
    """Whether a text begins with the scheme, however it is put together."""
    value = read.resolved(value)
    first = next((each.text for each in value.walk() if each.kind in ("text", "template")), "")
    return bool(BASIC.match(read.text(value)) or (value.kind in ("expression", "call") and BASIC.match(first)))


def _pair(user: Setting, value: Value, read: Reading) -> Hit | None:
    """The finding for a name and a password in a list, an object or a call."""
    if value.kind == "list" and len(value.items) >= 2:  # a name and a password
        password: Value | None = read.resolved(value.items[1])
    elif value.kind == "block" and value.block and any(value.block.get(name) for name in ("username", "user")):
        given = next((found for name in ("password", "pass") if (found := value.block.get(name))), None)
        password = read.resolved(given.value) if given else None
    elif value.kind == "call" and value.call and re.search(r"(?i)basic|digest", value.call.name):
        arguments = value.call.arguments
        password = read.resolved(arguments[1]) if len(arguments) > 1 else None
    else:
        return None
    return Hit(user.start, user.end, secret=password.text if password and password.kind == "text" else None)


def _set_apart(facts: Facts, read: Reading) -> Iterator[Hit]:
    """Calls that give a request its name and password, in a function that speaks to SendGrid and to no one else."""
    alone: dict[int, bool] = {}  # by function
    for call in facts.calls:
        if not (SETS_BASIC.fullmatch(call.name) or _sets_header(call, read)):
            continue
        index = read.function_at(call.start)
        if index not in alone:
            alone[index] = _speaks_to_sendgrid(facts, read, index)
        if alone[index]:
            password = read.resolved(call.arguments[-1]) if len(call.arguments) > 1 else None
            literal = password and password.kind == "text" and not _sets_header(call, read)
            yield Hit(call.start, call.end, secret=password.text if password and literal else None)


def _speaks_to_sendgrid(facts: Facts, read: Reading, index: int) -> bool:
    """Whether the addresses in a function, or in a whole file, are all of SendGrid."""
    start, end = (read.functions[index].start, read.functions[index].end) if index >= 0 else (0, len(facts.data))
    hosts = {each[1].lower() for each in HOSTS.finditer(facts.data, start, end)}
    return bool(hosts) and all(host.endswith(b"sendgrid.com") for host in hosts)


def _sets_header(call: Call, read: Reading) -> bool:
    """``setRequestProperty("Authorization", "Basic …")``, ``curl_setopt($ch, CURLOPT_USERPWD, …)`` and their likes."""
    texts = [each.text if each.kind == "reference" else read.text(each) for each in call.arguments[:3]]
    if call.name == "curl_setopt":
        return len(texts) > 1 and texts[1] == "CURLOPT_USERPWD"
    if call.name.rpartition(".")[2] == "AuthenticationHeaderValue":
        return texts[:1] == ["Basic"]
    return len(texts) == 2 and texts[0].lower() == "authorization" and _is_basic(call.arguments[1], read)
