"""Scenarios as Arrow tables: the one place that knows the columns of both layouts."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from simgan.errors import ConfigError
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet


def check_table(sheet: Sheet) -> None:
    """Refuse a sheet that has no rows and columns.

    Raises
    ------
    ConfigError
        The wide layout was asked for several assets.
    """
    if sheet.layout == "wide" and len(sheet.assets) > 1:
        raise ConfigError("layout", "wide", ", ".join(sheet.assets), "a single asset; use --layout long for several")


def table_schema(sheet: Sheet) -> pa.Schema:
    """Return the columns of a table, with the sheet itself as metadata ``simgan``."""
    columns = [("scenario", pa.int64())]
    if sheet.layout == "wide":
        columns += [(str(step), pa.float32()) for step in sheet.steps]
    else:
        columns += [("step", pa.int32()), ("asset", pa.dictionary(pa.int32(), pa.string())), ("value", pa.float32())]
    return pa.schema(columns, metadata={"simgan": json.dumps(sheet.record(), sort_keys=True)})


def record_batch(block: Scenarios, sheet: Sheet) -> pa.RecordBatch:
    """Return the rows of a block; long rows are ordered by scenario, then step, then asset."""
    check_table(sheet)
    numbers = np.arange(block.first, block.first + len(block), dtype=np.int64)
    cells = block.cells(sheet.values)  # (paths, steps, assets)
    columns = _wide(numbers, cells) if sheet.layout == "wide" else _long(numbers, cells, sheet)
    return pa.record_batch(columns, schema=table_schema(sheet))


def _wide(numbers: np.ndarray, cells: np.ndarray) -> list[pa.Array]:
    by_step = np.ascontiguousarray(cells[:, :, 0].T)  # (steps, paths): Arrow wants each column in one piece
    return [pa.array(numbers), *(pa.array(column) for column in by_step)]


def _long(numbers: np.ndarray, cells: np.ndarray, sheet: Sheet) -> list[pa.Array]:
    n_steps, n_assets = cells.shape[1:]
    step = np.repeat(np.arange(sheet.steps.start, sheet.steps.stop, dtype=np.int32), n_assets)  # (steps × assets,)
    asset = np.tile(np.arange(n_assets, dtype=np.int32), len(numbers) * n_steps)
    return [
        pa.array(np.repeat(numbers, n_steps * n_assets)),
        pa.array(np.tile(step, len(numbers))),
        pa.DictionaryArray.from_arrays(pa.array(asset), pa.array(sheet.assets, pa.string())),
        pa.array(np.ascontiguousarray(cells).reshape(-1)),
    ]
