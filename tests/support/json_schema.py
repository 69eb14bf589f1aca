"""The part of JSON Schema that simgan's schemas use, so that a test can ask what one allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}
_KNOWN = {
    "$schema", "title", "description", "default", "type", "enum", "const", "minimum", "maximum",
    "exclusiveMinimum", "items", "properties", "required", "additionalProperties", "anyOf",
}  # fmt: skip


def allows(schema: Mapping[str, Any], value: object) -> bool:
    """Tell whether a schema allows a value. A keyword that is not known here is an error."""
    assert set(schema) <= _KNOWN, f"teach this validator: {sorted(set(schema) - _KNOWN)}"
    return (
        _is_of_type(schema.get("type"), value)
        and ("const" not in schema or value == schema["const"])
        and ("enum" not in schema or any(_same(value, choice) for choice in schema["enum"]))
        and ("anyOf" not in schema or any(allows(each, value) for each in schema["anyOf"]))
        and _is_within(schema, value)
        and (not isinstance(value, list) or all(allows(schema["items"], v) for v in value))
        and (not isinstance(value, dict) or _has_right_keys(schema, value))
    )


def _same(value: object, choice: object) -> bool:
    return value == choice and isinstance(value, bool) == isinstance(choice, bool)


def _is_of_type(name: str | None, value: object) -> bool:
    if name is None:
        return True
    return isinstance(value, _TYPES[name]) and (name == "boolean") == isinstance(value, bool)


def _is_within(schema: Mapping[str, Any], value: object) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return True
    return (
        value >= schema.get("minimum", value)
        and value <= schema.get("maximum", value)
        and ("exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"])
    )


def _has_right_keys(schema: Mapping[str, Any], table: Mapping[str, object]) -> bool:
    if "anyOf" in schema:  # the branches have the keys
        return True
    known = schema.get("properties", {})
    return (
        all(key in table for key in schema.get("required", ()))
        and (schema.get("additionalProperties", True) or set(table) <= set(known))
        and all(allows(known[key], value) for key, value in table.items() if key in known)
    )
