"""Secrets that stand in clear in what deploys an application: Kubernetes, compose, ECS, Nomad, App Engine, …"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.kinds import VARIABLES_FILE, Object, is_ci, is_encrypted, is_terraform, kubernetes_object
from sgleaks.matchers.subjects.secret_name import is_secret_name
from sgleaks.matchers.subjects.stores import Kept, kept, literal
from sgleaks.secret import KEY
from sgleaks.syntax import Block, Facts, Setting

__all__ = ["plaintext_secret"]

# Keys under which manifests give a program its environment: env, environment, envVars, env_variables, extraEnv, …
ENVIRONMENT = re.compile(
    r"(?i)(?:[a-z]+[_-]?|[a-z]*[A-Z]?)?env(?:s|ironment)?(?:[_-]?(?:vars?|variables?|prod\w*|stag\w*|dev\w*|test))?"
)
VARIABLES = re.compile(r"(?i)variables|vars|data")  # Lambda's, Wrangler's; Beanstalk's are `option_settings`
WRANGLER = re.compile(r"(?i)(?:^|/)wrangler[^/]*\.(?:toml|jsonc?)$")
# Code is none, but for the configuration of process managers.
FORMATS = frozenset(("yaml", "json", "toml", "hcl"))
PROCESSES = re.compile(r"(?i)(?:^|/)(?:ecosystem|pm2|processes)(?:\.config)?\.[cm]?[jt]s$")
PROCFILE = re.compile(r"(?i)(?:^|/)procfile(?:\.\w+)?$")
PROCESS = re.compile(rb"(?m)^[ \t]*[\w-]{1,40}:[^\n]{0,400}?\b([A-Za-z_]\w{0,60})=[\"']?([^\s\"'$]{1,200})")


def plaintext_secret(file: File) -> Iterator[Hit]:
    """Literals under the name of a SendGrid secret, and anything under one in a ConfigMap."""
    facts = file.facts
    if PROCFILE.search(file.path):
        yield from _processes(facts.data)
    if not (facts.language in FORMATS or PROCESSES.search(file.path)) or is_encrypted(facts):
        return
    for block in facts.blocks():
        owner = kubernetes_object(facts, block)
        if owner and owner.block is block.parent and block.labels in (("data",), ("stringData",), ("binaryData",)):
            yield from _stored(owner, block)
    for entry in kept(facts):
        if _is_in_file(facts, entry):
            yield from literal(entry)
    if is_ci(file) or is_terraform(file) or VARIABLES_FILE.search(file.path):
        return
    for entry in kept(facts):
        generated = entry.under == "literals" and {"configMapGenerator", "secretGenerator"} & set(entry.place)
        if generated or _is_environment(file, entry):
            yield from literal(entry)


def _stored(owner: Object, block: Block) -> Iterator[Hit]:
    kind = owner.kind
    for setting in block.settings if kind in ("ConfigMap", "Secret") else ():
        value = setting.value
        if not _means_secret(setting, owner):
            continue
        if kind == "Secret" and block.labels != ("stringData",):
            plain = _decoded(value.text) if value.kind == "text" else ""
        else:
            plain = value.text if value.kind in ("text", "number") else ""
        if plain.strip() and "{{" not in plain:
            yield Hit(value.start, value.end, secret=plain.strip())
        elif kind == "ConfigMap" and value.text.strip() and value.kind != "null":
            yield Hit(setting.start, value.end, "A ConfigMap is no place for a secret, wherever its value comes from.")


def _is_in_file(facts: Facts, entry: Kept) -> bool:
    """Whether a line of a file that a ConfigMap or a Secret holds, or a template of Nomad, gives the secret."""
    if len(entry.place) < 2:
        return False
    if entry.place[-2:] == ("template", "data"):
        return True
    owner = kubernetes_object(facts, entry.block)
    inside = entry.place[-2] in ("data", "stringData") and entry.block.labels == (entry.place[-2],)
    return inside and owner is not None and owner.kind in ("ConfigMap", "Secret")


def _means_secret(setting: Setting, owner: Object) -> bool:
    """By its name, alone or with that of the object, or because it is a key."""
    of_sendgrid = "sendgrid" in owner.name.lower().replace("-", "")
    if is_secret_name(setting.name) or (of_sendgrid and is_secret_name(f"sendgrid_{setting.name}")):
        return True
    return KEY.fullmatch(setting.value.text.strip()) is not None


def _decoded(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _is_environment(file: File, entry: Kept) -> bool:
    owner = kubernetes_object(file.facts, entry.block)
    if owner and owner.kind in ("ConfigMap", "Secret", "SealedSecret", "ExternalSecret", "SecretProviderClass"):
        return False
    if WRANGLER.search(file.path) and entry.under == "vars":
        return True
    outer = entry.place[-2] if len(entry.place) > 1 else ""
    inner = VARIABLES.fullmatch(entry.under) and ENVIRONMENT.fullmatch(outer)
    return bool(ENVIRONMENT.fullmatch(entry.under) or inner or "option_settings" in entry.place)


def _processes(data: bytes) -> Iterator[Hit]:
    for found in PROCESS.finditer(data):
        if is_secret_name(found[1].decode()):
            yield Hit(*found.span(2), secret=found[2].decode(errors="replace"))
