"""Frames of pandas and polars: their cells as a grid, as the cells of a file are.

A frame is recognised without an import of its library: whoever holds one has loaded it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simgan.errors import PriceError
from simgan.market.files.names import Meaning, date_rank, field_of
from simgan.market.files.sheet import Grid

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    Frame: TypeAlias = pd.Series | pd.DataFrame | pl.DataFrame

DATE, TICKER, PRICE = "Date", "Ticker", "Price"
_KINDS = {("pandas", "Series"), ("pandas", "DataFrame"), ("polars", "DataFrame")}
_EITHER = r"^(-?\d{1,3}\.\d{3})$"  # 1.234 would have two readings in a file
_UTC = ("UTC", "UTC+00:00", "Etc/UTC", "GMT", "tzutc()")


def is_frame(value: object) -> TypeGuard[Frame]:
    """Tell whether a value is a series or a frame of pandas, or a frame of polars."""
    return bool(_names_of(value) & _KINDS)


def _names_of(value: object) -> set[tuple[str, str]]:
    return {(cls.__module__.split(".")[0], cls.__name__) for cls in type(value).__mro__}


def is_series(value: object) -> TypeGuard[pd.Series]:
    """Tell whether a value is a series of pandas."""
    return ("pandas", "Series") in _names_of(value)


def is_polars(value: object) -> TypeGuard[pl.DataFrame]:
    """Tell whether a value is a frame of polars."""
    return ("polars", "DataFrame") in _names_of(value)


@dataclass(frozen=True)
class FrameColumns:
    """Columns of a frame, in text.

    Attributes
    ----------
    headers : tuple of tuples of str
        One or two rows of names, as they stand above the rows of a file.
    cells : list of string arrays
    ticker : str
        The one ticker that the names of the columns hold, or nothing.
    has_dates : bool
        Whether the index gives the dates. Otherwise a column must.
    """

    headers: tuple[tuple[str, ...], ...]
    cells: list[pa.Array]
    ticker: str = ""
    has_dates: bool = True

    def grid(self, unit: str) -> Grid:
        """Return the cells below their names. Row 0 is the first of the frame."""
        depth = len(self.headers)
        columns = [
            pa.concat_arrays([pa.array([row[i] for row in self.headers], pa.string()), cells])
            for i, cells in enumerate(self.cells)
        ]
        rows = depth + len(self.cells[0])
        return Grid(tuple(columns), np.arange(rows) - depth, np.full(rows, len(columns)), unit=unit)


def columns_of(frame: Frame) -> FrameColumns:
    """Return the columns of a frame with its dates.

    Raises
    ------
    PriceError
        The frame has no row, no dates, or names of columns in more than two levels.
    """
    if not len(frame):
        raise PriceError("it is empty; give it a row a day, with a DatetimeIndex")
    if 0 in frame.shape:
        raise PriceError("it has no column; give it a column of prices for each asset")
    if is_polars(frame):
        return _of_polars(frame)
    if is_series(frame):
        return _of_pandas_series(frame)
    return _of_pandas(frame)  # type: ignore[arg-type]


def _of_polars(frame: pl.DataFrame) -> FrameColumns:
    cells = [_of_polars_series(each) for each in frame]
    return FrameColumns((tuple(frame.columns),), cells)


def _of_pandas_series(series: pd.Series) -> FrameColumns:
    """Return the dates and the prices of a series. Its name is that of the asset."""
    labels, cells = _index(series.index)
    if not cells:
        raise PriceError(
            "its index holds no dates; give it one, such as series.index = pd.to_datetime(dates)"
        )
    return FrameColumns(((*labels, PRICE),), [*cells, _of_series(series)])


def _of_pandas(frame: pd.DataFrame) -> FrameColumns:
    labels, cells = _index(frame.index)
    cells += [_of_series(frame.iloc[:, i]) for i in range(frame.shape[1])]
    depth = frame.columns.nlevels
    if depth > 2:
        raise PriceError(
            f"its columns have {depth} levels; keep two at most: fields such as Close, and tickers"
        )
    has_dates = bool(labels)
    if depth == 1:
        return FrameColumns(((*labels, *map(_name, frame.columns)),), cells, "", has_dates)
    fields, tickers = _levels([tuple(map(_name, names)) for names in frame.columns])
    known = list(dict.fromkeys(name for name in tickers if name))
    if len(known) == 1:
        return FrameColumns(((*labels, *fields),), cells, known[0], has_dates)
    beside = [""] * max(len(labels) - 1, 0)
    upper, lower = ([level, *beside][: len(labels)] for level in (PRICE, TICKER))
    return FrameColumns(((*upper, *fields), (*lower, *tickers)), cells, "", has_dates)


def _name(name: object) -> str:
    """Return the name of a column as text, or nothing for None and NaN, which name nothing."""
    return "" if name is None or name != name else str(name)


def _levels(names: Sequence[tuple[str, ...]]) -> tuple[list[str], list[str]]:
    """Return the names of fields and of tickers of columns in two levels, in either order."""
    first, second = ([name[level] for name in names] for level in (0, 1))
    known = [sum(field_of(name) is not None for name in level) for level in (first, second)]
    return (first, second) if known[0] >= known[1] else (second, first)


def _index(index: pd.Index) -> tuple[list[str], list[pa.Array]]:
    """Return the columns that an index makes: dates, perhaps with tickers, or nothing."""
    if index.nlevels > 1:
        levels = [index.get_level_values(i) for i in range(index.nlevels)]
        named = [(level.name, _index_cells(level)) for level in levels]
        return (
            [
                str(name) if name is not None else DATE if is_date else TICKER
                for name, (_, is_date) in named
            ],
            [cells for _, (cells, _) in named],
        )
    cells, is_date = _index_cells(index)
    name = "" if index.name is None else str(index.name)
    rank = date_rank(name) if name else None
    if not is_date and index.dtype.kind in "iufb" and rank is None:
        return [], []  # it counts rows
    return [name if rank == 0 else DATE], [cells]


def _index_cells(index: pd.Index) -> tuple[pa.Array, bool]:
    """Return an index as text, and whether it holds dates."""
    if hasattr(index, "to_timestamp"):  # periods
        index = index.to_timestamp()
    return _of_series(index.to_series()), index.dtype.kind == "M"


def _of_series(values: pd.Series) -> pa.Array:
    """Write a column of pandas as text: ISO dates, decimal points, nothing for no value."""
    if values.dtype.kind == "M":
        zone = getattr(values.dtype, "tz", None)
        if zone is not None:
            values = values.dt.tz_localize(None)
        return times_as_text(values.to_numpy(), zone)
    if values.dtype.kind in "iuf":
        return _of_numbers(pa.array(values.to_numpy(), from_pandas=True))
    return _of_texts(values)


def _of_polars_series(values: pl.Series) -> pa.Array:
    """Write a column of polars as text."""
    if values.dtype.is_temporal():
        zone = getattr(values.dtype, "time_zone", None)
        if zone is not None:
            values = values.dt.replace_time_zone(None)
        return times_as_text(values.to_numpy(), zone)
    if values.dtype.is_float() or values.dtype.is_integer():
        return _of_numbers(pa.array(values.to_numpy(), from_pandas=True))
    return _of_texts(values)


def _of_numbers(numbers: pa.Array) -> pa.Array:
    """Write numbers so that none can be read with a decimal comma."""
    text = pc.fill_null(pc.cast(numbers, pa.string()), "")
    return pc.replace_substring_regex(text, _EITHER, r"\10")  # group 1, and a zero


def _of_texts(values: Iterable[object]) -> pa.Array:
    return pa.array(["" if cell is None else str(cell).strip() for cell in values], pa.string())


def times_as_text(clocks: NDArray[np.generic], zone: object) -> pa.Array:
    """Write times as days where all are midnights, in the calendar of their own time zone.

    Only times in UTC keep their zone. It is that of a vendor, and no exchange opens by it.
    """
    stamps = clocks.astype("datetime64[s]")
    days = stamps.astype("datetime64[D]")
    if (days == stamps)[~np.isnat(stamps)].all():
        text, ending = days.astype(str), ""
    else:
        text, ending = stamps.astype(str), "+00:00" if str(zone) in _UTC else ""
    cells = [f"{cell.replace('T', ' ')}{ending}" if cell != "NaT" else "" for cell in text]
    return pa.array(cells, pa.string())


def says_kind_of_price(name: str) -> bool:
    """Tell whether a name such as ``Close`` says only which price of a day it is."""
    return field_of(name) in (
        Meaning.ADJUSTED,
        Meaning.CLOSE,
        Meaning.PRICE,
        Meaning.OPEN,
        Meaning.HIGH,
        Meaning.LOW,
    )
