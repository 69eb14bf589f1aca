"""Families: a visible table of members, each loaded on first use.

A member is a frozen dataclass. Its fields are its settings, and its ``kind`` is its name in the
table. Text exists only at the doors (command line, JSON, TOML): `Registry.build` makes an object
from it, and `simgan.settings.record` makes plain data again.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from simgan.errors import MissingExtraError, UnknownNameError
from simgan.settings import build

Member = TypeVar("Member", covariant=True)


@dataclass(frozen=True)
class Entry:
    """One row of a table: the place of a member, and the extra that installs its packages."""

    target: str  # "package.module:Class"
    extra: str = ""


class Registry(Generic[Member]):
    """The table of one family. Iteration gives its names in the order of the rows."""

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
            loaded: type[Member] = getattr(importlib.import_module(module), attribute)
        except ImportError as error:
            if row.extra:
                raise MissingExtraError(f"{self.family} {name}", row.extra) from error
            raise
        return loaded

    def build(self, name: str, settings: Mapping[str, object] | None = None) -> Member:
        """Return the member with these settings. Text is read as the type of a field."""
        return build(self.load(name), settings or {})
