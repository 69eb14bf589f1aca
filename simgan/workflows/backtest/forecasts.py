"""From parts to walks, and from walks to the forecasts file of the contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from simgan.arrays import FloatArray
from simgan.risk.backtests.law import GRID, QuantileLaw
from simgan.risk.walks import Walk
from simgan.workflows.backtest.walk import Chain

_SCORES = 3  # realized, CRPS, PIT come first in a row of a part


def walks_of(chain: Chain) -> Iterator[Walk]:
    """Join the parts of a finished chain: a walk per horizon for which an outcome is known."""
    for horizon in chain.rules.horizons:
        name = f"{horizon}.forecasts"
        found = [part.arrays[name] for part in chain.parts if name in part.arrays]
        if found:
            yield _walk(chain, horizon, np.concatenate(found))


def _walk(chain: Chain, horizon: int, rows: FloatArray) -> Walk:
    levels = len(chain.rules.levels)
    realized, crps, pit = rows[:, :_SCORES].T
    first = chain.segments[0].days.start
    return Walk(
        asset=chain.history.assets[0],
        model=chain.contender.name,
        horizon=horizon,
        dates=chain.history.dates[first : first + len(rows)],
        realized=realized,
        levels=chain.rules.levels,
        value_at_risk=rows[:, _SCORES : _SCORES + levels],
        expected_shortfall=rows[:, _SCORES + levels : _SCORES + 2 * levels],
        crps=crps,
        pit=pit,
        law=QuantileLaw(GRID, rows[:, _SCORES + 2 * levels :].astype(np.float32)),
    )


def to_table(walks: Sequence[Walk]) -> pa.Table:
    """Return the forecasts: columns date, asset, model, horizon, level, var, es, realized, crps, pit; a row per day and level.

    `var` and `es` are positive for losses, all in log returns over the horizon; `date` is the first day forecast.
    """
    return pa.concat_tables([_table(walk) for walk in walks])


def _table(walk: Walk) -> pa.Table:
    days, levels = walk.value_at_risk.shape
    columns: dict[str, Any] = {
        "date": np.repeat(walk.dates.astype("datetime64[ms]"), levels),
        "asset": pa.repeat(walk.asset, days * levels),
        "model": pa.repeat(walk.model, days * levels),
        "horizon": np.full(days * levels, walk.horizon, np.int32),
        "level": np.tile(walk.levels, days),
        "var": walk.value_at_risk.ravel(),
        "es": walk.expected_shortfall.ravel(),
        **{
            name: np.repeat(values, levels)
            for name, values in (
                ("realized", walk.realized),
                ("crps", walk.crps),
                ("pit", walk.pit),
            )
        },
    }
    return pa.table(columns)


def write_table(walks: Sequence[Walk], path: Path) -> None:
    """Write the forecasts as Parquet; the same forecasts give the same bytes."""
    parquet.write_table(to_table(walks), path, compression="zstd")
