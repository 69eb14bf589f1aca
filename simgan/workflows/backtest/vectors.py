"""Scores of joint forecasts in a walk: of the vector of returns, and of portfolios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.risk.joint_walks import JointWalk
from simgan.risk.portfolio_scores import portfolio_scores, portfolios_on
from simgan.risk.vector_scores import energy_score, variogram_score
from simgan.workflows.backtest.forecasts import DayRows

DRAWS = 1000  # scenarios behind energy and variogram scores, whose cost grows with their square


@dataclass(frozen=True, kw_only=True)
class JointRows(DayRows):
    """Scores of joint forecasts of successive days over one horizon.

    All are NaN on days over which a return of an asset is missing.

    Attributes
    ----------
    energy, variogram : arrays of shape (days,)
    portfolio_crps : array of shape (days, portfolios)
    portfolio_fz0, portfolio_hits : arrays of shape (days, portfolios, levels)
        As in `simgan.risk.portfolio_scores.PortfolioScores`.
    """

    energy: FloatArray
    variogram: FloatArray
    portfolio_crps: FloatArray
    portfolio_fz0: FloatArray
    portfolio_hits: FloatArray


@dataclass(frozen=True)
class JointDay:
    """One row of `JointRows`."""

    energy: float
    variogram: float
    portfolio_crps: FloatArray
    portfolio_fz0: FloatArray
    portfolio_hits: FloatArray

    @classmethod
    def missing(cls, portfolios: int, levels: int) -> Self:
        """Return the row of a day that cannot be scored."""
        of_levels = np.full((portfolios, levels), np.nan)
        return cls(np.nan, np.nan, of_levels[:, 0], of_levels, of_levels)


@dataclass(frozen=True)
class VectorScoring:
    """How the joint forecasts of a walk are scored.

    Attributes
    ----------
    levels : tuple of float
        Coverages of the VaR and ES of portfolios.
    draws : int
        First scenarios of a day, by which vectors are scored. Portfolios are scored by all.
    """

    levels: tuple[float, ...]
    draws: int = DRAWS

    def record(self) -> dict[str, object]:
        """Plain JSON data that decide the scores."""
        return asdict(self)

    def of_day(
        self, paths: AnyFloatArray, log_returns: FloatArray, day: int, horizons: Sequence[int]
    ) -> dict[int, JointDay]:
        """Score the paths of a day over each horizon of which the outcome is known.

        Parameters
        ----------
        paths : array of shape (draws, longest horizon, assets)
        log_returns : array of shape (days, assets)
            The history with the outcomes. Portfolios are chosen by the rows before the day.
        day : int
            Its row.
        horizons : sequence of int
        """
        weights = portfolios_on(log_returns[:day])
        return {
            horizon: self._scored(
                paths[:, :horizon].sum(axis=1, dtype=np.float64),
                log_returns[day : day + horizon].sum(axis=0),
                weights,
            )
            for horizon in horizons
            if day + horizon <= len(log_returns)
        }

    def _scored(self, draws: FloatArray, realized: FloatArray, weights: FloatArray) -> JointDay:
        if not np.isfinite(realized).all():
            return JointDay.missing(len(weights), len(self.levels))
        tails = [round(1.0 - level, 12) for level in self.levels]
        found = portfolio_scores(draws, realized, weights, tails)
        some = draws[: self.draws]
        vectors = energy_score(some, realized), variogram_score(some, realized)
        return JointDay(*vectors, found.crps, found.fz0, found.hits)


def write_scores(walks: Sequence[JointWalk], path: Path) -> None:
    """Write the scores of vectors as Parquet: date, model, horizon, energy and variogram.

    Both are in log returns. The same scores give the same bytes.
    """
    tables = [
        pa.table(
            {
                "date": walk.dates.astype("datetime64[ms]"),
                "model": pa.repeat(walk.model, len(walk.dates)),
                "horizon": np.full(len(walk.dates), walk.horizon, np.int32),
                "energy": walk.energy,
                "variogram": walk.variogram,
            }
        )
        for walk in walks
    ]
    parquet.write_table(pa.concat_tables(tables), path, compression="zstd")
