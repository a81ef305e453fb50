"""Secrets in Terraform and OpenTofu: what plans print, and what state and variable files keep."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgleaks.matchers.file import File, Hit
from sgleaks.matchers.subjects.kinds import VARIABLES_FILE
from sgleaks.matchers.subjects.secret_name import is_secret_name
from sgleaks.matchers.subjects.stores import kept, literal, told
from sgleaks.secret import KEY
from sgleaks.syntax import Block, Facts, Setting

__all__ = ["kept_in_state", "not_sensitive"]

TEXT_TYPES = re.compile(r"(?i)\"?(?:string|any)\"?")
# Attributes of resources that are secrets, as an expression names them, with any subscript, splat or loop between.
SECRET_ATTRIBUTE = re.compile(
    r"\bsendgrid_api_key\.[\w-]+(?:\[[^\[\]\n]{0,80}\]|\.\d+|\.\*)?\.(?:api_key|key)\b"
    r"|\bsendgrid_subuser\.[\w-]+(?:\[[^\[\]\n]{0,80}\]|\.\d+|\.\*)?\.password\b"
    r"|\bsendgrid_api_key\.[\s\S]{0,300}?\.(?:api_key|key)\b(?!\s*=)|\bmodule\.[\w.*\[\]\"-]{1,80}\.(?P<output>[\w-]{1,80})"
)
HIDING = re.compile(r"\b(?:sha\d+|md5|bcrypt|base64sha\d+|length|nonsensitive\(sha\d+)\(")

# Of each resource, the attributes in which providers keep secrets.
KEPT = {
    "sendgrid_api_key": ("api_key", "key"),
    "sendgrid_subuser": ("password",),
    "sendgrid_event_webhook": ("oauth_client_secret",),
    "sendgrid_webhook_security_policy": ("client_secret", "oauth_client_secret"),
}
STATE = re.compile(r"(?i)\.tfstate(?:\..*)?$|tfplan[^/]*\.json$|(?:^|[/._-])plan\.json$")
EXAMPLE = re.compile(r"(?i)(?:^|[/._-])(?:example|sample|template|dist|tmpl)s?(?:[._-]|$)")


def not_sensitive(file: File) -> Iterator[Hit]:
    """Variables and outputs that hold a SendGrid secret and do not say so."""
    for root in file.facts.roots:
        for block in root.walk():
            if len(block.labels) == 2 and block.labels[0] in ("variable", "output") and not _is_hidden(block):
                if block.labels[0] == "variable" and _may_be_secret(block):
                    default = block.get("default")
                    value = (default.value.start, default.value.end) if default and _is_text(default) else None
                    yield told(file.facts, block.start, block.start, value, "Plans show its value.")
                elif block.labels[0] == "output" and _is_secret_output(file.facts, block):
                    yield Hit(block.start, block.start, "Plans and `terraform output` show it.")


def _is_hidden(block: Block) -> bool:
    return any((setting := block.get(key)) and setting.value.text == "true" for key in ("sensitive", "ephemeral"))


def _may_be_secret(block: Block) -> bool:
    kind = block.get("type")
    return is_secret_name(block.labels[1]) and (kind is None or TEXT_TYPES.fullmatch(kind.value.text) is not None)


def _is_secret_output(facts: Facts, block: Block) -> bool:
    value = block.get("value")
    if value is None:
        return False
    # To the end of the block: of a broken expression the parser may have less.
    source = facts.data[value.value.start : block.end].decode(errors="replace")
    found = SECRET_ATTRIBUTE.search(source)
    if found is None or HIDING.search(source):
        return False
    return found["output"] is None or is_secret_name(found["output"])


def kept_in_state(file: File) -> Iterator[Hit]:
    """Literals in variable files, and what state and plans say of resources that have a secret."""
    if VARIABLES_FILE.search(file.path) and not EXAMPLE.search(file.path):
        for entry in kept(file.facts):
            yield from literal(entry)
    elif file.facts.language == "json" and (STATE.search(file.path) or _is_state(file.facts)):
        for block in file.facts.blocks():
            yield from _of_resource(block)
            yield from _of_value(block)


def _is_state(facts: Facts) -> bool:
    return any(root.get("terraform_version") for root in facts.roots)


def _of_resource(block: Block) -> Iterator[Hit]:
    kind = block.get("type")
    names = KEPT.get(kind.value.text, ()) if kind else ()
    for inner in block.walk() if names else ():
        # What was there before a change is in the plan as well; a marker in `sensitive_values` is no value.
        if not {"sensitive_values", "after_sensitive", "before_sensitive", "after_unknown"} & set(inner.path):
            yield from (_hit(setting) for setting in inner.settings if setting.name in names and _is_text(setting))


def _of_value(block: Block) -> Iterator[Hit]:
    """Outputs and variables: ``"sendgrid_api_key": {"value": "…"}``."""
    value = block.get("value")
    holder = block.parent.labels[-1:] if block.parent else ()
    if value is None or not _is_text(value) or not block.labels or holder not in (("outputs",), ("variables",)):
        return
    if is_secret_name(block.labels[-1]) or KEY.fullmatch(value.value.text):
        yield _hit(value)


def _is_text(setting: Setting) -> bool:
    return setting.value.kind == "text" and bool(setting.value.text)


def _hit(setting: Setting) -> Hit:
    return Hit(setting.value.start, setting.value.end, secret=setting.value.text)
