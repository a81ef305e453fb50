"""Plain dictionaries of ``sarif_om``'s objects, which cannot write themselves. Imports nothing of that package.

The usual serialiser, jschema-to-python, copies each object at each level: ten times slower, four times the memory.
"""

from __future__ import annotations

from typing import Any

# sarif_om follows a draft of the standard, where a suppression had a `state`; in SARIF 2.1.0 it is a `status`.
RENAMED = {"state": "status"}
# Not even as the default: where a result has no level, its rule's applies, not the schema's.
ALWAYS = frozenset({"level"})


def to_dict(value: Any) -> Any:
    """The object as its JSON: members that are None or the schema's default are left out."""
    if isinstance(value, list):
        return [to_dict(item) for item in value]
    fields = getattr(value, "__attrs_attrs__", None)
    return value if fields is None else dict(_members(value, fields))


def _members(value: Any, fields: Any) -> Any:
    for field in fields:
        member, name = getattr(value, field.name), field.metadata["schema_property_name"]
        if member is not None and (name in ALWAYS or member != _default(field)):
            yield RENAMED.get(name, name), to_dict(member)


def _default(field: Any) -> Any:
    factory = getattr(field.default, "factory", None)
    return factory() if factory else field.default
