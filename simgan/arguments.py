"""Arguments of Python functions, read from the types that people hand over."""

from __future__ import annotations

import datetime
import math
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from decimal import Decimal
from numbers import Real
from pathlib import Path
from typing import TypeAlias

import numpy as np

from simgan.errors import ConfigError

Day: TypeAlias = str | datetime.date | np.datetime64
"""An ISO date as text, or a date, a datetime, a Timestamp of pandas, or a datetime64."""

MOST = 2**63 - 1  # whole numbers fit into 64 bits


def whole(value: object, owner: str, name: str, least: int = 0, most: int = MOST) -> int:
    """Return a whole number. 1e5 and 5.0 are whole.

    Parameters
    ----------
    value : int, float or a number of NumPy
    owner, name : str
        The function and its argument, for messages.
    least, most : int
        Bounds, which are possible themselves.

    Raises
    ------
    ConfigError
        It is no whole number, or out of bounds.
    """
    number: int | None = None
    if isinstance(value, (Real, Decimal)) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError):  # NaN, infinity
            number = int(value)  # type: ignore[arg-type]
    if number is None or number != value or not least <= number <= most:
        bounds = f"{least} or more" if most == MOST else f"from {least:,} to {most:,}"
        if number is not None and number > most == MOST:
            bounds = f"from {least} to 2^63 - 1"
        raise ConfigError(owner, name, value, f"a whole number, {bounds}")
    return number


def flag(value: object, owner: str, name: str) -> bool:
    """Return True or False.

    Raises
    ------
    ConfigError
        It is neither of both.
    """
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise ConfigError(owner, name, value, "True or False")


def number(value: object, owner: str, name: str) -> float:
    """Return a finite number.

    Raises
    ------
    ConfigError
        It is none.
    """
    if not isinstance(value, Real) or isinstance(value, bool) or not math.isfinite(value):
        raise ConfigError(owner, name, value, "a finite number")
    return float(value)


def iso_date(value: object, owner: str, name: str) -> str:
    """Return a day as an ISO date such as 2008-09-12.

    The time of day is left out, and a Timestamp with a time zone keeps the date in its own zone.

    Raises
    ------
    ConfigError
        It is no date.
    """
    text = "" if not isinstance(value, str) else value.strip()
    if isinstance(value, np.datetime64):
        text = str(value.astype("datetime64[D]"))
    elif isinstance(value, datetime.date):
        text = value.isoformat()
    try:
        return datetime.datetime.fromisoformat(text).date().isoformat()
    except ValueError as error:
        allowed = "a date such as '2008-09-12', a datetime.date, or a Timestamp"
        raise ConfigError(owner, name, value, allowed) from error


def given_date(value: object, owner: str, name: str) -> str | None:
    """Return a day as an ISO date, and None for None.

    Raises
    ------
    ConfigError
        It is no date.
    """
    return None if value is None else iso_date(value, owner, name)


def path_of(value: object, owner: str, name: str) -> Path:
    """Return a path.

    Raises
    ------
    ConfigError
        It is neither text nor a path.
    """
    if not isinstance(value, (str, os.PathLike)):
        raise ConfigError(owner, name, value, "a path, as text or as a pathlib.Path")
    return Path(value)


def mapping_of(value: object, owner: str, name: str) -> Mapping[str, object]:
    """Return a mapping.

    Raises
    ------
    ConfigError
        It is none.
    """
    if not isinstance(value, Mapping):
        raise ConfigError(owner, name, value, "a mapping of names to values")
    return value


def numbers_in(values: object, owner: str, name: str) -> tuple[float, ...]:
    """Return one number, or several in a list, a tuple or an array, as a tuple.

    Raises
    ------
    ConfigError
        One of them is no number, or they are no list.
    """
    items = _items(values)
    if any(isinstance(item, bool) or not isinstance(item, Real) for item in items):
        raise ConfigError(owner, name, values, "numbers: one, or a list of them")
    return tuple(float(item) for item in items)  # type: ignore[arg-type]


def names_in(values: object, owner: str, name: str) -> tuple[str, ...]:
    """Return one name, or several in a list or a tuple, as a tuple.

    Raises
    ------
    ConfigError
        One of them is no text, or they are no list.
    """
    names = tuple(item for item in _items(values) if isinstance(item, str))
    if len(names) < len(_items(values)):
        raise ConfigError(owner, name, values, "names: one, or a list of them")
    return names


def _items(values: object) -> tuple[object, ...]:
    is_several = isinstance(values, Iterable) and not isinstance(values, (str, bytes))
    return tuple(values) if is_several else (values,)  # type: ignore[arg-type]
