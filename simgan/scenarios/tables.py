"""Scenarios as tables: the one place that knows the columns of both layouts.

Arrow tables are imported where they are made: CSV has no use for them, and its scenarios are to come at once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simgan.arrays import Float32Array, IntArray
from simgan.errors import ConfigError
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Coded:
    """A column of words, each row by its number in a short list."""

    numbers: IntArray
    words: tuple[str, ...]


Column = np.ndarray | Coded


def check_table(sheet: Sheet) -> None:
    """Refuse a sheet that has no rows and columns.

    Raises
    ------
    ConfigError
        The wide layout was asked for several assets.
    """
    if sheet.layout == "wide" and len(sheet.assets) > 1:
        raise ConfigError(
            "layout",
            "wide",
            ", ".join(sheet.assets),
            "a single asset; use --layout long for several",
        )


def column_names(sheet: Sheet) -> list[str]:
    """Names of the columns, in their order."""
    return [
        "scenario",
        *(["weight"] * sheet.weighted),
        *(map(str, sheet.steps) if sheet.layout == "wide" else ("step", "asset", "value")),
    ]


def table_columns(block: Scenarios, sheet: Sheet) -> dict[str, Column]:
    """Return the columns of the rows of a block; long rows are ordered by scenario, then step, then asset."""
    check_table(sheet)
    cells = block.cells(sheet.values)  # (paths, steps, assets)
    of_paths: list[np.ndarray] = [block.numbered, *([block.probable] if sheet.weighted else [])]
    columns = _wide(of_paths, cells) if sheet.layout == "wide" else _long(of_paths, cells, sheet)
    return dict(zip(column_names(sheet), columns, strict=True))


def table_schema(sheet: Sheet) -> pa.Schema:
    """Return the Arrow columns of a table, with the sheet itself as metadata ``simgan``."""
    import pyarrow as pa

    of_paths = [pa.int64(), *([pa.float64()] * sheet.weighted)]
    long = [pa.int32(), pa.dictionary(pa.int32(), pa.string()), pa.float32()]
    of_cells = [pa.float32() for _ in sheet.steps] if sheet.layout == "wide" else long
    fields = zip(column_names(sheet), [*of_paths, *of_cells], strict=True)
    return pa.schema(fields, metadata={"simgan": json.dumps(sheet.record(), sort_keys=True)})


def record_batch(block: Scenarios, sheet: Sheet) -> pa.RecordBatch:
    """Return the rows of a block as Arrow has them."""
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
    by_step = np.ascontiguousarray(
        cells[:, :, 0].T
    )  # (steps, paths): a column is to be in one piece
    return [*of_paths, *by_step]


def _long(of_paths: list[np.ndarray], cells: Float32Array, sheet: Sheet) -> list[Column]:
    n_steps, n_assets = cells.shape[1:]
    step = np.repeat(
        np.arange(sheet.steps.start, sheet.steps.stop, dtype=np.int32), n_assets
    )  # (steps × assets,)
    return [
        *(np.repeat(column, n_steps * n_assets) for column in of_paths),
        np.tile(step, len(cells)),
        Coded(np.tile(np.arange(n_assets), len(cells) * n_steps), sheet.assets),
        np.ascontiguousarray(cells).reshape(-1),
    ]
