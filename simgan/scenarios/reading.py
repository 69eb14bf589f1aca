"""Scenarios of any generator, read from a file: CSV, Parquet, Arrow or NumPy."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import ConfigError, ScenarioError
from simgan.scenarios.block import Values

if TYPE_CHECKING:
    import pyarrow as pa

Reader = Callable[[Path], "pa.Table"]
_INDEX = ("scenario", "path", "", "index", "Unnamed: 0", "__index_level_0__")
_LONG = ("scenario", "step", "value")
_FORMS = "scenario, 1, 2, …, H with a row per scenario, or scenario, step, value"
_LIKE_PRICES = 0.5  # a median daily log return of this size is none


@dataclass(frozen=True)
class ReadScenarios:
    """Scenarios of a file.

    Attributes
    ----------
    path : Path
    log_returns : array of shape (paths, horizon)
        Of one asset.
    asset : str
        Empty where the file names none.
    notes : tuple of str
        Sentences for the user.
    """

    path: Path
    log_returns: FloatArray
    asset: str = ""
    notes: tuple[str, ...] = ()


def read_scenarios(path: Path, values: str = "", asset: str = "") -> ReadScenarios:
    """Read the scenarios of one asset, and check every value.

    Parameters
    ----------
    path : Path
        Ends in .csv, .csv.gz, .csv.zst, .parquet, .arrow or .npy. A table has a row per scenario
        with columns 1 … H, or a row per scenario and step. An array has shape (paths, horizon) or
        (paths, horizon, assets).
    values : {"", "log-returns", "returns", "prices"}
        Kind of the values. By default the one that a file of simgan names, else log returns.
    asset : str
        Which of several assets to read: a name, or its number from 1 in an array.

    Raises
    ------
    ScenarioError
        The file cannot be read, its columns are others, or a value is missing or not possible.
    ConfigError
        The kind of values is unknown.
    """
    if values and values not in get_args(Values):
        raise ConfigError("scenarios", "values", values, f"one of {', '.join(get_args(Values))}")
    if path.name.lower().endswith(".npy"):
        cells, name, told = *_of_array(path, asset), ""
    else:
        table = _table(path)
        cells, name = _of_table(path, table, asset)
        told = _kind_of(table)
    kind = values or told or "log-returns"
    _expect_numbers(path, cells)
    log_returns = _log_returns(path, cells, kind)
    notes = [f"{path} holds {told}"] if told and not values and told != "log-returns" else []
    return ReadScenarios(path, log_returns, name, (*notes, *_still(path, log_returns)))


def _of_array(path: Path, asset: str) -> tuple[FloatArray, str]:
    try:
        values = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if values.ndim not in (2, 3) or 0 in values.shape or values.dtype.kind not in "fiu":
        raise ScenarioError(
            f"{path}: an array of {values.dtype} and shape {values.shape}; give numbers of shape "
            "(paths, horizon) or (paths, horizon, assets)"
        )
    if values.ndim == 2:
        return np.asarray(values, np.float64), ""
    names = [str(number + 1) for number in range(values.shape[2])]
    chosen = _chosen(path, names, asset)
    return np.asarray(values[:, :, names.index(chosen)], np.float64), asset


def _table(path: Path) -> pa.Table:
    name = path.name.lower()
    reader = next((read for ending, read in READERS.items() if name.endswith(ending)), None)
    if reader is None:
        raise ScenarioError(
            f"{path}: an ending that is not read; give one of {', '.join([*READERS, '.npy'])}"
        )
    try:
        return reader(path)
    except (OSError, ValueError) as error:  # those of pyarrow descend from them
        raise _unreadable(path, error) from error


def _csv(path: Path) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    packing = {".gz": "gzip", ".zst": "zstd"}.get(path.suffix.lower())
    with pa.input_stream(str(path), compression=packing) as stream:
        return csv.read_csv(stream)


def _parquet(path: Path) -> pa.Table:
    from pyarrow import parquet

    return parquet.read_table(path)


def _arrow(path: Path) -> pa.Table:
    from pyarrow import ipc

    with ipc.open_file(path) as file:
        return file.read_all()


READERS: dict[str, Reader] = {
    ".csv": _csv,
    ".csv.gz": _csv,
    ".csv.zst": _csv,
    ".parquet": _parquet,
    ".arrow": _arrow,
}


def _kind_of(table: pa.Table) -> str:
    """Return the kind of values that a file of simgan names in its metadata, or nothing."""
    with suppress(ValueError, TypeError, AttributeError):
        sheet = json.loads((table.schema.metadata or {}).get(b"simgan", b"{}"))
        if sheet.get("values") in get_args(Values):
            return str(sheet["values"])
    return ""


def _of_table(path: Path, table: pa.Table, asset: str) -> tuple[FloatArray, str]:
    names = list(table.column_names)
    if "weight" in names:
        raise ScenarioError(
            f"{path}: its scenarios have weights, and a comparison needs equal ones; draw them "
            "without a condition"
        )
    if set(_LONG) <= set(names):
        return _of_long(path, table, asset)
    steps = [name for name in names if name not in _INDEX]
    prefix, numbers = _numbered(path, steps, asset)
    columns = [_floats(path, table, name) for name in numbers]
    return np.stack(columns, axis=1), prefix


def _numbered(path: Path, names: Sequence[str], asset: str) -> tuple[str, list[str]]:
    """Return the asset and the columns of its steps, which count from 0 or 1 without a gap."""
    parts = [name.rpartition(":") for name in names]
    if not names or not all(step.isdecimal() for _, _, step in parts):
        raise _wrong_columns(path, names)
    assets = list(dict.fromkeys(prefix for prefix, _, _ in parts))
    chosen = _chosen(path, assets, asset) if assets != [""] else ""
    own = {
        int(step): name
        for name, (prefix, _, step) in zip(names, parts, strict=True)
        if prefix == chosen
    }
    steps = sorted(own)
    if steps[0] > 1 or steps != list(range(steps[0], steps[0] + len(steps))):
        raise _wrong_columns(path, names)
    return chosen, [own[step] for step in steps]


def _of_long(path: Path, table: pa.Table, asset: str) -> tuple[FloatArray, str]:
    import pyarrow.compute as pc

    chosen = ""
    if "asset" in table.column_names:
        assets = [str(one) for one in pc.unique(table["asset"]).to_pylist()]
        chosen = _chosen(path, assets, asset)
        table = table.filter(pc.equal(pc.cast(table["asset"], "string"), chosen))
    scenario, step, value = (_floats(path, table, name) for name in _LONG)
    order = np.lexsort((step, scenario))
    scenario, step, value = scenario[order], step[order], value[order]
    numbers, counts = np.unique(scenario, return_counts=True)
    horizon = int(counts[0]) if counts.size else 0
    odd = np.flatnonzero(counts != horizon)
    if horizon == 0 or odd.size:
        first = f"scenario {numbers[odd[0]]:g} has {counts[odd[0]]}" if odd.size else "no rows"
        raise ScenarioError(f"{path}: {first}, others {horizon} steps; give all the same steps")
    grid = step.reshape(-1, horizon)
    if (grid != grid[0]).any() or (np.diff(grid[0]) != 1).any():
        raise ScenarioError(f"{path}: steps are not 1, 2, …, {horizon} in every scenario")
    return value.reshape(-1, horizon), chosen


def _chosen(path: Path, assets: Sequence[str], asset: str) -> str:
    if asset and asset not in assets:
        raise ScenarioError(f"{path}: no asset {asset}; it holds {', '.join(assets[:8])}")
    if not asset and len(assets) > 1:
        raise ScenarioError(
            f"{path}: holds {len(assets)} assets ({', '.join(assets[:8])}); name one with --asset"
        )
    return asset or assets[0]


def _floats(path: Path, table: pa.Table, name: str) -> FloatArray:
    """Return a column of numbers. A missing value becomes NaN, and is told later."""
    import pyarrow as pa

    try:
        column = table[name].cast(pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ScenarioError(
            f"{path}: column {name} holds {table[name].type}, not numbers; give numbers with a "
            "point as decimal mark"
        ) from error
    return np.asarray(column.to_numpy(), np.float64)


def _expect_numbers(path: Path, cells: FloatArray) -> None:
    if cells.size == 0:
        raise ScenarioError(f"{path}: no scenario; draw some")
    bad = np.argwhere(~np.isfinite(cells))
    if bad.size:
        row, column = bad[0]
        raise ScenarioError(
            f"{path}: {len(bad)} values are missing or not finite, the first in row {row + 1}, "
            f"step {column + 1}; draw these scenarios again or leave them out"
        )


def _log_returns(path: Path, cells: FloatArray, kind: str) -> FloatArray:
    if kind == "prices":
        if cells.shape[1] < 2 or not (cells > 0).all():
            raise ScenarioError(f"{path}: prices need at least two columns, all above 0")
        return np.asarray(np.diff(np.log(cells), axis=1), np.float64)
    if kind == "returns":
        if not (cells > -1).all():
            raise ScenarioError(f"{path}: a simple return of −100 % or less; is it in percent?")
        return np.asarray(np.log1p(cells), np.float64)
    if np.median(np.abs(cells)) > _LIKE_PRICES:
        likely = "prices (--values prices)" if (cells > 0).all() else "percent (divide by 100)"
        raise ScenarioError(
            f"{path}: half of the values are beyond ±{np.median(np.abs(cells)):.3g}, too large for "
            f"log returns of a day; are they {likely}?"
        )
    return cells


def _still(path: Path, log_returns: FloatArray) -> list[str]:
    """Refuse scenarios that are all constant, and tell how many of them are."""
    if log_returns.shape[1] == 1:
        still = np.full(len(log_returns), np.ptp(log_returns) == 0.0)
    else:
        still = np.ptp(log_returns, axis=1) == 0.0
    count = int(still.sum())
    if count == len(log_returns):
        raise ScenarioError(f"{path}: every scenario is constant; the generator has collapsed")
    if count:
        return [f"{path}: warning: {count:,} of {len(still):,} scenarios are constant"]
    return []


def _wrong_columns(path: Path, names: Sequence[str]) -> ScenarioError:
    shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "") or "none"
    return ScenarioError(f"{path}: columns {shown}; give {_FORMS}")


def _unreadable(path: Path, error: Exception) -> ScenarioError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return ScenarioError(f"{path}: cannot be read ({reason}); write it again or name another file")
