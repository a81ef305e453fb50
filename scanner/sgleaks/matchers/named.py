"""Functions that rules name: ``predicate = "mail.without_tls"`` is ``without_tls`` in ``predicates/mail.py``."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from sgleaks.errors import ToolError, suggestion
from sgleaks.model import Rule


def function(rule: Rule, key: str) -> Any:
    """The function that ``key`` of ``[match]`` names, out of those that the modules in the folder ``{key}s`` export.

    Raises ToolError for a name that is none.
    """
    package = f"sgleaks.matchers.{key}s"
    subject, _, name = str(rule.match.get(key, "")).partition(".")
    subjects = [module.name for module in iter_modules(import_module(package).__path__)]
    known = import_module(f"{package}.{subject}").__all__ if subject in subjects else subjects
    if subject not in subjects or name not in known:
        near = suggestion(name if subject in subjects else subject, list(known))
        raise ToolError(
            f"rule {rule.id}: match.{key}", f'there is no "{subject}.{name}"{near}', f"use one of {', '.join(known)}"
        )
    return getattr(import_module(f"{package}.{subject}"), name)
