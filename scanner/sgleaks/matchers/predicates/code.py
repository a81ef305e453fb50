"""How application code treats the API and its key: which addresses it calls, and what it writes to its log."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.environment import variable
from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.secret_name import is_secret_name
from sgleaks.syntax import Call, Facts, Value

__all__ = ["secret_logged"]

# Functions that write their arguments where people read them: consoles and logs of the languages' standard libraries,
# frameworks, and of winston, pino, loguru, structlog, zap, logrus, SLF4J, Timber, Serilog, Monolog.
LOG = re.compile(
    r"""(?x)
    (?: .*\. )? (?i:console | (?:\w*_)?log(?:ger|ging|uru)? | \w*logger | winston | pino | slog | zap | logrus | timber | monolog | syslog)
      (?: \.|::|-> ) (?:\w+(?:\.|::|->))? \w+
  | print | pprint | pp | p | puts | warn | echo | printf | print_r | var_dump | var_export | dump | dd | error_log | println | debugPrint
  | NSLog | os_log | syslog | Log | log | debug | trigger_error | console | eprintln!? | Write-(?:Host|Output|Verbose|Information|Debug|Warning)
  | (?:Kernel|\$stdout|\$stderr|STDOUT|STDERR|sys\.stdout|sys\.stderr|process\.stdout|process\.stderr)\.(?:print|printf|puts|write)
  | fmt\.(?:Print|Fprint)\w* | System\.(?:out|err)\.(?:print|println|printf|format) | (?:System\.)?(?:Console|Debug|Trace|Diagnostics\.\w+)\.Write\w*
  | (?: .*\. )? (?:LogInformation|LogDebug|LogWarning|LogError|LogTrace|LogCritical)
  | Log(?:\.|::) \w+ | Rails\.logger\.\w+ | (?: .*\. )? (?:app\.)?logger\.\w+ | context\.log(?:\.\w+)?
    """
)
# What gives back what it was given: a log of it says the secret all the same.
SAME = re.compile(
    r"""(?x)
    (?: .*\. )? (?: str | repr | String | JSON\.stringify | json\.dumps | format | Sprintf? | sprintf | strval | json_encode | toString
      | to_s | inspect | trim | strip | ToString | Format | valueOf | concat | join | var_export | print_r | Concat | Join | red | green | blue
      | yellow | cyan | bold | util\.inspect | interpolate )
    """
)
# What says of a secret only that it is there: `!key`, `key ? 1 : 0`, `key == ""`, `key if key else None`.
JUDGED = re.compile(r"^\s*(?:!|not\b|typeof\b|-n\b)|[=!]=|\?(?![.?])| (?:is|in|if|instanceof|isnot) |[<>]|&&| and ")
FLAG = re.compile(r"(?i)^\$?_?(?:has|is|have|no|missing|valid|check|with|use|masked?|hashed|redacted|set)(?=_|[A-Z])")
MAX_DEPTH = 8  # values in values; an argument of a log is not nested deeper


def secret_logged(file: File) -> Iterator[Hit]:
    """A call that writes a secret of SendGrid, or what it was read from, to a console or a log."""
    for call in file.facts.calls:
        if LOG.fullmatch(call.name) and not call.redirected:
            values = [*call.arguments, *(setting.value for setting in call.named.settings)]
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
    if value.kind == "expression" and JUDGED.search(value.text):
        return False
    inner = [setting.value for setting in value.block.settings] if value.block else value.items
    return any(_says(each, facts, depth + 1) for each in inner)


def _given(value: Value, call: Call, facts: Facts, depth: int) -> bool:
    return any(_says(each, facts, depth + 1) for each in (*value.items, *call.arguments))


def _is_secret(value: Value, facts: Facts) -> bool:
    names = [variable(value), variable(facts.resolved(value))]
    if value.kind == "reference":
        names.append(re.split(r"[.:>]", value.text)[-1])
    return any(name and is_secret_name(name) and not FLAG.match(name) for name in names)
