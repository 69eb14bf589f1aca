"""Forecasts as rows: those of a segment, those of a whole walk, and the forecasts file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.risk.walks import Walk


@dataclass(frozen=True, kw_only=True)
class DayForecast:
    """The forecast of one day over one horizon, in log returns, beside its outcome.

    Attributes
    ----------
    realized, crps, pit : float
        Outcome, score of the whole law, and forecast probability of a return up to the outcome.
    value_at_risk, expected_shortfall : tuple of float
        One number a level, positive for a loss.
    quantiles : array of shape (K,)
        Quantile function on `simgan.risk.law.GRID`.
    """

    realized: float
    crps: float
    pit: float
    value_at_risk: tuple[float, ...]
    expected_shortfall: tuple[float, ...]
    quantiles: FloatArray


@dataclass(frozen=True, kw_only=True)
class DayRows:
    """Arrays with a row for each of successive days, which part files keep."""

    def __len__(self) -> int:
        return len(getattr(self, self._names()[0]))

    @classmethod
    def of(cls, days: Sequence[object]) -> Self:
        """Stack the numbers of successive days, which are attributes of the same names."""
        return cls(
            **{name: np.array([getattr(day, name) for day in days]) for name in cls._names()}
        )

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """Join the rows of successive segments."""
        return cls(
            **{name: np.concatenate([getattr(p, name) for p in parts]) for name in cls._names()}
        )

    def arrays(self, horizon: int) -> dict[str, AnyFloatArray]:
        """Return the columns under names that also hold the horizon, such as "10.crps"."""
        return {f"{horizon}.{name}": getattr(self, name) for name in self._names()}

    @classmethod
    def read(cls, arrays: Mapping[str, AnyFloatArray], horizon: int) -> Self:
        """Pick the columns of one horizon.

        Raises
        ------
        KeyError
            A column is missing.
        ValueError
            The columns differ in length.
        """
        rows = cls(**{name: arrays[f"{horizon}.{name}"] for name in cls._names()})
        if len({len(getattr(rows, name)) for name in cls._names()}) > 1:
            raise ValueError(f"columns of horizon {horizon} differ in length")
        return rows

    @classmethod
    def _names(cls) -> tuple[str, ...]:
        return tuple(one.name for one in fields(cls))


@dataclass(frozen=True, kw_only=True)
class ForecastRows(DayRows):
    """Forecasts of successive days over one horizon.

    Attributes
    ----------
    realized, crps, pit : arrays of shape (days,)
    value_at_risk, expected_shortfall : arrays of shape (days, levels)
    quantiles : array of shape (days, K), float32
    """

    realized: FloatArray
    crps: FloatArray
    pit: FloatArray
    value_at_risk: FloatArray
    expected_shortfall: FloatArray
    quantiles: AnyFloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "quantiles", np.asarray(self.quantiles, np.float32))


def to_table(walks: Sequence[Walk]) -> pa.Table:
    """Return the forecasts as a table with a row a day and level.

    The columns are date, asset, model, horizon, level, var, es, realized, crps and pit. `var` and
    `es` are positive for losses. All numbers are log returns over the horizon. `date` is the first
    day of the forecast.
    """
    return pa.concat_tables([_table(walk) for walk in walks])


def write_table(walks: Sequence[Walk], path: Path) -> None:
    """Write the forecasts as Parquet. The same forecasts give the same bytes."""
    parquet.write_table(to_table(walks), path, compression="zstd")


def _table(walk: Walk) -> pa.Table:
    days, levels = walk.value_at_risk.shape
    columns: dict[str, object] = {
        "date": np.repeat(walk.dates.astype("datetime64[ms]"), levels),
        "asset": pa.repeat(walk.asset, days * levels),
        "model": pa.repeat(walk.model, days * levels),
        "horizon": np.full(days * levels, walk.horizon, np.int32),
        "level": np.tile(walk.levels, days),
        "var": walk.value_at_risk.ravel(),
        "es": walk.expected_shortfall.ravel(),
        "realized": np.repeat(walk.realized, levels),
        "crps": np.repeat(walk.crps, levels),
        "pit": np.repeat(walk.pit, levels),
    }
    return pa.table(columns)
