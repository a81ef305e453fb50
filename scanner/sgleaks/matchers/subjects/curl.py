"""The options of commands that make requests: curl, wget, HTTPie, Invoke-RestMethod."""

from __future__ import annotations

import re

from sgleaks.syntax import Call, Setting, Value

HTTPIE = ("http", "https", "xh", "xhs")
POWERSHELL = ("invoke-restmethod", "invoke-webrequest", "irm", "iwr")
COMMANDS = frozenset(("curl", "curl.exe", "curlie", "wget", *HTTPIE, *POWERSHELL))

# Short options of curl that matter, and all that take a value, https://curl.se/docs/manpage.html.
LONG = {
    "X": "request", "d": "data", "H": "header", "u": "user", "k": "insecure", "F": "form", "T": "upload-file",
    "G": "get", "I": "head", "x": "proxy", "o": "output", "E": "cert",
}  # fmt: skip
VALUED = "XdHuFTxoEAbcCDeKmPQrtUwyYzh"
# Spellings of one thing.
SAME = {
    "data-raw": "data", "data-binary": "data", "data-ascii": "data", "data-urlencode": "data", "post-data": "data",
    "body-data": "data", "body": "data", "method": "request", "headers": "header", "uri": "url", "raw": "data",
    "skipcertificatecheck": "insecure", "no-check-certificate": "insecure",
}  # fmt: skip
SWITCHES = frozenset({
    "anyauth", "basic", "check-status", "compressed", "fail", "fail-with-body", "follow", "form", "get", "globoff",
    "head", "http1.1", "http2", "ignore-stdin", "include", "insecure", "location", "no-buffer", "no-check-certificate",
    "no-progress-meter", "no-verbose", "quiet", "show-error", "silent", "skipcertificatecheck", "ssl", "ssl-reqd",
    "tlsv1.2", "tlsv1.3", "usebasicparsing", "verbose",
})  # fmt: skip
ITEM = re.compile(r"(?P<name>[\w.-]+):?=(?P<value>.*)", re.DOTALL)  # name=app, scopes:='["mail.send"]'
HEADER = re.compile(r"\s*([\w-]+)\s*:\s*")


def command_options(call: Call) -> tuple[list[Setting], list[Value], list[Setting]]:
    """The options of a command under their long names, its other words, and its headers.

    What is sent is ``data``, the method ``request``, a header ``header``, a field of HTTPie ``item``. A switch is true.
    """
    name = call.name.rpartition("/")[2].lower()
    options = [_setting(_known(each.name), each.value, call) for each in call.named.settings]
    rest: list[Value] = []
    words = call.arguments
    at = 0
    while at < len(words):
        word = words[at]
        following = words[at + 1] if at + 1 < len(words) else None
        at += 1
        if not word.text.startswith("-") or word.text in ("-", "--"):
            if name in HTTPIE and "//" not in word.text and ITEM.fullmatch(word.text):
                options.append(_setting("item", word, call))
            else:
                rest.append(word)
            continue
        is_long = word.text.startswith("--") or name in POWERSHELL
        found, used = _long(word, following, call) if is_long else _short(word, following, call)
        options += found
        at += used
    headers = [made for each in options if each.name == "header" and (made := _header(each, call))]
    return options, rest, headers


def fields(options: list[Setting]) -> list[Setting]:
    """The fields of HTTPie among options: ``name=app`` as a setting."""
    found = []
    for option in options:
        item = ITEM.fullmatch(option.value.text) if option.name == "item" else None
        if item:
            value = Value("text", item["value"], option.start, option.end)
            found.append(Setting((item["name"],), value, option.start, option.end, option.block))
    return found


def _known(name: str) -> str:
    name = name.lstrip("-").lower()
    return SAME.get(name, name)


def _setting(name: str, value: Value, call: Call) -> Setting:
    return Setting((name,), value, value.start, value.end, call.named)


def _switch(name: str, word: Value, call: Call) -> Setting:
    return _setting(name, Value("boolean", "true", word.start, word.end), call)


def _long(word: Value, following: Value | None, call: Call) -> tuple[list[Setting], int]:
    """The option of ``--name value``, ``--name=value`` or ``--switch``, and how many more words it takes."""
    name, equals, text = word.text.partition("=")
    known = _known(name.rstrip(":"))
    if equals:
        return [_setting(known, _rest(word, text, len(name) + 1), call)], 0
    is_switch = known in SWITCHES or following is None or (following.text.startswith("-") and following.text != "-")
    if following is None or is_switch:
        return [_switch(known, word, call)], 0
    return [_setting(known, following, call)], 1


def _short(word: Value, following: Value | None, call: Call) -> tuple[list[Setting], int]:
    """The options of ``-sk``, ``-XPOST`` or ``-d value``, and how many more words they take."""
    found: list[Setting] = []
    for index, letter in enumerate(word.text[1:], 2):
        name = LONG.get(letter, letter)
        if letter not in VALUED:
            found.append(_switch(name, word, call))
        elif word.text[index:]:
            return [*found, _setting(name, _rest(word, word.text[index:], index), call)], 0
        elif following is not None:
            return [*found, _setting(name, following, call)], 1
    return found, 0


def _rest(word: Value, text: str, skipped: int) -> Value:
    """What follows an option in one word."""
    return Value(word.kind, text, min(word.start + skipped, word.end), word.end, word.items)


def _header(option: Setting, call: Call) -> Setting | None:
    name = HEADER.match(option.value.text)
    return _setting(name[1], _rest(option.value, option.value.text[name.end() :], name.end()), call) if name else None
