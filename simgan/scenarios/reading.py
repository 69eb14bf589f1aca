"""Scenarios of any generator, read from a file: CSV, Parquet, Arrow or NumPy."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import ConfigError, ScenarioError
from simgan.scenarios.block import BAR, Values

if TYPE_CHECKING:
    import pyarrow as pa

Reader = Callable[[Path], "pa.Table"]
_IDS = ("scenario", "path")  # columns that name a scenario
_INDEX = (*_IDS, "", "index", "Unnamed: 0", "__index_level_0__")
_LONG = ("scenario", "step")
_VALUE, _CLOSE = "value", "close"
_FORMS = "scenario, 1, 2, …, H with a row per scenario, or scenario, step, value"
_NUMBERS = "numbers; give numbers with a point as decimal mark"
_TEXT = "text; write it in UTF-8"
_LONGEST = 40  # letters of a column name in a message
_MOST_DIGITS = 9  # of a step
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
        Ends in .csv, .csv.gz, .csv.zst, .parquet, .arrow, .arrows or .npy. A table has a row per
        scenario with columns 1 … H, or a row per scenario and step. An array has shape (paths,
        horizon) or (paths, horizon, assets). Of bars the closes are read, from columns open, high,
        low and close, or from an array of shape (paths, horizon, assets, 4).
    values : {"", "log-returns", "returns", "prices", "bars"}
        Kind of the values. By default the one that a file of simgan names, else log returns. Bars
        are known by their shape.
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
        cells, name, told = _of_array(path, asset)
    else:
        table = _table(path)
        cells, name = _of_table(path, table, asset)
        told = _kind_of(table)
    if values == "bars" and told != "bars":
        raise ScenarioError(f"{path}: no bars; give columns {', '.join((*_LONG, *BAR))}")
    kind = values or told or "log-returns"
    _expect_numbers(path, cells)
    log_returns = _log_returns(path, cells, kind)
    notes = [_told(path, told)] if told and not values and told != "log-returns" else []
    return ReadScenarios(path, log_returns, name, (*notes, *_still(path, log_returns)))


def _told(path: Path, kind: str) -> str:
    """Say which values a file holds."""
    if kind != "bars":
        return f"{path} holds {kind}"
    return f"{path} holds bars: the returns of their closes begin with the second day"


def _of_array(path: Path, asset: str) -> tuple[FloatArray, str, str]:
    """Return the values of an asset, its name, and their kind if the shape tells it."""
    try:
        with path.open("rb") as file:
            values = np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    are_bars = values.ndim == 4 and values.shape[3] == len(BAR)
    is_known = values.ndim in (2, 3) or are_bars
    if not is_known or 0 in values.shape or values.dtype.kind not in "fiu":
        raise ScenarioError(
            f"{path}: an array of {values.dtype} and shape {values.shape}; give numbers of shape "
            "(paths, horizon) or (paths, horizon, assets), or bars (paths, horizon, assets, 4)"
        )
    if values.ndim == 2:
        return np.asarray(values, np.float64), "", ""
    names = [str(number + 1) for number in range(values.shape[2])]
    chosen = values[:, :, names.index(_chosen(path, names, asset))]
    cells = chosen[..., BAR.index(_CLOSE)] if are_bars else chosen
    return np.asarray(cells, np.float64), asset, "bars" if are_bars else ""


def _table(path: Path) -> pa.Table:
    import pyarrow as pa

    name = path.name.lower()
    reader = next((read for ending, read in READERS.items() if name.endswith(ending)), None)
    if reader is None:
        raise ScenarioError(
            f"{path}: an ending that is not read; give one of {', '.join([*READERS, '.npy'])}"
        )
    try:
        table = reader(path)
        names = Counter(table.column_names)
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: a column name is not UTF-8; write it in UTF-8") from error
    except (OSError, ValueError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error
    if twice := [name for name, times in names.items() if times > 1]:
        raise ScenarioError(f"{path}: {names[twice[0]]} columns {twice[0]!r}; leave one of them")
    return table


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


def _arrow_stream(path: Path) -> pa.Table:
    import pyarrow as pa

    with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as batches:
        return batches.read_all()


READERS: dict[str, Reader] = {
    ".csv": _csv,
    ".csv.gz": _csv,
    ".csv.zst": _csv,
    ".parquet": _parquet,
    ".arrow": _arrow,
    ".arrows": _arrow_stream,
}


def _kind_of(table: pa.Table) -> str:
    """Return the kind of values that a file of simgan names in its metadata, or nothing.

    The columns of a table tell bars.
    """
    if set(BAR) <= set(table.column_names):
        return "bars"
    with suppress(ValueError, TypeError, AttributeError, RecursionError):
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
    value = _CLOSE if set(BAR) <= set(names) else _VALUE
    if {*_LONG, value} <= set(names):
        return _of_long(path, table, asset, value)
    _expect_own_rows(path, table)
    steps = [name for name in names if name not in _INDEX]
    prefix, numbers = _numbered(path, steps, asset)
    columns = [_floats(path, table, name) for name in numbers]
    return np.stack(columns, axis=1), prefix


def _expect_own_rows(path: Path, table: pa.Table) -> None:
    """Refuse a table with a row per scenario where two rows name the same one."""
    import pyarrow as pa

    names = [name for name in _IDS if name in table.column_names]
    if names:
        ids = pa.table({name: _column(path, table, name, "string", _TEXT) for name in names})
        again = len(ids) - len(ids.group_by(names).aggregate([]))
        if again:
            raise ScenarioError(
                f"{path}: {again:,} of {len(ids):,} rows have the {names[0]} of another row; "
                "number them anew or leave out one of two"
            )


def _numbered(path: Path, names: Sequence[str], asset: str) -> tuple[str, list[str]]:
    """Return the asset and the columns of its steps, which count from 0 or 1 without a gap."""
    parts = [name.rpartition(":") for name in names]
    if not names or not all(map(_is_step, (step for _, _, step in parts))):
        raise _wrong_columns(path, names)
    assets = list(dict.fromkeys(prefix for prefix, _, _ in parts))
    chosen = _chosen(path, assets, asset) if assets != [""] else ""
    own = dict[int, str]()
    for name, (prefix, _, step) in zip(names, parts, strict=True):
        if prefix == chosen and name != own.setdefault(int(step), name):
            raise ScenarioError(
                f"{path}: columns {own[int(step)]} and {name} are the same step; leave one of them"
            )
    steps = sorted(own)
    if steps[0] > 1 or steps != list(range(steps[0], steps[0] + len(steps))):
        raise _wrong_columns(path, names)
    return chosen, [own[step] for step in steps]


def _is_step(words: str) -> bool:
    return words.isdecimal() and len(words) <= _MOST_DIGITS


def _of_long(path: Path, table: pa.Table, asset: str, column: str) -> tuple[FloatArray, str]:
    import pyarrow.compute as pc

    chosen = ""
    if "asset" in table.column_names:
        assets = pc.fill_null(_column(path, table, "asset", "string", _TEXT), "")
        _expect_complete(path, "asset", int(np.count_nonzero(pc.equal(assets, ""))))
        chosen = _chosen(path, assets.unique().to_pylist(), asset)
        table = table.filter(pc.equal(assets, chosen))
    scenario, step, value = (_floats(path, table, name) for name in (*_LONG, column))
    for name, numbers in (("scenario", scenario), ("step", step)):
        _expect_complete(path, name, int(np.count_nonzero(~np.isfinite(numbers))))
    order = np.lexsort((step, scenario))
    scenario, step, value = scenario[order], step[order], value[order]
    numbers, counts = np.unique(scenario, return_counts=True)
    if not counts.size:
        return np.empty((0, 0)), chosen
    horizon = int(counts[0])
    odd = np.flatnonzero(counts != horizon)
    if odd.size:
        first = f"scenario {numbers[odd[0]]:g} has {counts[odd[0]]}"
        raise ScenarioError(f"{path}: {first}, others {horizon} steps; give all the same steps")
    grid = step.reshape(-1, horizon)
    counted = grid[0, 0] + np.arange(horizon)
    if grid[0, 0] not in (0, 1) or (grid != counted).any():
        raise ScenarioError(f"{path}: steps are not 1, 2, …, {horizon} in every scenario")
    return value.reshape(-1, horizon), chosen


def _expect_complete(path: Path, name: str, missing: int) -> None:
    if missing:
        rows = "1 row has" if missing == 1 else f"{missing:,} rows have"
        raise ScenarioError(f"{path}: {rows} no {name}; fill the column or leave out such rows")


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
    column = _column(path, table, name, "double", _NUMBERS)
    return np.asarray(column.to_numpy(), np.float64)


def _column(path: Path, table: pa.Table, name: str, kind: str, allowed: str) -> pa.ChunkedArray:
    import pyarrow as pa

    try:
        return table[name].cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        found = table[name].type
        raise ScenarioError(f"{path}: column {name} holds {found}, not {allowed}") from error


def _expect_numbers(path: Path, cells: FloatArray) -> None:
    if cells.size == 0:
        raise ScenarioError(f"{path}: no scenario; draw some")
    bad = np.argwhere(~np.isfinite(cells))
    if bad.size:
        row, column = bad[0]
        where = f"row {row + 1}, step {column + 1}"
        said = f"{len(bad):,} values are" if len(bad) > 1 else f"the value in {where} is"
        first = f", the first in {where}" if len(bad) > 1 else ""
        raise ScenarioError(
            f"{path}: {said} missing or not finite{first}; draw such scenarios again or leave them "
            "out"
        )


def _log_returns(path: Path, cells: FloatArray, kind: str) -> FloatArray:
    if kind in ("prices", "bars"):
        if cells.shape[1] < 2 or not (cells > 0).all():
            least = "two columns" if kind == "prices" else "two steps"
            raise ScenarioError(f"{path}: {kind} need at least {least}, all above 0")
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
    first = [name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…" for name in names[:6]]
    shown = ", ".join(first) + (", …" if len(names) > 6 else "") or "none"
    return ScenarioError(f"{path}: columns {shown}; give {_FORMS}")


def _unreadable(path: Path, error: Exception) -> ScenarioError:
    if isinstance(error, FileNotFoundError):
        return ScenarioError(f"{path}: no such file; give a file of scenarios")
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return ScenarioError(f"{path}: cannot be read ({reason}); write it again or name another file")
