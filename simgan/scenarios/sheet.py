"""The sheet, which is the plan of a file, and the table of its rows.

This module alone knows the columns of both layouts. pyarrow is imported where Arrow tables are
made, because CSV has no use for it and its first rows should come at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from simgan.arrays import Float32Array, IntArray
from simgan.errors import ConfigError
from simgan.scenarios.block import BAR, Block, Values

if TYPE_CHECKING:
    import pyarrow as pa

Layout = Literal["wide", "long"]
LAST = 2**63 - 1  # numbers of scenarios stay below it

_CELLS_PER_GROUP, _MOST_ROWS = 2**22, 2**16


@dataclass(frozen=True)
class Sheet:
    """The plan of a file: the scenarios that it holds, and their layout.

    Attributes
    ----------
    first, n : int
        It holds scenarios ``first … first + n − 1``. The numbers fit into 64 bits.
    horizon : int
        Steps per scenario.
    assets : tuple of str
    layout : {"wide", "long"}
        A row per scenario, or a row per scenario, step and asset. Bars are long.
    values : {"log-returns", "returns", "prices", "bars"}
    origin : mapping of plain JSON data
        Everything else that decides the numbers: model, seed and start state. An interrupted
        file is continued only with the same origin.
    weighted : bool
        Whether the scenarios have weights, in a column after their numbers.
    named : bool
        Whether wide columns name the asset where there is one, as those of several do.

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
    origin: Mapping[str, object] = field(default_factory=dict)
    weighted: bool = False
    named: bool = False

    def __post_init__(self) -> None:
        for name, least in (("first", 0), ("n", 1), ("horizon", 1)):
            if getattr(self, name) < least:
                raise ConfigError("scenarios", name, getattr(self, name), f"{least} or more")
        if self.first + self.n > LAST:
            raise ConfigError("scenarios", "first + n", self.first + self.n, "2^63 - 1 or less")
        for name, allowed in (("layout", get_args(Layout)), ("values", get_args(Values))):
            if getattr(self, name) not in allowed:
                raise ConfigError(
                    "scenarios", name, getattr(self, name), f"one of {', '.join(allowed)}"
                )
        if self.values == "bars" and self.layout == "wide":
            longest = "long for bars: a wide row has one value for each step"
            raise ConfigError("scenarios", "layout", self.layout, longest)

    @property
    def steps(self) -> range:
        """Numbers of the steps: 1 … horizon, with prices 0 … horizon."""
        return range(0 if self.values == "prices" else 1, self.horizon + 1)

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the values that an asset has at a step."""
        return BAR if self.values == "bars" else ("value",)

    @property
    def width(self) -> int:
        """Values of a scenario."""
        return len(self.steps) * len(self.assets) * len(self.parts)

    @property
    def rows(self) -> int:
        """Scenarios per group: a power of two, with at most four million cells.

        Files are written in groups. Their size depends on the sheet alone, so that the bytes of a
        file do not depend on the blocks in which scenarios arrive.
        """
        fitting = max(_CELLS_PER_GROUP // self.width, 1)
        return min(1 << (fitting.bit_length() - 1), _MOST_ROWS)

    def record(self) -> dict[str, object]:
        """Return the sheet as plain JSON data."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        if not self.named:
            del found["named"]  # files of one asset keep their bytes
        return found | {"assets": list(self.assets), "origin": dict(self.origin)}


def layout_of(values: Values, layout: Layout | None = None) -> Layout:
    """Return a layout, by default the usual one of these values: bars are long, others wide."""
    return layout or ("long" if values == "bars" else "wide")


@dataclass(frozen=True)
class Coded:
    """A column of words: each row holds a number in a short list of them."""

    numbers: IntArray
    words: tuple[str, ...]


Column = np.ndarray | Coded


def column_names(sheet: Sheet) -> list[str]:
    """Names of the columns, in their order. Of several assets wide columns are ``ASSET:step``."""
    several = [f"{asset}:{step}" for asset in sheet.assets for step in sheet.steps]
    is_named = sheet.named or len(sheet.assets) > 1
    wide = several if is_named else [str(step) for step in sheet.steps]
    return [
        "scenario",
        *(["weight"] * sheet.weighted),
        *(wide if sheet.layout == "wide" else ("step", "asset", *sheet.parts)),
    ]


def table_columns(block: Block, sheet: Sheet) -> dict[str, Column]:
    """Return the columns of a block. Long rows are ordered by scenario, step and asset."""
    cells = block.cells(sheet.values)  # (paths, steps, assets), of bars (…, 4)
    of_paths: list[np.ndarray] = [block.numbered, *([block.probable] if sheet.weighted else [])]
    columns = _wide(of_paths, cells) if sheet.layout == "wide" else _long(of_paths, cells, sheet)
    return dict(zip(column_names(sheet), columns, strict=True))


def table_schema(sheet: Sheet) -> pa.Schema:
    """Return the Arrow schema of a table, with the sheet as metadata ``simgan``."""
    import pyarrow as pa

    of_paths = [pa.int64(), *([pa.float64()] * sheet.weighted)]
    long = [pa.int32(), pa.dictionary(pa.int32(), pa.string()), *[pa.float32()] * len(sheet.parts)]
    of_cells = [pa.float32()] * sheet.width if sheet.layout == "wide" else long
    fields = zip(column_names(sheet), [*of_paths, *of_cells], strict=True)
    return pa.schema(fields, metadata={"simgan": json.dumps(sheet.record(), sort_keys=True)})


def record_batch(block: Block, sheet: Sheet) -> pa.RecordBatch:
    """Return the rows of a block as an Arrow record batch."""
    import pyarrow as pa

    def arrow(column: Column) -> pa.Array:
        if isinstance(column, Coded):
            return pa.DictionaryArray.from_arrays(
                pa.array(column.numbers.astype(np.int32)), pa.array(column.words, pa.string())
            )
        return pa.array(column)

    return pa.record_batch(
        [arrow(column) for column in table_columns(block, sheet).values()],
        schema=table_schema(sheet),
    )


def _wide(of_paths: list[np.ndarray], cells: Float32Array) -> list[Column]:
    paths, steps, assets = cells.shape
    # (assets · steps, paths): contiguous columns
    by_column = np.ascontiguousarray(cells.transpose(2, 1, 0)).reshape(assets * steps, paths)
    return [*of_paths, *by_column]


def _long(of_paths: list[np.ndarray], cells: Float32Array, sheet: Sheet) -> list[Column]:
    n_steps, n_assets = cells.shape[1:3]
    step = np.repeat(
        np.arange(sheet.steps.start, sheet.steps.stop, dtype=np.int32), n_assets
    )  # (steps × assets,)
    return [
        *(np.repeat(column, n_steps * n_assets) for column in of_paths),
        np.tile(step, len(cells)),
        Coded(np.tile(np.arange(n_assets), len(cells) * n_steps), sheet.assets),
        *np.ascontiguousarray(cells.reshape(-1, len(sheet.parts)).T),
    ]
