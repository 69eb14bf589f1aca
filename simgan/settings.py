"""Settings: frozen dataclasses whose fields carry their bounds and their help.

A class of settings derives from `Settings` and declares each field with `setting`. The bounds stand
beside the field, and one validator checks all of them. The same metadata gives the help of
``--list-settings`` and the JSON schema of a recipe. Text exists only at the doors (command line,
JSON, TOML): `build` makes an object from a mapping, and `record` makes the mapping again.

>>> from dataclasses import dataclass
>>> @dataclass(frozen=True, kw_only=True)
... class Clock(Settings):
...     hours: int = setting(12, "hours on the dial", choices=(12, 24))
>>> build(Clock, {"hours": "24"})
Clock(hours=24)
>>> build(Clock, {"hours": "13"})
Traceback (most recent call last):
simgan.errors.ConfigError: Clock: hours = 13 is not possible; it must be one of 12, 24
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from typing import TypeVar, cast, get_args, get_origin, get_type_hints

from simgan.errors import ConfigError, UnknownNameError

Member = TypeVar("Member")
Value = TypeVar("Value")

Table = Mapping[str, object]
"""Plain data by name, as JSON and TOML have it."""

_NUMBERS = (int, float)
_SCHEMA_NAMES = {int: "integer", float: "number", bool: "boolean", str: "string"}
_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
_ROUND = 1e15  # larger numbers are written with an exponent
_TRUTH = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True)
class Bounds:
    """Values that a setting may have. In a tuple, every item is checked.

    Attributes
    ----------
    low, high : float, optional
        Smallest and largest value.
    above : float, optional
        The value must be larger than this number.
    choices : tuple
        All possible values, if they can be listed.
    """

    low: float | None = None
    high: float | None = None
    above: float | None = None
    choices: tuple[object, ...] = ()

    def allow(self, value: object) -> bool:
        """Tell whether a value lies within the bounds. NaN and infinity never do."""
        if self.choices:
            return value in self.choices
        if not isinstance(value, _NUMBERS):
            return True
        return (
            (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
            and (self.above is None or value > self.above)
            and not _is_endless(value)
        )

    def __str__(self) -> str:
        """Describe the bounds, for example "from 0 to 1". Without bounds the text is empty."""
        if self.choices:
            return f"one of {', '.join(map(str, self.choices))}"
        if self.low is not None and self.high is not None:
            return f"from {_digits(self.low)} to {_digits(self.high)}"
        parts = (("above", self.above), ("at least", self.low), ("at most", self.high))
        return " and ".join(
            f"{word} {_digits(number)}" for word, number in parts if number is not None
        )

    def schema(self) -> dict[str, object]:
        """Return the keywords of a JSON schema for one value."""
        keywords: dict[str, object] = {
            "minimum": self.low,
            "maximum": self.high,
            "exclusiveMinimum": self.above,
            "enum": list(self.choices) or None,
        }
        return {key: value for key, value in keywords.items() if value is not None}


_UNBOUNDED = Bounds()


def setting(
    default: Value,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    choices: Iterable[object] = (),
) -> Value:
    """Declare a field of a `Settings` class: its default, its help and its bounds."""
    bounds = Bounds(low, high, above, tuple(choices))
    return field(default=default, metadata={"help": help, "bounds": bounds})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Base of every class of settings.

    Raises
    ------
    ConfigError
        A value has a wrong type or lies outside its bounds. The error names the class and field.
    """

    def __post_init__(self) -> None:
        hints = _hints(type(self))
        for attribute in fields(self):
            name, value = attribute.name, getattr(self, attribute.name)
            if not _is_of(value, hints[name]):
                raise ConfigError(self.owner(), name, value, _in_words(hints[name]))
            bounds = bounds_of(attribute)
            if not all(bounds.allow(item) for item in _items(value)):
                raise ConfigError(self.owner(), name, value, _allowed(bounds, value))

    @classmethod
    def owner(cls) -> str:
        """Return the word by which error messages name these settings."""
        return str(getattr(cls, "kind", cls.__name__))


def bounds_of(attribute: Field[object]) -> Bounds:
    """Return the bounds of a field. Without any, every value is allowed."""
    return cast(Bounds, attribute.metadata.get("bounds", _UNBOUNDED))


def build(cls: type[Member], settings: Table) -> Member:
    """Make a frozen dataclass from a mapping. Text is read as the type of its field.

    Raises
    ------
    UnknownNameError
        A key is not a field.
    ConfigError
        A value cannot be read, or the class refuses it.
    """
    hints, known = _hints(cls), [attribute.name for attribute in _fields(cls)]
    values: dict[str, object] = {}
    for key, value in settings.items():
        if key not in known:
            raise UnknownNameError(f"setting of {_owner(cls)}", key, known)
        values[key] = _read(_owner(cls), key, value, hints[key])
    return cls(**values)


def record(member: object) -> dict[str, object]:
    """Turn a member into plain JSON data: its kind, if it has one, and its fields."""
    values = {
        attribute.name: _plain(getattr(member, attribute.name))
        for attribute in _fields(type(member))
    }
    kind = {"kind": member.kind} if hasattr(member, "kind") else {}
    return kind | values


def describe(cls: type) -> list[tuple[str, str, str, str]]:
    """List the settings of a class as (name, type, default, meaning and bounds)."""
    hints = _hints(cls)
    return [
        (attribute.name, _named(hints[attribute.name]), _shown(attribute), _explained(attribute))
        for attribute in _fields(cls)
    ]


def schema(cls: type) -> dict[str, object]:
    """Return the JSON schema of a class of settings."""
    return {"type": "object", "properties": properties(cls), "additionalProperties": False}


def properties(cls: type) -> dict[str, dict[str, object]]:
    """Return the JSON schema of each setting of a class by name."""
    hints = _hints(cls)
    return {
        attribute.name: _schema_of(hints[attribute.name], bounds_of(attribute))
        | ({} if attribute.default is MISSING else {"default": _plain(attribute.default)})
        | ({"description": text} if (text := attribute.metadata.get("help")) else {})
        for attribute in _fields(cls)
    }


def _is_endless(number: object) -> bool:
    """Tell whether a number is NaN or infinite, which neither JSON nor a schema can express."""
    return isinstance(number, float) and not math.isfinite(number)


def _allowed(bounds: Bounds, value: object) -> str:
    """Describe the values that may stand in place of a refused one."""
    is_range = bounds.low is not None and bounds.high is not None
    if bounds.choices or is_range or not any(map(_is_endless, _items(value))):
        return str(bounds)
    return f"finite and {bounds}" if str(bounds) else "finite"


def _fields(cls: type) -> tuple[Field[object], ...]:
    return fields(cls)


def _owner(cls: type) -> str:
    return cls.owner() if issubclass(cls, Settings) else cls.__name__


def _explained(attribute: Field[object]) -> str:
    meaning, bounds = attribute.metadata.get("help", ""), str(bounds_of(attribute))
    return f"{meaning}; {bounds}" if meaning and bounds else str(meaning)


def _hints(cls: object) -> dict[str, object]:
    return _cached_hints(cls)


_cached_hints = cache(get_type_hints)


def _named(hint: object) -> str:
    return str(getattr(hint, "__name__", hint)) if get_origin(hint) is None else str(hint)


def _in_words(hint: object) -> str:
    """Describe the values that a type allows, for example "a whole number"."""
    if get_origin(hint) is tuple:
        return f"a list with commas, each item {_in_words(get_args(hint)[0])}"
    return next((words for kind, words in _WORDS.items() if hint is kind), _named(hint))


def _digits(number: float) -> str:
    """Write a bound as people do: 1,000,000 and 1e-07."""
    is_whole = abs(number) < _ROUND and number == int(number)
    return f"{int(number):,}" if is_whole else f"{number:g}"


def _shown(attribute: Field[object]) -> str:
    return "required" if attribute.default is MISSING else str(attribute.default)


def _items(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _schema_of(hint: object, bounds: Bounds) -> dict[str, object]:
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _schema_of(get_args(hint)[0], bounds)}
    for kind, name in _SCHEMA_NAMES.items():
        if hint is kind:
            return {"type": name} | bounds.schema()
    return bounds.schema()


def _is_of(value: object, hint: object) -> bool:
    """Tell whether a value has the type of its field. An integer is a number, a bool is not."""
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(_is_of(item, get_args(hint)[0]) for item in value)
    if isinstance(value, bool) or hint is bool:
        return isinstance(value, bool) and (hint is bool or not isinstance(hint, type))
    if hint is float:
        return isinstance(value, _NUMBERS)
    return not isinstance(hint, type) or isinstance(value, hint)


def _read(owner: str, key: str, value: object, hint: object) -> object:
    """Read text as the type of a field, lists as tuples, and whole numbers as floats."""
    try:
        if get_origin(hint) is tuple and isinstance(value, (str, list, tuple)):
            parts = value.split(",") if isinstance(value, str) else value
            return tuple(_read(owner, key, part, get_args(hint)[0]) for part in parts)
        if hint is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        return _from_text(value, hint) if isinstance(value, str) else value
    except (KeyError, ValueError, OverflowError):
        raise ConfigError(owner, key, value, _in_words(hint)) from None


def _from_text(text: str, hint: object) -> object:
    if hint is bool:
        return _TRUTH[text.lower()]
    if hint is int:
        return int(text)
    return float(text) if hint is float else text
