"""What a file of scenarios is to hold, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from simgan.errors import ConfigError

Layout = Literal["wide", "long"]
Values = Literal["log-returns", "returns", "prices"]

_CELLS_PER_GROUP, _MOST_ROWS = 2**22, 2**16


@dataclass(frozen=True)
class Sheet:
    """The plan of a file.

    Attributes
    ----------
    first, n : int
        It holds scenarios ``first … first + n − 1``.
    horizon : int
        Steps per scenario.
    assets : tuple of str
    layout : {"wide", "long"}
        A row per scenario, or a row per scenario, step and asset.
    values : {"log-returns", "returns", "prices"}
    origin : mapping of plain JSON data
        All else that decides the numbers (model, seed, start state): an interrupted file is continued only under the same origin.
    weighted : bool
        The scenarios have weights, in a column after their numbers.

    Raises
    ------
    ConfigError
        A number is out of range, or a layout or kind of values is unknown.
    """

    first: int
    n: int
    horizon: int
    assets: tuple[str, ...]
    layout: Layout = "wide"
    values: Values = "log-returns"
    origin: Mapping[str, Any] = field(default_factory=dict)
    weighted: bool = False

    def __post_init__(self) -> None:
        for name, least in (("first", 0), ("n", 1), ("horizon", 1)):
            if getattr(self, name) < least:
                raise ConfigError("Sheet", name, getattr(self, name), f"{least} or more")
        for name, allowed in (("layout", get_args(Layout)), ("values", get_args(Values))):
            if getattr(self, name) not in allowed:
                raise ConfigError(
                    "Sheet", name, getattr(self, name), f"one of {', '.join(allowed)}"
                )

    @property
    def steps(self) -> range:
        """Numbers of the steps: 1 … horizon, with prices 0 … horizon."""
        return range(0 if self.values == "prices" else 1, self.horizon + 1)

    @property
    def rows(self) -> int:
        """Scenarios per group, the unit in which files are written: a power of two with at most four million cells.

        It depends on the sheet alone, so that the bytes of a file do not depend on the blocks in which scenarios arrive.
        """
        fitting = max(_CELLS_PER_GROUP // (len(self.steps) * len(self.assets)), 1)
        return min(1 << (fitting.bit_length() - 1), _MOST_ROWS)

    def record(self) -> dict[str, Any]:
        """Return the sheet as plain JSON data."""
        return {f.name: getattr(self, f.name) for f in fields(self)} | {
            "assets": list(self.assets),
            "origin": dict(self.origin),
        }
