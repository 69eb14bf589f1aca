"""Families: a visible table of members, each loaded on first use.

A member is a frozen dataclass; its fields are its settings and its ``kind`` its name in the table. Strings exist only at the doors
(command line, JSON); `Registry.build` turns them into an object and `record` turns the object back.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from simgan.errors import ConfigError, MissingExtraError, UnknownNameError

Member = TypeVar("Member")


@dataclass(frozen=True)
class Entry:
    """One row of a table: where the member lives and which extra installs what it needs."""

    target: str  # "package.module:Class"
    extra: str = ""


class Registry(Generic[Member]):
    """The table of one family; iterating gives its names in the order of the rows."""

    def __init__(self, family: str, rows: Mapping[str, Entry]) -> None:
        self.family = family
        self._rows = dict(rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def load(self, name: str) -> type[Member]:
        """Import and return the class behind a name.

        Raises
        ------
        UnknownNameError
            No row has this name.
        MissingExtraError
            The member needs a package of an extra that is not installed.
        """
        if name not in self._rows:
            raise UnknownNameError(self.family, name, self._rows)
        row = self._rows[name]
        module, attribute = row.target.split(":")
        try:
            return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]
        except ImportError as error:
            if row.extra:
                raise MissingExtraError(f"{self.family} {name}", row.extra) from error
            raise

    def build(self, name: str, settings: Mapping[str, object] | None = None) -> Member:
        """Return the member with these settings; text values are read as the type of their field."""
        return build(self.load(name), settings or {})


def build(cls: type[Member], settings: Mapping[str, object]) -> Member:
    """Make a frozen dataclass from a mapping, reading text as each field's type.

    Raises
    ------
    UnknownNameError
        A key is not a field.
    ConfigError
        A value cannot be read, or the class refuses it.
    """
    hints = get_type_hints(cls)
    known = [f.name for f in fields(cls)]  # type: ignore[arg-type]
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
    """List the settings of a class as (name, type, default, meaning); the meaning is the field's ``help`` metadata."""
    hints = get_type_hints(cls)
    return [
        (
            f.name,
            getattr(hints[f.name], "__name__", str(hints[f.name])),
            _shown(f.default),
            f.metadata.get("help", ""),
        )
        for f in fields(cls)
    ]


def _shown(default: object) -> str:
    return "required" if default is MISSING else str(default)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _read(owner: str, key: str, value: object, hint: Any) -> object:
    if isinstance(value, list):
        return tuple(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str) or hint is str:
        return value
    try:
        if hint is bool:
            return {"true": True, "false": False, "1": True, "0": False}[value.lower()]
        if hint in (int, float):
            return hint(value)
        number = get_args(hint)[0]
        return tuple(number(part) for part in value.split(","))
    except (KeyError, ValueError):
        raise ConfigError(owner, key, value, f"of type {getattr(hint, '__name__', hint)}") from None
