"""Settings: frozen dataclasses whose fields carry their bounds and their help.

A class of settings derives from `Settings` and writes each field with `setting`. The bounds stand
beside the field, one validator checks all of them, and the same metadata gives the help of
``--list-settings`` and the JSON schema of a recipe. Strings exist only at the doors (command line,
JSON, TOML): `build` turns a mapping into an object and `record` turns the object back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from simgan.errors import ConfigError, UnknownNameError

Member = TypeVar("Member")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Bounds:
    """Values that a setting may have. Of a tuple, every number is checked.

    Attributes
    ----------
    low, high : float, optional
        Smallest and largest value.
    above : float, optional
        The value must be larger than this.
    choices : tuple
        The values themselves, if they can be listed.
    """

    low: float | None = None
    high: float | None = None
    above: float | None = None
    choices: tuple[Any, ...] = ()

    def allow(self, value: Any) -> bool:
        """Tell whether a value lies within the bounds. NaN never does."""
        if self.choices:
            return value in self.choices
        return (
            (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
            and (self.above is None or value > self.above)
            and bool(value == value)
        )

    def __str__(self) -> str:
        """Say the bounds in words, such as "from 0 to 1"; empty without any."""
        if self.choices:
            return f"one of {', '.join(map(str, self.choices))}"
        if self.low is not None and self.high is not None:
            return f"from {self.low:g} to {self.high:g}"
        said = (
            ("above", self.above),
            ("at least", self.low),
            ("at most", self.high),
        )
        return " and ".join(f"{word} {number:g}" for word, number in said if number is not None)

    def schema(self) -> dict[str, Any]:
        """Return the keywords of a JSON schema for one value."""
        named = {
            "minimum": self.low,
            "maximum": self.high,
            "exclusiveMinimum": self.above,
            "enum": list(self.choices) or None,
        }
        return {key: value for key, value in named.items() if value is not None}


_UNBOUNDED = Bounds()


def setting(
    default: Value,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    choices: Iterable[Any] = (),
) -> Value:
    """Declare a field of a `Settings` class: its default, its help, and the values that it may have."""
    bounds = Bounds(low, high, above, tuple(choices))
    declared: Any = field(default=default, metadata={"help": help, "bounds": bounds})
    return declared  # type: ignore[no-any-return]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Base of every class of settings. A value outside of its bounds, or of another type, is refused.

    Raises
    ------
    ConfigError
        Names the class, the field, the value and the bounds.
    """

    def __post_init__(self) -> None:
        for attribute in fields(self):
            value, bounds = getattr(self, attribute.name), bounds_of(attribute)
            hint = _hints(type(self))[attribute.name]
            if not _is_of(value, hint):
                raise ConfigError(self.owner(), attribute.name, value, f"of type {_named(hint)}")
            if not all(
                bounds.allow(each) for each in (value if isinstance(value, tuple) else (value,))
            ):
                raise ConfigError(self.owner(), attribute.name, value, str(bounds))

    @classmethod
    def owner(cls) -> str:
        """Return the word by which error messages name these settings."""
        return str(getattr(cls, "kind", cls.__name__))


def bounds_of(attribute: Field[Any]) -> Bounds:
    """Return the bounds of a field; without any, every value is allowed."""
    bounds: Bounds = attribute.metadata.get("bounds", _UNBOUNDED)
    return bounds


def build(cls: type[Member], settings: Mapping[str, Any]) -> Member:
    """Make a frozen dataclass from a mapping. Text is read as the type of its field.

    Raises
    ------
    UnknownNameError
        A key is not a field.
    ConfigError
        A value cannot be read, or the class refuses it.
    """
    hints, known = _hints(cls), [f.name for f in fields(cls)]  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, value in settings.items():
        if key not in known:
            raise UnknownNameError(f"setting of {cls.__name__}", key, known)
        values[key] = _read(cls.__name__, key, value, hints[key])
    return cls(**values)


def record(member: Any) -> dict[str, Any]:
    """Turn a member into plain JSON data: its kind, if it has one, and its fields."""
    kind = {"kind": member.kind} if hasattr(member, "kind") else {}
    return kind | {f.name: _plain(getattr(member, f.name)) for f in fields(member)}


def describe(cls: type[Any]) -> list[tuple[str, str, str, str]]:
    """List the settings of a class as (name, type, default, meaning and bounds)."""
    hints = _hints(cls)
    return [(f.name, _named(hints[f.name]), _shown(f.default), _explained(f)) for f in fields(cls)]


def schema(cls: type[Any]) -> dict[str, Any]:
    """Return the JSON schema of a class of settings."""
    hints = _hints(cls)
    properties = {
        f.name: _schema_of(hints[f.name], bounds_of(f))
        | ({} if f.default is MISSING else {"default": _plain(f.default)})
        | ({"description": f.metadata["help"]} if f.metadata.get("help") else {})
        for f in fields(cls)
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _explained(attribute: Field[Any]) -> str:
    meaning, bounds = attribute.metadata.get("help", ""), str(bounds_of(attribute))
    return f"{meaning}; {bounds}" if meaning and bounds else str(meaning)


def _hints(cls: Any) -> dict[str, Any]:
    hints: dict[str, Any] = _cached_hints(cls)
    return hints


_cached_hints = cache(get_type_hints)


def _named(hint: Any) -> str:
    return str(getattr(hint, "__name__", hint)) if get_origin(hint) is None else str(hint)


def _shown(default: object) -> str:
    return "required" if default is MISSING else str(default)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _schema_of(hint: Any, bounds: Bounds) -> dict[str, Any]:
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _schema_of(get_args(hint)[0], bounds)}
    named = {int: "integer", float: "number", bool: "boolean", str: "string"}
    return {"type": named[hint]} | bounds.schema() if hint in named else bounds.schema()


def _is_of(value: Any, hint: Any) -> bool:
    """Tell whether a value has the type of its field. An integer is a number; a truth value is not."""
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(_is_of(each, get_args(hint)[0]) for each in value)
    if hint in (int, float):
        allowed = int if hint is int else (int, float)
        return isinstance(value, allowed) and not isinstance(value, bool)
    return not isinstance(hint, type) or isinstance(value, hint)


def _read(owner: str, key: str, value: Any, hint: Any) -> Any:
    """Read text as the type of a field, lists as tuples, and whole numbers as floats."""
    try:
        if get_origin(hint) is tuple and isinstance(value, (str, list, tuple)):
            parts = value.split(",") if isinstance(value, str) else value
            return tuple(_read(owner, key, part, get_args(hint)[0]) for part in parts)
        if hint is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if not isinstance(value, str) or hint is str:
            return value
        if hint is bool:
            return {"true": True, "false": False, "1": True, "0": False}[value.lower()]
        return hint(value) if hint in (int, float) else value
    except (KeyError, ValueError, OverflowError):
        raise ConfigError(owner, key, value, f"of type {_named(hint)}") from None
