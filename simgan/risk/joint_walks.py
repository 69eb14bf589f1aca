"""Scores of the joint forecasts of a walk, by model and horizon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.readable import ByValue, Readable
from simgan.risk.walks import Dates


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class JointWalk(Readable, ByValue):
    """Scores of forecasts of the returns of several assets together.

    All arrays have a row a date. They are NaN where a return within the horizon is missing.

    Attributes
    ----------
    model : str
    horizon : int
        Days that a forecast is summed over.
    dates : array of shape (days,)
        First day of the forecast.
    levels : tuple of float
        Coverages of the VaR and ES of portfolios.
    energy, variogram : arrays of shape (days,)
        Scores of the vector of returns, in log returns (`simgan.risk.vector_scores`).
    portfolio_crps : array of shape (days, portfolios)
        Of simple returns.
    portfolio_fz0, portfolio_hits : arrays of shape (days, portfolios, levels)
        FZ0 of simple returns in percent, and 1 for each loss above the VaR, else 0. The portfolios
        are those of `simgan.risk.portfolio_scores.portfolios_on`.
    """

    model: str
    horizon: int
    dates: Dates
    levels: tuple[float, ...]
    energy: FloatArray
    variogram: FloatArray
    portfolio_crps: FloatArray
    portfolio_fz0: FloatArray
    portfolio_hits: FloatArray

    def _title(self) -> str:
        return f"Scores of joint forecasts by {self.model}"

    def _facts(self) -> Iterator[tuple[str, str]]:
        scored = np.count_nonzero(self.is_scored)
        yield "days", f"{len(self.dates):,}, of which {scored:,} are scored"
        yield "horizon", f"{self.horizon} days"
        yield "energy score", f"{np.nanmean(self.energy):.6g}"
        yield "variogram score", f"{np.nanmean(self.variogram):.6g}"

    @property
    def is_scored(self) -> NDArray[np.bool_]:
        """Days on which no return is missing, shape (days,)."""
        return np.isfinite(self.energy)

    def scored(self) -> JointWalk:
        """Return the days that are scored."""
        kept = self.is_scored
        rows = ("dates", "energy", "variogram", "portfolio_crps", "portfolio_fz0", "portfolio_hits")
        return replace(self, **{name: getattr(self, name)[kept] for name in rows})
