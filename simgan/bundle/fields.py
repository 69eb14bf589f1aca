"""Typed reading of JSON that anybody may have written.

`parse` bounds numbers and nesting. A *reader* takes a value and the name of its place, checks type
and range, and returns the value with its type. `Fields` reads the fields of a JSON object.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import date as Date
from datetime import datetime
from typing import NoReturn, TypeAlias, TypeVar

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Value = TypeVar("Value")
Reader: TypeAlias = Callable[[object, str], Value]

_MOST_DIGITS = 20  # of a whole number; 2⁶³ has 19
_MOST_SHOWN = 60  # characters of a wrong value that an error message repeats
_DEEPEST = 8  # levels of nesting in free-form facts


class Unfit(ValueError):
    """A value has the wrong type, lies outside its range, or does not go with another."""


def parse(content: bytes, place: str) -> Json:
    """Parse JSON of UTF-8 bytes.

    Raises
    ------
    Unfit
        It is not JSON, holds NaN, infinity or a number of absurd length, repeats a key, or is
        nested too deeply.
    """
    try:
        parsed: Json = json.loads(
            content.decode("utf-8"),
            parse_constant=_not_a_number,
            parse_float=_finite,
            parse_int=_short,
            object_pairs_hook=_without_repeats,
        )
    except RecursionError:
        raise Unfit(f"{place} is nested too deeply") from None
    except Unfit as error:
        raise Unfit(f"{place} holds {error}") from None
    except ValueError as error:
        raise Unfit(f"{place} is not JSON ({error})") from None
    return parsed


class Fields:
    """A JSON object whose fields are read one by one, each by its reader.

    Raises
    ------
    Unfit
        The value is no object.
    """

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, Mapping):
            raise Unfit(f"{place} must be a table, not {_shown(value)}")
        self.values: Mapping[str, object] = value
        self.place = place

    def read(self, key: str, reader: Reader[Value]) -> Value:
        """Read a field that must be there."""
        if key not in self.values:
            raise Unfit(f"{self.place} has no {key!r}")
        return reader(self.values[key], f"{self.place}: {key}")

    def read_or(self, key: str, reader: Reader[Value], default: Value) -> Value:
        """Read a field that may be missing."""
        return self.read(key, reader) if key in self.values else default


def text(least: int = 1, most: int = 1000) -> Reader[str]:
    """Printable text of one line."""

    def read(value: object, place: str) -> str:
        if isinstance(value, str) and least <= len(value) <= most and value.isprintable():
            return value
        _refuse(value, place, f"printable text of {least} to {most} characters")

    return read


def matching(pattern: str, meaning: str) -> Reader[str]:
    """Text that a regular expression describes in full."""
    compiled = re.compile(pattern, re.ASCII)

    def read(value: object, place: str) -> str:
        if isinstance(value, str) and compiled.fullmatch(value):
            return value
        _refuse(value, place, meaning)

    return read


def whole(low: int, high: int = 2**63 - 1) -> Reader[int]:
    """A whole number within bounds. A truth value is none."""

    def read(value: object, place: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        _refuse(value, place, f"a whole number from {low} to {high}")

    return read


def truth(value: object, place: str) -> bool:
    """Read true or false."""
    if isinstance(value, bool):
        return value
    _refuse(value, place, "true or false")


def number(low: float = -math.inf, above: float = -math.inf) -> Reader[float]:
    """A finite number, at least `low` and above `above`."""

    def read(value: object, place: str) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            found = float(value)
            if math.isfinite(found) and found >= low and found > above:
                return found
        bound = f" from {low:g} on" if low > -math.inf else f" above {above:g}"
        _refuse(value, place, "a finite number" + bound * (max(low, above) > -math.inf))

    return read


def number_or_nothing(value: object, place: str) -> float | None:
    """Read a finite number, or null."""
    return None if value is None else number()(value, place)


def date(value: object, place: str) -> str:
    """Read an ISO date, such as 2018-12-31."""
    try:
        if isinstance(value, str) and Date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    _refuse(value, place, "a date such as 2018-12-31")


def moment(value: object, place: str) -> str:
    """Read an ISO time with its time zone, such as 2026-01-01T00:00:00+00:00."""
    try:
        if isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None:
            return value
    except ValueError:
        pass
    _refuse(value, place, "a time such as 2026-01-01T00:00:00+00:00")


def several(item: Reader[Value], least: int = 0, most: int = 100_000) -> Reader[tuple[Value, ...]]:
    """A list whose items are of one kind."""

    def read(value: object, place: str) -> tuple[Value, ...]:
        if isinstance(value, list) and least <= len(value) <= most:
            return tuple(item(each, f"{place}, item {i}") for i, each in enumerate(value, 1))
        _refuse(value, place, f"a list of {least} to {most} items")

    return read


def table_of(item: Reader[Value], key: Reader[str] | None = None) -> Reader[dict[str, Value]]:
    """A JSON object whose values are of one kind."""
    name = key or text()

    def read(value: object, place: str) -> dict[str, Value]:
        items = Fields(value, place).values.items()
        return {
            name(each, f"a key of {place}"): item(found, f"{place}: {each}")
            for each, found in items
        }

    return read


def facts(value: object, place: str) -> dict[str, Json]:
    """Read a free-form table: printable text, finite numbers, and no more than 8 levels."""
    return {
        key: _fact(each, f"{place}: {key}", 1) for key, each in Fields(value, place).values.items()
    }


def _fact(value: object, place: str, depth: int) -> Json:
    if depth > _DEEPEST:
        raise Unfit(f"{place} is nested too deeply")
    if isinstance(value, Mapping):
        name = text()
        return {
            name(key, f"a key of {place}"): _fact(each, place, depth + 1)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_fact(each, place, depth + 1) for each in value]
    if isinstance(value, str):
        return text(least=0, most=10_000)(value, place)
    if value is None or isinstance(value, bool | int):
        return value
    return number()(value, place)


def _refuse(value: object, place: str, allowed: str) -> NoReturn:
    raise Unfit(f"{place} must be {allowed}, not {_shown(value)}")


def _shown(value: object) -> str:
    """Return a wrong value as an error message repeats it: short, on one line."""
    if isinstance(value, dict | list):
        return f"a {'table' if isinstance(value, dict) else 'list'} of {len(value)} items"
    said = ascii(value[: _MOST_SHOWN + 1] if isinstance(value, str) else value)
    return said if len(said) <= _MOST_SHOWN else f"{said[:_MOST_SHOWN]}…"


def _not_a_number(constant: str) -> NoReturn:
    raise Unfit(f"{constant}, which is no number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise Unfit(f"the number {digits[:_MOST_SHOWN]}, which is too large")
    return value


def _short(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise Unfit(f"a whole number of {len(digits)} digits")
    return int(digits)


def _without_repeats(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unfit("a key twice in one table")
    return found
